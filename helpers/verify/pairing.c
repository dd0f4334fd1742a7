/* SPDX-License-Identifier: GPL-2.0-or-later
 * Copyright (C) The ocf-ods contributors */
#include "pairing.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* A name of one version cancels its NSEC3, and the same name of the other
 * version. */
static bool are_partners(const struct pair_entry *a, const struct pair_entry *b)
{
	return a->id == b->id && a->types == b->types &&
	       (a->name ^ a->served) != (b->name ^ b->served);
}

static void check_doubt(
    struct pairing *p, const struct pair_entry *a, const struct pair_entry *b)
{
	if (a->name && b->name && a->optional != b->optional)
		p->doubt = true;
}

static int keep(struct pairing *p, const struct pair_entry *entry)
{
	if (p->count == p->room) {
		size_t room = p->room ? p->room + p->room / 2 : 1024;
		void *bigger = realloc(p->left, room * sizeof(*p->left));

		if (!bigger)
			return -ENOMEM;
		p->left = bigger;
		p->room = room;
	}
	p->left[p->count++] = *entry;
	return 0;
}

int pairing_add(struct pairing *p, const struct pair_entry *entry)
{
	unsigned int i = p->used;
	int rc = 0;

	/* the newest first: it is the likely one */
	while (i-- > 0) {
		unsigned int at = (p->oldest + i) % PAIRING_WINDOW;

		if (!are_partners(&p->window[at], entry))
			continue;
		check_doubt(p, &p->window[at], entry);
		for (; i + 1 < p->used; i++)
			p->window[(p->oldest + i) % PAIRING_WINDOW] =
			    p->window[(p->oldest + i + 1) % PAIRING_WINDOW];
		p->used--;
		return 0;
	}
	if (p->used == PAIRING_WINDOW) {
		rc = keep(p, &p->window[p->oldest]);
		p->oldest = (p->oldest + 1) % PAIRING_WINDOW;
		p->used--;
	}
	p->window[(p->oldest + p->used++) % PAIRING_WINDOW] = *entry;
	return rc;
}

static int by_id(const void *a, const void *b)
{
	const struct pair_entry *x = a, *y = b;

	if (x->id != y->id)
		return x->id < y->id ? -1 : 1;
	if (x->types != y->types)
		return x->types < y->types ? -1 : 1;
	return x->line < y->line ? -1 : x->line > y->line;
}

/* Take the pairs out of COUNT entries of one id; how many are left. */
static size_t cancel(struct pairing *p, struct pair_entry *entry, size_t count)
{
	size_t i, k;

	for (i = 0; i < count; i++) {
		for (k = i + 1; k < count; k++)
			if (are_partners(&entry[i], &entry[k]))
				break;
		if (k == count)
			continue;
		check_doubt(p, &entry[i], &entry[k]);
		memmove(
		    entry + k, entry + k + 1, (count - k - 1) * sizeof(*entry));
		memmove(
		    entry + i, entry + i + 1, (count - i - 2) * sizeof(*entry));
		count -= 2;
		i--;
	}
	return count;
}

/* The rest of one id: a name and an NSEC3 that disagree are one case. */
static int report(const struct pair_entry *entry, size_t count,
    int (*left)(void *, const struct pair_entry *, const struct pair_entry *),
    void *arg)
{
	const struct pair_entry *name = NULL, *nsec3 = NULL;
	size_t i;

	for (i = 0; i < count; i++) {
		if (entry[i].name && !name)
			name = &entry[i];
		if (!entry[i].name && !nsec3)
			nsec3 = &entry[i];
	}
	return count > 0 ? left(arg, name, nsec3) : 0;
}

int pairing_end(struct pairing *p,
    int (*left)(void *arg, const struct pair_entry *name,
        const struct pair_entry *nsec3),
    void *arg)
{
	size_t from, to;
	int rc = 0;

	for (; rc == 0 && p->used > 0; p->used--) {
		rc = keep(p, &p->window[p->oldest]);
		p->oldest = (p->oldest + 1) % PAIRING_WINDOW;
	}
	if (p->count > 0)
		qsort(p->left, p->count, sizeof(*p->left), by_id);
	for (from = 0; rc == 0 && from < p->count; from = to) {
		for (to = from; to < p->count; to++)
			if (p->left[to].id != p->left[from].id)
				break;
		rc = report(&p->left[from],
		    cancel(p, &p->left[from], to - from), left, arg);
	}
	return rc;
}

void pairing_free(struct pairing *p)
{
	free(p->left);
	memset(p, 0, sizeof(*p));
}
