/* SPDX-License-Identifier: GPL-2.0-or-later
 * Copyright (C) The ocf-ods contributors */
#include <errno.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>
#include <cmocka.h>

#include "file.h"

static char dir[64], path[80], tmp[96];

static int setup(void **state)
{
	(void)state;
	snprintf(dir, sizeof(dir), "/tmp/ods-file.XXXXXX");
	if (!mkdtemp(dir))
		return -1;
	snprintf(path, sizeof(path), "%s/f", dir);
	snprintf(tmp, sizeof(tmp), "%s.ods-new", path);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	unlink(path);
	unlink(tmp);
	return rmdir(dir);
}

static void assert_holds(const char *want)
{
	struct why why;
	char *text;
	size_t len;

	assert_int_equal(file_read(path, 1 << 20, &text, &len, &why), 0);
	assert_string_equal(text, want);
	free(text);
}

static void old_or_new(void **state)
{
	struct stat st;
	struct why why;

	(void)state;
	assert_int_equal(file_replace(path, "one", 3, 0644, true, &why), 0);
	assert_holds("one");
	assert_int_equal(file_replace(path, "two", 3, 0600, false, &why), 0);
	assert_holds("two");
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0600);
	assert_int_equal(access(tmp, F_OK), -1);
}

/* The disk is full in the middle of it. */
static void failed_write_keeps_the_old(void **state)
{
	struct rlimit old, none = {.rlim_cur = 100};
	static char big[4096];
	struct why why = {0};
	int rc;

	(void)state;
	assert_int_equal(file_replace(path, "old", 3, 0644, true, &why), 0);
	signal(SIGXFSZ, SIG_IGN);
	getrlimit(RLIMIT_FSIZE, &old);
	none.rlim_max = old.rlim_max;
	setrlimit(RLIMIT_FSIZE, &none);
	rc = file_replace(path, big, sizeof(big), 0644, true, &why);
	setrlimit(RLIMIT_FSIZE, &old);
	assert_int_equal(rc, -EFBIG);
	assert_non_null(strstr(why.text, path));
	assert_holds("old");
	assert_int_equal(access(tmp, F_OK), -1);
}

/* What a crash left behind is in nobody's way; a link is not followed. */
static void leftovers(void **state)
{
	char other[96];
	struct stat st;
	struct why why;

	(void)state;
	assert_int_equal(
	    file_replace(tmp, "left behind", 11, 0600, false, &why), 0);
	assert_int_equal(file_replace(path, "new", 3, 0644, true, &why), 0);
	assert_holds("new");
	snprintf(other, sizeof(other), "%s/other", dir);
	assert_int_equal(symlink(other, tmp), 0);
	assert_true(file_replace(path, "evil", 4, 0644, false, &why) < 0);
	assert_holds("new");
	assert_int_equal(lstat(other, &st), -1);
}

static void read_limits(void **state)
{
	struct why why;
	char *text = NULL;
	size_t len;

	(void)state;
	assert_int_equal(file_replace(path, "12345", 5, 0644, false, &why), 0);
	assert_int_equal(file_read(path, 4, &text, &len, &why), -EFBIG);
	assert_null(text);
	assert_int_equal(file_read(path, 5, &text, &len, &why), 0);
	assert_int_equal(len, 5);
	free(text);
	assert_int_equal(file_read(dir, 5, &text, &len, &why), -EINVAL);
	assert_int_equal(file_read(tmp, 5, &text, &len, &why), -ENOENT);
}

static void copy_keeps_times_and_mode(void **state)
{
	struct stat a, b;
	struct why why;

	(void)state;
	assert_int_equal(file_replace(path, "x", 1, 0640, false, &why), 0);
	assert_int_equal(file_copy(path, tmp, &why), 0);
	assert_int_equal(stat(path, &a), 0);
	assert_int_equal(stat(tmp, &b), 0);
	assert_memory_equal(&a.st_mtim, &b.st_mtim, sizeof(a.st_mtim));
	assert_int_equal(a.st_mode, b.st_mode);
	assert_int_equal(a.st_uid, b.st_uid);
}

static void join(void **state)
{
	char buf[8];

	(void)state;
	assert_int_equal(path_join(buf, sizeof(buf), "/a", "b"), 0);
	assert_string_equal(buf, "/a/b");
	assert_int_equal(path_join(buf, sizeof(buf), "/a/", "b"), 0);
	assert_string_equal(buf, "/a/b");
	assert_int_equal(
	    path_join(buf, sizeof(buf), "/1234", "56"), -ENAMETOOLONG);
}

#define T(t) cmocka_unit_test_setup_teardown(t, setup, teardown)

/* Not even a look at it may block. */
static void fifo_is_not_read(void **state)
{
	struct why why;
	char *text;
	size_t len;

	(void)state;
	assert_int_equal(mkfifo(path, 0600), 0);
	alarm(10);
	assert_int_equal(file_read(path, 64, &text, &len, &why), -EINVAL);
	alarm(0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    T(old_or_new),
	    T(failed_write_keeps_the_old),
	    T(leftovers),
	    T(read_limits),
	    T(copy_keeps_times_and_mode),
	    T(fifo_is_not_read),
	    cmocka_unit_test(join),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
