/* SPDX-License-Identifier: GPL-2.0-or-later
 * Copyright (C) The ocf-ods contributors */
#include "faketoken.h"

#include <errno.h>

#include "proof.h"

/* Whoever reads it as the RDATA of an RRSIG finds the algorithm in the third
 * byte, and 102 is none: no signature over it is one over DNS data. */
static void no_dns_data(void **state)
{
	uint8_t a[PROOF_TEXT_SIZE], b[PROOF_TEXT_SIZE];

	(void)state;
	assert_int_equal(proof_text(a), 0);
	assert_int_equal(proof_text(b), 0);
	assert_memory_equal(a, PROOF_CONTEXT, strlen(PROOF_CONTEXT));
	assert_int_equal(a[2], 102);
	assert_memory_not_equal(a, b, sizeof(a));
}

static void what_is_signed(void **state)
{
	uint8_t text[PROOF_TEXT_SIZE], input[PROOF_INPUT_MAX];

	(void)state;
	proof_text(text);
	assert_int_equal(proof_input(PUBKEY_RSA, text, input), 51);
	assert_int_equal(proof_input(PUBKEY_P256, text, input), 32);
	assert_int_equal(proof_input(PUBKEY_P384, text, input), 48);
	assert_int_equal(
	    proof_input(PUBKEY_ED25519, text, input), PROOF_TEXT_SIZE);
	assert_memory_equal(input, text, PROOF_TEXT_SIZE);
}

/* A signature is of one key, one text, and whole. */
static void only_that_signature(void **state)
{
	uint8_t text[PROOF_TEXT_SIZE], input[PROOF_INPUT_MAX], sig[256];
	struct token_session s = fake_session();
	CK_MECHANISM ecdsa = {.mechanism = CKM_ECDSA};
	CK_ULONG len = sizeof(sig);
	struct pubkey key, other;
	int n;

	(void)state;
	fake_pair(CKK_EC, "a", 0);
	fake_pair(CKK_EC, "b", 1);
	assert_int_equal(pubkey_ecdsa(&key, fake.object[1].point.data, 65), 0);
	assert_int_equal(
	    pubkey_ecdsa(&other, fake.object[3].point.data, 65), 0);
	proof_text(text);
	n = proof_input(PUBKEY_P256, text, input);
	s.call->C_SignInit(1, &ecdsa, 1);
	s.call->C_Sign(1, input, (CK_ULONG)n, sig, &len);
	assert_int_equal(proof_verify(&key, text, sig, len), 0);
	assert_int_equal(proof_verify(&other, text, sig, len), -EKEYREJECTED);
	assert_int_equal(proof_verify(&key, text, sig, len - 1), -EKEYREJECTED);
	assert_int_equal(proof_verify(&key, text, sig, len - 2), -EKEYREJECTED);
	assert_int_equal(proof_verify(&key, text, sig, 0), -EKEYREJECTED);
	text[PROOF_TEXT_SIZE - 1] ^= 1;
	assert_int_equal(proof_verify(&key, text, sig, len), -EKEYREJECTED);
	fake_forget();
}

/* A point that is on no curve. */
static void no_key_at_all(void **state)
{
	uint8_t text[PROOF_TEXT_SIZE], sig[64] = {1};
	struct pubkey key = {.kind = PUBKEY_P256, .len = 64};

	(void)state;
	proof_text(text);
	memset(key.field, 7, 64);
	assert_true(proof_verify(&key, text, sig, sizeof(sig)) < 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(no_dns_data),
	    cmocka_unit_test(what_is_signed),
	    cmocka_unit_test(only_that_signature),
	    cmocka_unit_test(no_key_at_all),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
