/* SPDX-License-Identifier: GPL-2.0-or-later
 * Copyright (C) The ocf-ods contributors */
#include "keyset.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static int compare(const void *a, const void *b)
{
	const struct keyrecord *x = a, *y = b;
	int rc = strcmp(x->repository, y->repository);

	return rc ? rc : strcmp(x->locator, y->locator);
}

static bool same(const struct keyrecord *a, const struct keyrecord *b)
{
	return compare(a, b) == 0 && a->algorithm == b->algorithm &&
	       a->in_use == b->in_use && strcmp(a->sha256, b->sha256) == 0;
}

int keyset_add(struct keyset *set, const struct keyrecord *key)
{
	if (set->count == set->room) {
		size_t room = set->room ? 2 * set->room : 64;
		struct keyrecord *more =
		    realloc(set->key, room * sizeof(*more));

		if (!more)
			return -ENOMEM;
		set->key = more;
		set->room = room;
	}
	set->key[set->count++] = *key;
	return 0;
}

void keyset_sort(struct keyset *set)
{
	if (set->count > 1)
		qsort(set->key, set->count, sizeof(*set->key), compare);
}

void keyset_free(struct keyset *set)
{
	free(set->key);
	*set = (struct keyset){0};
}

bool keyset_same(const struct keyset *a, const struct keyset *b)
{
	size_t i;

	if (a->count != b->count)
		return false;
	for (i = 0; i < a->count; i++)
		if (!same(&a->key[i], &b->key[i]))
			return false;
	return true;
}

const struct keyrecord *keyset_find(
    const struct keyset *set, const struct keyrecord *key)
{
	if (set->count == 0)
		return NULL;
	return bsearch(key, set->key, set->count, sizeof(*set->key), compare);
}

int keyset_parse(struct keyset *set, const char *text)
{
	struct keyrecord key;
	const char *end;
	int rc = 0;

	for (; rc == 0 && *text; text = end + 1) {
		end = strchr(text, '\n');
		if (!end)
			return -EBADMSG; /* cut */
		rc = keyrecord_decode(text, &key);
		if (rc == 0)
			rc = keyset_add(set, &key);
	}
	keyset_sort(set);
	return rc;
}

void keyset_known(struct keyset *list, const struct keyset *known)
{
	size_t i;

	for (i = 0; i < list->count; i++) {
		struct keyrecord *key = &list->key[i];
		const struct keyrecord *was = keyset_find(known, key);

		if (was && was->algorithm == key->algorithm)
			memcpy(key->sha256, was->sha256, sizeof(key->sha256));
	}
}

void keyset_told(struct keyview *view)
{
	size_t i;

	for (i = 0; i < view->count; i++) {
		struct keyview_key *key = &view->key[i];

		if (!key->source.sha256[0] && key->here.state == KEY_PRESENT)
			memcpy(key->source.sha256, key->here.sha256,
			    sizeof(key->source.sha256));
	}
}

/* A key of the view begins with its record. */
static bool listed(const struct keyview *view, const struct keyrecord *key)
{
	return bsearch(key, view->key, view->count, sizeof(*view->key),
	           compare) != NULL;
}

int keyset_changes(const struct keyset *known, const struct keyview *view,
    struct keyset *put, struct keyset *drop)
{
	size_t i;
	int rc = 0;

	*put = *drop = (struct keyset){0};
	for (i = 0; rc == 0 && i < view->count; i++) {
		const struct keyrecord *now = &view->key[i].source;
		const struct keyrecord *was = keyset_find(known, now);

		if (!was || !same(was, now))
			rc = keyset_add(put, now);
	}
	if (view->count == 0)
		return 0;
	for (i = 0; rc == 0 && i < known->count; i++)
		if (!listed(view, &known->key[i]))
			rc = keyset_add(drop, &known->key[i]);
	return rc;
}
