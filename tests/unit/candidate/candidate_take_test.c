/* SPDX-License-Identifier: GPL-2.0-or-later
 * Copyright (C) The ocf-ods contributors */
#include "verifier.h"

void fake_verifier(
    const struct verify_job *job, struct judgement *j, char **said);

#define verifier_run fake_verifier
#include "candidate.c"
#undef verifier_run

#include "../intent/workdir.h"

/* A version and the backup2 that the signer writes behind it. */

#define VERSION                                                          \
	"z.\t60\tIN\tSOA\tns.z. h.z. 2026010102 1 1 1 1\nz.\t60\tIN\tNS" \
	"\tns.z.\n"
#define SERIAL 2026010102

static int verified;
static enum judged verdict, verdict_then; /* now, and at another time */
static int64_t ahead, looked_back;
static const struct keybook *keys;
static const struct keylack *lack;

void fake_verifier(
    const struct verify_job *job, struct judgement *j, char **said)
{
	bool then = strncmp(job->facts, "now ", 4) == 0;

	verified++;
	if (then)
		looked_back = time(NULL) - strtoll(job->facts + 4, NULL, 10);
	*j = (struct judgement){.judged = then ? verdict_then : verdict,
	    .is_read = true,
	    .serial = SERIAL,
	    .bogus_served = -1,
	    .sentence = "refused line 1: x"};
	if (said)
		*said = strdup("");
}

static int setup(void **state)
{
	(void)state;
	verified = 0;
	verdict = verdict_then = JUDGED_OK;
	ahead = looked_back = 0;
	return workdir_make();
}

static int teardown(void **state)
{
	(void)state;
	return workdir_end();
}

static void backup2_of(uint32_t serial)
{
	put("z.backup2", "");
	assert_int_equal(file_copy(TEST_DATA "/backup2/example.org.backup2",
	                     at("z.backup2"), NULL),
	    0);
	assert_int_equal(backup2_set_serial(at("z.backup2"), serial, NULL), 0);
}

static enum candidate_verdict take(struct candidate *c, bool urgent)
{
	struct candidate_setup setup = {.conf = &conf,
	    .state_dir = dir,
	    .need_backup2 = true,
	    .ahead = ahead,
	    .keys = keys,
	    .lack = lack};
	static struct zone_entry zone;

	snprintf(zone.name, sizeof(zone.name), "z");
	zone.signconf = at("z.xml");
	zone.input = "";
	zone.output = at("signed/z");
	*c = (struct candidate){
	    .zone = &zone, .urgent = urgent, .row = {.zone = "z"}};
	return candidate_take(&setup, c);
}

/* Nothing is verified twice for that. */
static void waits_for_its_backup2(void **state)
{
	struct candidate c;

	(void)state;
	put("signed/z", VERSION);
	assert_int_equal(take(&c, false), CANDIDATE_WAIT);
	backup2_of(SERIAL - 1);
	assert_int_equal(take(&c, false), CANDIDATE_WAIT);
	assert_int_equal(verified, 0);
	backup2_of(SERIAL);
	assert_int_equal(take(&c, false), CANDIDATE_READY);
	assert_int_equal(verified, 1);
	assert_false(c.escaped);
	assert_int_equal(c.row.serial, SERIAL);
}

/* Where the serial does not stand in the first line. */
static void waits_for_it_all_the_same(void **state)
{
	struct candidate c;

	(void)state;
	put("signed/z", "; a comment\n" VERSION);
	assert_int_equal(take(&c, false), CANDIDATE_WAIT);
	assert_int_equal(verified, 1);
	backup2_of(SERIAL);
	assert_int_equal(take(&c, false), CANDIDATE_READY);
}

static void but_not_for_ever(void **state)
{
	struct candidate c;

	(void)state;
	put("signed/z", VERSION);
	assert_int_equal(take(&c, true), CANDIDATE_READY);
	assert_true(c.escaped);
	assert_non_null(strstr(c.why.text, "without a backup2"));
	assert_true(zonepast_is_escaped(c.row.past, SERIAL));
	/* that is no word for what is wrong with the zone itself */
	verdict = JUDGED_HARD;
	assert_int_equal(take(&c, true), CANDIDATE_REFUSED);
}

/* What would not be believed yet by a clock that is behind ours. */
static void by_the_other_clock(void **state)
{
	struct candidate c;

	(void)state;
	put("signed/z", VERSION);
	backup2_of(SERIAL);
	ahead = 700;
	assert_int_equal(take(&c, false), CANDIDATE_READY);
	assert_in_range(looked_back, 700, 701);
	verdict_then = JUDGED_HARD;
	assert_int_equal(take(&c, false), CANDIDATE_REFUSED);
	assert_non_null(strstr(c.why.text, "700 s behind this node's"));
	/* a doubt */
	assert_int_equal(take(&c, true), CANDIDATE_READY);
	assert_true(c.escaped);
	/* too little left by then is no reason */
	verdict_then = JUDGED_SOFT;
	assert_int_equal(take(&c, false), CANDIDATE_READY);
	/* nobody's clock is behind */
	verdict_then = JUDGED_HARD;
	ahead = looked_back = 0;
	assert_int_equal(take(&c, false), CANDIDATE_READY);
	assert_int_equal(looked_back, 0);
}

#define SIGNCONF                                                              \
	"<SignerConfiguration><Zone name=\"z\"><Keys><Key><Flags>257</Flags>" \
	"<Algorithm>13</Algorithm><Locator>0a</Locator><KSK/><ZSK/>"          \
	"<Publish/></Key></Keys></Zone></SignerConfiguration>"

/* The token has another key under that locator.  What is on record decides,
 * where it is compared; and the sentence names the key. */
static void another_key_in_the_token(void **state)
{
	struct keyrecord record = {.repository = "R",
	    .locator = "0a",
	    .algorithm = 13,
	    .sha256 = "11",
	    .in_use = true};
	struct keybook book = {.set = {&record, 1, 1}};
	struct keylack_key key = {.locator = "0a",
	    .verdict = KEYTRUTH_DIFFERENT,
	    .text = "key 0a of R is another one: do this"};
	const struct keylack one = {&key, 1};
	struct candidate c;

	(void)state;
	put("signed/z", VERSION);
	put("z.xml", SIGNCONF);
	backup2_of(SERIAL);
	lack = &one;
	assert_int_equal(take(&c, false), CANDIDATE_REFUSED);
	assert_string_equal(
	    c.why.text, "zone z: key 0a of R is another one: do this");
	assert_int_equal(take(&c, true), CANDIDATE_READY);
	assert_true(c.escaped);
	keys = &book;
	assert_int_equal(take(&c, false), CANDIDATE_READY);
	assert_false(c.escaped);
	verdict = JUDGED_HARD;
	assert_int_equal(take(&c, false), CANDIDATE_REFUSED);
	assert_string_equal(c.why.text,
	    "zone z: key 0a of R is another one: do this (refused line 1: x)");
	/* what is no fault of the zone's has another cause */
	verdict = JUDGED_SOFT;
	assert_int_equal(take(&c, false), CANDIDATE_REFUSED);
	assert_string_equal(c.why.text, "zone z: refused line 1: x");
	verdict = JUDGED_HARD;
	/* a key that is missing signs nothing: it is no reason for that */
	key.verdict = KEYTRUTH_MISSING;
	assert_int_equal(take(&c, false), CANDIDATE_REFUSED);
	assert_string_equal(c.why.text, "zone z: refused line 1: x");
	verdict = JUDGED_OK;
	keys = NULL;
	assert_int_equal(take(&c, false), CANDIDATE_READY);
	/* and another zone's key is none of this one's */
	key.verdict = KEYTRUTH_DIFFERENT;
	strcpy(key.locator, "0b");
	assert_int_equal(take(&c, false), CANDIDATE_READY);
	lack = NULL;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup_teardown(
	        waits_for_its_backup2, setup, teardown),
	    cmocka_unit_test_setup_teardown(
	        waits_for_it_all_the_same, setup, teardown),
	    cmocka_unit_test_setup_teardown(but_not_for_ever, setup, teardown),
	    cmocka_unit_test_setup_teardown(
	        by_the_other_clock, setup, teardown),
	    cmocka_unit_test_setup_teardown(
	        another_key_in_the_token, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
