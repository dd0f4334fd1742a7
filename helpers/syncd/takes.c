/* SPDX-License-Identifier: GPL-2.0-or-later
 * Copyright (C) The ocf-ods contributors */
#include "takes.h"

#include <pthread.h>
#include <stdbool.h>

#include "deadline.h"

struct work {
	const struct candidate_setup *cs;
	struct take *take;
	size_t count;
	int64_t until_ms;
	pthread_mutex_t lock;
	size_t next; /* the first one that nobody has begun */
	bool ready;  /* one of them is */
};

static struct take *next_take(struct work *w)
{
	struct take *t = NULL;

	pthread_mutex_lock(&w->lock);
	if (w->next < w->count && !*w->cs->cancel &&
	    !(w->ready && clock_monotonic_ms() > w->until_ms))
		t = &w->take[w->next++];
	pthread_mutex_unlock(&w->lock);
	return t;
}

static void *taker(void *arg)
{
	struct work *w = arg;
	struct take *t;

	while ((t = next_take(w))) {
		if (t->verdict == CANDIDATE_ERROR)
			continue;
		t->cost_ms = -clock_monotonic_ms();
		t->verdict = candidate_take(w->cs, &t->candidate);
		t->cost_ms += clock_monotonic_ms();
		if (t->verdict != CANDIDATE_READY)
			continue;
		pthread_mutex_lock(&w->lock);
		w->ready = true;
		pthread_mutex_unlock(&w->lock);
	}
	return NULL;
}

size_t takes_run(const struct candidate_setup *cs, struct take *take,
    size_t count, int64_t until_ms)
{
	struct work w = {
	    .cs = cs, .take = take, .count = count, .until_ms = until_ms};
	pthread_t helper[TAKES_AT_ONCE - 1];
	size_t i, helpers = 0;

	pthread_mutex_init(&w.lock, NULL);
	while (helpers < TAKES_AT_ONCE - 1 && helpers + 1 < count &&
	       pthread_create(&helper[helpers], NULL, taker, &w) == 0)
		helpers++;
	taker(&w);
	for (i = 0; i < helpers; i++)
		pthread_join(helper[i], NULL);
	pthread_mutex_destroy(&w.lock);
	return w.next;
}
