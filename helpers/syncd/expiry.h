/* SPDX-License-Identifier: GPL-2.0-or-later
 * Copyright (C) The ocf-ods contributors */
#ifndef ODS_EXPIRY_H
#define ODS_EXPIRY_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/stat.h>

/* Time to bogus: how long what is served of a zone stays valid.  All times
 * are in seconds, of CLOCK_REALTIME. */

struct expiry {
	int64_t at; /* the first RRSIG that is served runs out; 0 = none does */
	int64_t span;     /* of the policy: Refresh, or Validity where that is
	                     0; 0 = not known */
	bool by_validity; /* ... it is Validity */
	bool keeps;       /* the policy keeps the serial of the unsigned zone */
	bool bridged;     /* keys are published for longer (bridge.h) */
	struct stat seen; /* of the signconf that says so */
};

/* Take over SPAN, KEEPS and BRIDGED when the signconf has changed. */
void expiry_follow(struct expiry *e, const char *signconf);

/* What is left, in % of SPAN, from 0; EXPIRY_NEVER when nothing can run out,
 * or SPAN is not known. */
#define EXPIRY_NEVER 1000000
int expiry_percent(const struct expiry *e, int64_t now);

/* A doubt about something fresher is worse than what is served: less than
 * half of Refresh is left (a quarter of Validity where that is 0). */
bool expiry_urgent(const struct expiry *e, int64_t now);

/* Half as much time again is left: what a signer that is well has renewed long
 * before. */
bool expiry_near(const struct expiry *e, int64_t now);

/* Something fresher has been signed for FRESHER s and is not published: for
 * longer than 10 min, or than a tenth of what the served version has left,
 * whichever is less. */
bool expiry_late(const struct expiry *e, int64_t fresher, int64_t now);

/* A duration of kasp.xml (ISO 8601, a year of 365 days and a month of 31 as in
 * OpenDNSSEC common/duration.c); -1 when TEXT is none. */
int64_t expiry_duration(const char *text);

#endif
