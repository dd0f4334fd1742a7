/* SPDX-License-Identifier: GPL-2.0-or-later
 * Copyright (C) The ocf-ods contributors */
#include "replica.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <gnutls/crypto.h>

#include "applier.h"
#include "apply.h"
#include "cleanup.h"
#include "incoming.h"
#include "inventory.h"
#include "join.h"
#include "ledger.h"
#include "log.h"
#include "message.h"
#include "net.h"
#include "repeats.h"
#include "verdict.h"

#define BACKOFF_FIRST_MS 200
#define BACKOFF_MAX_MS 5000
#define LINK_PATIENCE_MS 10000 /* a source that restarts is no fault */

struct replica {
	struct engine *engine;
	struct engine_term term;
	struct id source;
	char address[128];
	int port;
	struct waker waker;
	pthread_t thread;
	int ended; /* atomic: the thread hands over nothing more */
	/* Of the thread */
	struct ledger *ledger;
	struct inventory inventory; /* the last one */
	struct lineage history;     /* the source's */
	struct conn *conn;
	struct manifest *tip; /* NULL until the full generation is here */
	uint64_t seq;
	struct incoming in;
	int64_t lost_ms; /* since when there is no session */
	bool took;       /* a generation, in this session */
	struct repeats told;
};

static struct tick conn_ticker(struct replica *r)
{
	return (struct tick){.fn = conn_tick, .arg = r->conn};
}

/* Before the list of files can be true, all that is in the log must be on
 * the disk; a generation that cannot be applied does not bar the way to the
 * full one that would replace it. */
static int wait_applied(struct replica *r, struct why *why)
{
	struct why ignored;
	int rc;

	while ((rc = applier_state(r->engine->applier, &ignored)) ==
	       -EINPROGRESS) {
		rc = waker_sleep(&r->waker, 20);
		if (rc == 0)
			rc = conn_tick(r->conn);
		if (rc < 0)
			return why_set(why, rc, "stopped");
	}
	return 0;
}

static int join(struct replica *r, struct why *why)
{
	const struct tick t = conn_ticker(r);
	struct lineage mine = {0};
	const struct join_offer offer = {.self = &r->engine->self,
	    .lineage = &mine,
	    .has = &r->inventory,
	    .kept = &r->in.kept};
	struct verdict v;
	int rc = wait_applied(r, why);

	if (rc == 0)
		rc = inventory_take(
		    r->engine->replica_sets, r->ledger, &t, &r->inventory, why);
	if (rc == 0)
		rc = kept_load(&r->in.kept, r->engine->state_dir, &t);
	if (rc == 0)
		rc = verdict_lineage(r->ledger, &mine, why);
	if (rc == 0)
		rc = join_send(r->conn, &offer, why);
	lineage_free(&r->history);
	if (rc == 0)
		rc = verdict_take(r->conn, &r->term, &r->history, &v, why);
	if (rc == 0)
		rc = verdict_heed(r->engine, r->ledger, &r->term, &r->source,
		    &mine.tip, &v, why);
	lineage_free(&mine);
	return rc;
}

static int refuse(struct replica *r, int rc, struct why *why)
{
	struct answer a = {.seq = r->in.header.seq};
	struct wire_writer w;

	if (rc == -EBADMSG)
		r->in.unfit = true;
	snprintf(a.text, sizeof(a.text), "%s", why->text);
	wire_write_begin(&w, conn_payload(r->conn), NET_FRAME_MAX);
	answer_put(&w, NET_NACK, &a);
	conn_send(r->conn, NET_NACK, w.used, NULL);
	engine_fault(r->engine, FAULT_TAKE, why->text);
	return rc;
}

/* Is it the one that must come now? */
static int check_header(struct replica *r, struct why *why)
{
	const struct gen_header *h = &r->in.header;
	bool full = h->flags & GEN_FULL;

	if (!id_equal(&h->cluster, &r->term.cluster) ||
	    !id_equal(&h->term_id, &r->term.term_id) || h->term != r->term.term)
		return why_set(why, -EPROTO,
		    "a generation of another cluster or term arrived");
	if (full != !r->tip)
		return why_set(why, -EPROTO, "a generation came out of order");
	if (!full && (h->prev_seq != r->seq || h->seq != r->seq + 1 ||
	                 memcmp(h->prev_sum, r->tip->sum, SHA_LEN) != 0))
		return why_set(why, -EPROTO,
		    "generation %" PRIu64 " does not "
		    "continue what is here: everything is compared again",
		    h->seq);
	return 0;
}

static void show_progress(struct replica *r)
{
	if (incoming_full(&r->in))
		copying_done(
		    r->engine, &r->engine->copying, incoming_done(&r->in));
}

static void drop_part(struct replica *r)
{
	incoming_close(&r->in);
	copying_begin(r->engine, &r->engine->copying, 0, 0);
}

static int take_begin(
    struct replica *r, const uint8_t *data, size_t len, struct why *why)
{
	int rc = r->in.fd >= 0 ? -EPROTO
	                       : gen_header_decode(data, len, &r->in.header);

	if (rc < 0) {
		why_set(why, rc, "the source sent a bad header: %s",
		    manifest_error(rc));
		engine_fault(r->engine, FAULT_TAKE, why->text);
		return rc;
	}
	rc = check_header(r, why);
	if (rc < 0)
		return rc;
	rc = incoming_open(&r->in, why);
	return rc < 0 ? refuse(r, rc, why) : 0;
}

static int took_part(struct replica *r, int rc, struct why *why)
{
	if (rc == 0)
		show_progress(r);
	if (rc == -EPROTO)
		r->in.unfit = true;
	return rc == 0 || rc == -EPROTO || rc == -ECANCELED || rc == -ECONNRESET
	           ? rc
	           : refuse(r, rc, why);
}

static int take_data(
    struct replica *r, const uint8_t *data, size_t len, struct why *why)
{
	return took_part(r, incoming_data(&r->in, data, len, why), why);
}

static int take_spared(
    struct replica *r, const uint8_t *data, size_t len, struct why *why)
{
	uint64_t spared;
	int rc = spared_get(data, len, &spared);

	if (rc < 0)
		return why_set(why, rc, "the source sent a wrong number");
	rc = incoming_spared(&r->in, spared, why);
	if (rc == 0)
		copying_begin(
		    r->engine, &r->engine->copying, r->in.header.size, spared);
	if (rc == 0 && spared > 0)
		log_info("an interrupted copy goes on: %" PRIu64 " of %" PRIu64
		         " MB are here",
		    spared / 1000000, r->in.header.size / 1000000);
	return took_part(r, rc, why);
}

static int take_kept(
    struct replica *r, const uint8_t *data, size_t len, struct why *why)
{
	const struct tick t = conn_ticker(r);
	struct kept_run run;
	int rc = kept_run_get(data, len, &run);

	if (rc < 0)
		return why_set(why, rc, "the source sent a wrong number");
	rc = took_part(r, incoming_kept(&r->in, &run, &t, why), why);
	if (rc == 0 && run.answer)
		rc = conn_send(r->conn, NET_KEPT, 0, why);
	return rc;
}

/* Does the file begin with the header that was announced? */
static bool same_header(const struct gen_header *a, const struct gen_header *b)
{
	uint8_t x[GEN_HEADER_LEN], y[GEN_HEADER_LEN];

	gen_header_encode(a, x);
	gen_header_encode(b, y);
	return memcmp(x, y, sizeof(x)) == 0;
}

/* A full one has no predecessor, but pages in it are those that differ from
 * what this node said that it has. */
static int check_pages(const struct replica *r, const struct gen *gen)
{
	const struct entry *e =
	    manifest_find(r->inventory.disk, SET_DB, SET_DB_NAME);
	size_t i;

	for (i = 0; i < gen->list.count; i++) {
		const struct change *c = &gen->list.change[i];

		if (c->kind == CHANGE_PAGES && gen->header.flags & GEN_FULL &&
		    (!e || memcmp(e->sha, c->from, SHA_LEN) != 0))
			return -ESTALE;
	}
	return 0;
}

/* Everything about it is looked at before anything is promised. */
static int check_all(struct replica *r, struct manifest **next, struct why *why)
{
	const struct tick t = conn_ticker(r);
	struct gen gen;
	int rc = r->in.got == r->in.header.size
	             ? gen_load(r->in.fd, r->in.got, &gen, why)
	             : why_set(why, -EBADMSG, "a generation arrived cut short");

	if (rc < 0)
		return rc;
	rc = gen_verify(r->in.fd, &gen, &t, why);
	if (rc == 0)
		rc = apply_check(r->engine->replica_sets,
		    incoming_full(&r->in) && applier_unsaved(r->ledger), &gen,
		    why);
	if (rc == 0) {
		rc = check_pages(r, &gen);
		if (rc == 0)
			rc = manifest_next(r->tip, &gen.list, next);
		if (rc == 0 &&
		    (memcmp((*next)->sum, r->in.header.sum, SHA_LEN) != 0 ||
		        (*next)->count != r->in.header.entries ||
		        !same_header(&gen.header, &r->in.header)))
			rc = -EBADMSG;
		if (rc < 0)
			why_set(why, rc,
			    "generation %" PRIu64 " does not make "
			    "what it says: everything is compared again",
			    r->in.header.seq);
	}
	gen_free(&gen);
	return rc;
}

static bool is_frozen(struct engine *e)
{
	bool frozen;

	pthread_mutex_lock(&e->lock);
	frozen = e->frozen;
	pthread_mutex_unlock(&e->lock);
	return frozen;
}

static int make_durable(
    struct replica *r, const struct position *pos, struct why *why)
{
	int rc = incoming_commit(&r->in, pos, why);

	if (rc < 0)
		return rc;
	return r->in.header.flags & GEN_FULL
	           ? verdict_adopt(r->ledger, &r->history, pos, why)
	           : ledger_tip_put(r->ledger, pos, why);
}

/* Under the lock, so that engine_freeze() knows when it returns that there
 * is no ack after it; conn_send() of some bytes does not block there. */
static int send_ack(struct replica *r, uint64_t seq, struct why *why)
{
	const struct answer a = {.seq = seq};
	struct wire_writer w;
	int rc = -ECANCELED;

	wire_write_begin(&w, conn_payload(r->conn), NET_FRAME_MAX);
	answer_put(&w, NET_ACK, &a);
	pthread_mutex_lock(&r->engine->lock);
	if (!r->engine->frozen)
		rc = conn_send(r->conn, NET_ACK, w.used, why);
	pthread_mutex_unlock(&r->engine->lock);
	return rc;
}

/* While the applier is stuck only a full generation is taken, and that one
 * is acknowledged when it has been applied. */
static int wait_full_applied(struct replica *r, struct why *why)
{
	int rc;

	while ((rc = applier_state(r->engine->applier, why)) == -EINPROGRESS) {
		rc = waker_sleep(&r->waker, 20);
		if (rc == 0)
			rc = conn_tick(r->conn);
		if (rc < 0)
			return rc;
	}
	return rc;
}

static int hand_over(
    struct replica *r, const struct position *pos, bool stuck, struct why *why)
{
	struct engine_event ev = {.type = ENGINE_RECEIVED, .seq = pos->seq};
	bool full = r->in.header.flags & GEN_FULL;
	int rc = stuck ? 0 : send_ack(r, pos->seq, why);

	/* Durable is durable, acknowledged or not. */
	applier_push(r->engine->applier, pos, full);
	if (stuck) {
		rc = wait_full_applied(r, why);
		if (rc < 0 && rc != -ECANCELED)
			return refuse(r, rc, why);
		if (rc == 0)
			rc = send_ack(r, pos->seq, why);
	}
	if (rc == 0)
		engine_emit(r->engine, &ev);
	return rc;
}

static int take_end(struct replica *r, struct why *why)
{
	struct position pos = {
	    .term_id = r->term.term_id,
	    .term = r->term.term,
	    .seq = r->in.header.seq,
	};
	struct manifest *next = NULL;
	struct why applier = {0};
	bool stuck;
	int rc = r->in.fd < 0 ? -EPROTO : check_all(r, &next, why);

	if (rc == -ECANCELED || rc == -EPROTO)
		return rc;
	rc = rc < 0 ? rc : is_frozen(r->engine) ? -ECANCELED : 0;
	stuck =
	    applier_state(r->engine->applier, &applier) < 0 && applier.text[0];
	if (rc == 0 && stuck && !(r->in.header.flags & GEN_FULL))
		rc = why_set(why, -EIO, "%s", applier.text);
	if (rc == 0)
		rc = make_durable(r, &pos, why);
	if (rc < 0) {
		manifest_unref(next);
		return rc == -ECANCELED ? rc : refuse(r, rc, why);
	}
	drop_part(r);
	manifest_unref(r->tip);
	r->tip = next;
	r->seq = pos.seq;
	r->took = true;
	rc = hand_over(r, &pos, stuck, why);
	if (rc == 0)
		engine_fault(r->engine, FAULT_TAKE, NULL);
	return rc;
}

static int take_frame(struct replica *r, enum net_type type,
    const uint8_t *data, size_t len, struct why *why)
{
	if (type == NET_GEN)
		return take_begin(r, data, len, why);
	if (type == NET_DATA)
		return take_data(r, data, len, why);
	if (type == NET_SPARED)
		return take_spared(r, data, len, why);
	if (type == NET_KEPT)
		return take_kept(r, data, len, why);
	if (type == NET_GEN_END && len == 0)
		return take_end(r, why);
	return why_set(why, -EPROTO, "unexpected frame");
}

/* What is on the disk is not what it was taken for: nothing that follows can
 * be applied, a new session compares. */
static int check_applier(struct replica *r, struct why *why)
{
	struct why applier = {0};

	if (applier_state(r->engine->applier, &applier) != -ESTALE)
		return 0;
	return why_set(why, -ESTALE, "%s", applier.text);
}

static int receive(struct replica *r, struct why *why)
{
	const uint8_t *data;
	enum net_type type;
	size_t len;
	int rc;

	for (;;) {
		rc = conn_recv(r->conn, NET_PING_MS, &type, &data, &len, why);
		if (rc == 0)
			rc = take_frame(r, type, data, len, why);
		else if (rc == -EAGAIN)
			rc = check_applier(r, why);
		if (rc < 0)
			return rc;
	}
}

/* One session from connect to its end; *STOOD tells whether there was one. */
static int session(struct replica *r, bool *stood, struct why *why)
{
	struct engine_event ev = {.type = ENGINE_CONNECTED, .node = r->source};
	const struct net_target target = {
	    .term = &r->term,
	    .self = r->engine->self,
	    .address = r->address,
	    .port = r->port,
	    .bandwidth_mbit = &r->engine->bandwidth_mbit,
	};
	int rc = net_connect(&target, &r->waker, &r->conn, why);

	r->took = false;
	if (rc < 0)
		return rc;
	rc = join(r, why);
	if (rc == 0) {
		*stood = true;
		repeats_forget(&r->told, "");
		engine_emit(r->engine, &ev);
		engine_fault(r->engine, FAULT_LINK, NULL);
		rc = receive(r, why);
	}
	drop_part(r);
	conn_close(r->conn);
	r->conn = NULL;
	manifest_unref(r->tip);
	r->tip = NULL;
	if (*stood) {
		ev.type = ENGINE_LOST;
		snprintf(ev.text, sizeof(ev.text), "%s",
		    rc == -ECANCELED ? "stopped" : why->text);
		engine_emit(r->engine, &ev);
	}
	return rc;
}

/* One line: the end of a session that stood is an event. */
static void tell_link(
    struct replica *r, int rc, bool stood, const struct why *why)
{
	int64_t now = clock_monotonic_ms();
	char line[WHY_MAX];

	if (!r->lost_ms)
		r->lost_ms = now;
	/* A refusal does not mend itself; a source may be starting. */
	if (rc == -EACCES || now - r->lost_ms >= LINK_PATIENCE_MS)
		engine_fault(r->engine, FAULT_LINK, why->text);
	else if (!stood && repeats_due(&r->told, "", why->text, now, line))
		log_info("%s", line);
}

/* A full disk, or a ledger that is busy: it may come right. */
static int open_ledger(struct replica *r)
{
	struct why why = {0};
	int rc = 0;

	while (rc == 0 &&
	       ledger_open(r->engine->state_dir, &r->ledger, &why) < 0) {
		engine_fault(r->engine, FAULT_TAKE, why.text);
		rc = waker_sleep(&r->waker, BACKOFF_MAX_MS);
	}
	return rc;
}

static void *replica_main(void *arg)
{
	struct replica *r = arg;
	int backoff = BACKOFF_FIRST_MS;
	struct why why = {0};
	int rc = open_ledger(r);

	while (rc == 0 && !waker_stopped(&r->waker)) {
		bool stood = false;
		int end;

		memset(&why, 0, sizeof(why));
		end = session(r, &stood, &why);
		if (end == -ECANCELED)
			break;
		if (stood)
			r->lost_ms = 0;
		tell_link(r, end, stood, &why);
		/* What was refused comes again as it was. */
		if (r->took && end != -ENOSPC && end != -ESTALE)
			backoff = BACKOFF_FIRST_MS;
		rc = waker_sleep(&r->waker, backoff);
		backoff =
		    backoff * 2 < BACKOFF_MAX_MS ? backoff * 2 : BACKOFF_MAX_MS;
	}
	ledger_close(r->ledger);
	__atomic_store_n(&r->ended, 1, __ATOMIC_RELEASE);
	return NULL;
}

int replica_open(struct engine *e, const struct engine_term *term,
    const struct id *source, const char *address, int port,
    struct replica **replica, struct why *why)
{
	struct replica *r = calloc(1, sizeof(*r));
	int rc;

	if (!r)
		return why_set(why, -ENOMEM, "out of memory");
	r->engine = e;
	r->term = *term;
	r->source = *source;
	r->port = port;
	incoming_init(&r->in, e->state_dir);
	snprintf(r->address, sizeof(r->address), "%s", address);
	rc = waker_open(&r->waker);
	if (rc == 0)
		rc = -pthread_create(&r->thread, NULL, replica_main, r);
	if (rc < 0) {
		waker_close(&r->waker);
		gnutls_memset(r, 0, sizeof(*r));
		free(r);
		return why_set(why, rc, "cannot start: %s", strerror(-rc));
	}
	*replica = r;
	return 0;
}

void replica_stop(struct replica *r)
{
	waker_stop(&r->waker);
}

bool replica_ended(const struct replica *r)
{
	return __atomic_load_n(&r->ended, __ATOMIC_ACQUIRE) != 0;
}

void replica_close(struct replica *r)
{
	if (!r)
		return;
	waker_stop(&r->waker);
	pthread_join(r->thread, NULL);
	waker_close(&r->waker);
	inventory_drop(&r->inventory);
	lineage_free(&r->history);
	gnutls_memset(r, 0, sizeof(*r));
	free(r);
}
