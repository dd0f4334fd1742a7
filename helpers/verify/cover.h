/* SPDX-License-Identifier: GPL-2.0-or-later
 * Copyright (C) The ocf-ods contributors */
#ifndef ODS_COVER_H
#define ODS_COVER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <ldns/ldns.h>
#include "keyring.h"
#include "zoneunit.h"

/* Is an RRset covered: has each need of the keyring (keyring.h) an RRSIG that
 * validates now (RFC 4035 5.3)?  RRSIGs by other keys count for nothing. */

enum sig_state { /* how far the best RRSIG came */
	SIG_NONE,
	SIG_NO_KEY,
	SIG_SIGNER, /* the name of the signer, or the labels, are wrong */
	SIG_BAD,
	SIG_EARLY,
	SIG_EXPIRED,
	SIG_GOOD
};

struct rrset {
	const struct zoneunit *unit;
	const struct zonename *owner;
	unsigned int owner_index;
	uint16_t type, class;
};

struct covered {
	keymask good;               /* keys with a good RRSIG */
	keymask presumed;           /* of these, not verified: an algorithm that
	                             * libcrypto lacks here, or a key known by its
	                             * digest only */
	int64_t until[KEYRING_MAX]; /* of each good one */
	uint32_t ttl;               /* the greatest original TTL of those */
	enum sig_state state;
	int64_t expired; /* the last that had been good, 0: none */
};

/* Buffers, kept from RRset to RRset.  ldns's, and our own. */
struct cover {
	ldns_buffer *wire;
	ldns_rdf *origin; /* what ldns takes the place of relative names by */
	uint8_t *rdata;   /* all RRs', canonical */
	size_t used, size;
	struct cover_rr {
		size_t at, len;
	} * rr;
	size_t rrs, room;
	uint8_t *data; /* what is signed */
	size_t data_size;
};

int cover_open(struct cover *c, const struct zonename *origin);
void cover_close(struct cover *c);

/* Parse the RRs of SET with ldns and put their rdata in canonical form and
 * order (RFC 4034 6.2, 6.3), each once.  0, -ENOMEM, or -EBADMSG with ldns's
 * reason: BAD is then the item it cannot parse. */
int cover_load(struct cover *c, const struct rrset *set,
    const struct zoneitem **bad, const char **reason);

/* The RRset that was loaded, and its RRSIGs in the unit.  0 or -ENOMEM. */
int cover_judge(struct cover *c, const struct rrset *set,
    const struct keyring *ring, const struct zonename *apex, int64_t now,
    struct covered *result);

/* When the first of the zone's own needs has nothing good any more. */
int64_t covered_until(const struct covered *result, const struct keyring *ring);

#endif
