/* SPDX-License-Identifier: GPL-2.0-or-later
 * Copyright (C) The ocf-ods contributors */
#ifndef ODS_JOIN_H
#define ODS_JOIN_H

#include "inventory.h"
#include "net.h"

/* What a replica says first: who it is, its tip, and all that it has. */
int join_send(struct conn *c, const struct id *self, const struct position *tip,
    const struct inventory *has, struct why *why);

#endif
