/* SPDX-License-Identifier: GPL-2.0-or-later
 * Copyright (C) The ocf-ods contributors */
#ifndef ODS_CANDIDATE_H
#define ODS_CANDIDATE_H

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/stat.h>
#include "conf.h"
#include "ledger.h"
#include "why.h"
#include "zones.h"

struct dsview;
struct keybook;
struct keylack;
struct tick; /* content.h */

/* One signed version on its way out: from signed/ to pending/. */

enum candidate_verdict {
	CANDIDATE_SAME,    /* it is what is served */
	CANDIDATE_READY,   /* in pending/, row filled */
	CANDIDATE_WAIT,    /* its backup2 is not written yet */
	CANDIDATE_REFUSED, /* why says it; the next version, or time, lifts it
	                    */
	CANDIDATE_LOW,     /* refused for its serial: sign above floor_last() */
	CANDIDATE_OWNER,   /* the same, but that serial is the owner's */
	CANDIDATE_NONE,    /* no signed file (yet) */
	CANDIDATE_ERROR,   /* disk, verifier: try again */
};

struct candidate_setup {
	const struct conf *conf;
	const char *state_dir;
	bool need_backup2;
	/* s: so much behind ours is a clock that may be right; 0 = none is. */
	volatile int64_t ahead;
	/* These do not change while KNOWN is held for reading; all of them may
	 * be NULL. */
	const struct dsview *ds;
	const struct keybook *keys;
	const struct keylack *lack;
	pthread_rwlock_t *known;
	const volatile bool *cancel;
};

struct candidate {
	const struct zone_entry *zone;
	bool urgent, forced;     /* in: gate_decide() */
	struct stat forced_file; /* in: the version that is forced, no other */
	bool keeps;              /* in: struct expiry */
	int failures; /* in: so often the verifier has failed before */
	bool escaped; /* out: READY in spite of what WHY says */
	bool gone;    /* out: REFUSED, and keys are gone that caches need */
	/* In: the ledger's row, zeroed but for the name when there is none;
	 * out: the intent to be stored when it is READY. */
	struct zone_row row;
	struct why why;
};

/* Take the zone's file, judge it, leave it in pending/ when it is ready. */
enum candidate_verdict candidate_take(
    const struct candidate_setup *setup, struct candidate *c);

/* Pure: what the serial rule says (RFC 1982; equal serial and digest = the
 * same version once more). */
enum candidate_verdict candidate_serial(
    const struct zone_row *row, uint32_t serial, const char *digest);

/* Pure: what is done about one that is not above.  KEEPS: the policy keeps the
 * serial of the unsigned zone; PRESSING: what is served has little time left,
 * or an admin wants it out; AGAIN: the serial is the last one, or the unsigned
 * zone is, so that its owner has not raised it. */
enum candidate_verdict candidate_low(bool keeps, bool pressing, bool again);

/* Is the zone's unsigned file another one than the one that led to ROW?  True
 * when that is not known. */
bool candidate_unsigned_changed(
    const struct zone_entry *zone, const struct zone_row *row);

/* SHA-256 of a file, hex. */
int candidate_digest(int fd, char hex[65]);
int candidate_digest_with(int fd, const struct tick *t, char hex[65]);

#endif
