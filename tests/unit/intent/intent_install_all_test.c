/* SPDX-License-Identifier: GPL-2.0-or-later
 * Copyright (C) The ocf-ods contributors */
#include "workdir.h"

#include "candidate.h"
#include "intent.h"

/* A promote finds an intent and a file in pending/. */

static int setup(void **state)
{
	char text[1024];
	int rc = workdir_make();

	(void)state;
	snprintf(text, sizeof(text),
	    "<ZoneList><Zone name=\"0/25.example\"><Adapters><Output>"
	    "<Adapter type=\"File\">%s</Adapter></Output></Adapters></Zone>"
	    "</ZoneList>",
	    at("signed/0/25.example"));
	put("zones.xml", text);
	put("pending/0/25.example", "version 12");
	return rc;
}

static int teardown(void **state)
{
	(void)state;
	return workdir_end();
}

static struct zone_row intent(enum zone_state state)
{
	struct zone_row row = {.zone = "0/25.example",
	    .serial = 12,
	    .state = state,
	    .served_serial = 11,
	    .ever = true};
	int fd = open(at("pending/0/25.example"), O_RDONLY);
	struct why why;

	assert_int_equal(candidate_digest(fd, row.digest), 0);
	close(fd);
	assert_int_equal(ledger_zone_put(ledger, &row, &why), 0);
	return row;
}

static void install(void)
{
	struct why why = {0};

	assert_int_equal(intent_install_all(&conf, dir, ledger, &why), 0);
}

static bool published(void)
{
	return access(at("published/0/25.example"), F_OK) == 0;
}

/* A10: what was on its way out goes out, and counts as served. */
static void intent_is_installed(void **state)
{
	struct zone_row row;
	struct why why;

	(void)state;
	intent(ZONE_INTENT);
	install();
	assert_true(published());
	assert_int_equal(
	    ledger_zone_get(ledger, "0/25.example", &row, &why), 0);
	assert_int_equal(row.state, ZONE_SERVED);
	assert_int_equal(row.served_serial, 12);
	assert_string_equal(row.served_digest, row.digest);
	install(); /* twice = once */
	assert_true(published());
}

/* Taken again after a crash behind its rename: two names of one file, of which
 * a rename makes none. */
static void leaves_nothing_in_pending(void **state)
{
	(void)state;
	intent(ZONE_INTENT);
	put("published/0/x", "");
	assert_int_equal(
	    link(at("pending/0/25.example"), at("published/0/25.example")), 0);
	install();
	assert_true(published());
	assert_int_equal(access(at("pending/0/25.example"), F_OK), -1);
}

static void another_file_is_not(void **state)
{
	struct zone_row row;
	struct why why;

	(void)state;
	intent(ZONE_INTENT);
	put("pending/0/25.example", "version 13");
	install();
	assert_false(published());
	assert_int_equal(
	    ledger_zone_get(ledger, "0/25.example", &row, &why), 0);
	assert_int_equal(row.served_serial, 11);
}

static void no_intent_no_file(void **state)
{
	(void)state;
	intent(ZONE_SERVED);
	install();
	assert_false(published());
	intent(ZONE_INTENT);
	unlink(at("pending/0/25.example"));
	install();
	assert_false(published());
}

#define T(t) cmocka_unit_test_setup_teardown(t, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
	    T(intent_is_installed),
	    T(leaves_nothing_in_pending),
	    T(another_file_is_not),
	    T(no_intent_no_file),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
