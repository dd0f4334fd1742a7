/* SPDX-License-Identifier: GPL-2.0-or-later
 * Copyright (C) The ocf-ods contributors */
#include "tell.h"

#include <errno.h>
#include <limits.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "condition.h"
#include "deadline.h"
#include "log.h"
#include "proc.h"
#include "statecheck.h"
#include "waker.h"

#define COMMAND_MS 30000
#define RETRY_FIRST_MS 500
#define RETRY_MAX_MS 10000
#define AT_ONCE 4
#define WORDS_MAX 32
#define BUF_MAX 8192

struct told {
	struct told *next;
	char zone[256];
	char file[PATH_MAX];
	uint64_t ticket;
	int64_t due_ms;
	int retry_ms;
};

struct ended {
	struct ended *next;
	struct tell_end end;
};

struct tell {
	pthread_t thread[AT_ONCE];
	int threads;
	const struct told *running[AT_ONCE]; /* NULL = a free place */
	pthread_mutex_t lock;
	pthread_cond_t wake;
	char command[PUBLISH_COMMAND_SIZE];
	bool per_zone;
	volatile bool stop;
	volatile bool failing; /* logged once until it succeeds again */
	struct told *first;
	uint64_t tickets; /* that were given */
	struct ended *ended, **last_ended;
	struct waker waker; /* somebody may look at ENDED */
};

/* Append the expansion of one word to BUF; its new length or -E2BIG. */
static int expand(const char *word, size_t len, const char *zone,
    const char *zonefile, char *buf, size_t size)
{
	size_t used = 0, i = 0;

	while (i < len) {
		const char *put = word + i;
		size_t n = 1, skip = 1;

		if (len - i >= 9 && strncmp(word + i, "%zonefile", 9) == 0) {
			put = zonefile;
			n = strlen(zonefile);
			skip = 9;
		} else if (len - i >= 5 && strncmp(word + i, "%zone", 5) == 0) {
			put = zone;
			n = strlen(zone);
			skip = 5;
		}
		if (used + n + 1 > size)
			return -E2BIG;
		memcpy(buf + used, put, n);
		used += n;
		i += skip;
	}
	buf[used] = '\0';
	return (int)used + 1;
}

int tell_words(const char *command, const char *zone, const char *zonefile,
    char *buf, size_t size, const char **argv, int max)
{
	int count = 0;
	size_t used = 0;

	for (;;) {
		size_t len;
		int n;

		command += strspn(command, " \t");
		len = strcspn(command, " \t");
		if (len == 0)
			break;
		if (count == max - 1)
			return -E2BIG;
		n = expand(
		    command, len, zone, zonefile, buf + used, size - used);
		if (n < 0)
			return n;
		argv[count++] = buf + used;
		used += (size_t)n;
		command += len;
	}
	argv[count] = NULL;
	return count > 0 ? count : -EINVAL;
}

/* 0 when the command succeeded. */
static int run(struct tell *t, const char *zone, const char *file)
{
	const char *argv[WORDS_MAX];
	char buf[BUF_MAX];
	struct proc_job job = {
	    .argv = argv, .stdin_fd = -1, .cancel = &t->stop};
	struct proc_result result = {0};
	struct why why = {0};
	int rc = tell_words(
	    t->command, zone, file, buf, sizeof(buf), argv, WORDS_MAX);

	if (rc > 0)
		rc = proc_run_job(
		    &job, deadline_in_ms(COMMAND_MS), &result, &why);
	if (rc < 0) {
		log_err("publish_command: %s",
		    why.text[0] ? why.text : strerror(-rc));
		return rc;
	}
	if (result.code == 0) {
		if (t->failing)
			log_notice("publish_command works again");
		t->failing = false;
		return 0;
	}
	if (!t->stop)
		log_at(t->failing ? LOG_DEBUG : LOG_ERR,
		    "publish_command %s for zone %s, trying again: %.200s",
		    result.timed_out ? "did not end" : "failed", zone,
		    result.out);
	t->failing = true;
	return -EIO;
}

static void wait_until(struct tell *t, int64_t due_ms)
{
	if (due_ms)
		condition_wait_ms(
		    &t->wake, &t->lock, due_ms - clock_monotonic_ms());
	else
		pthread_cond_wait(&t->wake, &t->lock);
}

/* One command at a time for a zone; one that names none is for all of them. */
static bool is_running(const struct tell *t, const struct told *e)
{
	int i;

	for (i = 0; i < AT_ONCE; i++)
		if (t->running[i] &&
		    (!t->per_zone || strcmp(t->running[i]->zone, e->zone) == 0))
			return true;
	return false;
}

/* The entry that is due first, taken out, of several the one that was told
 * first, which is the last in the list; NULL when none is due yet: at NEXT,
 * or when a command has ended (0). */
static struct told *take_due(struct tell *t, int64_t *next)
{
	struct told **best = NULL, **p, *due;

	for (p = &t->first; *p; p = &(*p)->next)
		if (!is_running(t, *p) &&
		    (!best || (*p)->due_ms <= (*best)->due_ms))
			best = p;
	*next = best ? (*best)->due_ms : 0;
	if (!best || (*best)->due_ms > clock_monotonic_ms())
		return NULL;
	due = *best;
	*best = due->next;
	return due;
}

static void drop_all(struct tell *t)
{
	struct told *e;

	while ((e = t->first)) {
		t->first = e->next;
		free(e);
	}
}

static void put_back(struct tell *t, struct told *e)
{
	e->retry_ms = e->retry_ms ? e->retry_ms * 2 : RETRY_FIRST_MS;
	if (e->retry_ms > RETRY_MAX_MS)
		e->retry_ms = RETRY_MAX_MS;
	e->due_ms = clock_monotonic_ms() + e->retry_ms;
	e->next = t->first;
	t->first = e;
}

static void note_end(struct tell *t, const struct told *e, bool failed)
{
	struct ended *n = calloc(1, sizeof(*n));

	if (!n)
		abort();
	if (t->per_zone)
		snprintf(n->end.zone, sizeof(n->end.zone), "%s", e->zone);
	n->end.ticket = e->ticket;
	n->end.at = time(NULL);
	n->end.failed = failed;
	*t->last_ended = n;
	t->last_ended = &n->next;
	waker_wake(&t->waker);
}

bool tell_ended(struct tell *t, struct tell_end *end)
{
	struct ended *n;

	pthread_mutex_lock(&t->lock);
	n = t->ended;
	if (n)
		t->ended = n->next;
	else
		waker_drain(&t->waker);
	if (!t->ended)
		t->last_ended = &t->ended;
	pthread_mutex_unlock(&t->lock);
	if (!n)
		return false;
	*end = n->end;
	free(n);
	return true;
}

int tell_fd(const struct tell *t)
{
	return t->waker.fd;
}

/* There is a place for each thread. */
static int free_place(const struct tell *t)
{
	int i = 0;

	while (t->running[i])
		i++;
	return i;
}

static void *tell_thread(void *arg)
{
	struct tell *t = arg;

	pthread_mutex_lock(&t->lock);
	while (!t->stop) {
		int64_t next;
		struct told *e = take_due(t, &next);
		int rc, place;

		if (!e) {
			wait_until(t, next);
			continue;
		}
		if (!t->per_zone) { /* one run serves all that waits */
			drop_all(t);
			e->ticket = t->tickets;
		}
		place = free_place(t);
		t->running[place] = e;
		pthread_mutex_unlock(&t->lock);
		rc = run(t, e->zone, e->file);
		pthread_mutex_lock(&t->lock);
		t->running[place] = NULL;
		pthread_cond_broadcast(&t->wake); /* the zone is free again */
		note_end(t, e, rc < 0);
		if (rc < 0 && !t->stop)
			put_back(t, e);
		else
			free(e);
	}
	pthread_mutex_unlock(&t->lock);
	return NULL;
}

static void tell_free(struct tell *t)
{
	struct tell_end end;
	int i;

	for (i = 0; i < t->threads; i++)
		pthread_join(t->thread[i], NULL);
	drop_all(t);
	while (tell_ended(t, &end))
		;
	waker_close(&t->waker);
	pthread_cond_destroy(&t->wake);
	pthread_mutex_destroy(&t->lock);
	free(t);
}

static void halt(struct tell *t)
{
	pthread_mutex_lock(&t->lock);
	t->stop = true;
	pthread_cond_broadcast(&t->wake);
	pthread_mutex_unlock(&t->lock);
}

/* All of them, or none. */
static int start_threads(struct tell *t)
{
	int rc = 0;

	while (rc == 0 && t->threads < AT_ONCE) {
		rc = pthread_create(
		    &t->thread[t->threads], NULL, tell_thread, t);
		t->threads += rc == 0;
	}
	return rc;
}

struct tell *tell_start(const char *command, struct why *why)
{
	struct tell *t = calloc(1, sizeof(*t));

	if (!t) {
		why_set(why, -ENOMEM, "out of memory");
		return NULL;
	}
	snprintf(t->command, sizeof(t->command), "%s", command);
	t->per_zone = strstr(command, "%zone") != NULL;
	t->last_ended = &t->ended;
	pthread_mutex_init(&t->lock, NULL);
	condition_init(&t->wake);
	if (waker_open(&t->waker) < 0 || start_threads(t) != 0) {
		halt(t);
		tell_free(t);
		why_set(why, -EAGAIN, "cannot start a thread");
		return NULL;
	}
	return t;
}

void tell_stop(struct tell *t)
{
	if (!t)
		return;
	halt(t);
	tell_free(t);
}

uint64_t tell_zone(struct tell *t, const char *zone, const char *zonefile)
{
	uint64_t ticket;
	struct told *e;

	if (!t->command[0])
		return 0;
	pthread_mutex_lock(&t->lock);
	for (e = t->first; e; e = e->next)
		if (strcmp(e->zone, zone) == 0)
			break;
	if (!e) {
		e = calloc(1, sizeof(*e));
		if (!e)
			abort();
		snprintf(e->zone, sizeof(e->zone), "%s", zone);
		e->next = t->first;
		t->first = e;
	}
	snprintf(e->file, sizeof(e->file), "%s", zonefile);
	e->due_ms = clock_monotonic_ms(); /* in the order of installing */
	ticket = e->ticket = ++t->tickets;
	pthread_cond_signal(&t->wake);
	pthread_mutex_unlock(&t->lock);
	return ticket;
}
