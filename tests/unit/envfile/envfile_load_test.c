/* SPDX-License-Identifier: GPL-2.0-or-later
 * Copyright (C) The ocf-ods contributors */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <cmocka.h>

#include "envfile.h"

static void given_file_must_exist(void **state)
{
	struct envfile e;
	struct why why = {0};

	(void)state;
	assert_int_equal(
	    envfile_load(&e, "/nowhere/env", "signer", &why), -ENOENT);
	assert_non_null(strstr(why.text, "envfile=/nowhere/env"));
	envfile_free(&e);
}

/* A FIFO has no end to wait for; 5, it is this node's fault. */
static void fifo_is_refused(void **state)
{
	char path[] = "/tmp/envfile_load_XXXXXX";
	struct envfile e;
	struct why why = {0};

	(void)state;
	close(mkstemp(path));
	unlink(path);
	assert_int_equal(mkfifo(path, 0600), 0);
	alarm(10);
	assert_int_equal(envfile_load(&e, path, "signer", &why), -ENOEXEC);
	alarm(0);
	envfile_free(&e);
	unlink(path);
}

static void default_files_may_be_missing(void **state)
{
	struct envfile e;
	struct why why = {0};

	(void)state;
	assert_int_equal(envfile_load(&e, NULL, "signer", &why), 0);
	assert_int_equal(why.err, 0);
	assert_non_null(envfile_get(&e, "PATH"));
	envfile_free(&e);
}

static void clean_but_for_path_and_home(void **state)
{
	char path[] = "/tmp/envfile_load_XXXXXX";
	FILE *f = fdopen(mkstemp(path), "w");
	struct envfile e;

	(void)state;
	assert_non_null(f);
	fputs("SOFTHSM2_CONF=/x\nPATH=/only\n", f);
	fclose(f);
	setenv("OCF_RESKEY_conf", "/c", 1);
	unsetenv("HOME");
	assert_int_equal(envfile_load(&e, path, NULL, NULL), 0);
	assert_string_equal(envfile_get(&e, "SOFTHSM2_CONF"), "/x");
	assert_string_equal(envfile_get(&e, "PATH"), "/only");
	assert_string_equal(envfile_get(&e, "HOME"), "/root");
	assert_null(envfile_get(&e, "OCF_RESKEY_conf"));
	envfile_free(&e);
	unlink(path);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(given_file_must_exist),
	    cmocka_unit_test(fifo_is_refused),
	    cmocka_unit_test(default_files_may_be_missing),
	    cmocka_unit_test(clean_but_for_path_and_home),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
