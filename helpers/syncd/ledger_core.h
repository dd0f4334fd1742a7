/* SPDX-License-Identifier: GPL-2.0-or-later
 * Copyright (C) The ocf-ods contributors */
#ifndef ODS_LEDGER_CORE_H
#define ODS_LEDGER_CORE_H

#include <sqlite3.h>

#include "ledger.h"

/* What ledger.c and ledger_rows.c share. */

struct ledger {
	sqlite3 *db;
	uint32_t row_writes; /* by this connection, to what travels */
};

int ledger_error(struct ledger *l, const char *what, struct why *why);

/* Run SQL with one or two text arguments; nothing is read back. */
int ledger_write(struct ledger *l, const char *sql, const char *a,
    const char *b, struct why *why);

/* One text value for one key: 0, -ENOENT, or -EIO. */
int ledger_fetch(struct ledger *l, const char *sql, const char *key,
    char *value, size_t size, struct why *why);

#endif
