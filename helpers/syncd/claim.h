/* SPDX-License-Identifier: GPL-2.0-or-later
 * Copyright (C) The ocf-ods contributors */
#ifndef ODS_CLAIM_H
#define ODS_CLAIM_H

#include <stdbool.h>
#include <stdint.h>
#include "record.h"

/* What a worker that has custody of everything published (docs/promote.md,
 * "warm") leaves for the next one on this node, once no other node is there.
 * Pure: no I/O here. */

#define CLAIM_TEXT 320
#define BOOT_ID_MAX 40
#define CLAIM_CLOCK_S 60 /* a clock that jumped by more is believed nothing */

/* Corosync's configuration: another one with each node that comes or goes. */
struct ring_id {
	uint32_t nodeid;
	uint64_t seq;
};

struct claim {
	struct id term_id; /* of the record, whose revision is */
	uint64_t revision;
	struct position tip;
	struct ring_id ring;
	char boot[BOOT_ID_MAX]; /* "" = not known: no claim holds */
	int64_t clock_s;        /* time of day less CLOCK_MONOTONIC */
};

/* One line. */
void claim_text(const struct claim *c, char text[CLAIM_TEXT]);

/* 0, or -EBADMSG for what claim_text() does not write. */
int claim_parse(const char *text, struct claim *c);

/* NOW is what the reader would claim itself: is it the same boot, ring and
 * record, with no less on the disk, and has the clock not jumped? */
bool claim_holds(const struct claim *c, const struct claim *now);

#endif
