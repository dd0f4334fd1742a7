/* SPDX-License-Identifier: GPL-2.0-or-later
 * Copyright (C) The ocf-ods contributors */
#ifndef TEST_CLUSTER_H
#define TEST_CLUSTER_H

/* The control plane of several nodes in one process on a virtual clock.  Its
 * own code: terms, promote, barrier, facts, events, plan, holders, control.
 * Made here: Corosync (agreed order, partitions), Pacemaker's fencing
 * history, the engine, the publisher, the ledger's disk.
 *
 * A version of the zones is a number.  The world remembers the newest one
 * that was published and in which term; a node that becomes source without
 * having it on disk, or that publishes in an older term, fails the test. */

#include "fakes.h"

/* ---- Corosync ----------------------------------------------------------- */

static struct item *inbox_add(struct vnode *n, enum item_type type, int from)
{
	struct item *it = &n->inbox[n->items++];

	assert_true(n->items < INBOX_MAX);
	it->type = type;
	it->from = from;
	return it;
}

void group_send(struct syncd *s, const struct control *c)
{
	struct vnode *n = owner(s);
	int i;

	for (i = 0; i < world.nodes; i++) {
		struct item *it;

		if (!n->sees[i])
			continue;
		it = inbox_add(
		    &world.node[i], ITEM_MESSAGE, (int)(n - world.node));
		it->len = control_encode(c, it->data, sizeof(it->data));
		assert_true(it->len > 0);
	}
}

static void worker_end(int i, enum left how);

void group_abandon(struct syncd *s, const char *why)
{
	(void)why;
	worker_end((int)(owner(s) - world.node), LEFT_PROCDOWN);
}

void group_flush(struct syncd *s)
{
	(void)s;
}

/* After each change of power, workers and partitions. */
static void membership(void)
{
	int i, j, side;

	for (i = 0; i < world.nodes; i++) {
		struct vnode *n = &world.node[i];

		for (j = 0; n->up && j < world.nodes; j++) {
			struct vnode *o = &world.node[j];
			bool there = o->up && o->side == n->side;

			if (n->sees[j] && !there)
				inbox_add(n, ITEM_LEFT, j)->how =
				    o->power && o->side == n->side
				        ? o->goes
				        : LEFT_NODEDOWN;
			if (!n->sees[j] && there)
				inbox_add(n, ITEM_JOINED, j);
			n->sees[j] = there;
		}
		for (j = side = 0; j < world.nodes; j++)
			side += world.node[j].power &&
			        world.node[j].side == n->side;
		n->s.quorate = world.nodes == 2 || 2 * side > world.nodes;
	}
}

static void take_item(struct vnode *n, const struct item *it)
{
	struct member *m = &n->s.member[it->from];
	bool self = n == &world.node[it->from];
	struct control c;
	struct why why;

	switch (it->type) {
	case ITEM_MESSAGE:
		assert_int_equal(
		    control_decode(&c, it->data, (size_t)it->len, &why), 0);
		terms_receive(&n->s, m, &c);
		return;
	case ITEM_LEFT:
		m->left = it->how;
		terms_member_left(&n->s, m);
		break;
	case ITEM_JOINED:
		m->left = LEFT_NOT;
		if (!self)
			terms_member_joined(&n->s, m);
		break;
	}
	terms_hello(&n->s);
	facts_judge(&n->s);
}

static void deliver(void)
{
	bool more = true;
	int i;

	while (more) {
		more = false;
		for (i = 0; i < world.nodes; i++) {
			struct vnode *n = as(i);
			struct item it;

			if (!n->up || n->paused || n->items == 0)
				continue;
			it = n->inbox[0];
			memmove(n->inbox, n->inbox + 1,
			    (size_t)--n->items * sizeof(it));
			take_item(n, &it);
			more = true;
		}
	}
}

/* ---- what happens to the nodes ------------------------------------------ */

static UNUSED_FN void worker_start(int i, bool restarted)
{
	struct vnode *n = as(i);
	struct syncd *s = &n->s;
	struct why why;
	int j;

	memset(s, 0, sizeof(*s));
	memset(&n->engine, 0, sizeof(n->engine));
	memset(n->sees, 0, sizeof(n->sees));
	n->engine.node = i;
	n->items = 0;
	n->power = n->up = true;
	n->publisher_on = n->paused = false;
	s->opt.barrier_timeout_ms = 5000;
	s->opt.barrier = world.barrier;
	s->opt.restarted = restarted;
	s->ledger = &n->disk;
	s->engine = &n->engine;
	s->pacemaker = (struct pacemaker *)n;
	n->look = true;
	n->urgent = false;
	s->nodeid = (uint32_t)i + 1;
	snprintf(s->name, sizeof(s->name), "n%d", i + 1);
	s->encrypted = true;
	s->configured = s->members = world.nodes;
	s->self = n->id;
	id_random(&s->worker);
	if (n->starts < n->disk.counted)
		n->starts = n->disk.counted;
	s->starts = ++n->starts;
	terms_load(s, &why);
	s->tip = n->disk.tip;
	s->state = strcmp(n->disk.state, "ledger") == 0    ? STATE_LEDGER
	           : strcmp(n->disk.state, "seeding") == 0 ? STATE_SEEDING
	                                                   : STATE_EMPTY;
	s->restarting = restarted && s->record.open &&
	                id_equal(&s->record.source, &s->self);
	n->locked = false;
	warm_load(s);
	foreign_load(s);
	foreign_guard(s);
	for (j = 0; j < world.nodes; j++) {
		struct member *m = &s->member[j];

		m->nodeid = (uint32_t)j + 1;
		snprintf(m->name, sizeof(m->name), "n%d", j + 1);
		m->left = LEFT_UNSEEN;
		m->listed = true;
		if (!n->disk.knows[j])
			continue;
		m->known = true;
		m->hello.node = world.node[j].id;
		facts_fence_recall(m, n->disk.fence[j]);
	}
	membership();
}

static UNUSED_FN void worker_end(int i, enum left how)
{
	struct vnode *n = &world.node[i];

	n->up = n->publisher_on = false;
	n->goes = how;
	n->engine.role = ENGINE_IDLE;
	free(n->s.promoting);
	free(n->s.demoting);
	n->s.promoting = NULL;
	n->s.demoting = NULL;
	membership();
}

static UNUSED_FN void power_off(int i)
{
	world.node[i].power = world.node[i].signer = false;
	world.node[i].claim[0] = '\0';
	world.node[i].boots++;
	worker_end(i, LEFT_NODEDOWN);
}

static UNUSED_FN void fence(int i)
{
	power_off(i);
	world.fenced[i]++;
}

static UNUSED_FN void partition(int i, int side)
{
	world.node[i].side = side;
	membership();
}

static void news_fenced(struct fencings *f, int count)
{
	while (count > 0)
		fencings_add(f, (uint64_t)count--);
}

/* Pacemaker's answer, as it would be now, to one node. */
static void news(int i)
{
	struct pacemaker_news *pn = calloc(1, sizeof(*pn));
	struct vnode *n = as(i);
	int j;

	assert_non_null(pn);
	pn->fencing = world.fencing;
	pn->record_read = true;
	pn->nodes = world.nodes;
	for (j = 0; j < world.nodes; j++) {
		snprintf(pn->node[j].name, NODE_NAME_MAX, "n%d", j + 1);
		news_fenced(&pn->node[j].fenced, world.fenced[j]);
	}
	facts_pacemaker(&n->s, pn);
}

static UNUSED_FN bool is_source(int i)
{
	return world.node[i].up && world.node[i].s.role == ROLE_SOURCE;
}

static UNUSED_FN int sources(void)
{
	int i, count = 0;

	for (i = 0; i < world.nodes; i++)
		count += is_source(i);
	return count;
}

/* When the thread of pacemaker.c reads, and when the worker judges anew. */
static void pacemaker(int i)
{
	struct vnode *n = as(i);
	int64_t age = world.now_ms - n->read_ms;

	if (world.now_ms % 10000 == 0 || n->s.promoting)
		facts_judge(&n->s);
	if (n->blind || (!n->look && age < (n->urgent ? URGENT_MS : IDLE_MS)))
		return;
	n->look = false;
	n->read_ms = world.now_ms;
	news(i);
}

/* One tick of every node that runs; what it must never do is judged here. */
static void tick(void)
{
	int i;

	world.now_ms += TICK_MS;
	for (i = 0; i < world.nodes; i++)
		engine_take(&world.node[i]);
	deliver();
	for (i = 0; i < world.nodes; i++) {
		struct vnode *n = as(i);
		bool was = is_source(i);

		if (!n->up || n->paused)
			continue;
		pacemaker(i);
		events_run(&n->s);
		warm_tick(&n->s);
		if (!n->up)
			continue;
		terms_tick(&n->s);
		publisher_resumes(n);
		barrier_tick(&n->s);
		promote_tick(&n->s);
		if (n->s.role != ROLE_SOURCE && n->signer != n->told_signer)
			terms_hello(&n->s);
		n->told_signer = n->signer;
		if (world.now_ms % 2000 == 0)
			foreign_tick(&n->s, n->signer || n->stranger);
		if (!was && is_source(i) && !world.may_lose &&
		    n->disk.version < world.published)
			fail_msg("n%d is source with version %d, the world "
			         "has %d",
			    i + 1, n->disk.version, world.published);
		assert_guard(n);
		deliver();
	}
}

static UNUSED_FN void run_ms(int64_t ms)
{
	int64_t end = world.now_ms + ms;

	while (world.now_ms < end)
		tick();
}

/* The signer has made a new version: it waits for the barrier. */
static UNUSED_FN int publish(int i)
{
	struct vnode *n = as(i);

	if (!n->up || n->paused || !n->publisher_on || n->publisher.waiting)
		return 0;
	n->publisher.version = n->disk.version = ++world.version;
	n->publisher.waiting = true;
	barrier_request(&n->s);
	return n->publisher.version;
}

static UNUSED_FN void promote(int i, int ms)
{
	struct vnode *n = as(i);

	n->conn = (struct ctl_conn){0};
	promote_begin(&n->s, &n->conn, deadline_in_ms(ms));
}

static UNUSED_FN void demote(int i, int ms, bool stop)
{
	struct vnode *n = as(i);

	n->conn = (struct ctl_conn){0};
	demote_begin(&n->s, &n->conn, deadline_in_ms(ms), stop);
}

static UNUSED_FN void assert_promoted(int i)
{
	const struct vnode *n = &world.node[i];

	if (!is_source(i))
		fail_msg("n%d is not promoted: %d %s; %s", i + 1, n->conn.rc,
		    n->conn.why, n->s.plan.why);
}

static UNUSED_FN bool holder(int source, int i)
{
	return nodes_has(
	    &world.node[source].s.record.holders, &world.node[i].id);
}

static UNUSED_FN void world_begin(int nodes)
{
	int i;

	memset(&world, 0, sizeof(world));
	world.nodes = nodes;
	world.fencing = true;
	world.barrier = begin_barrier;
	world.may_lose = begin_barrier == BARRIER_OFF;
	world.now_ms = 1000000;
	for (i = 0; i < nodes; i++) {
		id_random(&world.node[i].id);
		world.node[i].inbox =
		    calloc(INBOX_MAX, sizeof(*world.node[i].inbox));
		assert_non_null(world.node[i].inbox);
	}
}

static UNUSED_FN void world_end(void)
{
	int i;

	for (i = 0; i < world.nodes; i++) {
		if (world.node[i].up)
			worker_end(i, LEFT_PROCDOWN);
		free(world.node[i].inbox);
	}
	world.nodes = 0;
}

/* N1 is source of the first term, everybody is a holder, one version is
 * published. */
static UNUSED_FN void cluster_begin(int nodes)
{
	int i;

	world_begin(nodes);
	for (i = 0; i < nodes; i++)
		worker_start(i, false);
	run_ms(1000);
	promote(0, 20000);
	run_ms(25000); /* and the fencing history is known */
	assert_promoted(0);
	world.node[0].signer = true;
	for (i = 1; i < nodes; i++)
		assert_true(holder(0, i));
	publish(0);
	run_ms(1000);
	assert_int_equal(world.published, world.version);
}

static UNUSED_FN int cluster2(void **state)
{
	(void)state;
	cluster_begin(2);
	return 0;
}

static UNUSED_FN int cluster3(void **state)
{
	(void)state;
	cluster_begin(3);
	return 0;
}

static UNUSED_FN int end(void **state)
{
	(void)state;
	world_end();
	return 0;
}

#endif
