/* SPDX-License-Identifier: GPL-2.0-or-later
 * Copyright (C) The ocf-ods contributors */
#include "session.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <gnutls/crypto.h>

#include "cleanup.h"
#include "log.h"
#include "message.h"
#include "net.h"
#include "redo.h"
#include "verdict.h"

#define FULL_TRIES 50
#define CUT_WAIT_MS 10000

/* State of the thread itself. */
struct talk {
	struct session *s;
	struct conn *conn;
	struct change_list list; /* of the joiner, while it comes in */
	struct manifest *has;
	struct lineage lineage;     /* its history */
	struct join_pages pages;    /* of its database */
	struct named_pieces pieces; /* left by an interrupted copy */
	bool acked;                 /* something */
};

static bool is_allowed(void *arg, const struct id *node)
{
	struct session *s = arg;
	struct engine *e = s->source->engine;
	bool ok;

	pthread_mutex_lock(&e->lock);
	ok = nodes_has(&e->members, node);
	pthread_mutex_unlock(&e->lock);
	return ok;
}

/* The node's earlier session is dead or about to be. */
static int become(struct session *s, const struct id *node)
{
	struct source *source = s->source;
	struct session *other;
	int rc = 0;

	pthread_mutex_lock(&source->engine->lock);
	for (other = source->sessions; other; other = other->next)
		if (other != s && id_equal(&other->node, node)) {
			other->dropped = "it has connected anew";
			waker_stop(&other->waker);
		}
	s->node = *node;
	if (!nodes_has(&source->engine->members, node))
		rc = -EACCES;
	pthread_mutex_unlock(&source->engine->lock);
	return rc;
}

static bool is_news(
    struct session *s, const char *who, const char *text, char line[WHY_MAX])
{
	struct source *source = s->source;
	bool due;

	pthread_mutex_lock(&source->engine->lock);
	due = repeats_due(&source->told, who, text, clock_monotonic_ms(), line);
	pthread_mutex_unlock(&source->engine->lock);
	return due;
}

/* The node is served: what befalls it from now on is news. */
static void goes_well(struct talk *t)
{
	struct source *source = t->s->source;
	char name[ID_TEXT];

	if (t->acked)
		return;
	t->acked = true;
	id_text(&t->s->node, name);
	pthread_mutex_lock(&source->engine->lock);
	repeats_forget(&source->told, name);
	repeats_forget(&source->told, t->s->peer);
	pthread_mutex_unlock(&source->engine->lock);
}

static int join_head(
    struct talk *t, const uint8_t *data, size_t len, struct why *why)
{
	struct join_head h;
	char name[ID_TEXT], text[WHY_MAX], line[WHY_MAX];
	int rc = join_head_get(data, len, &h);

	if (rc == -EPROTONOSUPPORT)
		return why_set(why, rc,
		    "a node speaks version %u of the protocol, this one %u: "
		    "install the same version on all nodes",
		    h.version, NET_VERSION);
	if (rc < 0 || !id_equal(&h.node, &t->s->node))
		return why_set(why, -EBADMSG, "the node sent a bad greeting");
	t->lineage.tip = h.tip;
	id_text(&h.node, name);
	snprintf(text, sizeof(text),
	    "node %s joins with generation %" PRIu64 " of term %" PRIu64, name,
	    h.tip.seq, h.tip.term);
	if (is_news(t->s, name, text, line))
		log_info("%s", line);
	return 0;
}

static int join_terms(
    struct talk *t, const uint8_t *data, size_t len, struct why *why)
{
	int rc = lineage_get(data, len, &t->lineage);

	return rc == 0 ? 0
	               : why_set(why, rc, "the node sent a bad history: %s",
	                     strerror(-rc));
}

static int join_list(
    struct talk *t, const uint8_t *data, size_t len, struct why *why)
{
	int rc = join_list_get(data, len, &t->list);

	if (rc < 0)
		why_set(why, rc, "the node sent a bad list of its files: %s",
		    manifest_error(rc));
	return rc;
}

static int join_pages(
    struct talk *t, const uint8_t *data, size_t len, struct why *why)
{
	int rc = join_pages_get(data, len, &t->list, &t->pages);

	return rc == 0 ? 0
	               : why_set(why, rc,
	                     "the node sent a bad list of its pages: %s",
	                     strerror(-rc));
}

static int join_pieces(
    struct talk *t, const uint8_t *data, size_t len, struct why *why)
{
	int rc = join_pieces_get(data, len, &t->pieces);

	return rc == 0 ? 0
	               : why_set(why, rc,
	                     "the node sent a bad list of what it has kept: %s",
	                     strerror(-rc));
}

static int join_end(
    struct talk *t, const uint8_t *data, size_t len, struct why *why)
{
	int rc = join_end_get(data, len, &t->list, &t->has);

	if (rc == 0)
		rc = join_pages_end(&t->pages, t->has);
	named_sort(&t->pieces);
	if (rc < 0)
		why_set(why, rc, "the node's list of its files is damaged");
	return rc;
}

/* Wait until the node has told what it has. */
static int receive_join(struct talk *t, struct why *why)
{
	const uint8_t *data;
	enum net_type type;
	size_t len;
	bool greeted = false;
	int rc;

	while (!t->has) {
		rc =
		    conn_recv(t->conn, NET_SILENCE_MS, &type, &data, &len, why);
		if (rc == -EAGAIN)
			continue;
		if (rc < 0)
			return rc;
		if (type == NET_JOIN && !greeted)
			rc = join_head(t, data, len, why);
		else if (type == NET_LINEAGE && greeted && t->list.count == 0)
			rc = join_terms(t, data, len, why);
		else if (type == NET_LIST && greeted)
			rc = join_list(t, data, len, why);
		else if (type == NET_PAGES && greeted)
			rc = join_pages(t, data, len, why);
		else if (type == NET_PIECES && greeted)
			rc = join_pieces(t, data, len, why);
		else if (type == NET_JOIN_END && greeted)
			rc = join_end(t, data, len, why);
		else
			rc = why_set(why, -EPROTO, "unexpected frame");
		if (rc < 0)
			return rc;
		greeted = true;
	}
	return 0;
}

static int take_answer(struct talk *t, enum net_type type, const uint8_t *data,
    size_t len, struct why *why)
{
	struct engine_event ev = {.type = ENGINE_ACKED, .node = t->s->node};
	struct answer a;
	int rc = answer_get(type, data, len, &a);

	if (rc == 0 && type == NET_NACK)
		return why_set(
		    why, -ECONNREFUSED, "it cannot take more: %s", a.text);
	if (rc < 0 || a.seq >= t->s->next_seq)
		return why_set(why, -EPROTO, "unexpected frame");
	ev.seq = a.seq;
	goes_well(t);
	engine_emit(t->s->source->engine, &ev);
	return 0;
}

static int send_header(
    struct talk *t, int fd, const struct spared *spared, struct why *why)
{
	struct wire_writer w;
	int rc;

	if (content_read(fd, conn_payload(t->conn), GEN_HEADER_LEN, 0) < 0)
		return why_set(why, -EIO, "cannot read the spool");
	rc = conn_send(t->conn, NET_GEN, GEN_HEADER_LEN, why);
	if (rc < 0 || !spared)
		return rc;
	wire_write_begin(&w, conn_payload(t->conn), NET_FRAME_MAX);
	spared_put(&w, spared->total);
	return conn_send(t->conn, NET_SPARED, w.used, why);
}

static int send_data(
    struct talk *t, int fd, uint64_t at, uint64_t len, struct why *why)
{
	if (content_read(fd, conn_payload(t->conn), (size_t)len, at) < 0)
		return why_set(why, -EIO, "cannot read the spool");
	return conn_send(t->conn, NET_DATA, (size_t)len, why);
}

static int await_kept(struct talk *t, struct why *why)
{
	const uint8_t *data;
	enum net_type type;
	size_t len;
	int rc;

	do {
		rc =
		    conn_recv(t->conn, NET_SILENCE_MS, &type, &data, &len, why);
	} while (rc == -EAGAIN);
	if (rc == 0 && (type != NET_KEPT || len != 0))
		rc = take_answer(t, type, data, len, why);
	return rc;
}

/* Its copying takes time, in which it reads nothing: it is not left behind
 * for longer than one run takes. */
static int send_kept(struct talk *t, const struct spared_run *run,
    uint64_t *unanswered, struct why *why)
{
	struct kept_run k = {.first = run->first, .count = run->count};
	struct wire_writer w;
	int rc;

	*unanswered += run->len;
	k.answer = *unanswered >= SPARED_RUN / 2;
	wire_write_begin(&w, conn_payload(t->conn), NET_FRAME_MAX);
	kept_run_put(&w, &k);
	rc = conn_send(t->conn, NET_KEPT, w.used, why);
	if (rc < 0 || !k.answer)
		return rc;
	*unanswered = 0;
	return await_kept(t, why);
}

static uint64_t least(uint64_t a, uint64_t b)
{
	return a < b ? a : b;
}

/* The file as it is, from FD to the wire; SPARED (NULL: an increment): what
 * the replica has kept is only named. */
static int send_file(struct talk *t, int fd, uint64_t size,
    const struct spared *spared, struct why *why)
{
	const struct spared_run *run = spared ? spared->run : NULL;
	const struct spared_run *end = run ? run + spared->count : NULL;
	uint64_t at, len, unanswered = 0, done = spared ? spared->total : 0;
	int rc = send_header(t, fd, spared, why);

	for (at = 0; rc == 0 && at < size; at += len) {
		if (run != end && run->at == at) {
			len = run->len;
			rc = send_kept(t, run++, &unanswered, why);
			continue;
		}
		len = least(NET_FRAME_MAX, (run != end ? run->at : size) - at);
		rc = send_data(t, fd, at, len, why);
		done += len;
		if (spared)
			copying_done(
			    t->s->source->engine, &t->s->copying, done);
	}
	return rc < 0 ? rc : conn_send(t->conn, NET_GEN_END, 0, why);
}

/* The tip, held for us: its manifest, its database, and the spool from the
 * next generation on.  -EAGAIN before the first generation. */
static int hold_tip(
    struct session *s, struct full_setup *f, struct gen_header *h)
{
	struct source *source = s->source;
	int rc = -EAGAIN;

	pthread_mutex_lock(&source->engine->lock);
	if (source->tip) {
		f->tip = manifest_ref(source->tip);
		f->db_fd = source->db_fd < 0
		               ? -1
		               : fcntl(source->db_fd, F_DUPFD_CLOEXEC, 0);
		f->pages = pages_ref(source->pages);
		h->seq = source->seq;
		h->flags = source->flags;
		s->next_seq = source->seq + 1;
		rc = 0;
	}
	pthread_mutex_unlock(&source->engine->lock);
	return rc;
}

static bool request_done(struct source *source, uint64_t request)
{
	bool done;

	pthread_mutex_lock(&source->engine->lock);
	done = source->tip && source->request_done >= request;
	pthread_mutex_unlock(&source->engine->lock);
	return done;
}

static int wait_cut(struct talk *t, struct why *why)
{
	struct source *source = t->s->source;
	struct deadline d = deadline_in_ms(CUT_WAIT_MS);
	uint64_t request = source_request(source);
	int rc;

	while (!request_done(source, request)) {
		rc = conn_tick(t->conn);
		if (rc == 0)
			rc = waker_sleep(&t->s->waker, 200);
		if (rc < 0)
			return why_set(why, rc, "stopped");
		if (deadline_passed(d))
			return why_set(why, -ETIMEDOUT,
			    "the source cannot cut a generation");
	}
	return 0;
}

static int try_full(struct talk *t, struct shadow_copy *copy, int fd,
    uint64_t *size, struct why *why)
{
	const struct tick tk = {.fn = conn_tick, .arg = t->conn};
	struct source *source = t->s->source;
	struct full_setup f = {.source = source,
	    .has = t->has,
	    .theirs = t->pages.table,
	    .db_fd = -1,
	    .copy = copy,
	    .tick = &tk};
	struct gen_header h = {
	    .cluster = source->term.cluster,
	    .term = source->term.term,
	    .term_id = source->term.term_id,
	};
	int rc = hold_tip(t->s, &f, &h);

	if (rc < 0)
		return rc;
	rc = full_write(&f, fd, &h, why);
	*size = h.size;
	manifest_unref(f.tip);
	pages_unref(f.pages);
	if (f.db_fd >= 0)
		close(f.db_fd);
	return rc;
}

/* A new file without a name for this session. */
static int nameless(struct talk *t, const char *what, struct why *why)
{
	const char *state_dir = t->s->source->engine->state_dir;
	char name[ID_TEXT + 16], node[ID_TEXT];
	int fd;

	id_text(&t->s->node, node);
	snprintf(name, sizeof(name), "%s-%s", what, node);
	fd = redo_part(state_dir, name, why);
	if (fd >= 0)
		redo_unlink_part(state_dir, name);
	return fd;
}

static int make_full(struct talk *t, struct shadow_copy *copy, int fd,
    uint64_t *size, struct why *why)
{
	int i, rc = -EAGAIN;

	for (i = 0; i < FULL_TRIES; i++) {
		why->text[0] = '\0';
		rc = try_full(t, copy, fd, size, why);
		if (rc != -ESTALE && rc != -EAGAIN)
			return rc;
		rc = wait_cut(t, why);
		if (rc < 0)
			return rc;
	}
	return why_set(why, -ESTALE,
	    "the source's files change faster than "
	    "they can be copied: the node joins when they rest");
}

static int send_full(struct talk *t, struct why *why)
{
	CLEANUP(shadow_copy_drop) struct shadow_copy copy = {.fd = -1};
	CLEANUP_CLOSE int fd = nameless(t, "join", why);
	CLEANUP(spared_free) struct spared spared = {0};
	const struct tick tk = {.fn = conn_tick, .arg = t->conn};
	uint64_t size = 0;
	int rc;

	if (fd < 0)
		return fd;
	copy.fd = nameless(t, "join-db", why);
	if (copy.fd < 0)
		return copy.fd;
	rc = make_full(t, &copy, fd, &size, why);
	if (rc == 0)
		rc = spared_find(fd, size, &t->pieces, &spared, &tk);
	if (rc < 0)
		return rc;
	named_free(&t->pieces);
	copying_begin(t->s->source->engine, &t->s->copying, size, spared.total);
	rc = send_file(t, fd, size, &spared, why);
	copying_begin(t->s->source->engine, &t->s->copying, 0, 0);
	return rc;
}

/* One increment if there is one; 1 = sent, 0 = none. */
static int send_next(struct talk *t, struct why *why)
{
	struct source *source = t->s->source;
	struct position pos = {.term_id = source->term.term_id};
	CLEANUP_CLOSE int fd = -1;
	uint64_t size;
	bool due;
	int rc;

	pthread_mutex_lock(&source->engine->lock);
	pos.seq = t->s->next_seq;
	due = pos.seq <= source->seq;
	pthread_mutex_unlock(&source->engine->lock);
	if (!due)
		return 0;
	fd = redo_read(source->engine->state_dir, &pos, &size);
	if (fd < 0)
		return why_set(why, fd,
		    "it fell so far behind that the spool "
		    "was full: it starts over with a comparison");
	rc = send_file(t, fd, size, NULL, why);
	if (rc < 0)
		return rc;
	pthread_mutex_lock(&source->engine->lock);
	t->s->next_seq++;
	pthread_mutex_unlock(&source->engine->lock);
	return 1;
}

static int serve(struct talk *t, struct why *why)
{
	const uint8_t *data;
	enum net_type type;
	size_t len;
	int sent, rc;

	for (;;) {
		sent = send_next(t, why);
		if (sent < 0)
			return sent;
		rc = conn_recv(
		    t->conn, sent ? 0 : NET_PING_MS, &type, &data, &len, why);
		if (rc == 0)
			rc = take_answer(t, type, data, len, why);
		if (rc < 0 && rc != -EAGAIN)
			return rc;
	}
}

static int talk(struct talk *t, struct why *why)
{
	struct engine_event ev = {.type = ENGINE_JOINED};
	int rc = receive_join(t, why);

	if (rc == 0)
		rc = verdict_give(t->s->source->engine, t->conn,
		    &t->s->source->term, &t->s->node, &t->lineage, why);
	if (rc < 0)
		return rc;
	ev.node = t->s->node;
	engine_emit(t->s->source->engine, &ev);
	pthread_mutex_lock(&t->s->source->engine->lock);
	t->s->joined = true;
	pthread_mutex_unlock(&t->s->source->engine->lock);
	rc = send_full(t, why);
	manifest_unref(t->has);
	pages_unref(t->pages.table);
	t->has = NULL;
	t->pages.table = NULL;
	return rc < 0 ? rc : serve(t, why);
}

/* Tell why it is over; from here on the spool need not wait for us. */
static void finish(struct session *s, const struct why *why)
{
	struct engine *e = s->source->engine;
	struct engine_event ev = {.type = ENGINE_LOST, .node = s->node};
	const char *dropped;
	char line[WHY_MAX];
	bool joined;

	pthread_mutex_lock(&e->lock);
	dropped = s->dropped;
	joined = s->joined;
	s->done = true;
	pthread_mutex_unlock(&e->lock);
	snprintf(ev.text, sizeof(ev.text), "%s", dropped ? dropped : why->text);
	if (joined)
		engine_emit(e, &ev);
	else if (!waker_stopped(&s->waker) &&
	         is_news(s, s->peer, ev.text, line))
		log_warn("a data connection from %s came to nothing: %s",
		    s->peer, line);
	waker_wake(&s->source->listen);
}

void *session_main(void *arg)
{
	struct session *s = arg;
	struct talk t = {.s = s};
	struct net_server server = {
	    .term = &s->source->term,
	    .allowed = is_allowed,
	    .arg = s,
	    .bandwidth_mbit = &s->source->engine->bandwidth_mbit,
	};
	struct why why = {0};
	struct id node;
	int rc;

	net_peer(s->fd, s->peer, sizeof(s->peer));
	rc = net_accept(s->fd, &server, &s->waker, &t.conn, &node, &why);
	s->fd = -1;
	if (rc == 0)
		rc = become(s, &node);
	if (rc == 0)
		rc = talk(&t, &why);
	if (rc < 0 && !why.text[0])
		why_set(&why, rc, "the session ended: %s", strerror(-rc));
	changes_free(&t.list);
	lineage_free(&t.lineage);
	manifest_unref(t.has);
	pages_unref(t.pages.table);
	named_free(&t.pieces);
	conn_close(t.conn);
	finish(s, &why);
	return NULL;
}
