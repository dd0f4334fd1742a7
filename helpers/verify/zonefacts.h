/* SPDX-License-Identifier: GPL-2.0-or-later
 * Copyright (C) The ocf-ods contributors */
#ifndef ODS_ZONEFACTS_H
#define ODS_ZONEFACTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "dnskey.h"
#include "why.h"

/* What the caller knows about a zone and its files do not tell.  Text, one
 * fact a line, blanks between the words, "#" begins a comment line:
 *
 *	now EPOCH			the time to judge by (tests)
 *	margin SECONDS			what each RRset should have left
 *	ds none				no DS is in use: nothing can be bogus
 *	ds ALG TAG DIGESTTYPE HEX	a DS in use; without a line of these
 *	ds ALG TAG -			kinds it is not known; -: of whichever
 *					digest; "everywhere" behind it: each
 *					cache that has a DS has this one
 *	ack insecure			an admin wants an unsigned version
 *	key FLAGS ALG SHA256|-		a DNSKEY that the signconf asks for, by
 *					the digest of its public key; -: any one
 *	oldkey FLAGS ALG SHA256|-	one that the signconf of the version
 *					served asked for
 *	history set UNTIL KEY...	a DNSKEY set that a cache may hold
 *	history signers UNTIL KEY...	keys whose RRSIGs, side by side on one
 *					RRset, a cache may hold
 *	history algorithms any|ALG...	what the version served was verified
 *					for
 *
 * KEY is ALG:TAG:SHA256, the digest of the DNSKEY's rdata.  UNTIL is an epoch.
 * The "history" lines are those that the verdict on a version ends with, with
 * a TTL there where the time it stands until stands here. */

#define ZONEFACTS_DS 16
#define ZONEFACTS_KEYS 32
#define ZONEFACTS_SETS 32

struct fact_ds {
	uint8_t algorithm, digest_type;
	uint16_t tag;
	uint8_t digest[64];
	size_t digest_len;
	bool everywhere;
};

struct fact_key {
	uint16_t flags;
	uint8_t algorithm;
	bool any;
	uint8_t public_sha[DNSKEY_SHA];
};

struct fact_ref {
	uint8_t algorithm;
	uint16_t tag;
	uint8_t sha[DNSKEY_SHA];
};

struct fact_set {
	int64_t until;
	struct fact_ref key[ZONEFACTS_KEYS];
	int keys;
};

enum ds_state { DS_UNKNOWN, DS_NONE, DS_IN_USE };

struct zonefacts {
	int64_t now; /* 0: the clock's */
	int64_t margin;
	enum ds_state ds_state;
	struct fact_ds ds[ZONEFACTS_DS];
	struct fact_key key[ZONEFACTS_KEYS], oldkey[ZONEFACTS_KEYS];
	struct fact_set set[ZONEFACTS_SETS], signers[ZONEFACTS_SETS];
	int ds_count, keys, oldkeys, sets, signer_sets;
	bool acked;        /* an unsigned version is wanted */
	bool verified;     /* history algorithms was there */
	bool verified_any; /* for one algorithm, whichever it was */
	bool verified_for[256];
};

/* 0, or -EINVAL with "facts, line N: ...". */
int zonefacts_parse(struct zonefacts *f, const char *text, struct why *why);

#endif
