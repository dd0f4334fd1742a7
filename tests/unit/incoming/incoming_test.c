/* SPDX-License-Identifier: GPL-2.0-or-later
 * Copyright (C) The ocf-ods contributors */
#include "incoming.h"

#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <cmocka.h>

#include "redo.h"

/* A source may only ask for what is here, and for as much as it has said. */

#define LEN 4096

static char dir[64];
static struct incoming in;
static char text[LEN + 1];

static struct entry *entry_of(const char *path)
{
	struct entry *e = entry_new(SET_UNSIGNED, path);
	struct sha sha;

	e->size = LEN;
	e->mode = 0644;
	strcpy(e->owner, "root");
	strcpy(e->group, "root");
	sha_begin(&sha);
	sha_add(&sha, text, LEN);
	assert_int_equal(sha_end(&sha, e->sha), 0);
	return e;
}

/* A generation in the place of one that broke off. */
static void put_part(const char *name)
{
	struct gen_header h = {.flags = GEN_FULL, .seq = 1};
	struct entry *e;
	struct genwriter w;
	int fd = redo_part(dir, name, NULL);

	memset(text, 'x', LEN);
	e = entry_of("a");
	genwriter_begin(&w, fd);
	assert_int_equal(genwriter_text(&w, e, text, LEN), 0);
	assert_int_equal(genwriter_end(&w, &h), 0);
	entry_unref(e);
	close(fd);
}

static bool exists(const char *name)
{
	uint64_t size;
	int fd = redo_part_open(dir, name, &size);

	if (fd >= 0)
		close(fd);
	return fd >= 0;
}

static int setup(void **state)
{
	(void)state;
	strcpy(dir, "/tmp/ods-incoming-XXXXXX");
	assert_non_null(mkdtemp(dir));
	assert_int_equal(redo_open(dir, NULL), 0);
	put_part(KEPT_PART);
	incoming_init(&in, dir);
	assert_int_equal(kept_load(&in.kept, dir, NULL), 0);
	assert_int_equal(in.kept.count, 1);
	in.header =
	    (struct gen_header){.flags = GEN_FULL, .seq = 1, .size = 3 * LEN};
	assert_int_equal(incoming_open(&in, NULL), 0);
	return 0;
}

static int teardown(void **state)
{
	char path[80];

	(void)state;
	incoming_close(&in);
	kept_remove(NULL, dir);
	snprintf(path, sizeof(path), "%s/log", dir);
	rmdir(path);
	return rmdir(dir);
}

static int ask(uint32_t first, uint32_t count)
{
	const struct kept_run run = {.first = first, .count = count};
	struct why why = {0};

	return incoming_kept(&in, &run, NULL, &why);
}

static void what_is_here(void **state)
{
	struct stat st;
	char got[LEN];

	(void)state;
	assert_int_equal(incoming_spared(&in, LEN, NULL), 0);
	assert_int_equal(incoming_done(&in), LEN);
	assert_true(exists(REDO_SEED "-0"));
	assert_int_equal(ask(0, 1), 0);
	assert_int_equal(incoming_done(&in), LEN);
	assert_int_equal(in.got, LEN);
	assert_int_equal(pread(in.fd, got, LEN, 0), LEN);
	assert_memory_equal(got, text, LEN);
	/* Reserved is not received. */
	assert_int_equal(fstat(in.fd, &st), 0);
	assert_int_equal(st.st_size, LEN);
	/* All is in the new one. */
	assert_false(exists(REDO_SEED "-0"));
	assert_true(exists(KEPT_PART));
	assert_int_equal(ask(0, 1), -EPROTO);
}

static void what_is_not_here(void **state)
{
	struct why why = {0};

	(void)state;
	assert_int_equal(incoming_spared(&in, 3 * LEN + 1, &why), -EPROTO);
	assert_int_equal(ask(0, 1), -EPROTO);
	assert_int_equal(incoming_spared(&in, LEN, &why), 0);
	assert_int_equal(ask(1, 1), -EPROTO);
	assert_int_equal(ask(UINT32_MAX, 2), -EPROTO);
	assert_true(exists(REDO_SEED "-0"));
}

static void more_than_was_said(void **state)
{
	struct why why = {0};

	(void)state;
	assert_int_equal(incoming_spared(&in, LEN + 1, &why), 0);
	assert_int_equal(ask(0, 1), 0);
	assert_int_equal(ask(0, 1), -EPROTO);
	assert_int_equal(incoming_spared(&in, LEN, &why), -EPROTO);
}

/* It has changed since it was named. */
static void damaged_meanwhile(void **state)
{
	char path[128];
	int fd, i;

	(void)state;
	snprintf(path, sizeof(path), "%s/log/%s-0.part", dir, REDO_SEED);
	fd = open(path, O_WRONLY);
	assert_int_equal(pwrite(fd, "y", 1, GEN_HEADER_LEN + LEN / 2), 1);
	close(fd);
	assert_int_equal(incoming_spared(&in, LEN, NULL), 0);
	assert_int_equal(ask(0, 1), -EBADMSG);
	in.unfit = true;
	incoming_close(&in);
	for (i = 0; i < 2; i++)
		assert_false(exists(i ? KEPT_PART : REDO_SEED "-0"));
}

/* The two that have more stay. */
static void places_are_few(void **state)
{
	(void)state;
	assert_int_equal(incoming_data(&in, (void *)text, LEN, NULL), 0);
	incoming_close(&in);
	assert_int_equal(kept_load(&in.kept, dir, NULL), 0);
	assert_int_equal(in.kept.count, 1);
	assert_false(exists(KEPT_PART));
	/* No piece in it. */
	assert_false(exists(REDO_SEED "-1"));
	kept_close(&in.kept);
	put_part(KEPT_PART);
	assert_int_equal(kept_load(&in.kept, dir, NULL), 0);
	assert_int_equal(in.kept.count, 2);
	assert_true(exists(REDO_SEED "-1"));
	kept_close(&in.kept);
	put_part(KEPT_PART);
	assert_int_equal(kept_load(&in.kept, dir, NULL), 0);
	assert_int_equal(in.kept.count, 2);
	assert_false(exists(KEPT_PART));
}

/* A start of the worker leaves them, and nothing else that is half made. */
static void a_start_leaves_them(void **state)
{
	(void)state;
	close(redo_part(dir, "take", NULL));
	assert_int_equal(redo_open(dir, NULL), 0);
	assert_true(exists(REDO_SEED "-0"));
	assert_true(exists(KEPT_PART));
	assert_false(exists("take"));
}

#define T(test) cmocka_unit_test_setup_teardown(test, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
	    T(what_is_here),
	    T(what_is_not_here),
	    T(more_than_was_said),
	    T(damaged_meanwhile),
	    T(places_are_few),
	    T(a_start_leaves_them),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
