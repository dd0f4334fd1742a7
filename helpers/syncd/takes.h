/* SPDX-License-Identifier: GPL-2.0-or-later
 * Copyright (C) The ocf-ods contributors */
#ifndef ODS_TAKES_H
#define ODS_TAKES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/stat.h>
#include "candidate.h"
#include "outgoing.h"

/* Many candidates at a time, on threads of their own: each waits for its
 * verifier and for the disk.  One that takes its time stays at work while the
 * others go on to the barrier, and joins a later batch. */

#define TAKES_AT_ONCE 4
#define TAKES_MAX 2000 /* zones of one batch */

struct take {
	struct take *next;
	struct zone_entry entry; /* its own: the list may change meanwhile */
	struct stat seen;        /* of the signed file, before it was taken */
	struct pub_zone *zone;   /* the owner's, for when it is done */
	struct candidate candidate;
	enum candidate_verdict verdict; /* CANDIDATE_ERROR: not to be taken */
	int64_t cost_ms;                /* what it took */
	bool late;                      /* the batch that it began in is over */
};

/* NULL: out of memory. */
struct take *take_new(const struct zone_entry *zone);
void take_free(struct take *t);

struct takes;

/* CS and its cancel outlive it.  WAKE_FD, an eventfd, is written to when one
 * is done that nobody waits for. */
struct takes *takes_start(
    const struct candidate_setup *cs, int wake_fd, struct why *why);
void takes_stop(struct takes *t); /* its cancel ends what is at work */

/* candidate_take(), behind those that were put before; T is taken over. */
void takes_put(struct takes *t, struct take *one);

/* Was one of ZONE put, and not returned yet? */
bool takes_has(struct takes *t, const char *zone);

/* Wait for all that were put since the last time, until UNTIL_MS
 * (CLOCK_MONOTONIC) or the cancel.  Those that nobody has begun by then are
 * dropped: *LEFT.  Returns those that are done, for take_free(). */
struct take *takes_collect(struct takes *t, int64_t until_ms, bool *left);

#endif
