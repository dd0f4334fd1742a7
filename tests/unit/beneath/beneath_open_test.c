/* SPDX-License-Identifier: GPL-2.0-or-later
 * Copyright (C) The ocf-ods contributors */
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>
#include <cmocka.h>

#include "beneath.h"

/* root/ok/file, and beside it secret/file, with links that lead there. */

static char dir[64];
static int root;

static int setup(void **state)
{
	(void)state;
	snprintf(dir, sizeof(dir), "/tmp/ods-beneath.XXXXXX");
	if (!mkdtemp(dir) || chdir(dir) < 0)
		return -1;
	if (mkdir("root", 0755) < 0 || mkdir("root/ok", 0755) < 0 ||
	    mkdir("secret", 0755) < 0 ||
	    close(open("root/ok/file", O_CREAT | O_WRONLY, 0644)) < 0 ||
	    close(open("secret/file", O_CREAT | O_WRONLY, 0644)) < 0 ||
	    symlink("../secret", "root/link") < 0 ||
	    symlink("../../secret/file", "root/ok/link") < 0 ||
	    symlink("file", "root/ok/near") < 0)
		return -1;
	root = open("root", O_RDONLY | O_DIRECTORY);
	return root < 0 ? -1 : 0;
}

static int remove_one(
    const char *path, const struct stat *st, int flag, struct FTW *ftw)
{
	(void)st, (void)flag, (void)ftw;
	return remove(path);
}

static int teardown(void **state)
{
	(void)state;
	close(root);
	return chdir("/") + nftw(dir, remove_one, 8, FTW_DEPTH | FTW_PHYS);
}

static const char *const bad[] = {"../secret/file", "ok/../../secret/file",
    "link/file", "ok/link", "ok/near", "/etc/passwd", "..", "ok/.."};

static void open_stays_beneath(void **state)
{
	size_t i;
	int fd = beneath_open(root, "ok/file", O_RDONLY);

	(void)state;
	assert_true(fd >= 0);
	close(fd);
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]) - 1; i++) {
		fd = beneath_open(root, bad[i], O_RDONLY);
		if (fd >= 0)
			fail_msg("%s was opened", bad[i]);
	}
	assert_int_equal(beneath_open(root, "ok/none", O_RDONLY), -ENOENT);
}

static void parent_stays_beneath(void **state)
{
	static const char *const leave[] = {
	    "../secret/new", "link/new", "ok/../../secret/new", "/tmp/new"};
	const char *name;
	struct stat st;
	size_t i;
	int fd, create;

	(void)state;
	for (create = 0; create < 2; create++)
		for (i = 0; i < sizeof(leave) / sizeof(leave[0]); i++) {
			fd = beneath_parent(root, leave[i], create, &name);
			if (fd >= 0)
				fail_msg("%s has a parent", leave[i]);
		}
	fd = beneath_parent(root, "0/1/zone", true, &name);
	assert_true(fd >= 0);
	assert_string_equal(name, "zone");
	close(fd);
	assert_int_equal(stat("root/0/1", &st), 0);
	assert_true(beneath_parent(root, "ok/", true, &name) < 0);
}

#define T(t) cmocka_unit_test_setup_teardown(t, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
	    T(open_stays_beneath),
	    T(parent_stays_beneath),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
