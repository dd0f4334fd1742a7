/* SPDX-License-Identifier: GPL-2.0-or-later
 * Copyright (C) The ocf-ods contributors */
#ifndef ODS_COMPARE_H
#define ODS_COMPARE_H

#include <stdio.h>
#include "judge.h"

/* A candidate beside the version served, both in canonical order, unit by
 * unit.
 *
 * What is the same in both, byte for byte, by keys that are the same in both,
 * need not be verified again if all of the served version was: only times,
 * the steps of the chain, and what caches may hold are looked at.  That it
 * was is known by the digest of the file, at its end; then, and with a doubt
 * that only a look at the whole zone can settle, all is to be done again
 * without trust. */

/* RRsets, by name and type. */
struct rrset_ids {
	uint64_t *id;
	size_t count, room;
	bool sorted;
};

struct compare {
	struct judge *j;
	struct unitreader *zone, *served; /* served may be NULL */
	bool trust;      /* in: the digest may be right.  out: it was of use */
	bool doubt;      /* out: judge again without trust */
	bool served_bad; /* out: the version served could not be read */
	struct rrset_ids gone; /* served has them and the candidate has not */
	struct rrset_ids here; /* all of a candidate that is not signed */
	long served_rrs;
	/* ours */
	struct zoneunit unit, other;
	bool has_unit, has_other, ent_changed;
	struct judge_side side; /* of the served version */
	keymask same;
	long skipped; /* units that were not verified again */
};

/* 0; -EBADMSG: the candidate is refused for what WHY says; -ENOMEM, -EIO.
 * Leaves judge_end() to the caller. */
int compare_run(struct compare *c, struct why *why);

/* After judge_end(). */
void compare_close(struct compare *c);

/* A look at the unsigned zone, after compare_run(): what it still has of those
 * that are gone is a finding, and so is what a candidate that is not signed
 * lacks of it (a file that was cut; with signatures, the chain tells).  Its
 * DNSKEYs are the candidate's as well (judge_extra_key()).  0 or -ENOMEM; an
 * unsigned zone that cannot be read ends where it cannot. */
int compare_unsigned(struct compare *c, FILE *in);

#endif
