/* SPDX-License-Identifier: GPL-2.0-or-later
 * Copyright (C) The ocf-ods contributors */
#ifndef ODS_ANCESTRY_H
#define ODS_ANCESTRY_H

#include <stddef.h>
#include "record.h"

/* Histories as trees (docs/promote.md): what a node that joins a source has,
 * against what the source's history holds.  Pure. */

/* A term that had a generation.  One that had none is no base of any other,
 * so no lineage comes by it. */
struct ancestor {
	uint64_t term;
	struct id term_id;
	struct origin origin;
};

/* What a node has: its tip, and the terms that led to it, newest first.  The
 * first one is the tip's; each further one is that of the base before it.  The
 * past ends where a term began with nothing; else what is before the last one
 * is untold (a ledger of an earlier version). */
#define LINEAGE_MAX 4096

struct lineage {
	struct position tip;
	size_t count;
	struct ancestor *row;
};

void lineage_free(struct lineage *l);

/* ROW continues it: 0; 1 when it does not (then nothing has happened), -ENOMEM,
 * -E2BIG above LINEAGE_MAX. */
int lineage_add(struct lineage *l, const struct ancestor *row);

enum ancestry {
	ANCESTRY_BEHIND,      /* nothing beyond what the source has */
	ANCESTRY_UNPUBLISHED, /* what is beyond it was never published */
	ANCESTRY_DIVERGED,    /* it may have been */
	ANCESTRY_UNRELATED,   /* not even a line in common: an admin decides */
	ANCESTRY_WENT_BACK,   /* the source has less of its own term */
};

/* *COMMON is the newest generation that both have; seq 0 = none is known. */
enum ancestry ancestry_judge(const struct lineage *source,
    const struct lineage *node, struct position *common);

/* Is the node served at all? */
bool ancestry_served(enum ancestry a);

#endif
