/* SPDX-License-Identifier: GPL-2.0-or-later
 * Copyright (C) The ocf-ods contributors */
#include "sim.h"

#include <errno.h>

/* The engine of each node: engine.h, without threads and sockets.  A replica
 * connects, compares, gets a full generation and then each that is cut; it
 * acks when the generation is in its log.  Everything takes time. */

#define SILENCE_MS 10000 /* NET_SILENCE_MS */
#define BACKOFF_MS 200
#define BACKOFF_MAX_MS 5000

static void tell(struct engine *e, enum engine_event_type type,
    const struct id *node, uint64_t seq, uint64_t request)
{
	struct engine_event *ev = &e->event[e->events++];

	if (e->events == EVENTS_MAX)
		sim_fail("n%d: its events are not taken", e->node + 1);
	memset(ev, 0, offsetof(struct engine_event, text));
	ev->type = type;
	if (node)
		ev->node = *node;
	ev->seq = seq;
	ev->request = request;
	ev->text[0] = '\0';
}

static void tell_verdict(
    struct engine *e, const struct id *node, enum ancestry ancestry)
{
	tell(e, ENGINE_JUDGED, node, 0, 0);
	e->event[e->events - 1].ancestry = ancestry;
}

bool engine_next_event(struct engine *e, struct engine_event *event)
{
	if (e->events == 0)
		return false;
	*event = e->event[0];
	memmove(e->event, e->event + 1, (size_t)--e->events * sizeof(*event));
	return true;
}

/* Faults outlive a role, all else does not. */
static void drop_events(struct engine *e)
{
	int i, kept = 0;

	for (i = 0; i < e->events; i++)
		if (e->event[i].type == ENGINE_FAULT ||
		    e->event[i].type == ENGINE_FAULT_OVER)
			e->event[kept++] = e->event[i];
	e->events = kept;
}

static void fault(struct engine *e, const char *text)
{
	if (!text) {
		if (e->faulty)
			tell(e, ENGINE_FAULT_OVER, NULL, 0, 0);
		e->faulty = false;
		return;
	}
	if (e->faulty)
		return;
	e->faulty = true;
	tell(e, ENGINE_FAULT, NULL, 0, 0);
	snprintf(e->event[e->events - 1].text, WHY_MAX, "%s", text);
}

void link_reset(struct node *n)
{
	struct engine *e = &n->engine;
	uint64_t epoch = e->epoch;
	int node = e->node;

	memset(e, 0, offsetof(struct engine, spool));
	e->events = 0;
	e->node = node;
	e->epoch = epoch + 1;
}

bool link_reachable(int a, int b)
{
	const struct node *x = &world->node[a], *y = &world->node[b];

	return node_runs(x) && node_runs(y) && x->data_side == y->data_side;
}

/* ---- what the control thread calls
 * ------------------------------------------- */

uint64_t engine_cut(struct engine *e)
{
	e->requests++;
	if (e->role == ENGINE_SOURCE && !e->cut_at)
		e->cut_at = world->now + roll(60);
	return e->requests;
}

uint64_t engine_cut_last(struct engine *e)
{
	return engine_cut(e);
}

int engine_source(struct engine *e, const struct engine_term *term,
    const char *address, int port, struct why *why)
{
	struct node *n = &world->node[e->node];

	(void)address, (void)port;
	engine_idle(e);
	if (n->disk.logged > 0)
		return why_set(why, -EBUSY, "not everything is applied yet");
	e->role = ENGINE_SOURCE;
	e->term = *term;
	e->epoch++;
	e->seq = 0;
	e->cut_done = 0;
	e->cut_at = world->now + 50 + roll(800);
	e->request_done = e->requests;
	return 0;
}

void engine_members(struct engine *e, const struct node_list *members)
{
	e->members = *members;
}

int engine_replica(struct engine *e, const struct engine_term *term,
    const struct id *source, const char *address, int port, struct why *why)
{
	(void)address, (void)port, (void)why;
	engine_idle(e);
	drop_events(e);
	e->role = ENGINE_REPLICA;
	e->term = *term;
	e->source = *source;
	e->frozen = false;
	e->link.backoff = BACKOFF_MS;
	return 0;
}

bool engine_apply_fails(struct engine *e)
{
	return world->node[e->node].stuck_until > world->now;
}

/* Nothing guards the files of this disk. */
struct standby *engine_standby(struct engine *e)
{
	(void)e;
	return NULL;
}

void engine_freeze(struct engine *e)
{
	e->frozen = true;
}

static void apply_first(struct node *n);

int engine_drain(struct engine *e, struct deadline deadline, struct why *why)
{
	struct node *n = &world->node[e->node];

	(void)deadline;
	if (n->disk.logged == 0)
		return 0;
	if (n->stuck_until > world->now || n->disk.full)
		return why_set(why, -ENOSPC, "a generation cannot be applied");
	if (chance(30))
		return why_set(why, -ETIMEDOUT, "it takes longer");
	while (n->disk.logged > 0)
		apply_first(n);
	return 0;
}

void engine_idle(struct engine *e)
{
	e->role = ENGINE_IDLE;
	e->epoch++;
	e->cut_at = e->cut_done = 0;
	memset(&e->link, 0, sizeof(e->link));
	drop_events(e);
}

/* ---- applying
 * ------------------------------------------------------------------ */

static void apply_first(struct node *n)
{
	struct ledger *l = &n->disk;
	struct generation g = l->log[0];

	disk_point(n, TALLY_AT_APPLY);
	if (g.full && !descends(g.content.version, l->live.version))
		count(TALLY_SET_ASIDE);
	l->live = g.content;
	disk_point(n, TALLY_AT_APPLY_FILES);
	l->unsaved = l->unsaved && !g.full;
	l->applied = g.pos;
	disk_point(n, TALLY_AT_APPLY_DONE);
	memmove(l->log, l->log + 1, (size_t)--l->logged * sizeof(*l->log));
	tell(&n->engine, ENGINE_APPLIED, NULL, g.pos.seq, 0);
}

static void apply_step(struct node *n)
{
	struct engine *e = &n->engine;

	if (n->disk.logged == 0)
		return;
	if (n->stuck_until > world->now || n->disk.full) {
		fault(e, "a generation cannot be applied");
		return;
	}
	fault(e, NULL);
	if (e->frozen || world->now < e->apply_at)
		return;
	apply_first(n);
	e->apply_at = world->now + roll(200);
}

/* ---- the replica
 * ----------------------------------------------------------------- */

static struct node *source_of(const struct node *n)
{
	return &world->node[n->engine.link.source];
}

/* Does the other end still have this session? */
static bool session_stands(const struct node *n)
{
	const struct node *src = source_of(n);

	return src->proc == PROC_WORKER && src->engine.role == ENGINE_SOURCE &&
	       src->engine.epoch == n->engine.link.epoch &&
	       nodes_has(&src->engine.members, &n->disk.id);
}

static void link_lost(struct node *n, bool replica_lives)
{
	struct engine *e = &n->engine;
	struct node *src = source_of(n);

	if (e->link.state == LINK_OFF || e->link.state == LINK_WAIT)
		return;
	trace("data link n%d-n%d ends", e->link.source + 1, e->node + 1);
	if (src->proc == PROC_WORKER && src->engine.epoch == e->link.epoch &&
	    src->engine.role == ENGINE_SOURCE)
		tell(&src->engine, ENGINE_LOST, &n->disk.id, 0, 0);
	if (replica_lives)
		tell(e, ENGINE_LOST, NULL, 0, 0);
	e->link.state = LINK_WAIT;
	e->link.datas = e->link.acks = 0;
	e->link.at = world->now + e->link.backoff;
	e->link.backoff = e->link.backoff * 2 < BACKOFF_MAX_MS
	                      ? e->link.backoff * 2
	                      : BACKOFF_MAX_MS;
}

static void connect_step(struct node *n)
{
	struct engine *e = &n->engine;
	struct link *l = &e->link;
	struct node *src = node_by_id(&e->source);
	enum ancestry ancestry;

	if (l->state == LINK_OFF) {
		l->state = LINK_WAIT;
		l->at = world->now + roll(100);
	}
	if (world->now < l->at || !src)
		return;
	l->at = world->now + BACKOFF_MS + roll(300);
	l->source = index_of(src);
	l->epoch = src->engine.epoch;
	if (!link_reachable(e->node, l->source) || src->paused_at ||
	    !session_stands(n) ||
	    !id_equal(&src->engine.term.term_id, &e->term.term_id) ||
	    memcmp(src->engine.term.psk, e->term.psk, ENGINE_PSK_LEN) != 0)
		return;
	l->state = LINK_JOIN;
	l->at =
	    world->now + 20 + roll(n->s.state == STATE_LEDGER ? 1500 : 6000);
	l->heard = world->now;
	l->datas = l->acks = 0;
	ancestry = lineage_join(n, src);
	tell_verdict(&src->engine, &n->disk.id, ancestry);
	tell_verdict(e, &e->source, ancestry);
	tell(&src->engine, ENGINE_JOINED, &n->disk.id, 0, 0);
	tell(e, ENGINE_CONNECTED, &e->source, 0, 0);
}

static void send_generation(struct node *n, uint64_t seq, bool full)
{
	struct link *l = &n->engine.link;
	const struct engine *src = &source_of(n)->engine;
	int64_t at = world->now + 1 + roll(60);

	if (l->datas == 16 || seq >= SPOOL)
		return;
	if (l->datas > 0 && l->data[l->datas - 1].at > at)
		at = l->data[l->datas - 1].at;
	l->data[l->datas].at = at;
	l->data[l->datas].gen =
	    (struct generation){.pos = {.term_id = src->term.term_id,
	                            .term = src->term.term,
	                            .seq = seq},
	        .full = full,
	        .content = src->spool[seq]};
	l->data[l->datas].sum = wire_sum(&l->data[l->datas].gen);
	l->datas++;
	l->next_seq = seq + 1;
}

static void stream_step(struct node *n)
{
	struct link *l = &n->engine.link;
	const struct node *src = source_of(n);

	if (src->paused_at)
		return;
	if (l->state == LINK_JOIN && world->now >= l->at &&
	    src->engine.seq > 0) {
		l->state = LINK_STREAM;
		send_generation(n, src->engine.seq, true);
	}
	while (l->state == LINK_STREAM && l->next_seq <= src->engine.seq &&
	       l->datas < 16)
		send_generation(n, l->next_seq, false);
}

static void send_ack(struct node *n, uint64_t seq)
{
	struct link *l = &n->engine.link;
	int64_t at = world->now + 1 + roll(40);

	if (n->acks_late_until > world->now)
		at += roll(4000);
	if (l->acks > 0 && l->ack[l->acks - 1].at > at)
		at = l->ack[l->acks - 1].at;
	if (l->acks == ACKS_MAX)
		sim_fail("n%d: too many acks", index_of(n) + 1);
	l->ack[l->acks].at = at;
	l->ack[l->acks].seq = seq;
	l->ack[l->acks++].sum = wire_ack_sum(seq);
}

/* replica.c: take_end(), make_durable(), hand_over() */
static void take(struct node *n, const struct generation *g)
{
	struct ledger *l = &n->disk;
	struct engine *e = &n->engine;

	if (l->full || (n->stuck_until > world->now && l->logged > 0) ||
	    l->logged == LOG_MAX) {
		fault(e, "a generation cannot be taken");
		link_lost(n, true);
		return;
	}
	disk_point(n, TALLY_AT_TAKE);
	l->log[l->logged++] = *g;
	disk_point(n, TALLY_AT_TAKE_LOGGED);
	if (g->full) {
		l->source = false;
		snprintf(l->state, sizeof(l->state), "ledger");
		lineage_take(l, source_of(n));
	}
	l->tip = g->pos;
	if (g->full)
		image_copied(n, g->content.version);
	disk_point(n, TALLY_AT_TAKE_TIP);
	if (g->full && l->logged > 1) {
		l->log[0] = *g;
		l->logged = 1;
	}
	send_ack(n, g->pos.seq);
	tell(e, ENGINE_RECEIVED, NULL, g->pos.seq, 0);
	e->link.backoff = BACKOFF_MS;
}

static void receive_step(struct node *n)
{
	struct link *l = &n->engine.link;

	while (l->datas > 0 && l->data[0].at <= world->now &&
	       n->slow_until <= world->now) {
		struct generation g = l->data[0].gen;
		uint64_t sum = l->data[0].sum;

		memmove(l->data, l->data + 1,
		    (size_t)--l->datas * sizeof(*l->data));
		if (!wire_data(n, &g)) {
			link_lost(n, true);
			return;
		}
		if (wire_sum(&g) != sum) {
			count(TALLY_REFUSED_FRAME);
			link_lost(n, true);
			return;
		}
		take(n, &g);
	}
}

static void replica_step(struct node *n)
{
	struct link *l = &n->engine.link;

	if (n->engine.frozen) {
		link_lost(n, false);
		return;
	}
	if (l->state == LINK_OFF || l->state == LINK_WAIT) {
		connect_step(n);
		return;
	}
	if (link_reachable(index_of(n), l->source)) {
		if (!session_stands(n)) {
			link_lost(n, true);
			return;
		}
		if (!source_of(n)->paused_at)
			l->heard = world->now;
		stream_step(n);
		receive_step(n);
	}
	if (world->now - l->heard > SILENCE_MS)
		link_lost(n, true);
}

/* ---- the source
 * ------------------------------------------------------------------ */

static void take_ack(struct node *n, struct node *r)
{
	struct link *l = &r->engine.link;
	uint64_t seq = l->ack[0].seq, sum = l->ack[0].sum;

	memmove(l->ack, l->ack + 1, (size_t)--l->acks * sizeof(*l->ack));
	if (!wire_ack(r, &seq)) {
		link_lost(r, true);
		return;
	}
	if (wire_ack_sum(seq) != sum) {
		count(TALLY_REFUSED_FRAME);
		link_lost(r, true);
		return;
	}
	tell(&n->engine, ENGINE_ACKED, &r->disk.id, seq, 0);
	count(TALLY_ACKED);
	if (r->acks_twice_until > world->now && chance(50)) {
		tell(&n->engine, ENGINE_ACKED, &r->disk.id, seq, 0);
		count(TALLY_ACK_TWICE);
		wire_acks_again(r, seq);
	}
}

static void take_acks(struct node *n)
{
	struct node *r;
	int i;

	for (i = 0; i < world->nodes; i++) {
		struct link *l = &world->node[i].engine.link;

		r = &world->node[i];
		if (r->engine.role != ENGINE_REPLICA ||
		    l->source != index_of(n) || l->epoch != n->engine.epoch ||
		    !link_reachable(i, index_of(n)))
			continue;
		while (l->acks > 0 && l->ack[0].at <= world->now)
			take_ack(n, r);
	}
}

/* source.c: make_durable(), announce() */
static void cut_durable(struct node *n)
{
	struct engine *e = &n->engine;
	struct ledger *l = &n->disk;

	e->cut_done = 0;
	if (l->full) {
		fault(e, "no generation can be cut");
		e->cut_at = world->now + 1000;
		return;
	}
	fault(e, NULL);
	disk_point(n, TALLY_AT_CUT);
	l->source = true;
	l->logged = 0;
	l->applied = l->tip = (struct position){.term_id = e->term.term_id,
	    .term = e->term.term,
	    .seq = e->seq + 1};
	disk_point(n, TALLY_AT_CUT_DONE);
	if (++e->seq == SPOOL)
		sim_fail("n%d: too many generations", e->node + 1);
	e->spool[e->seq] = e->cut;
	e->request_done = e->cut_request;
	tell(e, ENGINE_CUT, NULL, e->seq, e->cut_request);
	count(TALLY_CUT);
	world->generations++;
}

static void cut_step(struct node *n)
{
	struct engine *e = &n->engine;

	if (e->cut_done && world->now >= e->cut_done)
		cut_durable(n);
	if (e->cut_done)
		return;
	if (!e->cut_at && (e->request_done < e->requests ||
	                      memcmp(&e->cut, &n->disk.live, sizeof(e->cut))))
		e->cut_at = world->now + 50 + roll(100);
	if (!e->cut_at || world->now < e->cut_at)
		return;
	e->cut_at = 0;
	e->cut_request = e->requests;
	e->cut = n->disk.live;
	e->cut_done = world->now + roll(chance(5) ? 1500 : 80);
}

void link_step(struct node *n)
{
	apply_step(n);
	if (n->engine.role == ENGINE_REPLICA) {
		replica_step(n);
	} else if (n->engine.role == ENGINE_SOURCE) {
		take_acks(n);
		cut_step(n);
	}
}
