/* SPDX-License-Identifier: GPL-2.0-or-later
 * Copyright (C) The ocf-ods contributors */
#ifndef ODS_TOKENKEYS_H
#define ODS_TOKENKEYS_H

#include "keyfacts.h"
#include "keylist.h"
#include "tokensession.h"

/* The keys of a token, read once: all handles of the private keys, then all of
 * the public ones, and of each its CKA_ID; what else an object tells is asked
 * only of those that are in the list.  A search per locator takes some HSMs
 * seconds each. */

struct tokenkeys {
	struct keyfacts *facts; /* one for each key of the list */
	size_t count;
	long privates; /* private keys in the token */
	long extra;    /* of those, not in the list */
};

/* COUNT keys of LIST, from FIRST on.  0; -EIO with ANSWER when the token no
 * longer answers; -ENOMEM.  The caller frees, after a failure too.  An object
 * that goes away meanwhile is no failure. */
int tokenkeys_read(const struct token_session *s, const struct keylist *list,
    size_t first, size_t count, struct tokenkeys *keys,
    struct token_answer *answer);

void tokenkeys_free(struct tokenkeys *keys);

/* Does each use of this private key ask for the PIN again? */
int tokenkeys_asks_always(
    const struct token_session *s, unsigned long object, int *always);

#endif
