/* SPDX-License-Identifier: GPL-2.0-or-later
 * Copyright (C) The ocf-ods contributors */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <cmocka.h>

/* The module with a run directory below the working directory. */
#undef ODS_RUNDIR
#define ODS_RUNDIR "run"
#include "statefile.c"

static char dir[64];

static int setup(void **state)
{
	(void)state;
	snprintf(dir, sizeof(dir), "/tmp/ods-state.XXXXXX");
	return mkdtemp(dir) ? chdir(dir) : -1;
}

static int teardown(void **state)
{
	(void)state;
	statefile_remove("a");
	statefile_remove("b.c");
	unlink("run/raw.state");
	unlink("run/a.sock");
	rmdir("run");
	return chdir("/") + rmdir(dir);
}

static void put_raw(const char *text, size_t len)
{
	struct why why;

	assert_int_equal(file_mkdirs("run", 0755, &why), 0);
	assert_int_equal(
	    file_replace("run/raw.state", text, len, 0644, false, &why), 0);
}

static void round_trip(void **state)
{
	struct statefile sf;
	struct why why;

	(void)state;
	assert_int_equal(statefile_read(&sf, "a"), -ENOENT);
	assert_int_equal(
	    statefile_write("a", "pid=12\nwhy=a=b c\nempty=\n", &why), 0);
	assert_int_equal(statefile_read(&sf, "a"), 0);
	assert_string_equal(statefile_get(&sf, "why"), "a=b c");
	assert_string_equal(statefile_get(&sf, "empty"), "");
	assert_null(statefile_get(&sf, "none"));
	assert_int_equal(statefile_number(&sf, "pid", -1), 12);
	assert_int_equal(statefile_number(&sf, "why", -1), -1);
	assert_int_equal(statefile_number(&sf, "none", -1), -1);
	assert_in_range(statefile_age_ms(&sf), 0, 60000);
	assert_int_equal(statefile_remove("a"), 0);
	assert_int_equal(statefile_remove("a"), 0);
}

static void age_of_another_boot(void **state)
{
	static const char *const texts[] = {"time=9223372036854775806\n",
	    "time=0\n", "time=x\n", "pid=1\n", ""};
	struct statefile sf;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		put_raw(texts[i], strlen(texts[i]));
		assert_int_equal(statefile_read(&sf, "raw"), 0);
		assert_true(statefile_age_ms(&sf) == INT64_MAX);
	}
}

static void junk(void **state)
{
	static char big[STATEFILE_MAX * 2];
	struct statefile sf;
	struct why why;
	int i, n = 0;

	(void)state;
	memset(big, 'x', sizeof(big));
	put_raw(big, sizeof(big));
	assert_int_equal(statefile_read(&sf, "raw"), 0);
	assert_int_equal(sf.count, 0);
	for (i = 0; i < STATEFILE_PAIRS + 5; i++)
		n += sprintf(big + n, "k%d=%d\n", i, i);
	put_raw(big, (size_t)n);
	assert_int_equal(statefile_read(&sf, "raw"), 0);
	assert_int_equal(sf.count, STATEFILE_PAIRS);
	memset(big, 'x', sizeof(big) - 1);
	big[sizeof(big) - 1] = '\0';
	assert_int_equal(statefile_write("a", big, &why), -E2BIG);
	assert_int_equal(statefile_write("../a", "k=1\n", &why), -EINVAL);
}

static int count(const char *resource, const struct statefile *sf, void *arg)
{
	(void)sf;
	*(int *)arg += strcmp(resource, "a") == 0     ? 1
	               : strcmp(resource, "b.c") == 0 ? 10
	                                              : 100;
	return 0;
}

static int stop(const char *resource, const struct statefile *sf, void *arg)
{
	(void)resource, (void)sf, (void)arg;
	return 7;
}

static void each(void **state)
{
	struct why why;
	int seen = 0;

	(void)state;
	assert_int_equal(statefile_each(count, &seen), 0);
	assert_int_equal(seen, 0);
	statefile_write("a", "k=1\n", &why);
	statefile_write("b.c", "k=1\n", &why);
	assert_int_equal(
	    file_replace("run/a.sock", "", 0, 0600, false, &why), 0);
	assert_int_equal(statefile_each(count, &seen), 0);
	assert_int_equal(seen, 11);
	assert_int_equal(statefile_each(stop, NULL), 7);
}

#define T(t) cmocka_unit_test_setup_teardown(t, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
	    T(round_trip),
	    T(age_of_another_boot),
	    T(junk),
	    T(each),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
