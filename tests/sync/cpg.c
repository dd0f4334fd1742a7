/* SPDX-License-Identifier: GPL-2.0-or-later
 * Copyright (C) The ocf-ods contributors */
#include "sim.h"

#include <errno.h>

/* Corosync.  A ring is a set of machines that has agreed on its membership;
 * what is sent in it is queued and given to all of them in one order.  When
 * the network or a machine breaks, the ring stands still until those that can
 * still see each other have noticed and form another: then each side gives
 * its processes what its own members had sent, and of what the others had
 * sent the same beginning (extended virtual synchrony). */

#define RINGS 32
#define QUEUE_MAX 256

static struct ring {
	uint64_t id;
	unsigned members, procs;
	struct packet *queue[QUEUE_MAX];
	int queued;
	int64_t stalled_until;
} ring[RINGS];

static void packet_drop(struct packet *p)
{
	if (p && --p->users == 0)
		free(p);
}

static void ring_clear(struct ring *r)
{
	int i;

	for (i = 0; i < r->queued; i++)
		packet_drop(r->queue[i]);
	memset(r, 0, sizeof(*r));
}

void cpg_begin(void)
{
	memset(ring, 0, sizeof(ring));
}

static void inbox_clear(struct node *n)
{
	while (n->items > 0) {
		packet_drop(n->inbox[n->first].message);
		n->first = (n->first + 1) % INBOX_MAX;
		n->items--;
	}
}

void cpg_end(void)
{
	int i;

	for (i = 0; i < RINGS; i++)
		ring_clear(&ring[i]);
	for (i = 0; i < world->nodes; i++)
		inbox_clear(&world->node[i]);
}

static struct item *inbox_add(struct node *n)
{
	struct item *it = &n->inbox[(n->first + n->items) % INBOX_MAX];

	if (++n->items == INBOX_MAX)
		sim_fail("n%d: its inbox is full", index_of(n) + 1);
	memset(it, 0, sizeof(*it));
	return it;
}

static int ring_free(void)
{
	int i;

	for (i = 0; ring[i].members; i++)
		if (i == RINGS - 1)
			abort();
	return i;
}

/* Its number of users drops when the last machine has left it. */
static void ring_leave(struct node *n)
{
	int i, old = n->ring;

	n->ring = -1;
	for (i = 0; i < world->nodes; i++)
		if (world->node[i].ring == old && world->node[i].power)
			return;
	if (old >= 0)
		ring_clear(&ring[old]);
}

static void judge_quorum(struct node *n, int members)
{
	if (members == world->nodes)
		n->wfa = true;
	n->quorate = world->nodes == 2 ? n->wfa : 2 * members > world->nodes;
	n->quorum_at = world->now + roll(400);
}

void cpg_boot(struct node *n)
{
	ring_leave(n);
	inbox_clear(n);
	n->ring = ring_free();
	ring[n->ring].members = 1u << index_of(n);
	ring[n->ring].id = ++world->rings;
	n->wfa = false;
	n->reform_at = 0;
	n->sees = 0;
	judge_quorum(n, 1);
}

bool cpg_connected(int a, int b)
{
	const struct node *x = &world->node[a], *y = &world->node[b];

	return a == b || (node_runs(x) && node_runs(y) && x->side == y->side);
}

/* ---- sending ----------------------------------------------------------------
 */

static void ring_add(struct ring *r, struct packet *p)
{
	int64_t last = r->queued ? r->queue[r->queued - 1]->at : 0;

	p->users = 1;
	p->at = world->now + roll(20);
	if (p->at < last)
		p->at = last;
	if (r->queued == QUEUE_MAX)
		sim_fail("a ring's queue is full");
	r->queue[r->queued++] = p;
}

static struct packet *packet_new(enum packet_type type, int from)
{
	struct packet *p = malloc(sizeof(*p));

	if (!p)
		abort();
	p->type = type;
	p->from = from;
	p->len = 0;
	return p;
}

static const char *const type_name[] = {
    "?", "HELLO", "RECORD", "ACK", "KEY", "INIT", "OUTDATED"};

static void send_again(struct node *n, const struct packet *p)
{
	struct packet *again = packet_new(p->type, p->from);

	again->len = p->len;
	memcpy(again->data, p->data, p->len);
	ring_add(&ring[n->ring], again);
	count(TALLY_SENT_TWICE);
}

void group_send(struct syncd *s, const struct control *c)
{
	struct node *n = node_of(s);
	struct packet *p = packet_new(PACKET_MESSAGE, index_of(n));
	int len = control_encode(c, p->data, sizeof(p->data));

	if (len < 0)
		abort();
	p->len = (size_t)len;
	trace("sends %s", type_name[c->type]);
	ring_add(&ring[n->ring], p);
	if (n->twice_until > world->now && chance(50))
		send_again(n, p);
	disk_point(n, TALLY_AT_SEND);
}

void group_flush(struct syncd *s)
{
	(void)s;
}

void group_abandon(struct syncd *s, const char *why)
{
	trace("%s: the worker ends itself", why);
	count(TALLY_ABANDONED);
	die(node_of(s), DEATH_PROC);
}

void cpg_join_group(struct node *n)
{
	inbox_clear(n);
	n->sees = 0;
	ring_add(&ring[n->ring], packet_new(PACKET_JOIN, index_of(n)));
}

void cpg_gone(struct node *n, enum left how)
{
	struct packet *p;

	inbox_clear(n);
	n->sees = 0;
	if (n->ring < 0)
		return;
	p = packet_new(PACKET_GONE, index_of(n));
	p->how = how;
	ring_add(&ring[n->ring], p);
}

void cpg_stall(int i, int ms)
{
	ring[world->node[i].ring].stalled_until = world->now + ms;
}

/* ---- delivery
 * ---------------------------------------------------------------- */

static void give(struct node *n, struct packet *p)
{
	if (n->proc == PROC_NONE)
		return;
	p->users++;
	inbox_add(n)->message = p;
}

static void give_change(
    struct node *n, unsigned left, unsigned joined, const struct packet *gone)
{
	struct item *it;
	int i;

	if (n->proc == PROC_NONE || !(left | joined))
		return;
	it = inbox_add(n);
	it->left = left;
	it->joined = joined;
	for (i = 0; i < world->nodes; i++)
		it->how[i] = gone ? gone->how : LEFT_NODEDOWN;
	n->sees = (n->sees & ~left) | joined;
}

static void give_ring(struct node *n, const struct ring *r)
{
	struct item *it;

	if (n->proc == PROC_NONE)
		return;
	it = inbox_add(n);
	it->ring = r->id;
	it->alone = r->members == 1u << index_of(n);
}

/* To the processes of TO, in the order of ring R. */
static void deliver(struct ring *r, struct packet *p, unsigned to)
{
	unsigned from = 1u << p->from;
	int i;

	if (p->type == PACKET_JOIN)
		r->procs |= from;
	for (i = 0; i < world->nodes; i++) {
		struct node *n = &world->node[i];

		if (!(to & r->procs & 1u << i))
			continue;
		if (p->type == PACKET_MESSAGE)
			give(n, p);
		else if (p->type == PACKET_GONE)
			give_change(n, n->sees & from, 0, p);
		else if (i == p->from) {
			give_change(n, 0, r->procs & ~n->sees, NULL);
			give_ring(n, r);
		} else
			give_change(n, 0, from & ~n->sees, NULL);
	}
	if (p->type == PACKET_GONE)
		r->procs &= ~from;
}

static bool ring_whole(const struct ring *r)
{
	int i, j;

	for (i = 0; i < world->nodes; i++)
		for (j = 0; j < world->nodes; j++)
			if (r->members & 1u << i && r->members & 1u << j &&
			    (world->node[i].ring != (int)(r - ring) ||
			        !node_runs(&world->node[i]) ||
			        !cpg_connected(i, j)))
				return false;
	return true;
}

bool cpg_flows(int i)
{
	const struct ring *r = &ring[world->node[i].ring];

	return r->stalled_until <= world->now && ring_whole(r);
}

static void ring_deliver(struct ring *r)
{
	int i, done = 0;

	if (r->queued == 0 || r->stalled_until > world->now || !ring_whole(r))
		return;
	while (done < r->queued && r->queue[done]->at <= world->now) {
		deliver(r, r->queue[done], r->members);
		packet_drop(r->queue[done++]);
	}
	for (i = done; i < r->queued; i++)
		r->queue[i - done] = r->queue[i];
	r->queued -= done;
}

/* ---- membership
 * ---------------------------------------------------------------- */

static unsigned component(int i)
{
	unsigned set = 0;
	int j;

	for (j = 0; j < world->nodes; j++)
		if (node_runs(&world->node[j]) && cpg_connected(i, j))
			set |= 1u << j;
	return set;
}

unsigned cpg_component(int i)
{
	const struct node *n = &world->node[i];

	return n->power && n->ring >= 0 ? ring[n->ring].members : 0;
}

bool cpg_whole(void)
{
	int i;

	for (i = 0; i < world->nodes; i++)
		if (cpg_component(i) != (1u << world->nodes) - 1)
			return false;
	return true;
}

/* The members in SIDE of an old ring leave it together. */
static void leave_ring(struct ring *old, unsigned side)
{
	int i, seen = roll(old->queued + 1);

	for (i = 0; i < old->queued; i++)
		if (side & 1u << old->queue[i]->from || i < seen)
			deliver(old, old->queue[i], side);
	for (i = 0; i < world->nodes; i++)
		if (side & old->procs & 1u << i)
			give_change(&world->node[i],
			    world->node[i].sees & ~side, 0, NULL);
	old->procs &= ~side;
}

static void form_ring(unsigned set)
{
	int i, j, id, size = 0;
	struct ring *r;

	for (i = 0; i < world->nodes; i++) {
		int old = world->node[i].ring;
		unsigned side = 0;

		if (!(set & 1u << i))
			continue;
		for (j = 0; j < i && old >= 0; j++)
			if (set & 1u << j && world->node[j].ring == old)
				break;
		if (j < i || old < 0)
			continue;
		for (j = i; j < world->nodes; j++)
			if (set & 1u << j && world->node[j].ring == old)
				side |= 1u << j;
		leave_ring(&ring[old], side);
	}
	id = ring_free();
	r = &ring[id];
	r->members = set;
	r->id = ++world->rings;
	for (i = 0; i < world->nodes; i++)
		if (set & 1u << i) {
			ring_leave(&world->node[i]);
			world->node[i].ring = id;
			world->node[i].reform_at = 0;
			size++;
			if (world->node[i].proc != PROC_NONE)
				ring_add(r, packet_new(PACKET_JOIN, i));
		}
	for (i = 0; i < world->nodes; i++)
		if (set & 1u << i)
			judge_quorum(&world->node[i], size);
	trace("a ring forms: %x", set);
}

/* All of a side have noticed: they form a ring. */
static void component_step(int i)
{
	unsigned set = component(i);
	int64_t due = 0;
	int j;

	if (ring[world->node[i].ring].members == set &&
	    ring_whole(&ring[world->node[i].ring]))
		return;
	for (j = 0; j < world->nodes; j++) {
		struct node *n = &world->node[j];

		if (!(set & 1u << j))
			continue;
		if (!n->reform_at)
			n->reform_at = world->now + 300 + roll(3000);
		if (n->reform_at > due)
			due = n->reform_at;
	}
	if (due <= world->now)
		form_ring(set);
}

void cpg_step(void)
{
	unsigned seen = 0;
	int i;

	for (i = 0; i < world->nodes; i++) {
		struct node *n = &world->node[i];

		if (!node_runs(n) || seen & 1u << i)
			continue;
		seen |= component(i);
		component_step(i);
	}
	for (i = 0; i < RINGS; i++)
		if (ring[i].members)
			ring_deliver(&ring[i]);
}

/* ---- in the process
 * ------------------------------------------------------------ */

/* group.c: on_confchg() */
static void change(struct node *n, const struct item *it)
{
	struct syncd *s = &n->s;
	int i, self = index_of(n);

	for (i = 0; i < world->nodes; i++)
		if (it->left & 1u << i && i != self) {
			s->member[i].left = it->how[i];
			terms_member_left(s, &s->member[i]);
		}
	for (i = 0; i < world->nodes; i++)
		if (it->joined & 1u << i && s->member[i].left != LEFT_NOT) {
			s->member[i].left = LEFT_NOT;
			if (i != self)
				terms_member_joined(s, &s->member[i]);
		}
	terms_hello(s);
	facts_judge(s);
}

static void take_item(struct node *n)
{
	struct item it = n->inbox[n->first];
	struct control c;
	struct why why;
	int rc;

	n->first = (n->first + 1) % INBOX_MAX;
	n->items--;
	if (it.ring) {
		warm_ring(&n->s, &(struct ring_id){1, it.ring}, it.alone);
		facts_judge(&n->s);
		return;
	}
	if (!it.message) {
		change(n, &it);
		return;
	}
	rc = control_decode(&c, it.message->data, it.message->len, &why);
	it.from = it.message->from;
	packet_drop(it.message);
	if (rc < 0)
		sim_fail("a message cannot be decoded: %s", why.text);
	trace("n%d's %s", it.from + 1, type_name[c.type]);
	terms_receive(&n->s, &n->s.member[it.from], &c);
}

void cpg_dispatch_some(struct node *n)
{
	int left = n->busy_until > world->now ? !roll(20) : 1 + roll(8);

	if (n->quorum_at && world->now >= n->quorum_at) {
		n->quorum_at = 0;
		n->s.quorate = n->quorate;
		facts_judge(&n->s);
	}
	while (left-- > 0 && n->items > 0)
		take_item(n);
}
