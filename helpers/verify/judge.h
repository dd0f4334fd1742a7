/* SPDX-License-Identifier: GPL-2.0-or-later
 * Copyright (C) The ocf-ods contributors */
#ifndef ODS_JUDGE_H
#define ODS_JUDGE_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <ldns/ldns.h>
#include "nameset.h"
#include "why.h"

/* Is this one whole zone?  One pass, no RR is kept.
 *
 *  - every entry is a complete RR of one class, its owner in the zone
 *  - one SOA, at the apex, first; NS at the apex
 *  - a zone with an RRSIG, NSEC or NSEC3 counts as signed, and then needs
 *    DNSKEY at the apex, RRSIGs over SOA and DNSKEY, and a whole proof of
 *    what does not exist: the NSEC chain (each next name owns an NSEC, one
 *    step leads back to the apex), or, for each NSEC3PARAM, the ring of
 *    hashes; each of those RRs with an RRSIG
 *
 * A file that lost its tail cannot close its chain.  Signatures are not
 * verified here. */

#define JUDGE_RINGS 8 /* parameter sets of NSEC3, and NSEC */

struct judge_ring {
	uint8_t params[260]; /* algorithm, iterations, salt as in NSEC3PARAM */
	size_t len;
	long denials, wraps;
	bool required; /* NSEC at the apex, or NSEC3PARAM */
};

struct judge_facts {
	uint32_t serial;
	long rrs, rrsigs, names;
	bool is_signed;
	const char *denial;      /* "nsec", "nsec3", "none" */
	int64_t earliest_expiry; /* of all RRSIGs, 0 = there are none */
};

struct judge {
	ldns_rdf *origin; /* lower case */
	int64_t now;
	struct nameset names;
	struct judge_ring ring[JUDGE_RINGS]; /* 0 is NSEC */
	int rings;
	ldns_rr_class class;
	bool soa, apex_ns, apex_dnskey, apex_nsec;
	bool soa_signed, dnskey_signed, denial_seen;
	struct judge_facts facts;
};

/* ORIGIN as text.  0 or -EINVAL. */
int judge_open(
    struct judge *j, const char *origin, int64_t now, struct why *why);
void judge_close(struct judge *j);

/* 0; -EBADMSG with "line N: ..." when the zone is refused; -ENOMEM. */
int judge_rr(struct judge *j, ldns_rr *rr, long line, struct why *why);
int judge_end(struct judge *j, struct why *why);

/* Judge a whole master file.  The same results, and those of
 * zoneline_next(). */
int judge_file(FILE *in, const char *origin, int64_t now,
    struct judge_facts *facts, struct why *why);

#endif
