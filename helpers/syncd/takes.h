/* SPDX-License-Identifier: GPL-2.0-or-later
 * Copyright (C) The ocf-ods contributors */
#ifndef ODS_TAKES_H
#define ODS_TAKES_H

#include <stddef.h>
#include <stdint.h>
#include "candidate.h"
#include "outgoing.h"

/* Many candidates at a time: each waits for its verifier and for the disk. */

#define TAKES_AT_ONCE 4
#define TAKES_MAX 2000 /* zones of one batch */

struct take {
	struct pub_zone *zone;
	struct candidate candidate;
	enum candidate_verdict verdict; /* CANDIDATE_ERROR: not to be taken */
	int64_t cost_ms;                /* what it took */
};

/* candidate_take() for each whose verdict is not CANDIDATE_ERROR, in their
 * order, TAKES_AT_ONCE beside each other, until all are done, or one is ready
 * and UNTIL_MS (CLOCK_MONOTONIC) is past, or CS->cancel.  Returns how many are
 * done: the first ones. */
size_t takes_run(const struct candidate_setup *cs, struct take *take,
    size_t count, int64_t until_ms);

#endif
