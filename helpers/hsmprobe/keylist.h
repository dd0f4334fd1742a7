/* SPDX-License-Identifier: GPL-2.0-or-later
 * Copyright (C) The ocf-ods contributors */
#ifndef ODS_KEYLIST_H
#define ODS_KEYLIST_H

#include <stdint.h>

#include "keyrecord.h"
#include "why.h"

/* The keys that a caller asks about: lines of keyrecord.h. */

#define KEYLIST_MAX 200000
#define KEYLIST_ID_MAX ((KEYRECORD_LOCATOR_MAX - 1) / 2)

struct listed_key {
	struct keyrecord record;
	uint8_t id[KEYLIST_ID_MAX]; /* CKA_ID: the locator's bytes */
	size_t id_len;
};

/* Sorted by repository, then by CKA_ID. */
struct keylist {
	struct listed_key *key;
	size_t count;
};

/* TEXT: empty lines and those that begin with # are passed over.  0; -EINVAL
 * with the number of the line that is none, or for a key that is there twice;
 * -E2BIG; -ENOMEM.  The caller frees, after a failure too. */
int keylist_parse(const char *text, struct keylist *list, struct why *why);

/* Those of one repository, [*FIRST, *FIRST + *COUNT). */
void keylist_of(const struct keylist *list, const char *repository,
    size_t *first, size_t *count);

/* Index of ID among those, -1 when it is not there. */
long keylist_find(const struct keylist *list, size_t first, size_t count,
    const uint8_t *id, size_t id_len);

void keylist_free(struct keylist *list);

#endif
