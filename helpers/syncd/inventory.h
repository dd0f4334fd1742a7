/* SPDX-License-Identifier: GPL-2.0-or-later
 * Copyright (C) The ocf-ods contributors */
#ifndef ODS_INVENTORY_H
#define ODS_INVENTORY_H

#include "genfile.h"
#include "ledger.h"
#include "manifest.h"
#include "pages.h"

/* All that this node's disk and ledger hold of the sets, as it is: what a
 * joiner tells the source.  It is replaced, and spares reading again what
 * nobody has touched since. */
struct inventory {
	struct manifest *disk;    /* NULL at first */
	struct page_table *pages; /* of the database, NULL when it is none */
};

int inventory_take(const struct sets *sets, struct ledger *ledger,
    const struct tick *t, struct inventory *inventory, struct why *why);
void inventory_drop(struct inventory *inventory);

/* The entry of a ledger row (ledger_row_each()), or NULL. */
struct entry *inventory_row(const char *name, const char *text);

#endif
