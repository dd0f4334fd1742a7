/* SPDX-License-Identifier: GPL-2.0-or-later
 * Copyright (C) The ocf-ods contributors */
#ifndef ODS_VERDICT_H
#define ODS_VERDICT_H

#include "ancestry.h"
#include "ledger.h"
#include "message.h"
#include "net.h"

/* What the joiner's history is to the source's: between JOIN_END and the first
 * generation. */

struct engine;

/* Source: judge what NODE has by the history in the ledger, tell it both, and
 * the control thread.  -EPERM: what is of another history, or is more than
 * ours, is not overwritten unasked. */
int verdict_give(struct engine *e, struct conn *c,
    const struct engine_term *term, const struct id *node,
    const struct lineage *has, struct why *why);

/* Joiner: what its ledger says that it has; nothing while it is seeding. */
int verdict_lineage(
    struct ledger *ledger, struct lineage *lineage, struct why *why);

/* Joiner: *SOURCE gets the source's history, to be freed also on failure. */
int verdict_take(struct conn *c, const struct engine_term *term,
    struct lineage *source, struct verdict *v, struct why *why);

/* Joiner: what is beyond the source's history is kept, also where this node has
 * never been a source.  -EACCES: what has nothing to do with it stays as it
 * is, there is no session. */
int verdict_heed(struct engine *e, struct ledger *ledger,
    const struct engine_term *term, const struct id *source,
    const struct position *tip, const struct verdict *v, struct why *why);

/* Joiner: TIP is the source's first full generation.  It ends the time as a
 * source, and what led to it is the source's history. */
int verdict_adopt(struct ledger *ledger, const struct lineage *source,
    const struct position *tip, struct why *why);

/* One sentence; WHERE is where a list of what is set aside lies. */
void verdict_text(const struct verdict *v, const struct position *tip,
    uint64_t term, const char *where, char text[WHY_MAX]);

#endif
