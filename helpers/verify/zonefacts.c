/* SPDX-License-Identifier: GPL-2.0-or-later
 * Copyright (C) The ocf-ods contributors */
#include "zonefacts.h"

#include <errno.h>
#include <string.h>

#include "zoneentry.h"

/* Words of one line. */
struct words {
	const char *at;
	const char *word;
	size_t len;
};

static bool next(struct words *w)
{
	w->len = zoneentry_word(&w->at, &w->word);
	return w->len > 0;
}

static bool is(const struct words *w, const char *text)
{
	return strlen(text) == w->len && memcmp(w->word, text, w->len) == 0;
}

static bool number(struct words *w, uint32_t max, uint32_t *value)
{
	return next(w) && zoneentry_number(w->word, w->len, value) == 0 &&
	       *value <= max;
}

static bool epoch(struct words *w, int64_t *at)
{
	uint64_t value = 0;
	size_t i;

	if (!next(w) || w->len > 18)
		return false;
	for (i = 0; i < w->len; i++) {
		if (w->word[i] < '0' || w->word[i] > '9')
			return false;
		value = value * 10 + (uint64_t)(w->word[i] - '0');
	}
	*at = (int64_t)value;
	return true;
}

static int nibble(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

static bool hex(const char *text, size_t len, uint8_t *out, size_t size)
{
	size_t i;

	if (len == 0 || len % 2 || len / 2 > size)
		return false;
	for (i = 0; i < len / 2; i++) {
		int high = nibble(text[2 * i]), low = nibble(text[2 * i + 1]);

		if (high < 0 || low < 0)
			return false;
		out[i] = (uint8_t)(high << 4 | low);
	}
	return true;
}

static bool parse_ds(struct zonefacts *f, struct words *w)
{
	struct fact_ds *ds = &f->ds[f->ds_count];
	uint32_t algorithm, tag, type;
	struct words look = *w;

	if (next(&look) && is(&look, "none")) {
		if (f->ds_state == DS_IN_USE)
			return false;
		f->ds_state = DS_NONE;
		*w = look;
		return true;
	}
	if (f->ds_state == DS_NONE || f->ds_count == ZONEFACTS_DS ||
	    !number(w, 255, &algorithm) || !number(w, 65535, &tag))
		return false;
	look = *w;
	if (next(&look) && is(&look, "-")) {
		*w = look; /* a digest of type 0: any key of that tag */
		ds->digest_len = 0;
		type = 0;
	} else if (number(w, 255, &type) && next(w) &&
	           hex(w->word, w->len, ds->digest, sizeof(ds->digest))) {
		ds->digest_len = w->len / 2;
	} else {
		return false;
	}
	look = *w;
	ds->everywhere = next(&look) && is(&look, "everywhere");
	if (ds->everywhere)
		*w = look;
	ds->algorithm = (uint8_t)algorithm;
	ds->tag = (uint16_t)tag;
	ds->digest_type = (uint8_t)type;
	f->ds_state = DS_IN_USE;
	f->ds_count++;
	return true;
}

static bool parse_key(struct fact_key *array, int *count, struct words *w)
{
	struct fact_key *key = &array[*count];
	uint32_t flags, algorithm;

	if (*count == ZONEFACTS_KEYS || !number(w, 65535, &flags) ||
	    !number(w, 255, &algorithm) || !next(w))
		return false;
	key->flags = (uint16_t)flags;
	key->algorithm = (uint8_t)algorithm;
	key->any = is(w, "-");
	if (!key->any &&
	    (w->len != 2 * DNSKEY_SHA ||
	        !hex(w->word, w->len, key->public_sha, DNSKEY_SHA)))
		return false;
	(*count)++;
	return true;
}

/* ALG:TAG:SHA256 */
static bool parse_ref(struct fact_ref *ref, const struct words *w)
{
	const char *first = memchr(w->word, ':', w->len), *second;
	uint32_t algorithm, tag;
	size_t len;

	if (!first)
		return false;
	len = (size_t)(first - w->word);
	if (zoneentry_number(w->word, len, &algorithm) < 0 || algorithm > 255)
		return false;
	first++;
	second = memchr(first, ':', w->len - len - 1);
	if (!second ||
	    zoneentry_number(first, (size_t)(second - first), &tag) < 0 ||
	    tag > 65535)
		return false;
	second++;
	len = w->len - (size_t)(second - w->word);
	ref->algorithm = (uint8_t)algorithm;
	ref->tag = (uint16_t)tag;
	return len == 2 * DNSKEY_SHA && hex(second, len, ref->sha, DNSKEY_SHA);
}

static bool parse_set(struct fact_set *array, int *count, struct words *w)
{
	struct fact_set *set = &array[*count];

	if (*count == ZONEFACTS_SETS || !epoch(w, &set->until))
		return false;
	while (next(w)) {
		if (set->keys == ZONEFACTS_KEYS ||
		    !parse_ref(&set->key[set->keys], w))
			return false;
		set->keys++;
	}
	(*count)++;
	return set->keys > 0;
}

static bool parse_algorithms(struct zonefacts *f, struct words *w)
{
	struct words look = *w;
	uint32_t algorithm;

	f->verified = true;
	if (next(&look) && is(&look, "any")) {
		f->verified_any = true;
		*w = look;
		return true;
	}
	while (look = *w, next(&look)) {
		if (!number(w, 255, &algorithm))
			return false;
		f->verified_for[algorithm] = true;
	}
	return true;
}

static bool parse_history(struct zonefacts *f, struct words *w)
{
	if (!next(w))
		return false;
	if (is(w, "set"))
		return parse_set(f->set, &f->sets, w);
	if (is(w, "signers"))
		return parse_set(f->signers, &f->signer_sets, w);
	return is(w, "algorithms") && parse_algorithms(f, w);
}

static bool parse_line(struct zonefacts *f, const char *line)
{
	struct words w = {.at = line};
	bool good;

	if (!next(&w) || w.word[0] == '#')
		return true;
	if (is(&w, "now"))
		good = epoch(&w, &f->now);
	else if (is(&w, "margin"))
		good = epoch(&w, &f->margin);
	else if (is(&w, "ds"))
		good = parse_ds(f, &w);
	else if (is(&w, "ack"))
		good = f->acked = next(&w) && is(&w, "insecure");
	else if (is(&w, "key"))
		good = parse_key(f->key, &f->keys, &w);
	else if (is(&w, "oldkey"))
		good = parse_key(f->oldkey, &f->oldkeys, &w);
	else
		good = is(&w, "history") && parse_history(f, &w);
	return good && !next(&w);
}

int zonefacts_parse(struct zonefacts *f, const char *text, struct why *why)
{
	char line[4096];
	int number_of = 0;

	memset(f, 0, sizeof(*f));
	while (*text) {
		size_t len = strcspn(text, "\n");

		number_of++;
		if (len >= sizeof(line))
			return why_set(why, -EINVAL, "facts, line %d: too long",
			    number_of);
		memcpy(line, text, len);
		line[len] = '\0';
		if (!parse_line(f, line))
			return why_set(why, -EINVAL,
			    "facts, line %d: not understood: %.80s", number_of,
			    line);
		text += len + (text[len] == '\n');
	}
	return 0;
}
