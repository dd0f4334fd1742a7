/* SPDX-License-Identifier: GPL-2.0-or-later
 * Copyright (C) The ocf-ods contributors */
#include "takes.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "condition.h"
#include "deadline.h"

#define CANCEL_MS 100 /* nobody signals it */

struct queue {
	struct take *first, **last;
};

struct takes {
	const struct candidate_setup *cs;
	int wake_fd;
	pthread_t thread[TAKES_AT_ONCE];
	int threads, places;
	pthread_mutex_t lock;
	pthread_cond_t put, ended;
	bool stop, awaited;
	struct queue begin, done;
	struct take *work[TAKES_AT_ONCE]; /* NULL = that thread waits */
};

struct take *take_new(const struct zone_entry *zone)
{
	struct take *t = calloc(1, sizeof(*t));

	if (t && zone_entry_copy(zone, &t->entry) < 0) {
		free(t);
		return NULL;
	}
	if (t)
		t->candidate.zone = &t->entry;
	return t;
}

void take_free(struct take *t)
{
	if (t)
		free(t->entry.texts);
	free(t);
}

static void queue_clear(struct queue *q)
{
	q->first = NULL;
	q->last = &q->first;
}

static void queue_add(struct queue *q, struct take *one)
{
	one->next = NULL;
	*q->last = one;
	q->last = &one->next;
}

static struct take *queue_next(struct queue *q)
{
	struct take *one = q->first;

	if (one)
		q->first = one->next;
	if (!q->first)
		q->last = &q->first;
	return one;
}

static bool queue_drop(struct queue *q)
{
	bool any = q->first != NULL;
	struct take *one;

	while ((one = queue_next(q)))
		take_free(one);
	return any;
}

static bool queue_has(const struct queue *q, const char *zone)
{
	const struct take *t;

	for (t = q->first; t; t = t->next)
		if (strcmp(t->entry.name, zone) == 0)
			return true;
	return false;
}

static void take_one(const struct candidate_setup *cs, struct take *one)
{
	if (one->verdict == CANDIDATE_ERROR)
		return;
	one->cost_ms = -clock_monotonic_ms();
	one->verdict = candidate_take(cs, &one->candidate);
	one->cost_ms += clock_monotonic_ms();
}

static void end_one(struct takes *t, struct take *one)
{
	uint64_t count = 1;

	queue_add(&t->done, one);
	pthread_cond_signal(&t->ended);
	if (!t->awaited && write(t->wake_fd, &count, sizeof(count)) < 0)
		return; /* full: it wakes anyhow */
}

static void *taker(void *arg)
{
	struct takes *t = arg;
	struct take *one, **work;

	pthread_mutex_lock(&t->lock);
	work = &t->work[t->places++];
	while (!t->stop) {
		one = *t->cs->cancel ? NULL : queue_next(&t->begin);
		if (!one) {
			pthread_cond_wait(&t->put, &t->lock);
			continue;
		}
		*work = one;
		pthread_mutex_unlock(&t->lock);
		take_one(t->cs, one);
		pthread_mutex_lock(&t->lock);
		*work = NULL;
		end_one(t, one);
	}
	pthread_mutex_unlock(&t->lock);
	return NULL;
}

void takes_put(struct takes *t, struct take *one)
{
	pthread_mutex_lock(&t->lock);
	queue_add(&t->begin, one);
	pthread_cond_signal(&t->put);
	pthread_mutex_unlock(&t->lock);
}

bool takes_has(struct takes *t, const char *zone)
{
	bool has;
	int i;

	pthread_mutex_lock(&t->lock);
	has = queue_has(&t->begin, zone) || queue_has(&t->done, zone);
	for (i = 0; !has && i < TAKES_AT_ONCE; i++)
		has = t->work[i] && strcmp(t->work[i]->entry.name, zone) == 0;
	pthread_mutex_unlock(&t->lock);
	return has;
}

/* Those of an earlier batch are not waited for. */
static bool is_busy(const struct takes *t)
{
	int i;

	for (i = 0; i < TAKES_AT_ONCE; i++)
		if (t->work[i] && !t->work[i]->late)
			return true;
	return t->begin.first != NULL;
}

struct take *takes_collect(struct takes *t, int64_t until_ms, bool *left)
{
	struct take *done;
	int64_t ms;
	int i;

	pthread_mutex_lock(&t->lock);
	t->awaited = true;
	while (is_busy(t) && !*t->cs->cancel &&
	       (ms = until_ms - clock_monotonic_ms()) > 0)
		condition_wait_ms(
		    &t->ended, &t->lock, ms < CANCEL_MS ? ms : CANCEL_MS);
	t->awaited = false;
	for (i = 0; i < TAKES_AT_ONCE; i++)
		if (t->work[i])
			t->work[i]->late = true;
	*left = queue_drop(&t->begin);
	done = t->done.first;
	queue_clear(&t->done);
	pthread_mutex_unlock(&t->lock);
	return done;
}

void takes_stop(struct takes *t)
{
	int i;

	if (!t)
		return;
	pthread_mutex_lock(&t->lock);
	t->stop = true;
	pthread_cond_broadcast(&t->put);
	pthread_mutex_unlock(&t->lock);
	for (i = 0; i < t->threads; i++)
		pthread_join(t->thread[i], NULL);
	queue_drop(&t->begin);
	queue_drop(&t->done);
	pthread_cond_destroy(&t->put);
	pthread_cond_destroy(&t->ended);
	pthread_mutex_destroy(&t->lock);
	free(t);
}

struct takes *takes_start(
    const struct candidate_setup *cs, int wake_fd, struct why *why)
{
	struct takes *t = calloc(1, sizeof(*t));
	int rc = 0;

	if (!t) {
		why_set(why, -ENOMEM, "out of memory");
		return NULL;
	}
	t->cs = cs;
	t->wake_fd = wake_fd;
	queue_clear(&t->begin);
	queue_clear(&t->done);
	pthread_mutex_init(&t->lock, NULL);
	condition_init(&t->put);
	condition_init(&t->ended);
	while (rc == 0 && t->threads < TAKES_AT_ONCE) {
		rc = pthread_create(&t->thread[t->threads], NULL, taker, t);
		t->threads += rc == 0;
	}
	if (rc == 0)
		return t;
	takes_stop(t);
	why_set(why, -EAGAIN, "cannot start a thread");
	return NULL;
}
