/* SPDX-License-Identifier: GPL-2.0-or-later
 * Copyright (C) The ocf-ods contributors */
#include "sim.h"

/* What goes wrong.  Each fault ends by itself, or when all is mended. */

static struct node *any(void)
{
	return &world->node[roll(world->nodes)];
}

static struct node *the_promoted(void)
{
	int i;

	for (i = 0; i < world->nodes; i++)
		if (is_source(&world->node[i]))
			return &world->node[i];
	return NULL;
}

/* The one that matters most, more often than not. */
static struct node *some(void)
{
	struct node *n = the_promoted();

	return n && chance(50) ? n : any();
}

static struct node *some_standby(void)
{
	struct node *n = any();

	return is_source(n) ? NULL : n;
}

static bool partition(bool data_too)
{
	unsigned set = 1 + (unsigned)roll((1 << world->nodes) - 2);
	int i;

	if (world->heal_at || world->data_heal_at)
		return false;
	trace("network: %x is cut off%s", set,
	    data_too ? "" : " in Corosync alone");
	for (i = 0; i < world->nodes; i++)
		if (set & 1u << i) {
			world->node[i].side = 1;
			world->node[i].data_side = data_too;
		}
	world->heal_at = world->now + 500 + roll(chance(50) ? 5000 : 40000);
	count(data_too ? TALLY_PARTITION : TALLY_RING_CUT);
	return true;
}

static bool cut_data(struct node *n)
{
	if (world->heal_at || world->data_heal_at)
		return false;
	trace("network: no data link with n%d", index_of(n) + 1);
	n->data_side = 1;
	world->data_heal_at = world->now + 500 + roll(30000);
	count(TALLY_DATA_CUT);
	return true;
}

static bool power_all(void)
{
	int i, late = roll(world->nodes);

	for (i = 0; i < world->nodes; i++) {
		power_off(&world->node[i]);
		if (i == late && chance(50))
			world->node[i].boot_at = world->now + 120000;
	}
	count(TALLY_POWER_ALL);
	return true;
}

static bool arm(struct node *n)
{
	if (n->proc == PROC_NONE || n->fuse)
		return false;
	n->fuse = 1 + roll(chance(50) ? 4 : 60);
	n->fuse_point = TALLY_END;
	if (chance(70)) {
		n->fuse = 1 + roll(3);
		n->fuse_point = (enum tally)(
		    TALLY_AT_RECORD +
		    roll(TALLY_AT_INSTALL_DONE - TALLY_AT_RECORD + 1));
	}
	n->fuse_death = chance(40) ? DEATH_POWER : DEATH_PROC;
	return true;
}

static bool worker_dies(struct node *n, bool for_good)
{
	if (n->proc != PROC_WORKER)
		return false;
	if (for_good)
		n->parent = false;
	count(for_good ? TALLY_GIVES_UP : TALLY_WORKER_DIES);
	worker_kill(n, LEFT_PROCDOWN);
	return true;
}

static bool pause_daemon(struct node *n, bool parent_too)
{
	if (n->proc != PROC_WORKER || n->paused_at)
		return false;
	trace("n%d: its %s stopped", index_of(n) + 1,
	    parent_too ? "daemon is" : "worker is");
	n->paused_at = world->now;
	n->paused_parent = parent_too;
	n->resume_at = world->now + 200 + roll(parent_too ? 60000 : 15000);
	count(parent_too ? TALLY_PAUSE_DAEMON : TALLY_PAUSE_WORKER);
	return true;
}

static bool for_a_while(struct node *n, int64_t *until, enum tally what, int ms)
{
	if (!n || n->proc != PROC_WORKER || *until > world->now)
		return false;
	trace("n%d: %s", index_of(n) + 1, tally_text[what]);
	*until = world->now + 500 + roll(ms);
	count(what);
	return true;
}

static bool move(struct node *n)
{
	if (!n->online || n->todo || n->act != ACT_NONE || n->standby)
		return false;
	trace("admin: n%d standby", index_of(n) + 1);
	n->standby = true;
	n->standby_until = world->now + 3000 + roll(30000);
	n->todo = TODO_DEMOTE | TODO_STOP;
	count(TALLY_MOVE);
	return true;
}

static bool leave(struct node *n)
{
	if (!n->online || n->todo || n->act != ACT_NONE)
		return false;
	trace("admin: n%d is shut down", index_of(n) + 1);
	n->todo = TODO_DEMOTE | TODO_STOP | TODO_LEAVE;
	count(TALLY_LEAVE);
	return true;
}

/* maintenance-mode, then pcs cluster stop: the daemons of OpenDNSSEC run on
 * without a cluster. */
static bool leave_undemoted(struct node *n)
{
	if (!n->online || n->todo || n->act != ACT_NONE || world->heal_at)
		return false;
	trace("admin: n%d leaves in maintenance", index_of(n) + 1);
	n->parent = false;
	worker_kill(n, LEFT_LEAVE);
	n->killed = true;
	n->online = false;
	n->unmanaged = true;
	n->side = 2 + index_of(n);
	n->unmanaged_until = world->now + 5000 + roll(30000);
	count(TALLY_LEAVE_UNDEMOTED);
	return true;
}

/* pcs quorum unblock: the other node is surely off. */
static bool unblock(void)
{
	int i;

	for (i = 0; i < world->nodes; i++) {
		struct node *n = &world->node[i];

		if (world->nodes != 2 || !n->online || n->quorate ||
		    world->node[1 - i].power)
			continue;
		trace("admin: quorum unblock on n%d", i + 1);
		n->wfa = n->quorate = true;
		n->quorum_at = world->now;
		count(TALLY_UNBLOCK);
		return true;
	}
	return false;
}

static bool clock_jumps(struct node *n)
{
	if (!n->power)
		return false;
	n->skew += 500 + roll(chance(50) ? 5000 : 90000);
	trace("n%d: its clock jumps", index_of(n) + 1);
	count(TALLY_CLOCK_JUMP);
	return true;
}

/* Of the next frame that comes: until then nothing has happened. */
static bool on_the_wire(struct node *n)
{
	static const enum tally what[] = {
	    TALLY_FRAME_CUT, TALLY_FRAME_FLIP, TALLY_ACK_FLIP};

	if (!n || n->wire != TALLY_END || n->engine.link.state != LINK_STREAM)
		return false;
	n->wire = what[roll(3)];
	return true;
}

static bool begin_twice(struct node *n, int64_t *until)
{
	if (!n || n->proc != PROC_WORKER || *until > world->now)
		return false;
	*until = world->now + 500 + roll(15000);
	return true;
}

static bool fault_of_bytes(void)
{
	struct node *n;

	switch (roll(4)) {
	case 0:
		n = some_standby();
		return n && begin_twice(n, &n->acks_twice_until);
	case 1:
		n = some();
		return begin_twice(n, &n->twice_until);
	default:
		return on_the_wire(some_standby());
	}
}

static bool in_next_promote(bool *what)
{
	if (*what)
		return false;
	*what = true;
	return true;
}

static bool fault_in_time(void)
{
	struct node *n = some();

	switch (roll(9)) {
	case 0:
		return for_a_while(n, &n->busy_until, TALLY_BUSY, 8000);
	case 1:
		n = the_promoted();
		return n &&
		       for_a_while(n, &n->full_until, TALLY_FULL_SOURCE, 15000);
	case 2:
		n = some_standby();
		return n && for_a_while(
		                n, &n->full_until, TALLY_FULL_STANDBY, 15000);
	case 3:
		n = some_standby();
		return n && for_a_while(n, &n->stuck_until, TALLY_STUCK, 15000);
	case 4:
		n = some_standby();
		return n && for_a_while(n, &n->slow_until, TALLY_SLOW, 20000);
	case 5:
		n = some_standby();
		return n && for_a_while(
		                n, &n->acks_late_until, TALLY_ACKS_LATE, 15000);
	case 6:
		return for_a_while(n, &n->blind_until, TALLY_BLIND, 20000);
	case 7:
		return pause_daemon(n, chance(50));
	default:
		return for_a_while(n, &n->frozen_until, TALLY_FREEZE,
		    chance(50) ? 3000 : 20000);
	}
}

static bool fault_of_pacemaker(void)
{
	switch (roll(7)) {
	case 0:
		return in_next_promote(&world->kill_agent);
	case 1:
		return in_next_promote(&world->promote_twice);
	case 2:
		return in_next_promote(&world->demote_in_promote);
	case 3:
	case 4:
		return move(some());
	case 5:
		return leave(some());
	default:
		return chance(40) && leave_undemoted(some());
	}
}

static bool fault_of_network(void)
{
	if (unblock())
		return true;
	switch (roll(4)) {
	case 0:
		return cut_data(any());
	case 1:
		cpg_stall(roll(world->nodes), 300 + roll(3000));
		count(TALLY_TOKEN_LOSS);
		return true;
	default:
		return partition(chance(70));
	}
}

bool fault_one(void)
{
	struct node *n = some();

	switch (roll(13)) {
	case 0:
		if (!n->power)
			return false;
		power_off(n);
		count(TALLY_POWER_OFF);
		return true;
	case 1:
		return worker_dies(n, chance(30));
	case 2:
	case 3:
		return arm(n);
	case 4:
	case 5:
		return fault_of_network();
	case 6:
		return fault_of_pacemaker();
	case 7:
		return chance(10) && power_all();
	case 8:
		return image_restore(any());
	case 9:
		return chance(50) && clock_jumps(some());
	case 10:
		return fault_of_bytes();
	default:
		return fault_in_time();
	}
}

/* ---- and is over ------------------------------------------------------------
 */

static void heal(void)
{
	int i;

	trace("network: whole");
	for (i = 0; i < world->nodes; i++)
		if (!world->node[i].unmanaged)
			world->node[i].side = 0;
	for (i = 0; i < world->nodes; i++)
		world->node[i].data_side = 0;
	world->heal_at = world->data_heal_at = 0;
}

void fault_step(void)
{
	int i;

	if ((world->heal_at && world->now >= world->heal_at) ||
	    (world->data_heal_at && world->now >= world->data_heal_at))
		heal();
	for (i = 0; i < world->nodes; i++) {
		struct node *n = &world->node[i];

		if (n->paused_at && world->now >= n->resume_at) {
			trace("n%d: its daemon goes on", i + 1);
			n->paused_at = 0;
		}
		if (n->standby && world->now >= n->standby_until)
			n->standby = false;
		if (n->unmanaged && world->now >= n->unmanaged_until) {
			trace("admin: n%d is back", i + 1);
			n->unmanaged = false;
			n->side = 0;
		}
	}
}

void fault_mend(void)
{
	int i;

	trace("all is mended");
	world->mending = true;
	world->kill_agent = world->promote_twice = world->demote_in_promote =
	    false;
	heal();
	for (i = 0; i < world->nodes; i++) {
		struct node *n = &world->node[i];

		n->fuse = 0;
		n->resume_at = n->standby_until = n->unmanaged_until = 0;
		n->slow_until = n->acks_late_until = n->stuck_until = 0;
		n->blind_until = n->full_until = n->busy_until = 0;
		n->frozen_until = n->acks_twice_until = n->twice_until = 0;
		n->wire = TALLY_END;
		if (n->boot_at > world->now + 1000)
			n->boot_at = world->now + 1000;
		memset(n->fence_at, 0, sizeof(n->fence_at));
	}
	fault_step();
}

/* What it has acked is in its files before it goes on from there. */
static void apply_all(struct node *n)
{
	struct ledger *l = &n->disk;

	disk_recover(n);
	if (!l->source && l->logged > 0)
		l->live = l->log[l->logged - 1].content;
	l->logged = 0;
}

/* What only a lie can lead to: each of two nodes has published in a term of
 * the same number. */
void fault_fork(void)
{
	uint64_t term = 0;
	int i;

	count(TALLY_FORKED);
	for (i = 0; i < world->nodes; i++) {
		power_off(&world->node[i]);
		if (world->node[i].disk.record.term > term)
			term = world->node[i].disk.record.term;
	}
	for (i = 0; i < 2; i++) {
		struct ledger *l = &world->node[i].disk;
		struct origin *o = &l->record.origin;

		apply_all(&world->node[i]);
		o->base = l->tip;
		l->record.term = term + 1;
		l->record.source = l->id;
		l->record.open = true;
		id_random(&l->record.term_id);
		l->tip.term = l->record.term;
		l->tip.term_id = l->record.term_id;
		l->tip.seq = 1;
		ledger_term_put(l,
		    &(struct ancestor){term + 1, l->record.term_id, *o}, NULL);
	}
	for (i = 0; i < world->nodes; i++)
		world->node[i].boot_at = world->now + (i < 2 ? 1000 : 40000);
}

static void send_init(struct node *n)
{
	struct control c = {.type = CONTROL_INIT, .node = n->disk.id};

	group_send(&n->s, &c);
}

void fault_init(struct node *n)
{
	count(TALLY_INIT);
	world->human = true;
	guarded(n, send_init);
}

/* The admin takes the source that there is, else the node with most. */
void fault_decide(void)
{
	struct node *best = NULL;
	int i;

	fault_mend();
	run_ms(120000);
	best = the_promoted();
	for (i = 0; i < world->nodes && !best; i++)
		if (image_asks(&world->node[i]))
			best = &world->node[i];
	for (i = 0; i < world->nodes && !best; i++)
		if (world->node[i].proc == PROC_WORKER &&
		    world->node[i].s.state == STATE_LEDGER)
			best = &world->node[i];
	if (!best)
		sim_fail("nobody to be chosen");
	fault_init(best);
	run_until_converged("a restored disk");
	world->mending = world->human = world->lost = world->asked = false;
	for (i = 0; i < world->nodes; i++)
		world->node[i].image.taken = world->node[i].set_back = false;
}
