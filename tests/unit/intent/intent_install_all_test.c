/* SPDX-License-Identifier: GPL-2.0-or-later
 * Copyright (C) The ocf-ods contributors */
#include "workdir.h"

#include <sys/syscall.h>

#include "candidate.h"
#include "content.h"
#include "intent.h"

/* A promote finds an intent and a file in pending/. */

static int syncs;

int fsync(int fd)
{
	syncs++;
	return (int)syscall(SYS_fsync, fd);
}

int fdatasync(int fd)
{
	syncs++;
	return (int)syscall(SYS_fdatasync, fd);
}

/* The parent waits: it is told for each zone and each block. */
static int ticks;

static int count_tick(void *arg)
{
	ticks += arg == &ticks;
	return 0;
}

static const struct tick busy = {.fn = count_tick, .arg = &ticks};

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

static struct zone_row intent_of(const char *zone, enum zone_state state)
{
	struct zone_row row = {
	    .serial = 12, .state = state, .served_serial = 11, .ever = true};
	char pending[300];
	struct why why;
	int fd;

	snprintf(row.zone, sizeof(row.zone), "%s", zone);
	snprintf(pending, sizeof(pending), "pending/%s", zone);
	fd = open(at(pending), O_RDONLY);
	assert_int_equal(candidate_digest(fd, row.digest), 0);
	close(fd);
	assert_int_equal(ledger_zone_put(ledger, &row, &why), 0);
	return row;
}

static struct zone_row intent(enum zone_state state)
{
	return intent_of("0/25.example", state);
}

static void install(void)
{
	struct why why = {0};

	assert_int_equal(
	    intent_install_all(&conf, dir, ledger, true, &busy, &why), 0);
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

/* The other ones are served all the same. */
static void one_cannot_be_installed(void **state)
{
	char text[1024];
	struct zone_row row;
	struct why why;

	(void)state;
	snprintf(text, sizeof(text),
	    "<ZoneList><Zone name=\"a\"><Adapters><Output><Adapter "
	    "type=\"File\">%s/signed/a</Adapter></Output></Adapters></Zone>"
	    "<Zone name=\"b\"><Adapters><Output><Adapter type=\"File\">%s"
	    "/signed/b</Adapter></Output></Adapters></Zone></ZoneList>",
	    dir, dir);
	put("zones.xml", text);
	put("published/a/x", "in the way");
	put("pending/a", "12");
	put("pending/b", "12");
	intent_of("a", ZONE_INTENT);
	intent_of("b", ZONE_INTENT);
	install();
	assert_int_equal(access(at("published/b"), F_OK), 0);
	assert_int_equal(ledger_zone_get(ledger, "b", &row, &why), 0);
	assert_int_equal(row.state, ZONE_SERVED);
	assert_int_equal(ledger_zone_get(ledger, "a", &row, &why), 0);
	assert_int_equal(row.state, ZONE_INTENT);
	assert_int_equal(row.served_serial, 11);
	assert_int_equal(access(at("pending/a"), F_OK), 0);
}

#define MANY 50

/* A thousand zones on a slow disk: the parent hears of us meanwhile, and there
 * is one sync for all rows. */
static void many_zones(void **state)
{
	char *big = calloc(1, 200001), text[16384], name[64];
	size_t n = 0;
	int i;

	(void)state;
	assert_non_null(big);
	memset(big, 'x', 200000);
	n += (size_t)snprintf(text, sizeof(text), "<ZoneList>");
	for (i = 0; i < MANY; i++) {
		n += (size_t)snprintf(text + n, sizeof(text) - n,
		    "<Zone name=\"z%d\"><Adapters><Output>"
		    "<Adapter type=\"File\">%s/signed/z%d</Adapter></Output>"
		    "</Adapters></Zone>",
		    i, dir, i);
		snprintf(name, sizeof(name), "pending/z%d", i);
		put(name, big);
		intent_of(name + strlen("pending/"), ZONE_INTENT);
	}
	free(big);
	snprintf(text + n, sizeof(text) - n, "</ZoneList>");
	put("zones.xml", text);
	ticks = syncs = 0;
	install();
	assert_int_equal(access(at("published/z49"), F_OK), 0);
	assert_true(ticks >= MANY * (1 + 3));
	assert_true(syncs < MANY + 10);
}

#define T(t) cmocka_unit_test_setup_teardown(t, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
	    T(intent_is_installed),
	    T(leaves_nothing_in_pending),
	    T(another_file_is_not),
	    T(no_intent_no_file),
	    T(one_cannot_be_installed),
	    T(many_zones),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
