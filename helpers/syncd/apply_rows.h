/* SPDX-License-Identifier: GPL-2.0-or-later
 * Copyright (C) The ocf-ods contributors */
#ifndef ODS_APPLY_ROWS_H
#define ODS_APPLY_ROWS_H

#include "genfile.h"
#include "ledger.h"
#include "quarantine.h"

/* The ledger's rows of a generation, as one transaction; a full one drops
 * those that it has not, with a line in the quarantine's list. */
int apply_rows(struct ledger *ledger, int fd, const struct gen *gen,
    struct quarantine *q, struct why *why);

#endif
