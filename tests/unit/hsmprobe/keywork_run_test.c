/* SPDX-License-Identifier: GPL-2.0-or-later
 * Copyright (C) The ocf-ods contributors */
#include "softhsm.h"

#include <errno.h>

#include "child.h"
#include "keyline.h"
#include "keywork.h"

/* SHA-256 of a public key field that nobody has. */
#define NOBODY                             \
	"00000000000000000000000000000000" \
	"00000000000000000000000000000000"

#define HEX16(b) b b b b b b b b b b b b b b b b

static struct keyline heard[64];
static int lines;
static struct token_answer answer;

static void hear(const char *line, void *arg)
{
	(void)arg;
	assert_true(lines < 64);
	if (keyline_parse(line, &heard[lines]) != 0)
		fail_msg("broken: %s", line);
	lines++;
}

static void work(const char *text, bool prove)
{
	static struct conf_repository repository = {.name = "R"};
	struct keywork w = {
	    .repository = "R", .capacity = 10, .prove = prove, .rate = 1000};
	struct child_job job = {.repository = &repository,
	    .user = "",
	    .group = "",
	    .deadline = deadline_in_ms(60000),
	    .call_ms = 30000,
	    .work = keywork_run,
	    .work_arg = &w,
	    .line = hear};
	struct keylist list;
	struct why why;

	lines = 0;
	strcpy(repository.module, soft.module);
	strcpy(repository.token_label, SOFT_LABEL);
	strcpy(repository.pin, SOFT_PIN);
	assert_int_equal(keylist_parse(text, &list, &why), 0);
	w.list = &list;
	keylist_of(&list, "R", &w.first, &w.count);
	child_run(&job, &answer);
	keylist_free(&list);
}

static const struct keyline *line_of(
    enum keyline_kind kind, const char *locator)
{
	int i;

	for (i = 0; i < lines; i++)
		if (heard[i].kind == kind &&
		    (!locator || strcmp(heard[i].locator, locator) == 0))
			return &heard[i];
	fail_msg("no line for %s", locator ? locator : "it");
	return NULL;
}

#define RSA HEX16("11")
#define RSA_SKIP HEX16("22")
#define P256 HEX16("33")
#define P384 HEX16("44")
#define ED25519 HEX16("55")
#define ABSENT HEX16("66")
#define UNASKED HEX16("77")
#define TWICE HEX16("88")

static const char asked[] = "R " RSA " 8\nR " RSA_SKIP " 8\nR " P256 " 13\n"
                            "R " P384 " 14\nR " ED25519 " 15\n"
                            "R " ABSENT " 13\nR " TWICE " 13\n"
                            "other " UNASKED " 13\n";

static int setup(void **state)
{
	static struct soft_key keys[] = {{SOFT_RSA, 0x11, 0},
	    {SOFT_RSA, 0x22, 1}, {SOFT_P256, 0x33, 0}, {SOFT_P384, 0x44, 0},
	    {SOFT_ED25519, 0x55, 0}, {SOFT_P256, 0x77, 0}, {SOFT_P256, 0x88, 0},
	    {SOFT_P256, 0x88, 0}, {0}};

	if (soft_setup(state) < 0)
		return -1;
	if (soft.module)
		soft_child(soft_make_keys, keys);
	return 0;
}

static void expect_key(
    const char *locator, enum key_state state, const char *detail)
{
	const struct keyline *k = line_of(KEYLINE_KEY, locator);

	assert_string_equal(k->detail, detail);
	assert_int_equal(k->state, state);
}

static void what_softhsm_has(void **state)
{
	(void)state;
	if (!soft.module)
		skip();
	work(asked, false);
	assert_int_equal(answer.verdict, HSM_OK);
	assert_int_equal(lines, 7 + 3);
	expect_key(RSA, KEY_PRESENT, "public");
	expect_key(RSA_SKIP, KEY_PRESENT, "private");
	expect_key(P256, KEY_PRESENT, "public");
	expect_key(P384, KEY_PRESENT, "public");
	expect_key(ED25519, KEY_PRESENT, "public");
	expect_key(ABSENT, KEY_MISSING, "");
	expect_key(TWICE, KEY_TWIN, "public-keys-differ");
	assert_int_equal(line_of(KEYLINE_EXTRA, NULL)->count, 1);
	assert_int_equal(line_of(KEYLINE_CAPACITY, NULL)->count, 8);
	assert_int_equal(line_of(KEYLINE_CAPACITY, NULL)->max, 10);
	assert_true(strlen(line_of(KEYLINE_TOKEN, NULL)->serial) > 8);
}

static void of_another_algorithm(void **state)
{
	(void)state;
	if (!soft.module)
		skip();
	work("R " P256 " 8\n", false);
	expect_key(P256, KEY_PRESENT, "no-key-of-algorithm-8");
}

static void expect_proof(
    const char *locator, enum key_proof proof, const char *detail)
{
	const struct keyline *k = line_of(KEYLINE_PROOF, locator);

	assert_string_equal(k->detail, detail);
	assert_int_equal(k->proof, proof);
}

static void softhsm_signs(void **state)
{
	(void)state;
	if (!soft.module)
		skip();
	work(asked, true);
	assert_int_equal(answer.verdict, HSM_OK);
	expect_proof(RSA, PROOF_PROVEN, "");
	expect_proof(RSA_SKIP, PROOF_PROVEN, "");
	expect_proof(P256, PROOF_PROVEN, "");
	expect_proof(P384, PROOF_PROVEN, "");
	expect_proof(ED25519, PROOF_PROVEN, "");
	expect_proof(ABSENT, PROOF_SKIPPED, "missing");
	expect_proof(TWICE, PROOF_DIFFERENT, "public-keys-differ");
	assert_int_equal(line_of(KEYLINE_STAT, NULL)->count, 5);
	assert_int_equal(line_of(KEYLINE_STAT, NULL)->errors, 0);
}

/* What was recorded is what is asked for. */
static void against_the_record(void **state)
{
	char text[512];

	(void)state;
	if (!soft.module)
		skip();
	work("R " P256 " 13\n", false);
	snprintf(text, sizeof(text),
	    "R " P256 " 13 %s inuse\nR " P384 " 14 " NOBODY "\n",
	    line_of(KEYLINE_KEY, P256)->sha256);
	work(text, true);
	expect_proof(P256, PROOF_PROVEN, "");
	expect_proof(P384, PROOF_DIFFERENT, "public-key");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(what_softhsm_has),
	    cmocka_unit_test(of_another_algorithm),
	    cmocka_unit_test(softhsm_signs),
	    cmocka_unit_test(against_the_record),
	};

	return cmocka_run_group_tests(tests, setup, soft_teardown);
}
