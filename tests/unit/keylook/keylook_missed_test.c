/* SPDX-License-Identifier: GPL-2.0-or-later
 * Copyright (C) The ocf-ods contributors */
#include "../intent/workdir.h"

#include <time.h>

#include "backup2.h"
#include "keylook.h"

/* What ods-signerd wrote, and a signconf that may have changed since. */

static struct keylook *look;
static long lastmod;
static char told[256];
static bool deaf;

static bool tell(const char *zone, void *arg)
{
	size_t len = strlen(told);

	assert_ptr_equal(arg, told);
	snprintf(told + len, sizeof(told) - len, "%s\n", zone);
	return !deaf;
}

static int missed(void)
{
	told[0] = '\0';
	return keylook_missed(look, tell, told);
}

/* The signconf is of that moment, with this Refresh. */
static void signconf(const char *refresh, long mtime)
{
	const struct timespec times[2] = {{.tv_sec = mtime}, {.tv_sec = mtime}};
	struct why why;
	char *text, *at_it;
	size_t len;

	assert_int_equal(file_read(TEST_DATA "/backup2/example.org.xml", 65536,
	                     &text, &len, &why),
	    0);
	at_it = strstr(text, "<Refresh>P1D");
	assert_non_null(at_it);
	memcpy(at_it + strlen("<Refresh>"), refresh, 3);
	put("signconf.xml", text);
	free(text);
	assert_int_equal(utimensat(AT_FDCWD, at("signconf.xml"), times, 0), 0);
}

static long time_of(const char *name)
{
	struct stat st;

	assert_int_equal(stat(at(name), &st), 0);
	return st.st_mtime;
}

static int setup(void **state)
{
	struct enforce_verdict v;
	struct backup2 b;
	struct why why;
	char text[2048];
	int rc = workdir_make();

	(void)state;
	deaf = false;
	snprintf(text, sizeof(text),
	    "<ZoneList><Zone name=\"example.org\"><Policy>p</Policy>"
	    "<SignerConfiguration>%s</SignerConfiguration></Zone></ZoneList>",
	    at("signconf.xml"));
	put("zones.xml", text);
	if (rc < 0 ||
	    file_copy(TEST_DATA "/backup2/example.org.backup2",
	        at("example.org.backup2"), &why) < 0 ||
	    backup2_load(at("example.org.backup2"), &b, NULL) < 0)
		return -1;
	lastmod = b.lastmod;
	look = keylook_new(&conf, ledger);
	assert_int_equal(keylook_missed(look, tell, told), 0);
	assert_true(keylook_judge(look, 0, time(NULL), &v, &why) >= 0);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	keylook_free(look);
	return workdir_end();
}

static void has_read_it(void **state)
{
	(void)state;
	signconf("P1D", lastmod);
	assert_int_equal(missed(), 0);
	assert_string_equal(told, "");
	signconf("P1D", lastmod - 5);
	assert_int_equal(missed(), 0);
	assert_string_equal(told, "");
}

/* It reads that by itself, when the enforcer or the takeover tells it. */
static void is_newer(void **state)
{
	(void)state;
	signconf("P2D", lastmod + 1);
	assert_int_equal(missed(), 0);
	assert_string_equal(told, "");
}

static void of_the_same_second(void **state)
{
	(void)state;
	signconf("P2D", lastmod);
	assert_int_equal(missed(), 0);
	assert_string_equal(told, "example.org\n");
	assert_int_equal(time_of("signconf.xml"), lastmod + 1);
	assert_int_equal(missed(), 0);
	assert_string_equal(told, "");
}

static void of_a_clock_behind(void **state)
{
	(void)state;
	signconf("P2D", lastmod - 300);
	assert_int_equal(missed(), 0);
	assert_string_equal(told, "example.org\n");
	assert_int_equal(time_of("signconf.xml"), lastmod + 1);
	/* the enforcer goes on with that clock */
	signconf("P3D", lastmod - 200);
	assert_int_equal(missed(), 0);
	assert_string_equal(told, "example.org\n");
	assert_int_equal(time_of("signconf.xml"), lastmod + 1);
}

/* Its time is right, but nobody has said "update". */
static void until_it_has_listened(void **state)
{
	(void)state;
	signconf("P2D", lastmod);
	deaf = true;
	assert_int_equal(missed(), 1);
	assert_int_equal(missed(), 1);
	assert_string_equal(told, "example.org\n");
	deaf = false;
	assert_int_equal(missed(), 0);
	assert_string_equal(told, "example.org\n");
	assert_int_equal(missed(), 0);
	assert_string_equal(told, "");
}

/* One that it does not want it gets once, also when it makes new versions. */
static void not_for_ever(void **state)
{
	char *text, *at_it, time_text[32];
	struct why why;
	size_t len;

	(void)state;
	signconf("P2D", lastmod);
	assert_int_equal(missed(), 0);
	assert_string_equal(told, "example.org\n");
	assert_int_equal(
	    file_read(at("example.org.backup2"), 65536, &text, &len, &why), 0);
	snprintf(time_text, sizeof(time_text), "lastmod %ld", lastmod);
	at_it = strstr(text, time_text);
	assert_non_null(at_it);
	snprintf(time_text, sizeof(time_text), "lastmod %ld", lastmod + 1);
	memcpy(at_it, time_text, strlen(time_text));
	put("example.org.backup2", text);
	free(text);
	assert_int_equal(missed(), 0);
	assert_string_equal(told, "");
	signconf("P3D", lastmod);
	assert_int_equal(missed(), 0);
	assert_string_equal(told, "example.org\n");
	assert_int_equal(time_of("signconf.xml"), lastmod + 2);
}

#define T(t) cmocka_unit_test_setup_teardown(t, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
	    T(has_read_it),
	    T(is_newer),
	    T(of_the_same_second),
	    T(of_a_clock_behind),
	    T(until_it_has_listened),
	    T(not_for_ever),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
