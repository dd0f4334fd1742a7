/* SPDX-License-Identifier: GPL-2.0-or-later
 * Copyright (C) The ocf-ods contributors */
#ifndef ODS_APPLIER_H
#define ODS_APPLIER_H

#include "engine_core.h"
#include "ledger.h"

/* The thread that applies what is durable in the log, in order.  A
 * generation that cannot be applied is tried again until it can, or until a
 * full one comes, which needs nothing before it. */

/* Opens the log and takes up what a crash has left in it. */
int applier_open(struct engine *e, struct applier **applier, struct why *why);
void applier_close(struct applier *a);

void applier_push(struct applier *a, const struct position *pos, bool full);
void applier_pause(struct applier *a, bool paused);

/* What a full generation replaces is set aside: this node was a source, or its
 * past is not known. */
bool applier_unsaved(struct ledger *l);

/* Is all applied?  0, -EINPROGRESS, or the error that it cannot go on
 * with. */
int applier_state(struct applier *a, struct why *why);

/* Go on, paused or not, until all is applied.  An error ends it after
 * another try. */
int applier_drain(struct applier *a, struct deadline deadline, struct why *why);

#endif
