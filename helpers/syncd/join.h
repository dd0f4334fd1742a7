/* SPDX-License-Identifier: GPL-2.0-or-later
 * Copyright (C) The ocf-ods contributors */
#ifndef ODS_JOIN_H
#define ODS_JOIN_H

#include "inventory.h"
#include "kept.h"
#include "net.h"

/* What a replica says first: who it is, its tip, all that it has, and what an
 * interrupted copy has left. */
struct join_offer {
	const struct id *self;
	struct position tip;
	const struct inventory *has;
	const struct kept *kept;
};

int join_send(struct conn *c, const struct join_offer *offer, struct why *why);

#endif
