/* SPDX-License-Identifier: GPL-2.0-or-later
 * Copyright (C) The ocf-ods contributors */
#ifndef ODS_JUDGEMENT_H
#define ODS_JUDGEMENT_H

#include <stdbool.h>
#include <stdint.h>
#include "keytruth.h"
#include "why.h"

/* What ods-verify says of one zone file (docs/verify.md), and what follows
 * from it.  Pure. */

enum judged {
	JUDGED_OK,
	JUDGED_HARD,   /* resolvers would see it */
	JUDGED_SOFT,   /* lapses when what is served is about to run out */
	JUDGED_FAILED, /* nothing is known of the zone */
};

struct judgement {
	enum judged judged;
	bool is_read; /* to its end: the next three are known */
	uint32_t serial;
	int64_t expires; /* first RRSIG to run out, realtime s; 0 = none */
	bool is_signed;
	long bogus;        /* names that a resolver calls bogus now */
	long bogus_served; /* the same of what is served; -1 = not known */
	bool gone; /* DNSKEYs are, of which caches may hold signatures */
	char sentence[WHY_MAX]; /* what is wrong, without a newline */
};

/* CODE is its exit status, TEXT all that it has written. */
void judgement_parse(struct judgement *j, int code, const char *text);

/* May the zone go out?  URGENT: what is served has little time left, or
 * nothing is served.  FORCED: an admin has said so. */
enum gate {
	GATE_PASS,
	GATE_ESCAPE, /* in spite of what is wrong: told and kept */
	GATE_HOLD,   /* the next version, or time, or an admin */
	GATE_RETRY,  /* the verifier failed: again */
};
enum gate gate_decide(const struct judgement *j, bool urgent, bool forced);

/* ... when this node's token LACKS (worst verdict) a key that the zone needs?
 * COMPARED: its DNSKEYs are those on record, by public key; then what it is
 * counts, not what the token looks like now.  LAPSES: urgent or forced. */
enum gate gate_lacking(
    enum gate gate, enum keytruth_verdict lacks, bool compared, bool lapses);

#endif
