/* SPDX-License-Identifier: GPL-2.0-or-later
 * Copyright (C) The ocf-ods contributors */
#include "keyring.h"

#include <errno.h>
#include <string.h>

#define BIT(i) ((keymask)1 << (i))

void keyring_close(struct keyring *ring)
{
	int i;

	for (i = 0; i < ring->count; i++)
		dnskey_close(&ring->key[i]);
	memset(ring, 0, sizeof(*ring));
}

static int index_of(const struct keyring *ring, const uint8_t *sha)
{
	int i;

	for (i = 0; i < ring->count; i++)
		if (memcmp(ring->key[i].sha, sha, DNSKEY_SHA) == 0)
			return i;
	return -1;
}

int keyring_add(
    struct keyring *ring, keymask *set, const uint8_t *rdata, size_t len)
{
	struct dnskey key;
	int at, rc = dnskey_open(&key, rdata, len);

	if (rc < 0)
		return rc;
	at = index_of(ring, key.sha);
	if (at >= 0) {
		dnskey_close(&key);
	} else if (ring->count == KEYRING_MAX) {
		dnskey_close(&key);
		return -E2BIG;
	} else {
		at = ring->count++;
		ring->key[at] = key;
	}
	*set |= BIT(at);
	return 0;
}

/* The bit of a key that is known by its digest. */
static int ref_add(
    struct keyring *ring, const struct fact_ref *ref, keymask *set)
{
	int at = index_of(ring, ref->sha);

	if (at < 0) {
		if (ring->count == KEYRING_MAX)
			return -E2BIG;
		at = ring->count++;
		ring->key[at].algorithm = ref->algorithm;
		ring->key[at].tag = ref->tag;
		ring->key[at].flags = DNSKEY_ZONE;
		ring->key[at].protocol = 3;
		memcpy(ring->key[at].sha, ref->sha, DNSKEY_SHA);
	}
	*set |= BIT(at);
	return 0;
}

static keymask usable(
    const struct keyring *ring, keymask set, unsigned int algorithm)
{
	keymask found = 0;
	int i;

	for (i = 0; i < ring->count; i++)
		if ((set & BIT(i)) && dnskey_is_for_zones(&ring->key[i]) &&
		    (algorithm == 0 || ring->key[i].algorithm == algorithm))
			found |= BIT(i);
	return found;
}

static int need_add(
    struct keyring *ring, keymask keys, unsigned int algorithm, bool cached)
{
	struct keyneed *need = &ring->need[ring->needs];

	if (ring->needs == KEYRING_NEEDS)
		return -E2BIG;
	need->keys = keys;
	need->algorithm = (uint8_t)algorithm;
	need->cached = cached;
	ring->needs++;
	return 0;
}

/* The needs of one DNSKEY set.  A set in a cache that lacks an algorithm is
 * no fault of the candidate. */
static int needs_of(struct keyring *ring, const struct zonefacts *facts,
    keymask set, bool cached)
{
	bool seen[256] = {false};
	int i, rc = 0, added = 0;

	for (i = 0; rc == 0 && i < facts->ds_count; i++) {
		uint8_t algorithm = facts->ds[i].algorithm;
		keymask keys = usable(ring, set, algorithm);

		if (seen[algorithm] || (cached && !keys))
			continue;
		seen[algorithm] = true;
		rc = need_add(ring, keys, algorithm, cached);
		added++;
	}
	if (rc == 0 && added == 0)
		rc = need_add(ring, usable(ring, set, 0), 0, cached);
	return rc;
}

static keymask pointed_to(const struct keyring *ring, const struct fact_ds *ds,
    const struct zonename *apex)
{
	keymask found = 0;
	int i;

	for (i = 0; i < ring->count; i++)
		if (dnskey_is_for_zones(&ring->key[i]) &&
		    dnskey_matches_ds(&ring->key[i], apex, ds->algorithm,
		        ds->tag, ds->digest_type, ds->digest, ds->digest_len))
			found |= BIT(i);
	return found;
}

static keymask anchors(struct keyring *ring, const struct zonefacts *facts,
    const struct zonename *apex)
{
	keymask all = usable(ring, ring->zone, 0), found = 0;
	int i;

	for (i = 0; i < facts->ds_count; i++) {
		ring->ds[i] = pointed_to(ring, &facts->ds[i], apex);
		found |= ring->ds[i] & all;
	}
	if (facts->ds_count > 0)
		return found;
	for (i = 0; i < ring->count; i++)
		if ((all & BIT(i)) && (ring->key[i].flags & DNSKEY_SEP))
			found |= BIT(i);
	return found ? found : all;
}

static keymask twins(const struct keyring *ring)
{
	keymask found = 0;
	int i, k;

	for (i = 0; i < ring->count; i++)
		for (k = 0; k < ring->count; k++)
			if (i != k &&
			    ring->key[i].algorithm == ring->key[k].algorithm &&
			    ring->key[i].tag == ring->key[k].tag)
				found |= BIT(i);
	return found;
}

int keyring_settle(struct keyring *ring, const struct zonefacts *facts,
    const struct zonename *apex, int64_t now)
{
	int i, k, rc;

	ring->needs = 0;
	rc = needs_of(ring, facts, ring->zone, false);
	ring->own_needs = ring->needs;
	for (i = 0; rc == 0 && i < facts->sets; i++) {
		const struct fact_set *set = &facts->set[i];
		keymask keys = 0;

		if (set->until <= now)
			continue;
		for (k = 0; rc == 0 && k < set->keys; k++)
			rc = ref_add(ring, &set->key[k], &keys);
		if (rc == 0)
			rc = needs_of(ring, facts, keys, true);
	}
	ring->anchor = anchors(ring, facts, apex);
	ring->ambiguous = twins(ring);
	return rc;
}

keymask keyring_find(
    const struct keyring *ring, keymask set, uint8_t algorithm, uint16_t tag)
{
	keymask found = 0;
	int i;

	for (i = 0; i < ring->count; i++)
		if ((set & BIT(i)) && ring->key[i].tag == tag &&
		    ring->key[i].algorithm == algorithm)
			found |= BIT(i);
	return found;
}

static bool is_wanted(const struct fact_key *wanted, const struct dnskey *key)
{
	return wanted->flags == key->flags &&
	       wanted->algorithm == key->algorithm &&
	       (wanted->any || memcmp(wanted->public_sha, key->public_sha,
	                           DNSKEY_SHA) == 0);
}

bool keyring_is_wanted(const struct keyring *ring,
    const struct fact_key *wanted, int keys, keymask extra)
{
	keymask matched = 0;
	int i, k;

	for (k = 0; k < keys; k++) {
		keymask mine = 0;

		for (i = 0; i < ring->count; i++)
			if ((ring->zone & BIT(i)) &&
			    is_wanted(&wanted[k], &ring->key[i]))
				mine |= BIT(i);
		if (!mine)
			return false;
		matched |= mine;
	}
	return (ring->zone & ~matched & ~extra) == 0;
}

bool keyring_has_one(
    const struct keyring *ring, keymask set, const struct fact_set *of)
{
	int i;

	for (i = 0; i < of->keys; i++) {
		int at = index_of(ring, of->key[i].sha);

		if (at >= 0 && (usable(ring, set, 0) & BIT(at)))
			return true;
	}
	return false;
}

bool keyring_fits(const struct keyring *ring, keymask good)
{
	int i;

	for (i = 0; i < ring->needs; i++)
		if (!(ring->need[i].keys & good))
			return false;
	return true;
}
