/* SPDX-License-Identifier: GPL-2.0-or-later
 * Copyright (C) The ocf-ods contributors */
#ifndef ODS_URGENT_H
#define ODS_URGENT_H

#include "outgoing.h"

/* A batch whose barrier is held: which of its zones go out without one
 * (escape.h)?  Of the publisher's thread. */

/* Has what is served of some zone little time left? */
bool urgent_any(const struct outgoing *o);

/* Is there one in the batch that may go? */
bool urgent_in_batch(const struct outgoing *o);

/* The batch is those that may go; their rows say that they have escaped,
 * durably.  The others are looked at again RETRY_MS from now.  Returns how many
 * are left; 0 also when the ledger cannot be written. */
size_t urgent_keep(struct outgoing *o, int64_t retry_ms);

/* None of the batch goes out now. */
void urgent_put_back(struct outgoing *o, int64_t retry_ms);

#endif
