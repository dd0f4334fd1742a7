/* SPDX-License-Identifier: GPL-2.0-or-later
 * Copyright (C) The ocf-ods contributors */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <cmocka.h>

#include "news.h"
#include "told.h"

static struct publisher_news news;

static void add(const char *zone, int64_t untold_s)
{
	struct pub_zone z = {.entry = {.output = "x"},
	    .settled = true,
	    .untold_since = untold_s ? time(NULL) - untold_s : 0};

	snprintf(z.entry.name, sizeof(z.entry.name), "%s", zone);
	news_add(&news, &z);
}

/* A command that fails once is no news; one that fails for long is. */
static void publish_command_fails(void **state)
{
	(void)state;
	add("a.example", 0);
	add("b.example", TOLD_ALARM_S - 5);
	assert_int_equal(news.untold, 0);
	assert_string_equal(news.untold_why, "");
	add("c.example", TOLD_ALARM_S);
	add("d.example", TOLD_ALARM_S + 99);
	assert_int_equal(news.untold, 2);
	assert_non_null(strstr(news.untold_why,
	    "zone c.example: publish_command has failed since 2"));
	assert_non_null(
	    strstr(news.untold_why, " UTC: see the log of ods-syncd"));
	assert_int_equal(news.served, 4);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(publish_command_fails),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
