/* SPDX-License-Identifier: GPL-2.0-or-later
 * Copyright (C) The ocf-ods contributors */
#include "source.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <gnutls/crypto.h>

#include "capture.h"
#include "cleanup.h"
#include "dbnote.h"
#include "kaspchild.h"
#include "kept.h"
#include "ledger.h"
#include "log.h"
#include "net.h"
#include "redo.h"
#include "session.h"
#include "shadow.h"

#define CUT_EVERY_MS 100 /* at most ten generations a second */
#define RETRY_MS 1000
#define IDLE_LOOK_MS 50
#define SESSIONS_MAX 32
#define SPOOL_MAX ((uint64_t)256 << 20) /* bytes kept for slow replicas */
#define SPOOL_FILES 4096

/* What the capture thread has to itself. */
struct cutter {
	struct source *s;
	struct ledger *ledger;
	struct capture *capture;
	bool shadow_lost;     /* db_fd is to be made anew */
	int64_t shadow_at_ms; /* not before that */
	int shadow_wait_ms;
	int64_t last_ms, failed_ms;
	struct spooled {
		uint64_t seq, size;
	} spool[SPOOL_FILES]; /* oldest first */
	int spooled;
};

static int stopping(void *arg)
{
	return waker_stopped(arg) ? -ECANCELED : 0;
}

uint64_t source_request(struct source *s)
{
	uint64_t request;

	pthread_mutex_lock(&s->engine->lock);
	request = ++s->engine->requests;
	pthread_mutex_unlock(&s->engine->lock);
	waker_wake(&s->capture);
	return request;
}

void source_audit(struct source *s)
{
	pthread_mutex_lock(&s->engine->lock);
	s->audit = true;
	pthread_mutex_unlock(&s->engine->lock);
}

void source_wake(struct source *s)
{
	waker_wake(&s->capture);
}

void source_members(struct source *s)
{
	struct session *one;

	for (one = s->sessions; one; one = one->next)
		if (!id_is_zero(&one->node) &&
		    !nodes_has(&s->engine->members, &one->node)) {
			one->dropped = "it is no member any more";
			waker_stop(&one->waker);
		}
}

const struct copying *source_copying(
    const struct source *s, const struct id *node)
{
	const struct session *one;

	for (one = s->sessions; one; one = one->next)
		if (!one->done && id_equal(&one->node, node))
			return &one->copying;
	return NULL;
}

static uint64_t oldest_needed(struct source *s)
{
	struct session *one;
	uint64_t seq = s->seq + 1;

	for (one = s->sessions; one; one = one->next)
		if (one->next_seq > 0 && !one->done && one->next_seq < seq)
			seq = one->next_seq;
	return seq;
}

/* Drop what every session has been sent, and what is too much. */
static void prune(struct cutter *c)
{
	struct source *s = c->s;
	struct position pos = {.term_id = s->term.term_id};
	uint64_t needed, bytes = 0;
	int i, drop = 0;

	pthread_mutex_lock(&s->engine->lock);
	needed = oldest_needed(s);
	pthread_mutex_unlock(&s->engine->lock);
	for (i = 0; i < c->spooled; i++)
		bytes += c->spool[i].size;
	while (drop < c->spooled &&
	       (c->spool[drop].seq < needed ||
	           (bytes > SPOOL_MAX && drop < c->spooled - 1) ||
	           c->spooled - drop == SPOOL_FILES)) {
		pos.seq = c->spool[drop].seq;
		redo_remove(s->engine->state_dir, &pos);
		bytes -= c->spool[drop++].size;
	}
	c->spooled -= drop;
	memmove(c->spool, c->spool + drop,
	    (size_t)c->spooled * sizeof(c->spool[0]));
}

/* The generation becomes the tip: first in the ledger, then for all.  The
 * spool need not outlive a crash: the source's files are its state, and a
 * source that comes back is compared with another one. */
static int make_durable(struct cutter *c, struct cut *cut, struct why *why)
{
	struct source *s = c->s;
	struct position pos = {
	    .term_id = s->term.term_id,
	    .term = s->term.term,
	    .seq = cut->header.seq,
	};
	int rc = redo_name(s->engine->state_dir, "cut", &pos, why);

	/* Applied before tip: nothing of ours is ever replayed over files
	 * that have moved on. */
	if (rc == 0)
		rc = ledger_begin(c->ledger, why);
	if (rc < 0)
		return rc;
	rc = ledger_applied_put(c->ledger, &pos, why);
	if (rc == 0)
		rc = dbnote_cut(c->ledger, cut->manifest, why);
	if (rc == 0)
		rc = ledger_tip_put(c->ledger, &pos, why);
	if (rc == 0)
		return ledger_commit(c->ledger, why);
	ledger_rollback(c->ledger);
	return rc;
}

static void tell_shadow(struct cutter *c, const struct why *why)
{
	char text[WHY_MAX];

	c->shadow_lost = why->err < 0;
	if (!c->shadow_lost)
		c->shadow_wait_ms = 0;
	snprintf(text, sizeof(text),
	    "no database for a node that joins: %.*s; is there space in the "
	    "state directory?",
	    WHY_MAX - 96, why->text);
	engine_fault(c->s->engine, FAULT_SHADOW, c->shadow_lost ? text : NULL);
}

/* On failure joiners have to do without it until the next whole database. */
static void follow_shadow(struct cutter *c, const struct cut *cut)
{
	struct source *s = c->s;
	int old = s->db_fd; /* written by this thread only */
	struct why why = {0};
	int fd;

	if (!cut->pages || (c->shadow_lost && !cut->db_whole))
		return;
	fd = shadow_follow(s->engine->state_dir, old, cut, &why);
	why.err = fd < 0 ? fd : 0;
	tell_shadow(c, &why);
	pthread_mutex_lock(&s->engine->lock);
	s->db_fd = fd < 0 ? -1 : fd;
	pthread_mutex_unlock(&s->engine->lock);
	if (old >= 0 && old != fd)
		close(old);
}

/* Every replica gets the whole database once more: not too often where the
 * disk stays full. */
static void renew_shadow(struct cutter *c, int64_t now)
{
	if (!c->shadow_lost || now < c->shadow_at_ms)
		return;
	c->shadow_wait_ms = shadow_wait_ms(c->shadow_wait_ms);
	c->shadow_at_ms = now + c->shadow_wait_ms;
	capture_db_whole(c->capture);
}

static void announce(struct cutter *c, struct cut *cut)
{
	struct source *s = c->s;
	struct session *one;
	struct manifest *old;
	struct engine_event ev = {
	    .type = ENGINE_CUT,
	    .seq = cut->header.seq,
	    .request = cut->header.request,
	    .idle = cut->header.flags & GEN_IDLE,
	    .stale = cut->header.flags & GEN_STALE_DB,
	    .withheld = cut->withheld,
	};
	struct page_table *old_pages = NULL;

	engine_emit(s->engine, &ev);
	pthread_mutex_lock(&s->engine->lock);
	old = s->tip;
	s->tip = manifest_ref(cut->manifest);
	s->seq = cut->header.seq;
	s->flags = cut->header.flags;
	s->request_done = cut->header.request;
	if (cut->pages) {
		old_pages = s->pages;
		s->pages = pages_ref(cut->pages);
	}
	for (one = s->sessions; one; one = one->next)
		waker_wake(&one->waker);
	pthread_mutex_unlock(&s->engine->lock);
	manifest_unref(old);
	pages_unref(old_pages);
	c->spool[c->spooled++] =
	    (struct spooled){.seq = cut->header.seq, .size = cut->header.size};
}

static void tell_faults(struct cutter *c, const struct cut *cut)
{
	struct engine *e = c->s->engine;

	engine_fault(e, FAULT_CAPTURE, NULL);
	engine_fault(
	    e, FAULT_DB, cut->db_why.text[0] ? cut->db_why.text : NULL);
	if (cut->file_why.text[0])
		engine_fault(e, FAULT_FILES, cut->file_why.text);
	else if (cut->whole_look)
		engine_fault(e, FAULT_FILES, NULL);
}

static void describe(struct cutter *c, struct cut *cut, bool idle_due)
{
	struct source *s = c->s;

	cut->header.cluster = s->term.cluster;
	cut->header.term = s->term.term;
	cut->header.term_id = s->term.term_id;
	pthread_mutex_lock(&s->engine->lock);
	cut->header.seq = s->seq + 1;
	cut->header.prev_seq = s->tip ? s->seq : 0;
	cut->header.request = s->engine->requests;
	cut->force = idle_due || cut->header.request > s->request_done;
	if (s->audit)
		capture_audit(c->capture);
	s->audit = false;
	pthread_mutex_unlock(&s->engine->lock);
}

/* 1 = a generation was made, 0 = nothing had changed. */
static int cut_once(struct cutter *c, bool idle_due, struct why *why)
{
	struct cut cut = {.fd = -1};
	int rc;

	describe(c, &cut, idle_due);
	cut.fd = redo_part(c->s->engine->state_dir, "cut", why);
	if (cut.fd < 0)
		return cut.fd;
	rc = capture_cut(c->capture, &cut, why);
	if (rc == 0 && cut.made) {
		rc = make_durable(c, &cut, why);
		if (rc == 0) {
			follow_shadow(c, &cut);
			announce(c, &cut);
		}
		capture_settle(c->capture, rc == 0);
	}
	if (rc == 0)
		tell_faults(c, &cut);
	if (cut.fd >= 0)
		close(cut.fd);
	prune(c);
	return rc < 0 ? rc : cut.made;
}

static bool is_requested(struct source *s)
{
	bool requested;

	pthread_mutex_lock(&s->engine->lock);
	requested = !s->tip || s->engine->requests > s->request_done;
	pthread_mutex_unlock(&s->engine->lock);
	return requested;
}

/* Time until the next look, in ms. */
static int patience(struct cutter *c, bool due)
{
	int64_t now = clock_monotonic_ms(), next = now + RETRY_MS;

	if (due) {
		next = c->last_ms + CUT_EVERY_MS;
		if (c->failed_ms && c->failed_ms + RETRY_MS > next)
			next = c->failed_ms + RETRY_MS;
	}
	return next > now ? (int)(next - now) : 0;
}

/* Negative: what is watched may be what a file system is about to be mounted
 * over. */
static int look(struct cutter *c, struct why *why)
{
	int64_t now = clock_monotonic_ms();
	bool idle_due, due;
	int wait, rc;

	if (capture_turn(c->capture, now))
		renew_shadow(c, now);
	due = capture_dirty(c->capture) || is_requested(c->s);
	idle_due = !due && capture_idle_due(c->capture);
	wait = patience(c, due || idle_due);
	if ((due || idle_due) && wait == 0) {
		rc = cut_once(c, idle_due, why);
		/* One that only says "idle" must not make a change wait, nor
		 * a look that found nothing. */
		if (due)
			c->last_ms = rc != 0 ? now : now - CUT_EVERY_MS + 10;
		c->failed_ms = rc < 0 ? clock_monotonic_ms() : 0;
		if (rc < 0 && rc != -ECANCELED)
			engine_fault(c->s->engine, FAULT_CAPTURE, why->text);
		return rc == -ENOMEDIUM ? rc : 0;
	}
	if (!due && capture_idle_owed(c->capture) && wait > IDLE_LOOK_MS)
		wait = IDLE_LOOK_MS;
	if (due || idle_due)
		waker_sleep(&c->s->capture, wait);
	else
		capture_wait(c->capture, c->s->capture.fd, wait);
	waker_drain(&c->s->capture);
	return 0;
}

static int capture_begin(struct cutter *c, struct why *why)
{
	struct source *s = c->s;
	struct position tip, applied;
	static const char unsaved[] = "1";
	char term[ID_TEXT];
	int rc = ledger_open(s->engine->state_dir, &c->ledger, why);

	id_text(&s->term.term_id, term);
	if (rc == 0)
		rc = ledger_note_put(c->ledger, NOTE_SOURCE, term, why);
	if (rc == 0)
		rc = ledger_note_put(c->ledger, NOTE_UNSAVED, unsaved, why);
	if (rc == 0)
		rc = ledger_position_get(c->ledger, &tip, &applied, why);
	if (rc < 0)
		return rc;
	redo_purge(s->engine->state_dir, NULL);
	kept_remove(NULL, s->engine->state_dir);
	/* The same term again after an engine_idle(): its numbers go on. */
	pthread_mutex_lock(&s->engine->lock);
	if (id_equal(&tip.term_id, &s->term.term_id))
		s->seq = tip.seq;
	pthread_mutex_unlock(&s->engine->lock);
	return 0;
}

static int capture_all(struct cutter *c, struct why *why)
{
	struct source *s = c->s;
	const struct tick t = {.fn = stopping, .arg = &s->capture};
	struct capture_setup setup = {
	    .sets = s->engine->sets, .tick = &t, .mend = kasp_rollback};
	int rc = capture_begin(c, why);

	if (rc < 0)
		return rc;
	setup.ledger = c->ledger;
	setup.had_db = dbnote_has(c->ledger);
	rc = capture_open(&setup, &c->capture, why);
	if (rc < 0)
		return rc;
	while (rc == 0 && !waker_stopped(&s->capture))
		rc = look(c, why);
	capture_close(c->capture);
	return rc;
}

static void *capture_main(void *arg)
{
	struct source *s = arg;
	struct cutter *c = calloc(1, sizeof(*c));
	struct why why = {0};

	if (!c) {
		engine_fault(s->engine, FAULT_CAPTURE, "out of memory");
		return NULL;
	}
	c->s = s;
	/* A full disk, or a ledger that is busy: it may come right. */
	while (capture_all(c, &why) < 0) {
		engine_fault(s->engine, FAULT_CAPTURE, why.text);
		ledger_close(c->ledger);
		c->ledger = NULL;
		if (waker_sleep(&s->capture, RETRY_MS) == -ECANCELED)
			break;
		waker_drain(&s->capture);
	}
	ledger_close(c->ledger);
	free(c);
	return NULL;
}

static void stop_sessions(struct source *s)
{
	struct session *one;

	pthread_mutex_lock(&s->engine->lock);
	for (one = s->sessions; one; one = one->next)
		waker_stop(&one->waker);
	pthread_mutex_unlock(&s->engine->lock);
}

/* Take the first session off the list whose thread has ended; ANY: whose
 * thread is about to end. */
static struct session *take_ended(struct source *s, bool any)
{
	struct session **at = &s->sessions, *one;

	pthread_mutex_lock(&s->engine->lock);
	while (*at && !any && !(*at)->done)
		at = &(*at)->next;
	one = *at;
	if (one) {
		*at = one->next;
		s->session_count--;
	}
	pthread_mutex_unlock(&s->engine->lock);
	return one;
}

static void reap(struct source *s, bool all)
{
	struct session *one;

	while ((one = take_ended(s, all))) {
		pthread_join(one->thread, NULL);
		waker_close(&one->waker);
		free(one);
	}
}

static int start_session(struct source *s, int fd)
{
	struct session *one = calloc(1, sizeof(*one));
	int rc;

	if (!one)
		return -ENOMEM;
	one->source = s;
	one->fd = fd;
	rc = waker_open(&one->waker);
	if (rc < 0) {
		free(one);
		return rc;
	}
	pthread_mutex_lock(&s->engine->lock);
	rc = s->session_count < SESSIONS_MAX
	         ? -pthread_create(&one->thread, NULL, session_main, one)
	         : -EMFILE;
	if (rc == 0) {
		one->next = s->sessions;
		s->sessions = one;
		s->session_count++;
	}
	pthread_mutex_unlock(&s->engine->lock);
	if (rc < 0) {
		waker_close(&one->waker);
		free(one);
	}
	return rc;
}

static void *listen_main(void *arg)
{
	struct source *s = arg;
	struct pollfd p[2] = {
	    {.fd = s->listen_fd, .events = POLLIN},
	    {.fd = s->listen.fd, .events = POLLIN},
	};
	int fd;

	while (!waker_stopped(&s->listen)) {
		poll(p, 2, 1000);
		waker_drain(&s->listen);
		reap(s, false);
		fd = accept4(
		    s->listen_fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
		if (fd >= 0 && start_session(s, fd) < 0)
			close(fd);
		else if (fd < 0 && errno != EAGAIN && errno != EINTR &&
		         errno != ECONNABORTED)
			waker_sleep(&s->listen, 100);
	}
	stop_sessions(s);
	reap(s, true);
	return NULL;
}

static int start_threads(struct source *s)
{
	int rc = waker_open(&s->capture);

	if (rc == 0)
		rc = waker_open(&s->listen);
	if (rc == 0)
		rc = -pthread_create(&s->capture_thread, NULL, capture_main, s);
	if (rc < 0)
		return rc;
	rc = -pthread_create(&s->listen_thread, NULL, listen_main, s);
	if (rc < 0) {
		waker_stop(&s->capture);
		pthread_join(s->capture_thread, NULL);
	}
	return rc;
}

static void source_free(struct source *s)
{
	manifest_unref(s->tip);
	pages_unref(s->pages);
	if (s->db_fd >= 0) /* a file without a name: its space */
		close(s->db_fd);
	if (s->listen_fd >= 0) {
		/* A child that has not yet reached its exec keeps it open, and
		 * the next term listens on the same port. */
		shutdown(s->listen_fd, SHUT_RDWR);
		close(s->listen_fd);
	}
	waker_close(&s->capture);
	waker_close(&s->listen);
	gnutls_memset(s, 0, sizeof(*s));
	free(s);
}

int source_open(struct engine *e, const struct engine_term *term,
    const char *address, int port, struct source **source, struct why *why)
{
	struct source *s = calloc(1, sizeof(*s));
	int rc;

	if (!s)
		return why_set(why, -ENOMEM, "out of memory");
	s->engine = e;
	s->term = *term;
	s->db_fd = -1;
	s->capture.fd = s->listen.fd = -1;
	s->listen_fd = net_listen(address, port, why);
	rc = s->listen_fd < 0 ? s->listen_fd : start_threads(s);
	if (rc < 0) {
		if (s->listen_fd >= 0)
			why_set(why, rc, "cannot start: %s", strerror(-rc));
		source_free(s);
		return rc;
	}
	*source = s;
	return 0;
}

void source_close(struct source *s)
{
	if (!s)
		return;
	waker_stop(&s->capture);
	waker_stop(&s->listen);
	pthread_join(s->listen_thread, NULL);
	pthread_join(s->capture_thread, NULL);
	source_free(s);
}
