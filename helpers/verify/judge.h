/* SPDX-License-Identifier: GPL-2.0-or-later
 * Copyright (C) The ocf-ods contributors */
#ifndef ODS_JUDGE_H
#define ODS_JUDGE_H

#include <stdbool.h>
#include <stdint.h>
#include "cover.h"
#include "denial.h"
#include "findings.h"
#include "keyring.h"
#include "why.h"
#include "zonefacts.h"
#include "zoneunit.h"

/* Would a resolver believe each answer from this zone?  Unit by unit
 * (zoneunit.h), in canonical order, the apex first; nothing of a unit is kept
 * but a few sums (denial.h).
 *
 *  - every entry is an RR that ldns can read, of one class; one SOA, the
 *    first RR; NS at the apex
 *  - signed (a DS is in use, or it is not known and the apex has RRSIGs):
 *    each RRset of the zone's own is covered (cover.h), the DNSKEY set by a
 *    key that a DS points to; names below a cut or a DNAME, and glue, are not
 *    signed, NS at a cut neither, DS there is
 *  - NSEC or NSEC3 at each name that must have one, with its types, and the
 *    chain is whole
 *  - the DNSKEY set is one that a signconf asks for, and what caches hold
 *    validates with it (zonefacts.h)
 *
 * What is wrong is a finding; an error stops. */

#define JUDGE_TYPES 128
#define JUDGE_SIGNERS 64

enum judge_mode {
	JUDGE_UNKNOWN,
	JUDGE_UNSIGNED, /* no RRSIGs, and no DS that asks for them */
	JUDGE_INSECURE, /* no DS: nothing can be bogus */
	JUDGE_SIGNED
};

/* A file, and what lies above the next name in it. */
struct judge_side {
	struct denial_side denial;
	struct zonename cut; /* the last delegation or DNAME */
	struct zonename last;
	bool has_cut, begun;
};

/* One name of a unit. */
struct judge_name {
	const struct zoneunit *unit;
	const struct zonename *name;
	unsigned int index;
	uint16_t type[JUDGE_TYPES];
	int types;
	long line;
	bool apex, occluded, cut, dname, ds;
};

struct judge_signers {
	keymask keys;
	uint32_t ttl;
};

struct judge_result {
	uint32_t serial;
	uint32_t dnskey_ttl; /* what caches hold the DNSKEY set for */
	long rrs, rrsigs, names, bogus;
	bool is_signed;
	const char *denial;      /* "nsec", "nsec3", "none" */
	int64_t earliest_expiry; /* 0 = there is none */
	char expiry_of[1100];    /* "NAME TYPE" */
	struct judge_signers signers[JUDGE_SIGNERS];
	int signer_sets;
	int gone; /* sets of keys that caches hold signatures by, and of
	             which the DNSKEY set has none */
};

struct judge {
	const struct zonename *apex;
	const struct zonefacts *facts;
	int64_t now;
	uint8_t key[SIPHASH_KEY];
	enum judge_mode mode;
	uint16_t class;
	struct judge_side side;
	struct keyring ring;
	struct cover cover;
	struct denial denial;
	struct covered covered; /* of the RRset at hand */
	struct zonename nsec_next;
	bool nsec_begun, bogus_here, all_bogus;
	bool is_served; /* this is the version served itself */
	bool unordered; /* no canonical order, and no signatures */
	bool said_presumed, said_params;
	long nsec_gap;
	keymask extra; /* DNSKEYs of the unsigned zone */
	struct findings findings;
	struct judge_result result;
};

/* KEY is random, the same for all versions that are compared.  0, -ENOMEM. */
int judge_open(struct judge *j, const struct zonename *apex,
    const struct zonefacts *facts, int64_t now, const uint8_t key[SIPHASH_KEY]);
void judge_close(struct judge *j);

/* The first unit, before judge_unit().  SERVED is that of the version served,
 * or NULL.  0, -EBADMSG (not worth going on), -ENOMEM. */
int judge_apex(struct judge *j, const struct zoneunit *u,
    const struct zoneunit *served, struct why *why);

/* Is the DNSKEY set one that a signconf asks for, with j->extra? */
bool judge_keys_wanted(const struct judge *j);

/* A DNSKEY of the unsigned zone: the signer publishes it as well. */
void judge_extra_key(struct judge *j, const uint8_t *rdata, size_t len);

/* A unit, the first one as well.  SERVED is the one of this name in the
 * version served, or NULL. */
int judge_unit(struct judge *j, const struct zoneunit *u,
    const struct zoneunit *served, struct why *why);

/* All units are through.  Pairs that are left over are findings; if DOUBT is
 * set they may come of what was taken on trust, and it stays set. */
int judge_end(struct judge *j, bool *doubt, struct why *why);

/* What compare.c needs as well. */
uint64_t judge_id(
    const struct judge *j, int kind, uint16_t type, const struct zonename *n);
void judge_note_expiry(
    struct judge *j, int64_t until, const struct zonename *name, uint16_t type);
int judge_note_signers(struct judge *j, keymask keys, uint32_t ttl);
/* A finding about TYPE at N (NULL: the apex), the same in two versions when
 * KIND, name and type are. */
void judge_fault(struct judge *j, enum finding_level level, int kind,
    const struct judge_name *n, uint16_t type, const char *fmt, ...)
    __attribute__((format(printf, 6, 7)));
/* And when it is about the same thing, of which ABOUT is a digest. */
void judge_fault_about(struct judge *j, enum finding_level level, int kind,
    uint64_t about, const struct judge_name *n, uint16_t type, const char *fmt,
    ...) __attribute__((format(printf, 7, 8)));
uint64_t judge_digest(const struct judge *j, const void *data, size_t len);

/* The types of a name.  -E2BIG. */
int judge_name_open(struct judge_name *n, const struct zoneunit *u,
    unsigned int index, const struct zonename *apex,
    const struct judge_side *side);
/* Is U where canonical order puts it? */
bool judge_side_enter(struct judge_side *side, const struct zoneunit *u);
/* The same, and what can be told of U from outside: all that is left to do
 * for one that need not be judged. */
int judge_enter(struct judge *j, const struct zoneunit *u, struct why *why);
/* What is below N from here on. */
void judge_side_pass(struct judge_side *side, const struct judge_name *n);
/* Must RRsets of this type at N be signed? */
bool judge_is_own(const struct judge_name *n, uint16_t type);
/* The digest of N's types, as a bitmap has them. */
uint64_t judge_types(const struct judge *j, const struct judge_name *n);
/* Has N a place in the proof of what does not exist? */
bool judge_has_place(const struct judge_name *n);

/* One NSEC, one NSEC3: its step, and (NSEC3) what it is paired off by, unless
 * it is not TRACKED; of the version served, only that. */
int judge_nsec(
    struct judge *j, const struct judge_name *n, const struct zoneitem *item);
int judge_nsec3(struct judge *j, const struct judge_name *n,
    const struct zoneitem *item, bool tracked);
int judge_nsec3_served(
    struct judge *j, const struct judge_name *n, const struct zoneitem *item);

enum judge_kind {
	KIND_ZONE = 1,
	KIND_PARSE,
	KIND_COVER,
	KIND_MIXTURE,
	KIND_DENIAL,
	KIND_CHAIN,
	KIND_KEYS,
	KIND_MARGIN,
	KIND_MISSING
};

#endif
