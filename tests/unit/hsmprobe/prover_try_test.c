/* SPDX-License-Identifier: GPL-2.0-or-later
 * Copyright (C) The ocf-ods contributors */
#include "faketoken.h"

#include "prover.h"
#include "tokenkeys.h"

static struct keylist list;
static struct tokenkeys keys;
static struct token_session session;
static struct prover prover;
static struct keyline line;

static int setup(void **state)
{
	struct why why;

	(void)state;
	session = fake_session();
	memset(&prover, 0, sizeof(prover));
	prover.session = &session;
	prover.rate = 1000;
	prover.next = deadline_in_ms(0);
	return keylist_parse("R 61 8\nR 62 13\nR 63 15\n", &list, &why);
}

static int teardown(void **state)
{
	(void)state;
	latency_free(&prover.latency);
	tokenkeys_free(&keys);
	keylist_free(&list);
	fake_forget();
	return 0;
}

static void read_all(void)
{
	struct token_answer answer;

	tokenkeys_free(&keys);
	assert_int_equal(
	    tokenkeys_read(&session, &list, 0, 3, &keys, &answer), 0);
}

static void expect(
    size_t key, const char *sha256, enum key_proof proof, const char *detail)
{
	memset(&line, 0, sizeof(line));
	prover_try(&prover, &keys.facts[key], sha256, &line);
	assert_int_equal(line.proof, proof);
	assert_string_equal(line.detail, detail);
}

static void keys_of_each_type(void **state)
{
	char digest[PUBKEY_HEX_MAX];
	size_t i;

	(void)state;
	fake_pair(CKK_RSA, "a", 0);
	fake_pair(CKK_EC, "b", 0);
	fake_pair(CKK_EC_EDWARDS, "c", 0);
	read_all();
	for (i = 0; i < 3; i++) {
		const struct pubkey *key = keys.facts[i].key;

		pubkey_digest(key->field, key->len, digest);
		expect(i, digest, PROOF_PROVEN, "");
		expect(i, "", PROOF_PROVEN, "");
		assert_true(line.ms >= 0);
	}
	assert_int_equal(prover.latency.count, 6);
}

/* Three pairs with one locator: the wrong half signs, and it is found out. */
static void another_private_key(void **state)
{
	static const CK_KEY_TYPE types[] = {CKK_RSA, CKK_EC, CKK_EC_EDWARDS};
	static const char *const ids[] = {"a", "b", "c"};
	size_t i;

	(void)state;
	for (i = 0; i < 3; i++) {
		fake_pair(types[i], ids[i], 0);
		fake.object[2 * i].key = fake_key(types[i], 1);
	}
	read_all();
	for (i = 0; i < 3; i++)
		expect(i, "", PROOF_DIFFERENT, "private-key");
}

/* A second private object whose public key nobody tells: each must sign. */
static void a_second_private_key(void **state)
{
	(void)state;
	fake_pair(CKK_EC, "b", 0);
	fake_half(CKO_PRIVATE_KEY, CKK_EC, "b", 1);
	read_all();
	expect(1, "", PROOF_DIFFERENT, "private-key");
	assert_int_equal(fake.signs, 2);
}

/* Nothing is signed where the answer is known, or where it would be a login. */
static void no_signature_without_need(void **state)
{
	static char other[] = "00000000000000000000000000000000"
	                      "00000000000000000000000000000000";

	(void)state;
	fake_pair(CKK_EC, "b", 0);
	fake_half(CKO_PRIVATE_KEY, CKK_EC_EDWARDS, "c", 0);
	read_all();
	expect(0, "", PROOF_SKIPPED, "missing");
	expect(1, other, PROOF_DIFFERENT, "public-key");
	expect(2, "", PROOF_SKIPPED, "no-public-key");
	fake_half(CKO_PUBLIC_KEY, CKK_EC, "b", 1);
	read_all();
	expect(1, "", PROOF_DIFFERENT, "public-keys-differ");
	assert_int_equal(fake.sign_inits, 0);
	assert_int_equal(line.ms, -1);
}

static void never_with_the_pin_at_each_use(void **state)
{
	(void)state;
	fake_pair(CKK_EC, "b", 0);
	fake.object[0].always = 1;
	read_all();
	expect(1, "", PROOF_SKIPPED, "always-authenticate");
	assert_int_equal(fake.sign_inits, 0);
}

static void a_token_that_fails_is_left_alone(void **state)
{
	char codes[128];
	int i;

	(void)state;
	fake_pair(CKK_EC, "b", 0);
	read_all();
	fake.sign_rv = CKR_DEVICE_ERROR;
	expect(1, "", PROOF_FAILED, "CKR_DEVICE_ERROR");
	expect(1, "", PROOF_FAILED, "CKR_DEVICE_ERROR");
	fake.sign_rv = CKR_OK;
	expect(1, "", PROOF_PROVEN, "");
	fake.sign_rv = CKR_DEVICE_REMOVED;
	for (i = 0; i < PROVER_STOP; i++)
		expect(1, "", PROOF_FAILED, "CKR_DEVICE_REMOVED");
	expect(1, "", PROOF_SKIPPED, "token-fails");
	assert_int_equal(fake.signs, 3 + PROVER_STOP);
	assert_int_equal(prover.latency.errors, 2 + PROVER_STOP);
	latency_codes(&prover.latency, codes, sizeof(codes));
	assert_string_equal(codes, "CKR_DEVICE_ERROR=2 CKR_DEVICE_REMOVED=3");
}

static void not_faster_than_that(void **state)
{
	int64_t begin;
	int i;

	(void)state;
	fake_pair(CKK_EC, "b", 0);
	read_all();
	prover.rate = 20;
	begin = clock_monotonic_ms();
	for (i = 0; i < 5; i++)
		expect(1, "", PROOF_PROVEN, "");
	assert_true(clock_monotonic_ms() - begin >= 4 * 50);
}

static void a_slow_token(void **state)
{
	(void)state;
	fake_pair(CKK_EC, "b", 0);
	read_all();
	fake.sign_ms = 30;
	expect(1, "", PROOF_PROVEN, "");
	assert_true(line.ms >= 29);
	assert_true(latency_percentile(&prover.latency, 99) >= 29);
}

#define T(t) cmocka_unit_test_setup_teardown(t, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
	    T(keys_of_each_type),
	    T(another_private_key),
	    T(a_second_private_key),
	    T(no_signature_without_need),
	    T(never_with_the_pin_at_each_use),
	    T(a_token_that_fails_is_left_alone),
	    T(not_faster_than_that),
	    T(a_slow_token),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
