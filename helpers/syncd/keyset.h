/* SPDX-License-Identifier: GPL-2.0-or-later
 * Copyright (C) The ocf-ods contributors */
#ifndef ODS_KEYSET_H
#define ODS_KEYSET_H

#include "keyview.h"

/* Keys on record, and what a source makes of them.  No I/O. */

struct keyset {
	struct keyrecord *key; /* by repository and locator, once sorted */
	size_t count, room;
};

int keyset_add(struct keyset *set, const struct keyrecord *key);
void keyset_sort(struct keyset *set);
void keyset_free(struct keyset *set);
bool keyset_same(const struct keyset *a, const struct keyset *b);

/* NULL when KEY's repository and locator are not in the set, which is sorted.
 */
const struct keyrecord *keyset_find(
    const struct keyset *set, const struct keyrecord *key);

/* Lines of keyrecord.h, as ods-kasp prints them.  -EBADMSG when one is none,
 * or is not whole; -ENOMEM. */
int keyset_parse(struct keyset *set, const char *text);

/* The list of the database takes over the digests that are on record.  A
 * locator never gets another key, so that a digest, once recorded, stays: who
 * has another key under it now is who is wrong. */
void keyset_known(struct keyset *list, const struct keyset *known);

/* Keys of the list that have no digest yet get what the token told. */
void keyset_told(struct keyview *view);

/* What the source has to write: VIEW is of a list with all of that.  A list
 * without a key drops nothing: it may be that of a database that is being set
 * up.  0 or -ENOMEM; free both. */
int keyset_changes(const struct keyset *known, const struct keyview *view,
    struct keyset *put, struct keyset *drop);

#endif
