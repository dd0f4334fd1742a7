/* SPDX-License-Identifier: GPL-2.0-or-later
 * Copyright (C) The ocf-ods contributors */
#include "prover.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>

#include "proof.h"
#include "tokenkeys.h"

static void say(struct keyline *line, enum key_proof proof, const char *detail)
{
	line->proof = proof;
	snprintf(line->detail, sizeof(line->detail), "%s", detail);
}

static CK_MECHANISM_TYPE mechanism_of(enum pubkey_kind kind)
{
	switch (kind) {
	case PUBKEY_RSA:
		return CKM_RSA_PKCS;
	case PUBKEY_P256:
	case PUBKEY_P384:
		return CKM_ECDSA;
	case PUBKEY_ED25519:
	case PUBKEY_ED448:
		return CKM_EDDSA;
	}
	return CKM_VENDOR_DEFINED;
}

static void wait_for_turn(struct prover *p)
{
	deadline_sleep_ms(p->next, INT_MAX);
	p->next = deadline_in_ms(1000 / p->rate);
}

static CK_RV sign(const struct token_session *s, CK_OBJECT_HANDLE object,
    enum pubkey_kind kind, uint8_t *input, int input_len, uint8_t *signature,
    CK_ULONG *len)
{
	CK_MECHANISM mechanism = {mechanism_of(kind), NULL, 0};
	CK_RV rv;

	s->step("C_SignInit", s->step_arg);
	rv = s->call->C_SignInit(s->handle, &mechanism, object);
	if (rv != CKR_OK)
		return rv;
	s->step("C_Sign", s->step_arg);
	return s->call->C_Sign(
	    s->handle, input, (CK_ULONG)input_len, signature, len);
}

/* One private key against the public one.  LINE says what came of it. */
static void try_object(struct prover *p, CK_OBJECT_HANDLE object,
    const struct pubkey *key, struct keyline *line)
{
	uint8_t text[PROOF_TEXT_SIZE], input[PROOF_INPUT_MAX];
	uint8_t signature[PROOF_SIGNATURE_MAX];
	CK_ULONG len = sizeof(signature);
	int input_len, rc;
	int64_t begin;
	char name[48];
	CK_RV rv;

	if (proof_text(text) < 0 ||
	    (input_len = proof_input(key->kind, text, input)) < 0) {
		say(line, PROOF_SKIPPED, "no-nonce");
		return;
	}
	wait_for_turn(p);
	begin = clock_monotonic_ms();
	rv = sign(
	    p->session, object, key->kind, input, input_len, signature, &len);
	if (rv != CKR_OK) {
		p->failed++;
		latency_error(&p->latency, rv);
		token_ckr_name(rv, name, sizeof(name));
		say(line, PROOF_FAILED, name);
		return;
	}
	p->failed = 0;
	line->ms = (long)(clock_monotonic_ms() - begin);
	latency_add(&p->latency, line->ms);
	rc = len > sizeof(signature) ? -EKEYREJECTED
	                             : proof_verify(key, text, signature, len);
	if (rc == 0)
		say(line, PROOF_PROVEN, "");
	else if (rc == -EKEYREJECTED)
		say(line, PROOF_DIFFERENT, "private-key");
	else
		say(line, PROOF_SKIPPED, "cannot-verify");
}

/* True when there is something to sign with and to verify under. */
static bool may_try(struct prover *p, const struct keyfacts *facts,
    const char *sha256, struct keyline *line)
{
	char detail[64], here[PUBKEY_HEX_MAX] = "";

	switch (keyfacts_state(facts, detail, sizeof(detail))) {
	case KEY_TWIN:
		say(line, PROOF_DIFFERENT, detail);
		return false;
	case KEY_MISSING:
		say(line, PROOF_SKIPPED, "missing");
		return false;
	case KEY_UNREAD:
	case KEY_UNPROVEN_PUBLIC:
		say(line, PROOF_SKIPPED, "no-public-key");
		return false;
	case KEY_PRESENT:
		break;
	}
	if (pubkey_digest(facts->key->field, facts->key->len, here) < 0) {
		say(line, PROOF_SKIPPED, "no-digest");
		return false;
	}
	if (*sha256 && strcmp(sha256, here) != 0) {
		say(line, PROOF_DIFFERENT, "public-key");
		return false;
	}
	if (p->failed >= PROVER_STOP) {
		say(line, PROOF_SKIPPED, "token-fails");
		return false;
	}
	return true;
}

void prover_try(struct prover *p, const struct keyfacts *facts,
    const char *sha256, struct keyline *line)
{
	int i, always = 0;

	line->ms = -1;
	if (!may_try(p, facts, sha256, line))
		return;
	/* libhsm takes whichever it finds first: each must be the one. */
	for (i = 0; i < facts->count[HALF_PRIVATE]; i++) {
		if (i == KEYFACTS_PRIVATE_MAX) {
			say(line, PROOF_SKIPPED, "too-many-objects");
			return;
		}
		if (tokenkeys_asks_always(
		        p->session, facts->private_handle[i], &always) < 0) {
			say(line, PROOF_SKIPPED, "not-readable");
			return;
		}
		if (always) {
			say(line, PROOF_SKIPPED, "always-authenticate");
			return;
		}
		try_object(p, facts->private_handle[i], facts->key, line);
		if (line->proof != PROOF_PROVEN)
			return;
	}
}
