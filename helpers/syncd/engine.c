/* SPDX-License-Identifier: GPL-2.0-or-later
 * Copyright (C) The ocf-ods contributors */
#include "engine.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "applier.h"
#include "engine_core.h"
#include "ledger.h"
#include "log.h"
#include "replica.h"
#include "source.h"

#define FAULT_REPEAT_MS 60000
#define REPLICA_LOOK_MS 10

struct queued {
	struct queued *next;
	struct engine_event event;
};

/* Was kasp.db written while no daemon of ours ran?  Nobody knows on a node
 * that was a source, or that has not applied all that it has. */
static int known_mark(
    const char *state_dir, char mark[STANDBY_MARK_MAX], struct why *why)
{
	struct position tip, applied;
	struct ledger *ledger;
	char term[ID_TEXT] = "";
	int rc = ledger_open(state_dir, &ledger, why);

	mark[0] = '\0';
	if (rc < 0)
		return rc;
	rc = ledger_position_get(ledger, &tip, &applied, why);
	ledger_note_get(ledger, NOTE_SOURCE, term, sizeof(term));
	if (rc == 0 && term[0] == '\0' && tip.seq == applied.seq &&
	    id_equal(&tip.term_id, &applied.term_id))
		ledger_note_get(ledger, NOTE_MARK, mark, STANDBY_MARK_MAX);
	ledger_close(ledger);
	return rc;
}

static int guard_open(
    struct engine *e, const struct engine_setup *setup, struct why *why)
{
	const struct sets_setup sets = {
	    .conf = setup->conf,
	    .state_dir = setup->state_dir,
	    .config_sync = setup->config_sync,
	    .signatures = setup->signatures,
	    .tokens = setup->tokens,
	    .zones_aside = STANDBY_ASIDE,
	};
	char mark[STANDBY_MARK_MAX];
	int rc;

	if (!setup->guard) {
		e->replica_sets = e->sets;
		return 0;
	}
	rc = sets_open(&sets, &e->replica_sets, why);
	if (rc == 0)
		rc = known_mark(setup->state_dir, mark, why);
	if (rc == 0)
		rc = standby_open(setup->conf, mark, &e->standby, why);
	return rc;
}

struct standby *engine_standby(struct engine *e)
{
	return e->standby;
}

int engine_open(
    const struct engine_setup *setup, struct engine **engine, struct why *why)
{
	const struct sets_setup sets = {
	    .conf = setup->conf,
	    .state_dir = setup->state_dir,
	    .config_sync = setup->config_sync,
	    .signatures = setup->signatures,
	    .tokens = setup->tokens,
	};
	struct engine *e = calloc(1, sizeof(*e));
	int rc;

	if (!e)
		return why_set(why, -ENOMEM, "out of memory");
	snprintf(e->state_dir, sizeof(e->state_dir), "%s", setup->state_dir);
	e->self = setup->self;
	e->bandwidth_mbit = setup->bandwidth_mbit;
	pthread_mutex_init(&e->lock, NULL);
	e->event_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	rc = e->event_fd < 0
	         ? why_set(why, -errno, "eventfd: %s", strerror(errno))
	         : sets_open(&sets, &e->sets, why);
	if (rc == 0)
		rc = guard_open(e, setup, why);
	if (rc == 0)
		rc = applier_open(e, &e->applier, why);
	if (rc < 0) {
		engine_close(e);
		return rc;
	}
	*engine = e;
	return 0;
}

void engine_bandwidth(struct engine *e, long mbit)
{
	__atomic_store_n(&e->bandwidth_mbit, mbit, __ATOMIC_RELAXED);
}

/* Within RESCAN_MS a generation has what is different. */
void engine_signatures(struct engine *e, bool reuse)
{
	sets_signatures(e->sets, reuse);
	sets_signatures(e->replica_sets, reuse);
}

void engine_close(struct engine *e)
{
	struct engine_event ev;

	if (!e)
		return;
	engine_idle(e);
	applier_close(e->applier);
	while (engine_next_event(e, &ev))
		;
	standby_close(e->standby);
	if (e->replica_sets != e->sets)
		sets_close(e->replica_sets);
	sets_close(e->sets);
	if (e->event_fd >= 0)
		close(e->event_fd);
	pthread_mutex_destroy(&e->lock);
	free(e);
}

int engine_event_fd(struct engine *e)
{
	return e->event_fd;
}

/* The lock is held. */
static void emit(struct engine *e, const struct engine_event *event)
{
	struct queued *q = calloc(1, sizeof(*q));
	uint64_t one = 1;
	ssize_t n;

	if (!q) {
		log_err("out of memory: an event is lost");
		return;
	}
	q->event = *event;
	if (e->last)
		e->last->next = q;
	else
		e->first = q;
	e->last = q;
	n = write(e->event_fd, &one, sizeof(one));
	(void)n;
}

void engine_emit(struct engine *e, const struct engine_event *event)
{
	pthread_mutex_lock(&e->lock);
	emit(e, event);
	pthread_mutex_unlock(&e->lock);
}

void engine_applied(struct engine *e, const struct position *pos)
{
	const struct engine_event ev = {
	    .type = ENGINE_APPLIED, .seq = pos->seq};

	pthread_mutex_lock(&e->lock);
	if (id_equal(&e->replica_term, &pos->term_id))
		emit(e, &ev);
	pthread_mutex_unlock(&e->lock);
}

bool engine_next_event(struct engine *e, struct engine_event *event)
{
	struct queued *q;
	uint64_t count;
	ssize_t n;

	pthread_mutex_lock(&e->lock);
	q = e->first;
	if (q) {
		e->first = q->next;
		if (!e->first)
			e->last = NULL;
	} else if (e->event_fd >= 0) {
		n = read(e->event_fd, &count, sizeof(count));
		(void)n;
	}
	pthread_mutex_unlock(&e->lock);
	if (!q)
		return false;
	*event = q->event;
	free(q);
	return true;
}

/* What the role has said and nobody has taken yet must not be read as the
 * next one's: sequence numbers begin anew with each term. */
static void drop_events(struct engine *e)
{
	struct queued *q = e->first, *next;

	e->first = e->last = NULL;
	for (; q; q = next) {
		next = q->next;
		if (q->event.type == ENGINE_FAULT ||
		    q->event.type == ENGINE_FAULT_OVER) {
			q->next = NULL;
			if (e->last)
				e->last->next = q;
			else
				e->first = q;
			e->last = q;
		} else {
			free(q);
		}
	}
}

static bool any_fault(const struct engine *e)
{
	int i;

	for (i = 0; i < FAULT_END; i++)
		if (e->fault[i].text[0])
			return true;
	return false;
}

bool engine_apply_fails(struct engine *e)
{
	bool fails;

	pthread_mutex_lock(&e->lock);
	fails = e->fault[FAULT_APPLY].text[0];
	pthread_mutex_unlock(&e->lock);
	return fails;
}

/* The lock is held. */
static void set_fault(struct engine *e, enum fault fault, const char *text)
{
	struct engine_event ev = {.type = ENGINE_FAULT};
	int64_t now = clock_monotonic_ms();

	if (!text) {
		if (!e->fault[fault].text[0])
			return;
		e->fault[fault].text[0] = '\0';
		ev.type = ENGINE_FAULT_OVER;
		if (!any_fault(e))
			emit(e, &ev);
		return;
	}
	if (e->fault[fault].text[0] &&
	    now - e->fault[fault].told_ms < FAULT_REPEAT_MS)
		return;
	e->fault[fault].told_ms = now;
	snprintf(e->fault[fault].text, sizeof(e->fault[fault].text), "%s",
	    text[0] ? text : "unknown");
	snprintf(ev.text, sizeof(ev.text), "%s", e->fault[fault].text);
	emit(e, &ev);
}

void engine_fault(struct engine *e, enum fault fault, const char *text)
{
	pthread_mutex_lock(&e->lock);
	set_fault(e, fault, text);
	pthread_mutex_unlock(&e->lock);
}

void copying_begin(
    struct engine *e, struct copying *c, uint64_t total, uint64_t spared)
{
	pthread_mutex_lock(&e->lock);
	c->total = total;
	c->done = c->spared = spared;
	c->since_ms = clock_monotonic_ms();
	pthread_mutex_unlock(&e->lock);
}

void copying_done(struct engine *e, struct copying *c, uint64_t done)
{
	pthread_mutex_lock(&e->lock);
	c->done = done;
	pthread_mutex_unlock(&e->lock);
}

void engine_progress(
    struct engine *e, const struct id *node, struct progress *p)
{
	const struct copying *c = node ? NULL : &e->copying;

	memset(p, 0, sizeof(*p));
	pthread_mutex_lock(&e->lock);
	if (node && e->source)
		c = source_copying(e->source, node);
	if (c && c->total > 0) {
		p->total = c->total;
		p->done = c->done;
		p->spared = c->spared;
		p->ms = clock_monotonic_ms() - c->since_ms;
	}
	pthread_mutex_unlock(&e->lock);
}

int engine_source(struct engine *e, const struct engine_term *term,
    const char *address, int port, struct why *why)
{
	int rc;

	engine_idle(e);
	rc = applier_state(e->applier, why);
	if (rc == -EINPROGRESS)
		return why_set(why, -EBUSY,
		    "not everything that was received is applied yet");
	if (rc < 0)
		return rc;
	return source_open(e, term, address, port, &e->source, why);
}

uint64_t engine_cut(struct engine *e)
{
	uint64_t request;

	if (e->source)
		return source_request(e->source);
	pthread_mutex_lock(&e->lock);
	request = ++e->requests;
	pthread_mutex_unlock(&e->lock);
	return request;
}

uint64_t engine_cut_last(struct engine *e)
{
	if (e->source)
		source_audit(e->source);
	return engine_cut(e);
}

void engine_members(struct engine *e, const struct node_list *members)
{
	pthread_mutex_lock(&e->lock);
	e->members = *members;
	if (e->source)
		source_members(e->source);
	pthread_mutex_unlock(&e->lock);
}

int engine_replica(struct engine *e, const struct engine_term *term,
    const struct id *source, const char *address, int port, struct why *why)
{
	engine_idle(e);
	pthread_mutex_lock(&e->lock);
	e->frozen = false;
	e->replica_term = term->term_id;
	drop_events(e);
	pthread_mutex_unlock(&e->lock);
	applier_pause(e->applier, false);
	return replica_open(e, term, source, address, port, &e->replica, why);
}

void engine_freeze(struct engine *e)
{
	pthread_mutex_lock(&e->lock);
	e->frozen = true;
	pthread_mutex_unlock(&e->lock);
	applier_pause(e->applier, true);
	if (e->replica)
		replica_stop(e->replica);
}

/* A generation that is being synced when the session is stopped comes to the
 * applier after that. */
static int await_replica(
    struct engine *e, struct deadline deadline, struct why *why)
{
	bool frozen;

	pthread_mutex_lock(&e->lock);
	frozen = e->frozen;
	pthread_mutex_unlock(&e->lock);
	while (frozen && e->replica && !replica_ended(e->replica)) {
		if (deadline_passed(deadline))
			return why_set(why, -ETIMEDOUT,
			    "what was received is still being written");
		deadline_sleep_ms(deadline, REPLICA_LOOK_MS);
	}
	return 0;
}

int engine_drain(struct engine *e, struct deadline deadline, struct why *why)
{
	int rc = await_replica(e, deadline, why);

	if (rc < 0)
		return rc;
	return applier_drain(e->applier, deadline, why);
}

/* Faults of a role end with it. */
static void end_faults(struct engine *e)
{
	static const enum fault ends[] = {FAULT_DB, FAULT_FILES, FAULT_CAPTURE,
	    FAULT_SHADOW, FAULT_LINK, FAULT_TAKE};
	size_t i;

	for (i = 0; i < sizeof(ends) / sizeof(ends[0]); i++)
		engine_fault(e, ends[i], NULL);
}

void engine_idle(struct engine *e)
{
	if (e->source)
		source_close(e->source);
	e->source = NULL;
	if (e->replica)
		replica_close(e->replica);
	e->replica = NULL;
	pthread_mutex_lock(&e->lock);
	drop_events(e);
	pthread_mutex_unlock(&e->lock);
	end_faults(e);
}
