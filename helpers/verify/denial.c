/* SPDX-License-Identifier: GPL-2.0-or-later
 * Copyright (C) The ocf-ods contributors */
#include "denial.h"

#include <errno.h>
#include <string.h>
#include <ldns/ldns.h>

#include "zoneentry.h"

#define ITERATIONS_MAX 2500 /* RFC 5155 10.3 */
#define SHA1_LEN LDNS_SHA1_DIGEST_LENGTH

void denial_open(struct denial *d, const uint8_t key[SIPHASH_KEY])
{
	memset(d, 0, sizeof(*d));
	memcpy(d->key, key, SIPHASH_KEY);
	d->rings = 1;
}

void denial_close(struct denial *d)
{
	pairing_free(&d->pairs);
}

static int nibble(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c = (char)(c | 0x20);
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static int salt_of(const char *word, size_t len, struct denial_params *p)
{
	size_t i;

	p->salt_len = 0;
	if (len == 1 && word[0] == '-')
		return 0;
	if (len == 0 || len % 2 || len / 2 > sizeof(p->salt))
		return -EBADMSG;
	for (i = 0; i < len; i += 2) {
		int high = nibble(word[i]), low = nibble(word[i + 1]);

		if (high < 0 || low < 0)
			return -EBADMSG;
		p->salt[p->salt_len++] = (uint8_t)(high << 4 | low);
	}
	return 0;
}

int denial_params(const char *rdata, struct denial_params *params,
    unsigned int *flags, const char **rest)
{
	const char *word[4];
	uint32_t number[3];
	size_t len[4];
	int i;

	for (i = 0; i < 4; i++)
		len[i] = zoneentry_word(&rdata, &word[i]);
	for (i = 0; i < 3; i++)
		if (zoneentry_number(word[i], len[i], &number[i]) < 0)
			return -EBADMSG;
	if (number[0] > 255 || number[1] > 255 || number[2] > ITERATIONS_MAX)
		return -EBADMSG;
	params->algorithm = (uint8_t)number[0];
	params->iterations = (uint16_t)number[2];
	*flags = number[1];
	*rest = rdata;
	return salt_of(word[3], len[3], params);
}

int denial_find(const struct denial *d, const struct denial_params *params)
{
	int r;

	for (r = 1; r < d->rings; r++) {
		const struct denial_params *p = &d->ring[r].params;

		if (p->algorithm == params->algorithm &&
		    p->iterations == params->iterations &&
		    p->salt_len == params->salt_len &&
		    memcmp(p->salt, params->salt, p->salt_len) == 0)
			return r;
	}
	return -ENOENT;
}

int denial_begin(struct denial *d, const struct denial_params *params)
{
	int r = denial_find(d, params);

	if (r > 0)
		return r;
	if (d->rings == DENIAL_RINGS)
		return -E2BIG;
	d->ring[d->rings].params = *params;
	d->ring[d->rings].used = true;
	return d->rings++;
}

static void add(
    uint64_t sum[2], const struct denial *d, const void *data, size_t len)
{
	uint64_t h[2];

	siphash128(d->key, data, len, h);
	sum[0] += h[0];
	sum[1] += h[1];
}

void denial_step(struct denial *d, int ring, const void *owner,
    size_t owner_len, const void *next, size_t next_len, bool back)
{
	struct denial_ring *r = &d->ring[ring];

	add(r->owners, d, owner, owner_len);
	add(r->nexts, d, next, next_len);
	r->steps++;
	r->wraps += back;
}

/* RRSIG, NSEC and NSEC3 are there or not with the proof itself. */
uint64_t denial_type(const struct denial *d, uint16_t type)
{
	uint64_t h[2];

	if (type == LDNS_RR_TYPE_RRSIG || type == LDNS_RR_TYPE_NSEC ||
	    type == LDNS_RR_TYPE_NSEC3)
		return 0;
	siphash128(d->key, &type, sizeof(type), h);
	return h[0];
}

int denial_bitmap(const struct denial *d, const char *text, uint64_t *types)
{
	const char *word;
	size_t len;

	*types = 0;
	while ((len = zoneentry_word(&text, &word)) > 0) {
		uint16_t type = zoneentry_type(word, len);

		if (type == 0)
			return -EBADMSG;
		*types += denial_type(d, type);
	}
	return 0;
}

static uint64_t id_of(
    const struct denial *d, int ring, const uint8_t *hash, size_t len)
{
	uint8_t data[1 + DENIAL_HASH_MAX];
	uint64_t h[2];

	data[0] = (uint8_t)ring;
	memcpy(data + 1, hash, len);
	siphash128(d->key, data, len + 1, h);
	return h[0];
}

/* RFC 5155 5 */
static void hash_name(const struct denial_params *p, const uint8_t *wire,
    size_t len, uint8_t hash[SHA1_LEN])
{
	uint8_t data[ZONENAME_WIRE + sizeof(p->salt)];
	unsigned int i;

	memcpy(data, wire, len);
	memcpy(data + len, p->salt, p->salt_len);
	ldns_sha1(data, (unsigned int)(len + p->salt_len), hash);
	for (i = 0; i < p->iterations; i++) {
		memcpy(data, hash, SHA1_LEN);
		memcpy(data + SHA1_LEN, p->salt, p->salt_len);
		ldns_sha1(data, SHA1_LEN + p->salt_len, hash);
	}
}

static uint64_t id_of_name(
    const struct denial *d, int ring, const uint8_t *wire, size_t len)
{
	uint8_t hash[SHA1_LEN];

	hash_name(&d->ring[ring].params, wire, len, hash);
	return id_of(d, ring, hash, sizeof(hash));
}

static int add_name(struct denial *d, const struct denial_side *side, int ring,
    uint64_t id, uint64_t types, bool optional, long line)
{
	struct pair_entry entry = {.id = id,
	    .types = types,
	    .line = (uint32_t)line,
	    .name = 1,
	    .optional = optional,
	    .served = side->served,
	    .ring = (uint8_t)ring};

	return pairing_add(&d->pairs, &entry);
}

/* To be paired off, or, when it turns out so late, kept as one that need not
 * be. */
static int ent_add(struct denial *d, const struct denial_side *side,
    const struct denial_ent *ent, bool optional)
{
	int r, rc = 0;

	for (r = 1; rc == 0 && ent->tracked && r < d->rings; r++)
		rc = add_name(d, side, r, ent->id[r], 0, optional, ent->line);
	return rc;
}

/* Those that are not above what comes next, with LABELS labels in common. */
static int ents_pop(
    struct denial *d, struct denial_side *side, unsigned int labels)
{
	int i, rc = 0;

	for (i = side->prev.labels - 1; rc == 0 && i > (int)labels; i--) {
		if (side->is_ent[i] && !side->ent[i].required)
			rc = ent_add(d, side, &side->ent[i], true);
		side->is_ent[i] = false;
	}
	return rc;
}

static void ents_push(struct denial *d, struct denial_side *side,
    const struct zonename *name, unsigned int common, bool tracked, long line)
{
	unsigned int labels;
	int r;

	for (labels = common + 1; labels < name->labels; labels++) {
		struct denial_ent *ent = &side->ent[labels];
		size_t len;
		const uint8_t *wire = zonename_ancestor(name, labels, &len);

		side->is_ent[labels] = true;
		ent->required = false;
		ent->tracked = tracked;
		ent->line = (uint32_t)line;
		for (r = 1; tracked && r < d->rings; r++)
			ent->id[r] = id_of_name(d, r, wire, len);
	}
}

/* NAME has an NSEC3, so all above it have. */
static int ents_require(
    struct denial *d, struct denial_side *side, const struct zonename *name)
{
	unsigned int labels;
	int rc = 0;

	for (labels = 1; rc == 0 && labels < name->labels; labels++) {
		struct denial_ent *ent = &side->ent[labels];

		if (!side->is_ent[labels] || ent->required)
			continue;
		ent->required = true;
		rc = ent_add(d, side, ent, false);
	}
	return rc;
}

int denial_name(struct denial *d, struct denial_side *side,
    const struct zonename *name, uint64_t types, bool optional, bool tracked,
    long line)
{
	unsigned int common = 0;
	int r, rc = 0;

	if (side->begun) {
		common = zonename_common(name, &side->prev);
		rc = ents_pop(d, side, common);
		ents_push(d, side, name, common, tracked && d->rings > 1, line);
	}
	side->prev = *name;
	side->begun = true;
	if (rc == 0 && !optional)
		rc = ents_require(d, side, name);
	for (r = 1; rc == 0 && tracked && r < d->rings; r++)
		rc = add_name(d, side, r,
		    id_of_name(d, r, name->wire, name->wire_len), types,
		    optional, line);
	return rc;
}

int denial_nsec3(struct denial *d, int ring, const uint8_t *hash, size_t len,
    uint64_t types, bool served, long line)
{
	struct pair_entry entry = {.id = id_of(d, ring, hash, len),
	    .types = types,
	    .line = (uint32_t)line,
	    .served = served,
	    .ring = (uint8_t)ring};

	return pairing_add(&d->pairs, &entry);
}

int denial_hash_of(const char *label, size_t len, uint8_t *hash)
{
	size_t i, used = 0;
	unsigned int bits = 0, have = 0;

	for (i = 0; i < len; i++) {
		char c = label[i];
		unsigned int value;

		if (c >= '0' && c <= '9')
			value = (unsigned int)(c - '0');
		else if ((c | 0x20) >= 'a' && (c | 0x20) <= 'v')
			value = (unsigned int)((c | 0x20) - 'a' + 10);
		else
			return -EBADMSG;
		bits = bits << 5 | value;
		have += 5;
		if (have < 8)
			continue;
		have -= 8;
		if (used == DENIAL_HASH_MAX)
			return -EBADMSG;
		hash[used++] = (uint8_t)(bits >> have);
		bits &= (1U << have) - 1;
	}
	return used > 0 && bits == 0 ? (int)used : -EBADMSG;
}

int denial_side_end(struct denial *d, struct denial_side *side)
{
	return ents_pop(d, side, 0);
}

int denial_whole(const struct denial *d, int ring, const char **reason)
{
	const struct denial_ring *r = &d->ring[ring];

	if (r->steps == 0)
		*reason = "it has no record: is the file cut?";
	else if (r->owners[0] != r->nexts[0] || r->owners[1] != r->nexts[1])
		*reason = "it is broken: is the file cut?";
	else if (r->wraps != 1)
		*reason = "it goes around more than once";
	else
		return 0;
	return -EBADMSG;
}
