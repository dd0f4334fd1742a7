/* SPDX-License-Identifier: GPL-2.0-or-later
 * Copyright (C) The ocf-ods contributors */
#ifndef ODS_CLOCKS_H
#define ODS_CLOCKS_H

#include <stdbool.h>
#include <stdint.h>

/* Is this node's clock right?  Only evidence counts: the clock of another node
 * that is here, and times that the ledger knows to be past (DESIGN 5, gate 3).
 * That no time source has set it proves nothing.  Pure. */

/* What another node's clock said, and when by ours that cannot be set. */
struct clock_told {
	bool known;
	int64_t apart; /* s: CLOCK_REALTIME there less CLOCK_MONOTONIC here */
};

/* s by which ours is ahead of that one; below 0: behind.  APART is of our own
 * two, now. */
int64_t clock_ahead(const struct clock_told *told, int64_t apart);

/* From so many s on it matters: half of the smallest InceptionOffset of all
 * policies (s; -1 = not known), a minute at least and ten at most. */
int64_t clock_limit(int64_t inception);

/* The clock here and another one are apart: one of the two is wrong. */
struct clock_doubt {
	int64_t ahead;  /* s; below 0: ours is behind; 0 = there is no doubt */
	const char *of; /* a node's name; NULL: what the ledger knows */
};

/* "the clock here is N s ahead of that of NODE"; "" without a doubt. */
void clock_doubt_text(const struct clock_doubt *d, char *text, int size);

#endif
