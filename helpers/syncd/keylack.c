/* SPDX-License-Identifier: GPL-2.0-or-later
 * Copyright (C) The ocf-ods contributors */
#include "keylack.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "keynews.h"

static int by_locator(const void *a, const void *b)
{
	const struct keylack_key *x = a, *y = b;

	return strcmp(x->locator, y->locator);
}

static struct keylack_key *find(const struct keylack *l, const char *locator)
{
	struct keylack_key wanted = {.since = 0};

	if (l->count == 0 || strlen(locator) >= sizeof(wanted.locator))
		return NULL;
	strcpy(wanted.locator, locator);
	return bsearch(&wanted, l->key, l->count, sizeof(*l->key), by_locator);
}

/* True when it is one of them; *KEY is filled then. */
static bool is_lacking(const struct keyview_key *seen, struct keylack_key *key)
{
	struct keytruth truth;

	keytruth_judge(&seen->source, &seen->here, &truth);
	if (!seen->source.in_use || truth.verdict < KEYTRUTH_MISSING)
		return false;
	keynews_reword(seen, &truth);
	memcpy(key->locator, seen->source.locator, sizeof(key->locator));
	key->verdict = truth.verdict;
	snprintf(key->text, sizeof(key->text), "%.140s: %.113s", truth.sentence,
	    truth.fix);
	return true;
}

/* Another repository may have a key of that name, and have it in order. */
static void drop_found(struct keylack *l, const struct keyview *view)
{
	struct keytruth truth;
	struct keylack_key *key;
	size_t i, n = 0;

	for (i = 0; i < view->count; i++) {
		keytruth_judge(
		    &view->key[i].source, &view->key[i].here, &truth);
		key = truth.verdict < KEYTRUTH_MISSING
		          ? find(l, view->key[i].source.locator)
		          : NULL;
		if (key)
			key->verdict = KEYTRUTH_OK;
	}
	for (i = 0; i < l->count; i++)
		if (l->key[i].verdict != KEYTRUTH_OK)
			l->key[n++] = l->key[i];
	l->count = n;
}

int keylack_make(struct keylack *l, const struct keyview *view,
    const struct keylack *was, int64_t now)
{
	const struct keylack_key *old;
	size_t i;

	*l = (struct keylack){calloc(view->count + 1, sizeof(*l->key)), 0};
	if (!l->key)
		return -ENOMEM;
	for (i = 0; i < view->count; i++)
		l->count += is_lacking(&view->key[i], &l->key[l->count]);
	if (l->count > 1)
		qsort(l->key, l->count, sizeof(*l->key), by_locator);
	drop_found(l, view);
	for (i = 0; i < l->count; i++) {
		old = find(was, l->key[i].locator);
		l->key[i].since = old ? old->since : now;
	}
	return 0;
}

int keylack_copy(struct keylack *to, const struct keylack *from)
{
	*to = (struct keylack){calloc(from->count + 1, sizeof(*to->key)), 0};
	if (!to->key)
		return -ENOMEM;
	to->count = from->count;
	if (to->count > 0)
		memcpy(to->key, from->key, to->count * sizeof(*to->key));
	return 0;
}

bool keylack_same(const struct keylack *a, const struct keylack *b)
{
	size_t i;

	for (i = 0; a->count == b->count && i < a->count; i++)
		if (by_locator(&a->key[i], &b->key[i]) != 0 ||
		    strcmp(a->key[i].text, b->key[i].text) != 0)
			return false;
	return a->count == b->count;
}

void keylack_free(struct keylack *l)
{
	free(l->key);
	*l = (struct keylack){0};
}

const struct keylack_key *keylack_of(
    const struct keylack *l, const struct signconf *s)
{
	const struct keylack_key *worst = NULL, *key;
	char locator[KEYRECORD_LOCATOR_MAX];
	int i;

	for (i = 0; l->count > 0 && i < s->keys; i++) {
		/* one without a locator is an RR in the signconf itself */
		if (s->key[i][0] == ' ' ||
		    sscanf(s->key[i], "%128s", locator) != 1)
			continue;
		key = find(l, locator);
		if (key && (!worst || key->verdict > worst->verdict))
			worst = key;
	}
	return worst;
}

bool keylack_holds(const struct keylack_key *key, int64_t signed_s)
{
	return key && signed_s <= key->since;
}
