/* SPDX-License-Identifier: GPL-2.0-or-later
 * Copyright (C) The ocf-ods contributors */
#ifndef ODS_KEYLACK_H
#define ODS_KEYLACK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "backup2.h"
#include "keyview.h"

/* Keys in use that this node's tokens have shown to lack, or to have another
 * one of: the zones that use them are held (docs/hsm.md), all others go on.
 * A token that does not answer shows nothing.  No I/O. */

struct keylack_key {
	char locator[KEYRECORD_LOCATOR_MAX];
	enum keytruth_verdict verdict; /* missing or different */
	int64_t since;                 /* it was first seen so, realtime s */
	char text[WHY_MAX];            /* with what to do */
};

struct keylack {
	struct keylack_key
	    *key; /* by locator: a signconf names no repository */
	size_t count;
};

/* Of VIEW, seen at NOW.  What WAS says so already keeps its time; a locator
 * that is in order in one repository is none of them.  0 or -ENOMEM. */
int keylack_make(struct keylack *l, const struct keyview *view,
    const struct keylack *was, int64_t now);
int keylack_copy(struct keylack *to, const struct keylack *from);
bool keylack_same(const struct keylack *a, const struct keylack *b);
void keylack_free(struct keylack *l);

/* The worst key that a zone of signconf S needs; NULL = none of them. */
const struct keylack_key *keylack_of(
    const struct keylack *l, const struct signconf *s);

/* Is a zone that needs KEY (or NULL) held, though no version of it is refused?
 * SIGNED_S: when the last one was signed.  A signer that has signed since does
 * not miss the key, whatever the token looked like. */
bool keylack_holds(const struct keylack_key *key, int64_t signed_s);

#endif
