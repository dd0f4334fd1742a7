/* SPDX-License-Identifier: GPL-2.0-or-later
 * Copyright (C) The ocf-ods contributors */
#include "keybook.h"

#include <stdlib.h>
#include <string.h>

#include "ledger.h"

static int add(const struct keyrecord *key, void *set)
{
	return key->sha256[0] ? keyset_add(set, key) : 0;
}

static int by_locator(const void *a, const void *b)
{
	const struct keyrecord *x = a, *y = b;

	return strcmp(x->locator, y->locator);
}

void keybook_follow(struct keybook *b, struct ledger *l)
{
	struct keybook now = {.read = true};

	if (ledger_key_version(l, &now.version, NULL) < 0 ||
	    (b->read && b->version == now.version))
		return;
	if (ledger_key_each(l, add, &now.set, NULL) < 0) {
		keybook_free(&now);
		return;
	}
	if (now.set.count > 0)
		qsort(now.set.key, now.set.count, sizeof(*now.set.key),
		    by_locator);
	keybook_free(b);
	*b = now;
}

void keybook_free(struct keybook *b)
{
	keyset_free(&b->set);
	memset(b, 0, sizeof(*b));
}

const char *keybook_sha256(const struct keybook *b, const char *locator)
{
	const struct keyrecord *k, *end = b->set.key + b->set.count;
	struct keyrecord wanted = {.in_use = true};

	if (!b->set.count || strlen(locator) >= sizeof(wanted.locator))
		return "-";
	strcpy(wanted.locator, locator);
	k = bsearch(&wanted, b->set.key, b->set.count, sizeof(*k), by_locator);
	if (!k)
		return "-";
	while (k > b->set.key && by_locator(k - 1, &wanted) == 0)
		k--;
	wanted = *k;
	for (; k < end && by_locator(k, &wanted) == 0; k++)
		if (strcmp(k->sha256, wanted.sha256) != 0)
			return "-";
	return (k - 1)->sha256;
}
