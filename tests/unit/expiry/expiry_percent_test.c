/* SPDX-License-Identifier: GPL-2.0-or-later
 * Copyright (C) The ocf-ods contributors */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>
#include <cmocka.h>

#include "expiry.h"
#include "file.h"

#define NOW 1800000000
#define DAY 86400

static void of_the_policys_refresh(void **state)
{
	static const struct {
		int64_t left, span;
		int percent;
	} rows[] = {
	    {3 * DAY, 3 * DAY, 100},
	    {6 * DAY, 3 * DAY, 200},
	    {3 * DAY / 2, 3 * DAY, 50},
	    {3 * DAY / 2 - 1, 3 * DAY, 49},
	    {1, 3 * DAY, 0},
	    {0, 3 * DAY, 0},
	    {-DAY, 3 * DAY, 0},
	    {DAY, 0, EXPIRY_NEVER},
	    {DAY, -1, EXPIRY_NEVER},
	    {NOW, 1, EXPIRY_NEVER},
	};
	struct expiry e = {0};
	size_t i;

	(void)state;
	e.span = DAY;
	assert_int_equal(expiry_percent(&e, NOW), EXPIRY_NEVER);
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		e.at = NOW + rows[i].left;
		e.span = rows[i].span;
		assert_int_equal(expiry_percent(&e, NOW), rows[i].percent);
	}
}

static void late_by_what_is_left(void **state)
{
	static const struct {
		int64_t left, fresher;
		bool late;
	} rows[] = {
	    {14 * DAY, 600, false},
	    {14 * DAY, 601, true},
	    {6000, 600, false},
	    {6000, 601, true},
	    {3000, 300, false},
	    {3000, 301, true},
	    {-5, 0, false},
	    {-5, 1, true},
	};
	struct expiry e = {0};
	size_t i;

	(void)state;
	assert_false(expiry_late(&e, 600, NOW));
	assert_true(expiry_late(&e, 601, NOW));
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		e.at = NOW + rows[i].left;
		assert_int_equal(
		    expiry_late(&e, rows[i].fresher, NOW), rows[i].late);
	}
}

static void when_doubts_lapse(void **state)
{
	struct expiry e = {.span = 1000};

	(void)state;
	assert_false(expiry_urgent(&e, NOW)); /* nothing runs out */
	e.at = NOW + 500;
	assert_false(expiry_urgent(&e, NOW));
	e.at = NOW + 499;
	assert_true(expiry_urgent(&e, NOW));
	e.at = NOW - 5;
	assert_true(expiry_urgent(&e, NOW));
	e = (struct expiry){.at = NOW + 250, .span = 1000, .by_validity = true};
	assert_false(expiry_urgent(&e, NOW));
	assert_true(expiry_urgent(&e, NOW + 1));
	e.span = 0; /* the policy is not known */
	assert_false(expiry_urgent(&e, NOW + 1));
}

static void durations(void **state)
{
	static const struct {
		const char *text;
		int64_t s;
	} rows[] = {
	    {"PT0S", 0},
	    {"PT15M", 900},
	    {"P3D", 3 * DAY},
	    {"P2W", 14 * DAY},
	    {"P1Y2M3DT4H5M6S",
	        365 * DAY + 62 * DAY + 3 * DAY + 4 * 3600 + 5 * 60 + 6},
	    {"PT86400S", DAY},
	    {"", -1},
	    {"P", -1},
	    {"PT", -1},
	    {"3D", -1},
	    {"P3", -1},
	    {"P3H", -1},
	    {"PT3D", -1},
	    {"P-3D", -1},
	    {"PT1HT1M", -1},
	    {"P99999999999D", -1},
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		assert_int_equal(expiry_duration(rows[i].text), rows[i].s);
}

static void put(const char *path, const char *refresh)
{
	char text[512];
	int n = snprintf(text, sizeof(text),
	    "<SignerConfiguration><Zone name=\"z\"><Signatures>"
	    "<Refresh>%s</Refresh><Validity><Default>P14D</Default>"
	    "</Validity></Signatures></Zone></SignerConfiguration>",
	    refresh);

	assert_int_equal(
	    file_replace(path, text, (size_t)n, 0644, false, NULL), 0);
}

static void follows_the_signconf(void **state)
{
	char dir[] = "/tmp/ods-expiry.XXXXXX", path[64];
	struct expiry e = {0};

	(void)state;
	assert_non_null(mkdtemp(dir));
	snprintf(path, sizeof(path), "%s/z.xml", dir);
	expiry_follow(&e, path);
	assert_int_equal(e.span, 0);
	put(path, "P3D");
	expiry_follow(&e, path);
	assert_int_equal(e.span, 3 * DAY);
	put(path, "P2D");
	expiry_follow(&e, path);
	assert_int_equal(e.span, 2 * DAY);
	/* It signs everything each time: what counts is the validity. */
	put(path, "PT0S");
	expiry_follow(&e, path);
	assert_int_equal(e.span, 14 * DAY);
	assert_int_equal(file_replace(path, "<", 1, 0644, false, NULL), 0);
	expiry_follow(&e, path);
	assert_int_equal(e.span, 14 * DAY);
	unlink(path);
	rmdir(dir);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(of_the_policys_refresh),
	    cmocka_unit_test(late_by_what_is_left),
	    cmocka_unit_test(when_doubts_lapse),
	    cmocka_unit_test(durations),
	    cmocka_unit_test(follows_the_signconf),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
