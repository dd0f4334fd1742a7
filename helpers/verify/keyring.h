/* SPDX-License-Identifier: GPL-2.0-or-later
 * Copyright (C) The ocf-ods contributors */
#ifndef ODS_KEYRING_H
#define ODS_KEYRING_H

#include <stdbool.h>
#include <stdint.h>
#include "dnskey.h"
#include "zonefacts.h"

/* Every DNSKEY that plays a part in a verdict, at most 64 of them, so that a
 * set of keys is a bit mask: those of the zone, of the version served, and of
 * the sets that caches may hold (by digest, until one of the files has it). */

#define KEYRING_MAX 64
#define KEYRING_NEEDS 48

typedef uint64_t keymask;

/* "Each RRset has a good RRSIG by one of these." */
struct keyneed {
	keymask keys;
	uint8_t algorithm; /* 0: any */
	bool cached;       /* for a DNSKEY set that a cache may hold */
};

struct keyring {
	struct dnskey key[KEYRING_MAX];
	int count;
	keymask zone;   /* in the zone's DNSKEY set */
	keymask served; /* in that of the version served */
	keymask anchor; /* a DS in use points to them; without one: the SEPs,
	                 * or else all of the zone */
	keymask ds[ZONEFACTS_DS]; /* what each DS in use points to, in either */
	keymask ambiguous;        /* another key has this algorithm and tag */
	struct keyneed need[KEYRING_NEEDS];
	int needs, own_needs; /* the zone's own are first */
};

void keyring_close(struct keyring *ring);

/* Add the rdata of a DNSKEY to SET, ring->zone or ring->served.  0, -EBADMSG
 * (no DNSKEY), -E2BIG, -ENOMEM. */
int keyring_add(
    struct keyring *ring, keymask *set, const uint8_t *rdata, size_t len);

/* All are there: fill in anchor, ambiguous and needs.  -E2BIG. */
int keyring_settle(struct keyring *ring, const struct zonefacts *facts,
    const struct zonename *apex, int64_t now);

/* Keys of SET with this algorithm and tag. */
keymask keyring_find(
    const struct keyring *ring, keymask set, uint8_t algorithm, uint16_t tag);

/* The DNSKEY set is WANTED (of KEYS), plus those whose bits are in EXTRA. */
bool keyring_is_wanted(const struct keyring *ring,
    const struct fact_key *wanted, int keys, keymask extra);

/* Is one of these keys in SET? */
bool keyring_has_one(
    const struct keyring *ring, keymask set, const struct fact_set *of);

/* Does each need have one of these? */
bool keyring_fits(const struct keyring *ring, keymask good);

#endif
