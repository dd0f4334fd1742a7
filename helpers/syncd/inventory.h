/* SPDX-License-Identifier: GPL-2.0-or-later
 * Copyright (C) The ocf-ods contributors */
#ifndef ODS_INVENTORY_H
#define ODS_INVENTORY_H

#include "genfile.h"
#include "ledger.h"
#include "manifest.h"

/* All that this node's disk and ledger hold of the sets, as it is: what a
 * joiner tells the source.  BEFORE (may be NULL) saves reading the files
 * that nobody has touched since. */
int inventory_take(const struct sets *sets, struct ledger *ledger,
    const struct manifest *before, const struct tick *t, struct manifest **now,
    struct why *why);

/* The entry of a ledger row; TEXT gets its content. */
#define ROW_TEXT_MAX 1024
struct entry *inventory_row(
    const struct zone_row *row, char text[ROW_TEXT_MAX]);

#endif
