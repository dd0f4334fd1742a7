/* SPDX-License-Identifier: GPL-2.0-or-later
 * Copyright (C) The ocf-ods contributors */
#include "../intent/workdir.h"

#include <sqlite3.h>

#include "candidate.h"
#include "content.h"
#include "serials.h"
#include "signnote.h"

/* One zone, example.org, with what ods-signerd wrote for it. */

static void put_copy(const char *from, const char *name)
{
	struct why why;

	assert_int_equal(file_copy(from, at(name), &why), 0);
}

static int dies_at; /* this tick, 0 = none */
static bool resign;

static int setup(void **state)
{
	char text[2048];
	int rc = workdir_make();

	(void)state;
	dies_at = 0;
	resign = false;
	mkdir(at("published"), 0755);
	mkdir(at("signed"), 0755);
	snprintf(text, sizeof(text),
	    "<ZoneList><Zone name=\"example.org\"><Policy>p</Policy>"
	    "<SignerConfiguration>%s</SignerConfiguration><Adapters>"
	    "<Input><Adapter type=\"File\">%s</Adapter></Input>"
	    "<Output><Adapter type=\"File\">%s</Adapter></Output>"
	    "</Adapters></Zone></ZoneList>",
	    at("signconf.xml"), at("unsigned"), at("signed/example.org"));
	put("zones.xml", text);
	put_copy(
	    TEST_DATA "/backup2/example.org.backup2", "example.org.backup2");
	put_copy(TEST_DATA "/backup2/example.org.xml", "signconf.xml");
	return rc;
}

static int teardown(void **state)
{
	(void)state;
	return workdir_end();
}

/* The parent waits: it is told for each zone and each block. */
static int ticks;

static int count_tick(void *arg)
{
	ticks += arg == &ticks;
	return ticks == dies_at ? -EINTR : 0;
}

static const struct tick busy = {.fn = count_tick, .arg = &ticks};

static int prepare(struct why *why)
{
	const struct serials_setup setup = {
	    .conf = &conf,
	    .state_dir = dir,
	    .ledger = ledger,
	    .tick = &busy,
	    .resign = resign,
	};

	return serials_prepare(&setup, why);
}

static void published(uint32_t serial)
{
	struct zone_row row = {
	    .zone = "example.org", .serial = serial, .ever = true};
	struct why why;

	assert_int_equal(ledger_zone_put(ledger, &row, &why), 0);
}

static const char *noted(void)
{
	static char text[SIGN_NOTE_TEXT];
	struct sign_note note;

	if (sign_note_get(ledger, "example.org", &note) < 0)
		return "";
	assert_int_equal(note.asked, 0);
	sign_note_text(&note, text);
	*strstr(text, " asked") = '\0';
	return text;
}

/* What the signer is asked for once it is ready. */
static const char *note(void)
{
	struct why why = {0};

	assert_int_equal(prepare(&why), 0);
	return noted();
}

static uint32_t outbound(void)
{
	struct backup2 b;

	assert_int_equal(backup2_load(at("example.org.backup2"), &b, NULL), 0);
	assert_int_equal(b.internal, b.outbound);
	return b.outbound;
}

static void sound_backup2(void **state)
{
	(void)state;
	published(3);
	assert_string_equal(note(), "");
	assert_int_equal(outbound(), 3);
}

static void stale_backup2(void **state)
{
	const struct sign_note asked = {.serial = 17, .asked = 4711};

	(void)state;
	published(17);
	assert_string_equal(note(), "sign 17");
	assert_int_equal(outbound(), 17);
	/* until a version has come of it, whichever signer was asked */
	assert_int_equal(sign_note_put(ledger, "example.org", &asked, NULL), 0);
	assert_string_equal(note(), "sign 17");
	published(18);
	assert_int_equal(
	    backup2_set_serial(at("example.org.backup2"), 18, NULL), 0);
	assert_string_equal(note(), "");
}

/* Killed before the backup2 is corrected, or behind that: the correction
 * hides that it is an old one. */
static void killed_between(void **state)
{
	struct why why = {0};

	(void)state;
	published(17);
	dies_at = ticks + 2;
	assert_int_equal(prepare(&why), -EINTR);
	assert_string_equal(noted(), "sign 17");
	assert_int_equal(outbound(), 3);
	assert_string_equal(note(), "sign 17");
	assert_int_equal(outbound(), 17);
	assert_string_equal(note(), "sign 17");
}

/* The signer that was to sign above 17 has ended, and its backup2 is as it
 * should be: what is in it went nowhere. */
static void raised_in_vain(void **state)
{
	const struct sign_note raise = {
	    .raise = true, .serial = 18, .asked = 4711};

	(void)state;
	published(17);
	assert_int_equal(
	    backup2_set_serial(at("example.org.backup2"), 17, NULL), 0);
	assert_int_equal(sign_note_put(ledger, "example.org", &raise, NULL), 0);
	assert_string_equal(note(), "sign 17");
}

/* A loss was accepted: what was published last may have been another one. */
static void above_its_floor(void **state)
{
	struct zone_row row = {.zone = "example.org",
	    .serial = 3,
	    .ever = true,
	    .past = "floor 1003 5\n"};

	(void)state;
	assert_int_equal(ledger_zone_put(ledger, &row, NULL), 0);
	assert_string_equal(note(), "sign 3");
	assert_int_equal(outbound(), 1003);
	sign_note_drop(ledger, "example.org", NULL);
	unlink(at("example.org.backup2"));
	assert_string_equal(note(), "serial 1004");
	sign_note_drop(ledger, "example.org", NULL);
	row.ever = false; /* another one has published it */
	assert_int_equal(ledger_zone_put(ledger, &row, NULL), 0);
	assert_string_equal(note(), "serial 1004");
}

static void damaged_backup2(void **state)
{
	(void)state;
	assert_int_equal(truncate(at("example.org.backup2"), 700), 0);
	published(17);
	assert_string_equal(note(), "serial 18");
	assert_int_equal(access(at("example.org.backup2"), F_OK), -1);
	assert_int_equal(access(at("example.org.backup2.ods-aside"), F_OK), 0);
}

static void other_keys(void **state)
{
	struct why why;
	char *text, *at_key;
	size_t len;

	(void)state;
	assert_int_equal(
	    file_read(at("signconf.xml"), 65536, &text, &len, &why), 0);
	at_key = strstr(text, "6f4f6b23");
	assert_non_null(at_key);
	memcpy(at_key, "00000000", 8);
	put("signconf.xml", text);
	free(text);
	published(3);
	assert_string_equal(note(), "serial 4");
	assert_int_equal(access(at("example.org.backup2"), F_OK), -1);
}

static void no_backup2(void **state)
{
	(void)state;
	unlink(at("example.org.backup2"));
	published(UINT32_MAX);
	assert_string_equal(note(), "serial 0"); /* RFC 1982 */
}

static void never_published(void **state)
{
	(void)state;
	assert_string_equal(note(), "");
	assert_int_equal(outbound(), 3);
}

/* A file of an earlier term would be taken for a candidate. */
static void signed_is_what_is_served(void **state)
{
	char *text;
	size_t len;
	struct why why;

	(void)state;
	put("published/example.org", "served");
	put("signed/example.org", "of an earlier term");
	published(3);
	note();
	assert_int_equal(
	    file_read(at("signed/example.org"), 100, &text, &len, &why), 0);
	assert_string_equal(text, "served");
	free(text);
}

/* A version on its way out is what the signer goes on from. */
static void signed_is_what_is_on_its_way_out(void **state)
{
	struct zone_row row = {.zone = "example.org",
	    .serial = 3,
	    .state = ZONE_INTENT,
	    .ever = true};
	char *text;
	size_t len;
	struct why why;
	int fd;

	(void)state;
	put("published/example.org", "served");
	assert_int_equal(mkdir(at("pending"), 0700), 0);
	put("pending/example.org", "on its way");
	put("signed/example.org", "of an earlier term");
	fd = open(at("pending/example.org"), O_RDONLY);
	assert_int_equal(candidate_digest(fd, row.digest), 0);
	close(fd);
	assert_int_equal(ledger_zone_put(ledger, &row, &why), 0);
	note();
	assert_int_equal(
	    file_read(at("signed/example.org"), 100, &text, &len, &why), 0);
	assert_string_equal(text, "on its way");
	free(text);
}

static void parent_hears_of_each_block(void **state)
{
	char *text = calloc(1, 200001);
	int before = ticks;

	(void)state;
	assert_non_null(text);
	memset(text, 'x', 200000);
	note();
	assert_int_equal(ticks, before + 2); /* nothing to copy */
	put("published/example.org", text);
	free(text);
	note();
	assert_true(ticks >= before + 2 + 3 + 2);
}

/* Without its row a zone's serial could go back: the signer must not start. */
static void unreadable_row_is_an_error(void **state)
{
	struct why why = {0};
	sqlite3 *db;

	(void)state;
	published(17);
	assert_int_equal(sqlite3_open(at("ledger.db"), &db), SQLITE_OK);
	assert_int_equal(
	    sqlite3_exec(db, "UPDATE zone SET line = 'x'", NULL, NULL, NULL),
	    SQLITE_OK);
	sqlite3_close(db);
	assert_true(prepare(&why) < 0);
	assert_int_equal(outbound(), 3);
}

static void takeover(void)
{
	assert_int_equal(
	    ledger_note_put(ledger, SERIALS_TAKEOVER, "1", NULL), 0);
}

/* signatures=resign: nothing of what the signer has left is relied on. */
static void signed_anew(void **state)
{
	struct why why = {0};

	(void)state;
	resign = true;
	put("published/example.org", "served");
	put("signed/example.org", "of an earlier term");
	put("deleted.org.backup2", "of an earlier term");
	put("example.org.ixfr", "of an earlier term");
	put("example.org.axfr", "answers until it is signed");
	put("example.org.xfrd", "came in");
	published(3);
	takeover();
	/* killed before anything is removed, and in the midst of it */
	dies_at = ticks + 1;
	assert_int_equal(prepare(&why), -EINTR);
	assert_int_equal(outbound(), 3);
	dies_at = ticks + 2;
	assert_int_equal(prepare(&why), -EINTR);
	assert_string_equal(noted(), "serial 4");
	assert_string_equal(note(), "serial 4");
	assert_int_equal(access(at("example.org.backup2"), F_OK), -1);
	assert_int_equal(access(at("deleted.org.backup2"), F_OK), -1);
	assert_int_equal(access(at("example.org.ixfr"), F_OK), -1);
	assert_int_equal(access(at("signed/example.org"), F_OK), -1);
	assert_int_equal(access(at("example.org.axfr"), F_OK), 0);
	assert_int_equal(access(at("example.org.xfrd"), F_OK), 0);
	assert_int_equal(access(at("published/example.org"), F_OK), 0);
	/* another start is no takeover: what it has signed since is good */
	put_copy(
	    TEST_DATA "/backup2/example.org.backup2", "example.org.backup2");
	assert_string_equal(note(), "sign 3");
	assert_int_equal(outbound(), 3);
	assert_int_equal(access(at("signed/example.org"), F_OK), 0);
}

static void signed_anew_once(void **state)
{
	(void)state;
	published(3);
	takeover();
	assert_string_equal(note(), "");
	resign = true; /* typed since */
	assert_string_equal(note(), "");
	assert_int_equal(outbound(), 3);
}

static void never_published_signed_anew(void **state)
{
	(void)state;
	resign = true;
	takeover();
	assert_string_equal(note(), "");
	assert_int_equal(access(at("example.org.backup2"), F_OK), -1);
}

#define T(t) cmocka_unit_test_setup_teardown(t, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
	    T(sound_backup2),
	    T(stale_backup2),
	    T(killed_between),
	    T(raised_in_vain),
	    T(above_its_floor),
	    T(damaged_backup2),
	    T(other_keys),
	    T(no_backup2),
	    T(never_published),
	    T(signed_is_what_is_served),
	    T(signed_is_what_is_on_its_way_out),
	    T(parent_hears_of_each_block),
	    T(unreadable_row_is_an_error),
	    T(signed_anew),
	    T(signed_anew_once),
	    T(never_published_signed_anew),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
