/* SPDX-License-Identifier: GPL-2.0-or-later
 * Copyright (C) The ocf-ods contributors */
#include "keywork.h"

#include <stdio.h>
#include <string.h>

#include "prover.h"
#include "tokenkeys.h"

static struct keyline line_of(const struct keywork *w, enum keyline_kind kind)
{
	struct keyline k = {.kind = kind};

	snprintf(k.repository, sizeof(k.repository), "%s", w->repository);
	return k;
}

static void tell(struct child_out *out, const struct keyline *k)
{
	char text[KEYLINE_MAX];

	keyline_print(k, text, sizeof(text));
	child_line(out, text);
}

/* A key of another type than the zone's algorithm signs nothing for it. */
static void tell_key(struct child_out *out, const struct keywork *w,
    const struct keyrecord *record, const struct keyfacts *facts)
{
	struct keyline k = line_of(w, KEYLINE_KEY);

	snprintf(k.locator, sizeof(k.locator), "%s", record->locator);
	k.state = keyfacts_state(facts, k.detail, sizeof(k.detail));
	if (k.state == KEY_PRESENT &&
	    pubkey_digest(facts->key->field, facts->key->len, k.sha256) < 0) {
		k.state = KEY_UNPROVEN_PUBLIC;
		snprintf(k.detail, sizeof(k.detail), "no-digest");
	} else if (k.state == KEY_PRESENT &&
	           !pubkey_fits(facts->key->kind, record->algorithm)) {
		snprintf(k.detail, sizeof(k.detail), "no-key-of-algorithm-%d",
		    record->algorithm);
	}
	tell(out, &k);
}

static void tell_keys(struct child_out *out, const struct keywork *w,
    const struct tokenkeys *keys)
{
	struct keyline extra = line_of(w, KEYLINE_EXTRA);
	struct keyline capacity = line_of(w, KEYLINE_CAPACITY);
	size_t i;

	for (i = 0; i < w->count; i++)
		tell_key(out, w, &w->list->key[w->first + i].record,
		    &keys->facts[i]);
	if (w->prove)
		return; /* its list may be a part of the keys */
	extra.count = keys->extra;
	tell(out, &extra);
	capacity.count = keys->privates;
	capacity.max = w->capacity;
	tell(out, &capacity);
}

static void prove(struct child_out *out, const struct keywork *w,
    const struct token_session *s, const struct tokenkeys *keys)
{
	struct prover p = {
	    .session = s, .rate = w->rate, .next = deadline_in_ms(0)};
	struct keyline stat = line_of(w, KEYLINE_STAT);
	size_t i;

	for (i = 0; i < w->count; i++) {
		const struct keyrecord *record =
		    &w->list->key[w->first + i].record;
		struct keyline k = line_of(w, KEYLINE_PROOF);

		snprintf(k.locator, sizeof(k.locator), "%s", record->locator);
		prover_try(&p, &keys->facts[i], record->sha256, &k);
		tell(out, &k);
	}
	stat.count = (long)p.latency.count;
	stat.p50_ms = latency_percentile(&p.latency, 50);
	stat.p99_ms = latency_percentile(&p.latency, 99);
	stat.errors = p.latency.errors;
	latency_codes(&p.latency, stat.detail, sizeof(stat.detail));
	tell(out, &stat);
	latency_free(&p.latency);
}

void keywork_run(
    struct child_out *out, const void *arg, struct token_answer *answer)
{
	const struct keywork *w = arg;
	struct keyline token = line_of(w, KEYLINE_TOKEN);
	struct tokenkeys keys;
	struct token_session s;
	int rc;

	token_session_get(&s, child_step, out);
	memcpy(token.serial, s.serial, sizeof(token.serial));
	tell(out, &token);
	rc = tokenkeys_read(&s, w->list, w->first, w->count, &keys, answer);
	if (rc == 0) {
		tell_keys(out, w, &keys);
		if (w->prove)
			prove(out, w, &s, &keys);
	} else if (answer->verdict == HSM_OK) {
		answer->verdict = HSM_ERROR;
		snprintf(
		    answer->detail, sizeof(answer->detail), "out-of-memory");
	}
	tokenkeys_free(&keys);
}
