/* SPDX-License-Identifier: GPL-2.0-or-later
 * Copyright (C) The ocf-ods contributors */

/* With a program that stands for ods-soa. */
#undef ODS_LIBEXECDIR
#define ODS_LIBEXECDIR "."
#include "floors.c"

#include "../intent/workdir.h"

#define ZONE                                                              \
	"<Zone name=\"%s\"><SignerConfiguration>%s</SignerConfiguration>" \
	"<Adapters><Output><Adapter type=\"File\">%s"                     \
	"</Adapter></Output></Adapters></Zone>"

static const volatile bool go;

static void zone(char *list, const char *name)
{
	char path[64];

	snprintf(path, sizeof(path), "signed/%s", name);
	sprintf(list + strlen(list), ZONE, name, at("signconf"), at(path));
}

static int setup(void **state)
{
	char list[4096] = "<ZoneList>";
	int rc = workdir_make();

	(void)state;
	zone(list, "a.example");
	zone(list, "b.example");
	zone(list, "new.example");
	strcat(list, "</ZoneList>");
	put("zones.xml", list);
	return rc < 0 ? rc : chdir(dir);
}

static int teardown(void **state)
{
	(void)state;
	return workdir_end();
}

static void published(const char *name, uint32_t serial)
{
	struct zone_row row = {
	    .serial = serial, .ever = true, .state = ZONE_SERVED};

	snprintf(row.zone, sizeof(row.zone), "%s", name);
	assert_int_equal(ledger_zone_put(ledger, &row, NULL), 0);
}

/* 0 = there is none. */
static uint32_t floor_in(const char *name)
{
	struct zone_row row;
	uint32_t floor = 0;

	if (ledger_zone_get(ledger, name, &row, NULL) == 0)
		zonepast_floor(row.past, &floor);
	return floor;
}

/* It keeps what it reads, and says this. */
static void servers_say(const char *text)
{
	put("said", text);
	put("ods-soa", "#!/bin/sh\ncat >asked\ncat said\n");
	assert_int_equal(chmod(at("ods-soa"), 0755), 0);
}

static void begin(void)
{
	published("a.example", 41);
	published("b.example", UINT32_MAX);
	assert_int_equal(floors_begin(ledger, "5 9 n1 me", 5, NULL), 0);
}

static void by_the_ledger(void **state)
{
	char loss[64];

	(void)state;
	begin();
	assert_int_equal(floor_in("a.example"), 1041);
	assert_int_equal(floor_in("b.example"), 999);
	assert_int_equal(floor_in("new.example"), 0);
	assert_int_equal(
	    ledger_note_get(ledger, FLOORS_LOSS, loss, sizeof(loss)), 0);
	assert_string_equal(loss, "5 9 n1 me");
}

static void by_what_servers_say(void **state)
{
	char *asked;
	size_t len;

	(void)state;
	begin();
	put("published/a.example",
	    "a.example.\t60\tIN\tSOA\tns.a.example. h. 41 1 2 3 4\n"
	    "a.example.\t60\tIN\tNS\tns.a.example.\n"
	    "a.example.\t60\tIN\tNS\tother.example.\n"
	    "x.a.example.\t60\tIN\tNS\tbelow.example.\n");
	servers_say("a.example 44 127.0.0.1\n"
	            "a.example 43 192.0.2.1\n"
	            "new.example 7 192.0.2.1\n"
	            "of.another 99 192.0.2.1\n"
	            "b.example 5000");
	floors_ask(ledger, &conf, dir, &go);
	assert_int_equal(floor_in("a.example"), 1044);
	assert_int_equal(floor_in("b.example"), 999); /* it was cut */
	assert_int_equal(floor_in("new.example"), 1007);
	assert_int_equal(floor_in("of.another"), 0);
	assert_int_equal(file_read("asked", 4096, &asked, &len, NULL), 0);
	assert_string_equal(asked, "a.example ns.a.example. other.example.\n"
	                           "b.example\nnew.example\n");
	free(asked);
}

/* Once for a loss: the serials of later versions are the ledger's. */
static void they_are_asked_once(void **state)
{
	(void)state;
	servers_say("a.example 44 127.0.0.1\n");
	published("a.example", 41);
	floors_ask(ledger, &conf, dir, &go);
	assert_int_equal(floor_in("a.example"), 0);
	begin();
	floors_ask(ledger, &conf, dir, &go);
	assert_int_equal(floor_in("a.example"), 1044);
	servers_say("a.example 9044 127.0.0.1\n");
	floors_ask(ledger, &conf, dir, &go);
	assert_int_equal(floor_in("a.example"), 1044);
}

static void nobody_answers(void **state)
{
	(void)state;
	begin();
	floors_ask(ledger, &conf, dir, &go); /* it is not installed */
	assert_int_equal(floor_in("a.example"), 1041);
	assert_int_equal(floor_in("new.example"), 0);
}

/* The next worker of ours asks then. */
static void it_was_ended_before(void **state)
{
	static const volatile bool cancelled = true;

	(void)state;
	begin();
	servers_say("a.example 44 127.0.0.1\n");
	floors_ask(ledger, &conf, dir, &cancelled);
	assert_int_equal(floor_in("a.example"), 1041);
	floors_ask(ledger, &conf, dir, &go);
	assert_int_equal(floor_in("a.example"), 1044);
}

static void runs_out(const char *name, int64_t left)
{
	struct zone_row row;

	assert_int_equal(ledger_zone_get(ledger, name, &row, NULL), 0);
	row.served_expires = time(NULL) + left;
	assert_int_equal(ledger_zone_put(ledger, &row, NULL), 0);
}

static void policy(void)
{
	put("signconf",
	    "<SignerConfiguration><Zone name=\"z\"><Signatures>"
	    "<Resign>PT1H</Resign><Refresh>P1D</Refresh></Signatures>"
	    "</Zone></SignerConfiguration>");
}

/* A version that the former source let out without its barrier. */
static void only_what_has_little_time(void **state)
{
	(void)state;
	policy();
	published("a.example", 41);
	published("b.example", 51);
	runs_out("a.example", 11 * 3600);
	runs_out("b.example", 13 * 3600);
	assert_int_equal(floors_wanted(ledger, true, NULL), 0);
	servers_say("a.example 44 ::1\nb.example 54 ::1\nnew.example 7 ::1\n");
	floors_ask(ledger, &conf, dir, &go);
	assert_int_equal(floor_in("a.example"), 1044);
	assert_int_equal(floor_in("b.example"), 0);
	assert_int_equal(floor_in("new.example"), 0);
	/* and that is that */
	runs_out("b.example", 3600);
	floors_ask(ledger, &conf, dir, &go);
	assert_int_equal(floor_in("b.example"), 0);
}

/* Its clock may have been ahead of ours. */
static void nearly_urgent_here(void **state)
{
	(void)state;
	policy();
	published("a.example", 41);
	runs_out("a.example", 12 * 3600 + 300);
	floors_wanted(ledger, true, NULL);
	floors_ask(ledger, &conf, dir, &go); /* no server can be asked */
	assert_int_equal(floor_in("a.example"), 1041);
}

static void all_stays_all(void **state)
{
	(void)state;
	policy();
	published("a.example", 41);
	published("b.example", 51);
	runs_out("a.example", 3600);
	runs_out("b.example", 13 * 3600);
	floors_wanted(ledger, false, NULL);
	floors_wanted(ledger, true, NULL); /* by the worker after it */
	floors_ask(ledger, &conf, dir, &go);
	assert_int_equal(floor_in("a.example"), 1041);
	assert_int_equal(floor_in("b.example"), 1051);
}

static void lines_of_a_zone_file(void **state)
{
	static const struct {
		const char *line;
		int want;
		const char *name;
	} cases[] = {
	    {"a.example.\t60\tIN\tNS\tns.x.\n", 1, "ns.x."},
	    {"A.Example. 60 IN NS ns.x. ; remark\n", 1, "ns.x."},
	    {"a.example.\t60\tIN\tSOA\tns.x. h.x. 1 2 3 4 5\n", 0, ""},
	    {"a.example.\t60\tIN\tRRSIG\tNS 8 2 60 1 2 3 a. x\n", 0, ""},
	    {"b.a.example.\t60\tIN\tNS\tns.x.\n", -ENOENT, ""},
	    {"; a remark\n", -ENOENT, ""},
	    {"\n", -ENOENT, ""},
	    {"a.example.\t60\tIN\tNS\n", 0, ""},
	    {"a.example.\t60\tIN\tNS\t1234567890.1234567890.\n", 0, ""},
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		char name[20] = "";
		int rc = floors_server(
		    "a.example", cases[i].line, name, sizeof(name));

		if (rc != cases[i].want || strcmp(name, cases[i].name) != 0)
			fail_msg("case %zu: %d %s", i, rc, name);
	}
}

static void lines_that_are_no_answer(void **state)
{
	static const char *const bad[] = {"", " 1 x", "z", "z x x", "z 1",
	    "z 4294967296 x", "z 1x x", "0123456789012345 1 x"};
	char name[16];
	uint32_t serial;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_int_equal(
		    floors_answer(bad[i], name, sizeof(name), &serial),
		    -EBADMSG);
	assert_int_equal(
	    floors_answer("z 4294967295 ::1\n", name, sizeof(name), &serial),
	    0);
	assert_string_equal(name, "z");
	assert_int_equal(serial, UINT32_MAX);
}

#define CASE(fn) cmocka_unit_test_setup_teardown(fn, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
	    CASE(by_the_ledger),
	    CASE(by_what_servers_say),
	    CASE(they_are_asked_once),
	    CASE(nobody_answers),
	    CASE(it_was_ended_before),
	    CASE(only_what_has_little_time),
	    CASE(nearly_urgent_here),
	    CASE(all_stays_all),
	    cmocka_unit_test(lines_of_a_zone_file),
	    cmocka_unit_test(lines_that_are_no_answer),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
