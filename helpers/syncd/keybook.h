/* SPDX-License-Identifier: GPL-2.0-or-later
 * Copyright (C) The ocf-ods contributors */
#ifndef ODS_KEYBOOK_H
#define ODS_KEYBOOK_H

#include <stdbool.h>
#include <stdint.h>
#include "keyset.h"

/* The public keys on record (ledger, keywatch.h), found by locator: a signconf
 * names no repository.  Of one thread. */

struct ledger;

struct keybook {
	struct keyset set; /* by locator */
	uint64_t version;  /* of the ledger's rows */
	bool read;
};

/* Read again when the ledger has changed; what cannot be read is as it was. */
void keybook_follow(struct keybook *b, struct ledger *l);
void keybook_free(struct keybook *b);

/* SHA-256, hex, of the public key; "-" when it is not on record, or when two
 * repositories have another one each. */
const char *keybook_sha256(const struct keybook *b, const char *locator);

#endif
