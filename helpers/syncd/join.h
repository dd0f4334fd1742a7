/* SPDX-License-Identifier: GPL-2.0-or-later
 * Copyright (C) The ocf-ods contributors */
#ifndef ODS_JOIN_H
#define ODS_JOIN_H

#include "ancestry.h"
#include "inventory.h"
#include "kept.h"
#include "net.h"

/* What a replica says first: who it is, its tip and what led to it, all that it
 * has, and what an interrupted copy has left. */
struct join_offer {
	const struct id *self;
	const struct lineage *lineage;
	const struct inventory *has;
	const struct kept *kept;
};

int join_send(struct conn *c, const struct join_offer *offer, struct why *why);

/* The terms of a lineage, in as many frames as it takes. */
int join_lineage(
    struct conn *c, const struct lineage *lineage, struct why *why);

#endif
