/* SPDX-License-Identifier: GPL-2.0-or-later
 * Copyright (C) The ocf-ods contributors */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>
#include <sqlite3.h>

#include "ledger.h"
#include "ledgerview.h"

/* The ledger where nothing can be written: SQLite cannot make its -shm. */

static char dir[64];
static bool read_only;

static bool ends(const char *path, const char *tail)
{
	size_t n = strlen(path), m = strlen(tail);

	return n >= m && strcmp(path + n - m, tail) == 0;
}

static int open_shim(const char *path, int flags, int mode)
{
	if (read_only && (flags & O_ACCMODE) != O_RDONLY) {
		errno = EROFS;
		return -1;
	}
	if (read_only && ends(path, "-shm")) {
		errno = ENOENT;
		return -1;
	}
	return open(path, flags, mode);
}

static const char *file(const char *tail)
{
	static char path[PATH_MAX];

	snprintf(path, sizeof(path), "%s/ledger.db%s", dir, tail);
	return path;
}

static int setup(void **state)
{
	struct record r = {.term = 7, .revision = 2, .open = true};
	struct zone_row row = {.zone = "example.com", .serial = 5};
	sqlite3_vfs *vfs = sqlite3_vfs_find(NULL);
	struct ledger *l;

	(void)state;
	/* What a URI has a meaning for. */
	snprintf(dir, sizeof(dir), "/tmp/ods-view-50%%?#-XXXXXX");
	assert_non_null(mkdtemp(dir));
	assert_int_equal(
	    vfs->xSetSystemCall(vfs, "open", (sqlite3_syscall_ptr)open_shim),
	    SQLITE_OK);
	assert_int_equal(ledger_open(dir, &l, NULL), 0);
	id_random(&r.cluster);
	id_random(&r.term_id);
	id_random(&r.source);
	nodes_add(&r.holders, &r.source);
	assert_int_equal(ledger_record_put(l, &r, NULL), 0);
	assert_int_equal(ledger_zone_put(l, &row, NULL), 0);
	ledger_close(l);
	return 0;
}

static int end(void **state)
{
	(void)state;
	read_only = false;
	unlink(file("-wal"));
	unlink(file("-shm"));
	unlink(file(""));
	rmdir(dir);
	return 0;
}

static void after_a_clean_stop(void **state)
{
	struct view v = {0};
	struct why why = {0};

	(void)state;
	assert_int_not_equal(access(file("-wal"), F_OK), 0);
	read_only = true;
	if (ledgerview_read(dir, &v, &why) < 0)
		fail_msg("%s", why.text);
	assert_int_equal(v.term, 7);
	assert_int_equal(v.zones, 1);
	assert_int_equal(v.from, VIEW_LEDGER);
}

/* The daemon was killed: the file alone is older than what it promised. */
static void changes_in_the_wal(void **state)
{
	struct view v = {0};
	struct why why = {0};
	FILE *wal = fopen(file("-wal"), "w");

	(void)state;
	assert_non_null(wal);
	fputs("frames", wal);
	fclose(wal);
	read_only = true;
	assert_true(ledgerview_read(dir, &v, &why) < 0);
	assert_non_null(strstr(why.text, "free some space"));
	assert_int_equal(v.from, VIEW_NOTHING);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup_teardown(after_a_clean_stop, setup, end),
	    cmocka_unit_test_setup_teardown(changes_in_the_wal, setup, end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
