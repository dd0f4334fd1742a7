/* SPDX-License-Identifier: GPL-2.0-or-later
 * Copyright (C) The ocf-ods contributors */
#include "keybook.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "ledger.h"

static int add(const struct keyrecord *key, void *arg)
{
	struct keybook *b = arg;
	size_t room = b->room ? b->room * 2 : 64;
	struct keyrecord *more;

	if (!key->sha256[0])
		return 0;
	if (b->count == b->room) {
		more = realloc(b->key, room * sizeof(*more));
		if (!more)
			return -ENOMEM;
		b->key = more;
		b->room = room;
	}
	b->key[b->count++] = *key;
	return 0;
}

static int by_locator(const void *a, const void *b)
{
	const struct keyrecord *x = a, *y = b;

	return strcmp(x->locator, y->locator);
}

void keybook_follow(struct keybook *b, struct ledger *l)
{
	struct keybook now = {.count = 0};

	if (ledger_zone_version(l, &now.version, NULL) < 0 ||
	    (b->key && b->version == now.version))
		return;
	if (ledger_key_each(l, add, &now, NULL) < 0) {
		keybook_free(&now);
		return;
	}
	if (now.count > 0)
		qsort(now.key, now.count, sizeof(*now.key), by_locator);
	keybook_free(b);
	*b = now;
}

void keybook_free(struct keybook *b)
{
	free(b->key);
	memset(b, 0, sizeof(*b));
}

const char *keybook_sha256(const struct keybook *b, const char *locator)
{
	struct keyrecord wanted = {.in_use = true};
	const struct keyrecord *k, *end = b->key + b->count;

	if (!b->count || strlen(locator) >= sizeof(wanted.locator))
		return "-";
	strcpy(wanted.locator, locator);
	k = bsearch(&wanted, b->key, b->count, sizeof(*b->key), by_locator);
	if (!k)
		return "-";
	while (k > b->key && by_locator(k - 1, &wanted) == 0)
		k--;
	wanted = *k;
	for (; k < end && by_locator(k, &wanted) == 0; k++)
		if (strcmp(k->sha256, wanted.sha256) != 0)
			return "-";
	return (k - 1)->sha256;
}
