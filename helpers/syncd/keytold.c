/* SPDX-License-Identifier: GPL-2.0-or-later
 * Copyright (C) The ocf-ods contributors */
#include "syncd.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "capacity.h"
#include "deadline.h"
#include "hsmagent.h"

#define UNSEEN_MS (30 * 60 * 1000)

/* Only what was seen: nothing that is unknown refuses. */
void keys_facts(const struct syncd *s, struct plan_facts *f)
{
	const struct keynews *k = &s->keynews;

	if (k->pin_refused[0])
		f->pin_refused = k->pin_refused;
	if (k->level != KEYNEWS_REFUSE)
		return;
	f->twin_locator = k->worst.locator;
	f->twin_repository = k->worst.repository;
	f->twin_two = k->two_keys;
}

/* The fullest repository that is full enough to tell. */
static enum capacity capacity_of(const struct syncd *s, struct why *why)
{
	enum capacity worst = CAPACITY_OK;
	int i,
	    warn = s->capacity_warn ? s->capacity_warn : CAPACITY_WARN_DEFAULT;

	for (i = 0; i < s->keynews.tokens; i++) {
		const struct keynews_token *t = &s->keynews.token[i];
		struct why one = {0};
		enum capacity c;

		if (t->used < 0)
			continue;
		c = capacity_judge(t->repository, t->used, t->max, warn, &one);
		if (c < CAPACITY_WARN || c <= worst)
			continue;
		worst = c;
		*why = one;
	}
	return worst;
}

int keys_trouble(const struct syncd *s, char *buf, size_t size)
{
	const struct keynews *k = &s->keynews;
	struct why why = {0};

	if (k->level >= KEYNEWS_WARN) {
		snprintf(buf, size, "%.140s: %.113s", k->sentence, k->fix);
		return k->level == KEYNEWS_REFUSE ? 2 : 1;
	}
	if (k->trouble[0] && k->level > KEYNEWS_NONE &&
	    clock_monotonic_ms() - k->trouble_ms > UNSEEN_MS) {
		snprintf(buf, size,
		    "the keys in the HSM were not looked at for half an hour: "
		    "%.150s",
		    k->trouble);
		return 1;
	}
	if (capacity_of(s, &why) < CAPACITY_WARN)
		return 0;
	snprintf(buf, size, "%s", why.text);
	return 1;
}

static long count_of(const struct keynews *k, enum keytruth_verdict verdict)
{
	return k->in_use[verdict];
}

static long extra_of(const struct keynews *k)
{
	long extra = 0;
	int i;

	for (i = 0; i < k->tokens; i++)
		if (k->token[i].extra > 0)
			extra += k->token[i].extra;
	return extra;
}

void keys_status(const struct syncd *s, char *buf, size_t size)
{
	const struct keynews *k = &s->keynews;
	struct why capacity = {0};
	size_t used;
	int i;

	capacity_of(s, &capacity);
	used = (size_t)snprintf(buf, size,
	    "keys=%s\nkeys_ok=%ld\nkeys_unproven=%ld\nkeys_missing=%ld\n"
	    "keys_different=%ld\nkeys_extra=%ld\nkeys_looked=%" PRId64
	    "\nkeys_why=%s\nkeys_do=%s\nkeys_trouble=%s\ncapacity_why=%s\n"
	    "unbacked=%ld",
	    keynews_level_name(k->level), count_of(k, KEYTRUTH_OK),
	    count_of(k, KEYTRUTH_UNPROVEN), count_of(k, KEYTRUTH_MISSING),
	    count_of(k, KEYTRUTH_DIFFERENT), extra_of(k), k->looked_s,
	    k->sentence, k->fix, k->trouble, capacity.text,
	    k->unbacked_known ? k->unbacked : -1);
	for (i = 0; i < k->unbacked_named && used < size; i++)
		used += (size_t)snprintf(buf + used, size - used,
		    "\nunbacked.%d=%s", i, k->unbacked_key[i]);
}
