/* SPDX-License-Identifier: GPL-2.0-or-later
 * Copyright (C) The ocf-ods contributors */
#ifndef ODS_DBNOTE_H
#define ODS_DBNOTE_H

#include "genfile.h"
#include "ledger.h"

/* The ledger's note that the last generation which was cut or applied here has
 * a database.  A node without one then lacks a file system, and must not be
 * taken for what counts; an admin's init forgets it. */

bool dbnote_has(struct ledger *l);
int dbnote_forget(struct ledger *l, struct why *why);

/* What a source has cut. */
int dbnote_cut(struct ledger *l, const struct manifest *m, struct why *why);

/* What a replica has applied. */
int dbnote_applied(struct ledger *l, const struct gen *gen, struct why *why);

#endif
