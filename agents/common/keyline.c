/* SPDX-License-Identifier: GPL-2.0-or-later
 * Copyright (C) The ocf-ods contributors */
#include "keyline.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#define COUNT_OF(table) (sizeof(table) / sizeof((table)[0]))

static const char *const kinds[] = {
    [KEYLINE_KEY] = "key",
    [KEYLINE_PROOF] = "proof",
    [KEYLINE_EXTRA] = "extra",
    [KEYLINE_CAPACITY] = "capacity",
    [KEYLINE_TOKEN] = "token",
    [KEYLINE_STAT] = "stat",
};

static const char *const states[] = {
    [KEY_UNREAD] = "unread",
    [KEY_PRESENT] = "present",
    [KEY_MISSING] = "missing",
    [KEY_TWIN] = "twin",
    [KEY_UNPROVEN_PUBLIC] = "unproven-public",
};

static const char *const proofs[] = {
    [PROOF_NONE] = "none",
    [PROOF_PROVEN] = "proven",
    [PROOF_FAILED] = "failed",
    [PROOF_DIFFERENT] = "different",
    [PROOF_SKIPPED] = "skipped",
};

const char *key_state_name(enum key_state state)
{
	return (size_t)state < COUNT_OF(states) ? states[state] : "unknown";
}

const char *key_proof_name(enum key_proof proof)
{
	return (size_t)proof < COUNT_OF(proofs) ? proofs[proof] : "unknown";
}

static const char *or_dash(const char *text)
{
	return text[0] ? text : "-";
}

/* A number that may be unknown. */
static const char *number(char buf[24], long value, long unknown)
{
	if (value == unknown)
		return "-";
	snprintf(buf, 24, "%ld", value);
	return buf;
}

static void print_fields(const struct keyline *k, char *buf, size_t size)
{
	char num[24];

	switch (k->kind) {
	case KEYLINE_KEY:
		snprintf(buf, size, "%s %s %s", k->locator,
		    key_state_name(k->state), or_dash(k->sha256));
		break;
	case KEYLINE_PROOF:
		snprintf(buf, size, "%s %s %s", k->locator,
		    key_proof_name(k->proof), number(num, k->ms, -1));
		break;
	case KEYLINE_EXTRA:
		snprintf(buf, size, "%ld", k->count);
		break;
	case KEYLINE_CAPACITY:
		snprintf(buf, size, "%ld %s", k->count, number(num, k->max, 0));
		break;
	case KEYLINE_TOKEN:
		snprintf(buf, size, "%s", or_dash(k->serial));
		break;
	case KEYLINE_STAT:
		snprintf(buf, size, "%ld %ld %ld %ld", k->count, k->p50_ms,
		    k->p99_ms, k->errors);
		break;
	}
}

static bool has_detail(enum keyline_kind kind)
{
	return kind == KEYLINE_KEY || kind == KEYLINE_PROOF ||
	       kind == KEYLINE_STAT;
}

void keyline_print(const struct keyline *k, char *buf, size_t size)
{
	char fields[KEYLINE_MAX];
	bool detail = has_detail(k->kind) && k->detail[0];

	print_fields(k, fields, sizeof(fields));
	snprintf(buf, size, "%s %s %s%s%s\n", kinds[k->kind], k->repository,
	    fields, detail ? " " : "", detail ? k->detail : "");
}

/* Its index in TABLE, -1 when it is none of them. */
static int word_of(const char *const *table, size_t count, const char *word)
{
	size_t i;

	for (i = 0; i < count; i++)
		if (strcmp(table[i], word) == 0)
			return (int)i;
	return -1;
}

static bool get_word_of(
    const char **at, const char *const *table, size_t count, int *value)
{
	char word[24];

	if (!keyrecord_word(at, false, word, sizeof(word)))
		return false;
	*value = word_of(table, count, word);
	return *value > 0; /* the first one is never said */
}

/* Written as %ld writes it, not negative; "-" = UNKNOWN, where that may be. */
static bool get_number(const char **at, long *value, const long *unknown)
{
	char word[24], again[24];

	if (!keyrecord_word(at, false, word, sizeof(word)))
		return false;
	if (unknown && strcmp(word, "-") == 0) {
		*value = *unknown;
		return true;
	}
	if (sscanf(word, "%ld", value) != 1 || *value < 0)
		return false;
	snprintf(again, sizeof(again), "%ld", *value);
	return strcmp(word, again) == 0 && (!unknown || *value != *unknown);
}

static bool get_locator(const char **at, struct keyline *k)
{
	return keyrecord_word(at, false, k->locator, sizeof(k->locator)) &&
	       keyrecord_is_locator(k->locator);
}

static bool get_key(const char **at, struct keyline *k)
{
	int state;

	if (!get_locator(at, k) ||
	    !get_word_of(at, states, COUNT_OF(states), &state) ||
	    !keyrecord_word(at, false, k->sha256, sizeof(k->sha256)))
		return false;
	k->state = (enum key_state)state;
	if (strcmp(k->sha256, "-") == 0)
		k->sha256[0] = '\0';
	/* Only of one key there is a digest, and always. */
	return k->state == KEY_PRESENT ? keyrecord_is_sha256(k->sha256)
	                               : !k->sha256[0];
}

static bool get_proof(const char **at, struct keyline *k)
{
	static const long none = -1;
	int proof;

	if (!get_locator(at, k) ||
	    !get_word_of(at, proofs, COUNT_OF(proofs), &proof) ||
	    !get_number(at, &k->ms, &none))
		return false;
	k->proof = (enum key_proof)proof;
	return true;
}

static bool get_serial(const char **at, struct keyline *k)
{
	if (!keyrecord_word(at, false, k->serial, sizeof(k->serial)))
		return false;
	if (strcmp(k->serial, "-") == 0)
		k->serial[0] = '\0';
	return true;
}

static bool get_fields(const char **at, struct keyline *k)
{
	static const long none = 0;

	switch (k->kind) {
	case KEYLINE_KEY:
		return get_key(at, k);
	case KEYLINE_PROOF:
		return get_proof(at, k);
	case KEYLINE_EXTRA:
		return get_number(at, &k->count, NULL);
	case KEYLINE_CAPACITY:
		return get_number(at, &k->count, NULL) &&
		       get_number(at, &k->max, &none);
	case KEYLINE_TOKEN:
		return get_serial(at, k);
	case KEYLINE_STAT:
		return get_number(at, &k->count, NULL) &&
		       get_number(at, &k->p50_ms, NULL) &&
		       get_number(at, &k->p99_ms, NULL) &&
		       get_number(at, &k->errors, NULL);
	}
	return false;
}

/* One word, of stat some. */
static bool get_detail(const char **at, struct keyline *k)
{
	char word[sizeof(k->detail)];
	size_t used = 0;

	while (has_detail(k->kind) && **at == ' ') {
		size_t room = sizeof(k->detail) - used;
		int len;

		if (used > 0 && k->kind != KEYLINE_STAT)
			return false;
		if (!keyrecord_word(at, false, word, sizeof(word)))
			return false;
		len = snprintf(
		    k->detail + used, room, "%s%s", used > 0 ? " " : "", word);
		if ((size_t)len >= room)
			return false;
		used += (size_t)len;
	}
	return true;
}

int keyline_parse(const char *line, struct keyline *k)
{
	const char *at = line;
	char word[16];
	int kind = -1;

	memset(k, 0, sizeof(*k));
	if (keyrecord_word(&at, true, word, sizeof(word)))
		kind = word_of(kinds, COUNT_OF(kinds), word);
	if (kind < 0)
		return -ENOENT;
	k->kind = (enum keyline_kind)kind;
	if (!keyrecord_word(&at, false, k->repository, sizeof(k->repository)) ||
	    !get_fields(&at, k) || !get_detail(&at, k))
		return -EBADMSG;
	return *at == '\0' || *at == '\n' ? 0 : -EBADMSG;
}
