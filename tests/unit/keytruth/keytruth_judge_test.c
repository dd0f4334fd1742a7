/* SPDX-License-Identifier: GPL-2.0-or-later
 * Copyright (C) The ocf-ods contributors */
#include "keytruth.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#define ANY (-1)

enum record { NO_RECORD, SAME, OTHER, RECORDS };
enum use { POOL, IN_USE };

static const char same[] = "1111111111111111111111111111111111111111"
                           "111111111111111111111111";
static const char other[] = "2222222222222222222222222222222222222222"
                            "222222222222222222222222";

/* For each combination the first row that fits. */
static const struct row {
	int state, record, proof, use;
	enum keytruth_verdict verdict;
	const char *says;
} rows[] = {
    {KEY_UNREAD, ANY, ANY, ANY, KEYTRUTH_UNPROVEN, "was not looked for"},
    {KEY_MISSING, ANY, ANY, ANY, KEYTRUTH_MISSING, "is not in this node's"},
    {KEY_TWIN, ANY, ANY, ANY, KEYTRUTH_DIFFERENT, "is two different keys"},
    {ANY, ANY, PROOF_DIFFERENT, ANY, KEYTRUTH_DIFFERENT, "is another key"},
    {KEY_PRESENT, OTHER, ANY, ANY, KEYTRUTH_DIFFERENT, "is another key"},
    {ANY, ANY, ANY, POOL, KEYTRUTH_OK, ""},
    {KEY_UNPROVEN_PUBLIC, ANY, ANY, IN_USE, KEYTRUTH_UNPROVEN,
        "does not tell its public key"},
    {KEY_PRESENT, NO_RECORD, ANY, IN_USE, KEYTRUTH_UNPROVEN, "on record"},
    {KEY_PRESENT, SAME, PROOF_PROVEN, IN_USE, KEYTRUTH_OK, ""},
    {KEY_PRESENT, SAME, PROOF_FAILED, IN_USE, KEYTRUTH_UNPROVEN,
        "does not sign here: CKR_X"},
    {KEY_PRESENT, SAME, PROOF_SKIPPED, IN_USE, KEYTRUTH_UNPROVEN,
        "is not proven here: CKR_X"},
    {KEY_PRESENT, SAME, PROOF_NONE, IN_USE, KEYTRUTH_UNPROVEN,
        "has not signed here yet"},
};

static bool fits(int want, int is)
{
	return want == ANY || want == is;
}

static void judge(int state, int record, int proof, int use, struct keytruth *t)
{
	struct keyrecord source = {.repository = "R",
	    .locator = "0a0b",
	    .algorithm = 13,
	    .in_use = use == IN_USE};
	struct keytruth_here here = {.state = (enum key_state)state,
	    .proof = (enum key_proof)proof,
	    .detail = "CKR_X"};

	if (record != NO_RECORD)
		strcpy(source.sha256, record == SAME ? same : other);
	if (state == KEY_PRESENT)
		strcpy(here.sha256, same);
	keytruth_judge(&source, &here, t);
}

static void expect(int state, int record, int proof, int use)
{
	const struct row *r = rows;
	struct keytruth t;
	bool ok;

	while (!fits(r->state, state) || !fits(r->record, record) ||
	       !fits(r->proof, proof) || !fits(r->use, use))
		r++;
	judge(state, record, proof, use, &t);
	ok = t.verdict == KEYTRUTH_OK;
	if (t.verdict != r->verdict || !strstr(t.sentence, r->says))
		fail_msg("%s record=%d %s use=%d: %s: %s",
		    key_state_name((enum key_state)state), record,
		    key_proof_name((enum key_proof)proof), use,
		    keytruth_name(t.verdict), t.sentence);
	assert_int_equal(
	    t.refuses, use == IN_USE && t.verdict == KEYTRUTH_DIFFERENT);
	assert_int_equal(t.sentence[0] == '\0', ok);
	assert_int_equal(t.fix[0] == '\0', ok);
}

static void all_combinations(void **unused)
{
	int state, record, proof, use;

	(void)unused;
	for (state = KEY_UNREAD; state <= KEY_UNPROVEN_PUBLIC; state++)
		for (record = 0; record < RECORDS; record++)
			for (proof = PROOF_NONE; proof <= PROOF_SKIPPED;
			     proof++)
				for (use = POOL; use <= IN_USE; use++)
					expect(state, record, proof, use);
}

/* Only what is there, recorded, the same and proven is ok in use; and only
 * evidence refuses, never that something is not known. */
static void safe_both_ways(void **unused)
{
	int state, record, proof;
	struct keytruth t;

	(void)unused;
	for (state = KEY_UNREAD; state <= KEY_UNPROVEN_PUBLIC; state++)
		for (record = 0; record < RECORDS; record++)
			for (proof = PROOF_NONE; proof <= PROOF_SKIPPED;
			     proof++) {
				judge(state, record, proof, IN_USE, &t);
				if (t.verdict == KEYTRUTH_OK)
					assert_true(state == KEY_PRESENT &&
					            record == SAME &&
					            proof == PROOF_PROVEN);
				if (t.refuses)
					assert_true(state == KEY_TWIN ||
					            proof == PROOF_DIFFERENT ||
					            record == OTHER);
			}
}

static void long_names(void **unused)
{
	struct keyrecord source = {.algorithm = 8, .in_use = true};
	struct keytruth_here here = {.state = KEY_UNREAD};
	struct keytruth t;

	(void)unused;
	memset(source.repository, 'r', sizeof(source.repository) - 1);
	memset(source.locator, 'a', sizeof(source.locator) - 1);
	keytruth_judge(&source, &here, &t);
	assert_non_null(strstr(t.sentence, "the HSM did not answer"));
}

static void add(
    struct keytruth_node *node, int state, int record, int proof, int use)
{
	struct keyrecord source = {.in_use = use == IN_USE};
	struct keytruth t;

	judge(state, record, proof, use, &t);
	keytruth_add(node, &source, &t);
}

static void a_node(void **unused)
{
	struct keytruth_node node = {0};
	char text[WHY_MAX];

	(void)unused;
	add(&node, KEY_PRESENT, SAME, PROOF_PROVEN, IN_USE);
	add(&node, KEY_PRESENT, SAME, PROOF_NONE, POOL);
	keytruth_say(&node, text, sizeof(text));
	assert_string_equal(text, "");
	add(&node, KEY_MISSING, SAME, PROOF_NONE, POOL);
	keytruth_say(&node, text, sizeof(text));
	assert_string_equal(text, "1 key of the pool missing: pool key 0a0b "
	                          "of R is not in this node's token");
	/* What is in use comes first, even if it is not as bad. */
	add(&node, KEY_PRESENT, SAME, PROOF_NONE, IN_USE);
	add(&node, KEY_PRESENT, SAME, PROOF_NONE, IN_USE);
	add(&node, KEY_TWIN, SAME, PROOF_NONE, POOL);
	keytruth_say(&node, text, sizeof(text));
	assert_string_equal(text, "2 keys in use unproven: key 0a0b of R has "
	                          "not signed here yet");
	assert_false(node.refuses);
	add(&node, KEY_PRESENT, OTHER, PROOF_NONE, IN_USE);
	add(&node, KEY_MISSING, OTHER, PROOF_NONE, IN_USE);
	keytruth_say(&node, text, sizeof(text));
	assert_string_equal(text, "1 key in use different: key 0a0b of R is "
	                          "another key here than on the source");
	assert_true(node.refuses);
	assert_int_equal(node.in_use[KEYTRUTH_OK], 1);
	assert_int_equal(node.in_use[KEYTRUTH_UNPROVEN], 2);
	assert_int_equal(node.in_use[KEYTRUTH_MISSING], 1);
	assert_int_equal(node.pool[KEYTRUTH_DIFFERENT], 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(all_combinations),
	    cmocka_unit_test(safe_both_ways),
	    cmocka_unit_test(long_names),
	    cmocka_unit_test(a_node),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
