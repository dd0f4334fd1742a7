/* SPDX-License-Identifier: GPL-2.0-or-later
 * Copyright (C) The ocf-ods contributors */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "fixture.h"
#include "jsonout.h"
#include "ledgerview.h"
#include "table.h"

static void table_of_a_source(void **state)
{
	struct view v;
	char *text;

	(void)state;
	view_source(&v);
	text = written(table_print, &v);
	assert_string_equal(text,
	    "OK: n1 signs, 1 node can take over. Do now: nothing.\n"
	    "\n"
	    "Node  Role    Position  Behind  HSM  Can take over\n"
	    "n1 *  source  3.1207            ok   signs now\n"
	    "n2    holder  3.1206    1.2 s   ok   yes\n"
	    "\n"
	    "Term 3 is open; quorum yes; fencing on; Corosync's traffic is "
	    "encrypted\n"
	    "Enforcer: may run\n"
	    "Zones: 10, published 10, waiting 0, refused 0\n");
	free(text);
}

static void table_says_why_not(void **state)
{
	struct view v;
	char *text;

	(void)state;
	view_source(&v);
	v.node[1].promotable = VIEW_NO;
	snprintf(v.node[1].why, sizeof(v.node[1].why), "not a holder");
	v.held_s = 61;
	v.degraded_since = 1000000000;
	view_loss("1000000000 100004 n2 root (ann) on n1", &v);
	text = written(table_print, &v);
	assert_non_null(strstr(text, "no: not a holder\n"));
	assert_non_null(strstr(text, "Publishing is held for 61 s\n"));
	assert_non_null(strstr(text, "No second holder: degraded since "
	                             "2001-09-09 01:46:40 UTC\n"));
	assert_non_null(strstr(text,
	    "Loss accepted: 2001-09-09 01:46:40 UTC by root (ann) on n1: term "
	    "100004 began with what n2 had\n"));
	free(text);
	view_loss("", &v);
	text = written(table_print, &v);
	assert_null(strstr(text, "Loss accepted"));
	free(text);
}

static void table_before_the_first_source(void **state)
{
	struct view v;
	char *text;

	(void)state;
	view_source(&v);
	v.term = 0;
	v.open = false;
	snprintf(v.node[0].role, sizeof(v.node[0].role), "empty");
	text = written(table_print, &v);
	assert_ptr_equal(
	    strstr(text, "CRITICAL: there has been no source yet. Do now: "
	                 "wait for the first promotion; if it does not "
	                 "come, see pcs status --full.\n"),
	    text);
	assert_non_null(strstr(text,
	    "\nThere has been no source yet, line 1 says what to do; quorum "
	    "yes; fencing on; Corosync's traffic is encrypted\n"));
	assert_null(strstr(text, "Term 0"));
	assert_null(strstr(text, "Zones:"));
	free(text);
}

static void copies_are_shown(void **state)
{
	static const char copy[] =
	    "node.1.copy_total=200000000\nnode.1.copy_done=50000000\n"
	    "node.1.copy_spared=0\nnode.1.copy_ms=4000\n";
	char reply[sizeof(reply_source) + sizeof(copy)];
	struct view v = {0};
	char *text;

	(void)state;
	snprintf(reply, sizeof(reply), "%s%s", reply_source, copy);
	assert_int_equal(view_from_reply(reply, &v), 0);
	text = written(table_print, &v);
	assert_non_null(strstr(text,
	    "\n\nCopy to n2: 25 % of 200.0 MB, 12.5 MB/s, 12 s left\nTerm"));
	free(text);
	text = written(json_print, &v);
	assert_non_null(strstr(text, "\"percent\": 25,"));
	assert_non_null(strstr(text, "\"left_s\": 12\n"));
	free(text);
	/* What had come before an interruption says nothing of the speed. */
	v.node[1].copy_spared = 40000000;
	text = written(table_print, &v);
	assert_non_null(strstr(
	    text, "Copy to n2: 25 % of 200.0 MB, 2.5 MB/s, 60 s left\n"));
	free(text);
	v.node[1].copy_spared = 0;
	v.node[1].copy_done = v.node[1].copy_ms = 0;
	text = written(table_print, &v);
	assert_non_null(
	    strstr(text, "Copy to n2: 0 % of 200.0 MB, 0.0 MB/s\n"));
	free(text);
}

/* Also when line 1 has something worse to say. */
static void collisions_are_shown(void **state)
{
	struct view v;
	char *text;

	(void)state;
	view_source(&v);
	v.verdict = VIEW_WARNING;
	v.colliding = 1;
	snprintf(v.verdict_why, sizeof(v.verdict_why),
	    "no second holder: start the other node");
	snprintf(v.collision, sizeof(v.collision), "a and b: remove one");
	text = written(table_print, &v);
	assert_non_null(strstr(text, "\nCollisions: 1; a and b: remove one\n"));
	free(text);
	text = written(json_print, &v);
	assert_non_null(strstr(text, "    \"colliding\": 1,\n"
	                             "    \"collision\": \"a and b: "
	                             "remove one\",\n"));
	free(text);
	v.colliding = 0;
	v.collision[0] = '\0';
	text = written(json_print, &v);
	assert_non_null(strstr(text, "\"collision\": null,\n"));
	free(text);
}

static void time_to_bogus_is_shown(void **state)
{
	struct view v;
	char reply[4096], *text;

	(void)state;
	view_source(&v);
	text = written(table_print, &v);
	assert_null(strstr(text, "Bogus"));
	assert_null(strstr(text, "Least"));
	assert_null(strstr(text, "too long"));
	free(text);
	text = written(json_print, &v);
	assert_non_null(strstr(text, "    \"late\": 0,\n"
	                             "    \"untold\": 0,\n"
	                             "    \"escaped\": 0,\n"
	                             "    \"escaped_zone\": null,\n"
	                             "    \"held\": [],\n"
	                             "    \"bogus_at\": null,\n"
	                             "    \"bogus_zone\": null,\n"
	                             "    \"least_percent\": null,\n"
	                             "    \"least_zone\": null\n  },\n"));
	free(text);
	snprintf(reply, sizeof(reply),
	    "%szones_late=2\nzones_untold=4\nbogus_at=1800000000\nbogus_zone="
	    "a\n"
	    "least_percent=49\nleast_zone=b\n",
	    reply_source);
	assert_int_equal(view_from_reply(reply, &v), 0);
	text = written(table_print, &v);
	assert_non_null(strstr(text, "\nSigned, but held for too long: 2\n"));
	assert_non_null(
	    strstr(text, "\nPublished, but publish_command fails: 4\n"));
	assert_non_null(
	    strstr(text, "\nBogus if nothing more is published: from "
	                 "2027-01-15 08:00:00 UTC (a)\n"));
	assert_non_null(
	    strstr(text, "\nLeast left: 49 % of its Refresh (b)\n"));
	free(text);
	text = written(json_print, &v);
	assert_non_null(strstr(text, "    \"late\": 2,\n"
	                             "    \"untold\": 4,\n"));
	assert_non_null(strstr(text, "    \"bogus_at\": 1800000000,\n"
	                             "    \"bogus_zone\": \"a\",\n"
	                             "    \"least_percent\": 49,\n"
	                             "    \"least_zone\": \"b\"\n  },\n"));
	free(text);
}

static void what_is_held_is_shown(void **state)
{
	struct view v;
	char reply[4096], *text;

	(void)state;
	view_source(&v);
	text = written(table_print, &v);
	assert_null(strstr(text, "Held"));
	assert_null(strstr(text, "in spite"));
	free(text);
	snprintf(reply, sizeof(reply),
	    "%szones_escaped=1\nescaped_zone=c\nholds=2\nhold.0.zone=a\n"
	    "hold.0.since=1800000000\nhold.0.why=zone a: refused line 3: x\n"
	    "hold.1.zone=b\nhold.1.since=1800000001\nhold.1.why=y\n",
	    reply_source);
	assert_int_equal(view_from_reply(reply, &v), 0);
	v.refused = 3;
	text = written(table_print, &v);
	assert_non_null(
	    strstr(text, "\nHeld: a, since 2027-01-15 08:00:00 UTC: "
	                 "zone a: refused line 3: x\n"));
	assert_non_null(strstr(text, "\nHeld: 1 more\n"));
	assert_non_null(
	    strstr(text, "\nPublished in spite of a refusal: 1 (c)\n"));
	free(text);
	text = written(json_print, &v);
	assert_non_null(strstr(text, "\"escaped_zone\": \"c\""));
	assert_non_null(strstr(text, "\"zone\": \"b\""));
	assert_non_null(strstr(text, "\"since\": 1800000001"));
	free(text);
}

/* A daemon of another version may know more of them. */
static void more_holds_than_are_known(void **state)
{
	struct view v;

	(void)state;
	assert_int_equal(view_from_reply("verdict=1\nholds=99\n", &v), 0);
	assert_int_equal(v.holds, VIEW_HOLDS);
}

/* The text and the document for what the daemon says of its keys. */
static void expect_keys(const char *lines, const char *table, const char *json)
{
	char reply[4096], *text;
	struct view v = {0};

	snprintf(reply, sizeof(reply), "%s%s", reply_source, lines);
	assert_int_equal(view_from_reply(reply, &v), 0);
	text = written(table_print, &v);
	if (!strstr(text, table))
		fail_msg("%s", text);
	free(text);
	text = written(json_print, &v);
	if (!strstr(text, json))
		fail_msg("%s", text);
	free(text);
}

static void keys_are_shown(void **state)
{
	(void)state;
	expect_keys("", "\nZones: ", "  },\n  \"nodes\": [");
	expect_keys("keys=none\nunbacked=-1\n",
	    "\nKeys of the HSM: none on record here\n",
	    "    \"looked\": null,\n    \"trouble\": null,\n"
	    "    \"what\": null,\n    \"do\": null,\n"
	    "    \"capacity\": null,\n    \"unbacked\": null,\n"
	    "    \"unbacked_keys\": []\n");
	expect_keys("keys=warning\nkeys_ok=3\nkeys_unproven=2\nkeys_missing=1\n"
	            "keys_different=0\nkeys_extra=5\nkeys_looked=1800000000\n"
	            "keys_why=key 0a of R is bad\nkeys_do=mend it\n"
	            "keys_trouble=repository R: hung\n"
	            "capacity_why=R is full: buy another\nunbacked=3\n"
	            "unbacked.0=R 0a KSK required\n"
	            "unbacked.1=R 0b ZSK requested\n",
	    "\nKeys of the HSM in use: 3 proven here, 2 unproven, 1 missing, "
	    "0 different\n"
	    "  key 0a of R is bad. Do: mend it\n"
	    "  5 more private keys in the token are not on record\n"
	    "  That is old: repository R: hung. Last whole look: "
	    "2027-01-15 08:00:00 UTC\n"
	    "Room in the HSM: R is full: buy another\n"
	    "Not backed up: 3 keys in use; back up the HSM, then "
	    "ods-enforcer backup prepare and commit\n"
	    "  R 0a KSK required\n  R 0b ZSK requested\n  and 1 more\n",
	    "    \"state\": \"warning\",\n    \"proven\": 3,\n"
	    "    \"unproven\": 2,\n    \"missing\": 1,\n"
	    "    \"different\": 0,\n    \"extra\": 5,\n"
	    "    \"looked\": 1800000000,\n"
	    "    \"trouble\": \"repository R: hung\",\n"
	    "    \"what\": \"key 0a of R is bad\",\n"
	    "    \"do\": \"mend it\",\n"
	    "    \"capacity\": \"R is full: buy another\",\n"
	    "    \"unbacked\": 3,\n    \"unbacked_keys\": [\n"
	    "      \"R 0a KSK required\",\n");
	expect_keys("keys=ok\nkeys_ok=3\nunbacked=0\n",
	    "\nKeys of the HSM in use: 3 proven here, 0 unproven, 0 missing, "
	    "0 different\n",
	    "    \"unbacked\": 0,\n");
}

static void what_the_enforcer_waits_for(void **state)
{
	struct view v;
	char reply[4096], *text;

	(void)state;
	view_source(&v);
	text = written(json_print, &v);
	assert_non_null(strstr(text, "  \"enforce\": true,\n"
	                             "  \"enforcer_waits\": {\n"
	                             "    \"zones\": 0,\n"
	                             "    \"zone\": null,\n"
	                             "    \"since\": null,\n"
	                             "    \"until\": null,\n"
	                             "    \"because\": null,\n"
	                             "    \"do\": null\n  },\n"));
	free(text);
	v.enforce = false;
	text = written(table_print, &v);
	assert_non_null(strstr(text, "\nEnforcer: held\n"));
	free(text);
	snprintf(v.enforce_why, sizeof(v.enforce_why), "no signer is ready");
	text = written(table_print, &v);
	assert_non_null(
	    strstr(text, "\nEnforcer: waits: no signer is ready\n"));
	free(text);
	snprintf(reply, sizeof(reply),
	    "%senforce_zones=1\nenforce_zone=a\nenforce_since=1800000000\n"
	    "enforce_until=1800003600\nenforce_why=it is late\n",
	    reply_source);
	assert_int_equal(view_from_reply(reply, &v), 0);
	v.enforce = false;
	text = written(table_print, &v);
	assert_non_null(strstr(text,
	    "\nEnforcer: waits: zone a since 2027-01-15 08:00:00 UTC, until "
	    "2027-01-15 09:00:00 UTC, because it is late\n"));
	free(text);
	text = written(json_print, &v);
	assert_non_null(strstr(text, "    \"zone\": \"a\",\n"
	                             "    \"since\": 1800000000,\n"
	                             "    \"until\": 1800003600,\n"
	                             "    \"because\": \"it is late\",\n"
	                             "    \"do\": null\n"));
	free(text);
	v.enforce_until = 0;
	v.enforce_zones = 2;
	snprintf(v.enforce_fix, sizeof(v.enforce_fix), "mend it");
	text = written(table_print, &v);
	assert_non_null(strstr(text, "08:00:00 UTC, because it is late; 2 "
	                             "zones in all (mend it)\n"));
	free(text);
}

static void table_of_a_ledger(void **state)
{
	struct view v = {.from = VIEW_LEDGER, .seq = 12, .zones = 10};
	char *text;

	(void)state;
	snprintf(v.state_dir, sizeof(v.state_dir), "/var/lib/ocf-ods");
	assert_int_equal(
	    ledgerview_record("c1 4 t1 7 s1 2 1 0 1 0 aa,bb", &v), 0);
	assert_int_equal(v.holders, 2);
	assert_false(v.solo);
	text = written(table_print, &v);
	assert_non_null(strstr(text, "Ledger: /var/lib/ocf-ods/ledger.db\n"));
	assert_non_null(strstr(text,
	    "Term 4 is open (its source did not say goodbye); position here "
	    "12; holders 2\n"));
	free(text);
	assert_true(ledgerview_record("nonsense", &v) < 0);
	assert_int_equal(ledgerview_record("c1 4 t1 7 s1 2 1 1 0 0 aa", &v), 0);
	assert_true(v.solo);
	assert_false(v.open);
}

static void json_of_a_source(void **state)
{
	struct view v;
	char *text;

	(void)state;
	view_source(&v);
	text = written(json_print, &v);
	assert_ptr_equal(
	    strstr(text, "{\n  \"schema\": 1,\n  \"code\": 0,\n"), text);
	assert_non_null(strstr(text, "\"name\": \"n2\",\n"));
	assert_non_null(strstr(text, "\"promotable\": true,\n"));
	assert_non_null(strstr(text, "\"why\": null\n"));
	assert_string_equal(text + strlen(text) - 6, "  ]\n}\n");
	free(text);
}

static void json_escapes(void **state)
{
	struct view v;
	char *text;

	(void)state;
	view_source(&v);
	snprintf(v.node[1].why, sizeof(v.node[1].why),
	    "\"a\\b\"\n\t\x01 \xc3\xa9 \xff \xc3 \xed\xa0\x80");
	text = written(json_print, &v);
	assert_non_null(strstr(text,
	    "\"\\\"a\\\\b\\\"\\u000a\\u0009\\u0001 \xc3\xa9 \xef\xbf\xbd "
	    "\xef\xbf\xbd \xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\""));
	free(text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(table_of_a_source),
	    cmocka_unit_test(table_says_why_not),
	    cmocka_unit_test(table_before_the_first_source),
	    cmocka_unit_test(copies_are_shown),
	    cmocka_unit_test(collisions_are_shown),
	    cmocka_unit_test(time_to_bogus_is_shown),
	    cmocka_unit_test(what_is_held_is_shown),
	    cmocka_unit_test(more_holds_than_are_known),
	    cmocka_unit_test(keys_are_shown),
	    cmocka_unit_test(what_the_enforcer_waits_for),
	    cmocka_unit_test(table_of_a_ledger),
	    cmocka_unit_test(json_of_a_source),
	    cmocka_unit_test(json_escapes),
	};

	return cmocka_run_group_tests_name("print", tests, NULL, NULL);
}
