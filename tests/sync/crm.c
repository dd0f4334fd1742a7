/* SPDX-License-Identifier: GPL-2.0-or-later
 * Copyright (C) The ocf-ods contributors */
#include "sim.h"

#include <errno.h>
#include <limits.h>

#include "pacemaker.h"

/* Pacemaker: in each quorate partition its lowest node decides.  It fences
 * what was lost without having left, starts the daemon everywhere, and
 * promotes the one with the highest positive score when nobody is promoted.
 * Signer and enforcer run where the role is. */

#define PROMOTE_MS 60000
#define DEMOTE_MS 20000
#define STOP_MS 20000
#define MARGIN_MS 1000

/* ---- what the daemon reads: crmtool.c ------------------------------------ */

void crm_news(struct node *n)
{
	struct pacemaker_news *news;
	int i, k;

	if (world->now < n->pm.look_at)
		return;
	n->pm.look_at = world->now + (n->pm.urgent ? 300 : 30000);
	if (n->blind_until > world->now) {
		n->pm.look_at = world->now + 2000;
		return;
	}
	news = calloc(1, sizeof(*news));
	if (!news)
		abort();
	news->record_read = true;
	news->fencing = world->fencing;
	news->nodes = world->nodes;
	for (i = 0; i < world->nodes; i++) {
		snprintf(news->node[i].name, sizeof(news->node[i].name), "n%d",
		    i + 1);
		for (k = n->history[i]; k > 0; k--)
			fencings_add(&news->node[i].fenced, (uint64_t)k);
		if (news->node[i].fenced.count !=
		    n->s.member[i].fence_last.count)
			trace("reads of n%d: %d, before %d", i + 1,
			    n->history[i], n->s.member[i].fence_before.count);
	}
	facts_pacemaker(&n->s, news);
}

void pacemaker_look(struct pacemaker *pm)
{
	if (pm && pm->look_at > world->now + 400)
		pm->look_at = world->now + 50 + roll(350);
}

void pacemaker_watch(struct pacemaker *pm, const char (*names)[NODE_NAME_MAX],
    int count_of, bool urgent)
{
	(void)names, (void)count_of;
	if (urgent && !pm->urgent)
		pacemaker_look(pm);
	pm->urgent = urgent;
}

void pacemaker_reassert(struct pacemaker *pm)
{
	(void)pm;
}

/* Members of a ring tell each other, sooner or later. */
static void history_spreads(struct node *n, unsigned set)
{
	bool behind = false;
	int i, j;

	for (j = 0; j < world->nodes; j++)
		for (i = 0; i < world->nodes; i++)
			if (set & 1u << j && cpg_connected(index_of(n), j) &&
			    world->node[j].online &&
			    n->history[i] < world->node[j].history[i]) {
				behind = true;
				if (n->history_at &&
				    world->now >= n->history_at)
					n->history[i] =
					    world->node[j].history[i];
			}
	if (n->history_at && world->now >= n->history_at)
		n->history_at = 0;
	else if (behind && !n->history_at) {
		n->history_at = world->now + roll(500);
		if (chance(20)) {
			n->history_at += 5000;
			count(TALLY_HISTORY_LATE);
		}
	}
}

/* ---- actions on a node: agents/state.c -------------------------------------
 */

static struct deadline agent_deadline(const struct node *n)
{
	return deadline_in_ms(n->act_until - world->now - MARGIN_MS);
}

static void call_promote(struct node *n)
{
	n->agent_until = agent_deadline(n);
	promote_begin(&n->s, &n->conn, n->agent_until);
}

static void call_demote(struct node *n)
{
	demote_begin(&n->s, &n->conn, agent_deadline(n), false);
}

static void call_stop(struct node *n)
{
	demote_begin(&n->s, &n->conn, agent_deadline(n), true);
}

static void call_gone(struct node *n)
{
	promote_conn_closed(&n->s, &n->conn);
}

/* What else is asked while a promote is under way. */
static void call_second(struct node *n)
{
	n->second = (struct ctl_conn){.open = true};
	if (world->promote_twice)
		promote_begin(&n->s, &n->second, deadline_in_ms(5000));
	else
		demote_begin(&n->s, &n->second, deadline_in_ms(5000), false);
	world->promote_twice = world->demote_in_promote = false;
}

static void spoil_promote(struct node *n)
{
	if (world->kill_agent) {
		n->act_until = world->now + roll(1500);
		world->kill_agent = false;
	} else if (world->promote_twice || world->demote_in_promote) {
		count(world->promote_twice ? TALLY_PROMOTE_TWICE
		                           : TALLY_DEMOTE_IN_PROMOTE);
		guarded(n, call_second);
	}
}

static void act_begin(struct node *n, enum act act, int ms)
{
	static void (*const call[])(struct node *) = {
	    [ACT_PROMOTE] = call_promote,
	    [ACT_DEMOTE] = call_demote,
	    [ACT_STOP] = call_stop,
	};
	static const char *const name[] = {
	    "", "promote", "demote", "stop", "close"};

	trace("Pacemaker: %s n%d", name[act], index_of(n) + 1);
	n->act = act;
	n->act_until = world->now + ms;
	n->conn = (struct ctl_conn){.open = true};
	/* A stopped process reads its socket when it goes on: as good as a
	 * lost request here. */
	if (n->proc == PROC_WORKER && !n->paused_at)
		guarded(n, call[act]);
	if (act == ACT_PROMOTE && n->proc == PROC_WORKER && !n->paused_at)
		spoil_promote(n);
}

static void act_end(struct node *n, unsigned todo)
{
	if (n->conn.open && n->proc == PROC_WORKER && !n->paused_at)
		guarded(n, call_gone);
	n->conn.open = false;
	n->act = ACT_NONE;
	n->todo |= todo;
	n->work_at = world->now + roll(500);
}

static void promote_step(struct node *n)
{
	if (n->conn.answered && n->conn.rc == 0) {
		n->promoted = true;
		n->signer_at = world->now + 300 + roll(2000);
		act_end(n, 0);
		return;
	}
	if (n->conn.answered) {
		if (n->conn.rc == -ETIMEDOUT)
			count(TALLY_NOT_YET);
		else if (n->conn.rc == -EPERM)
			count(TALLY_REFUSED);
		else if (n->conn.rc == -ENOSPC)
			count(TALLY_MINT_NO_DISK);
		act_end(n, TODO_DEMOTE | TODO_STOP | TODO_START);
		return;
	}
	if (world->now < n->act_until && n->proc == PROC_WORKER)
		return;
	count(TALLY_AGENT_KILLED);
	act_end(n, TODO_DEMOTE | TODO_STOP | TODO_START);
}

static void demote_step(struct node *n)
{
	bool dead = n->proc == PROC_NONE;
	bool late = world->now >= n->act_until;

	if (!n->conn.answered && !dead && !late)
		return;
	n->promoted = false;
	act_end(n, dead || late || n->conn.rc < 0 ? TODO_STOP | TODO_START : 0);
}

static void stop_step(struct node *n)
{
	if (n->proc == PROC_NONE && !n->parent && !n->killed) {
		act_end(n, 0);
		return;
	}
	if (world->now < n->act_until && n->proc != PROC_NONE)
		return;
	n->parent = false;
	worker_kill(n, LEFT_PROCDOWN);
	n->conn.open = false;
	n->act = ACT_CLOSE;
	closer_start(n);
}

static void close_step(struct node *n)
{
	if (n->proc == PROC_CLOSER)
		return;
	n->act = ACT_NONE;
	n->killed = !n->closed;
	if (n->closed)
		return;
	trace("Pacemaker: stop of n%d has failed", index_of(n) + 1);
	n->todo |= TODO_STOP | TODO_START;
	n->work_at = world->now + 20000;
	n->stop_failed = world->fencing;
}

static void work(struct node *n)
{
	unsigned todo = n->todo;

	if (todo & (TODO_DEMOTE | TODO_STOP) && n->signer) {
		n->signer = false;
		n->work_at = world->now + 100 + roll(800);
	} else if (todo & TODO_DEMOTE) {
		n->todo &= ~(unsigned)TODO_DEMOTE;
		act_begin(n, ACT_DEMOTE, DEMOTE_MS);
	} else if (todo & TODO_STOP) {
		n->todo &= ~(unsigned)TODO_STOP;
		n->promoted = false;
		act_begin(n, ACT_STOP, STOP_MS);
	} else if (todo & TODO_LEAVE) {
		n->online = false;
		power_off(n);
	} else if (todo & TODO_START) {
		n->todo &= ~(unsigned)TODO_START;
		if (n->proc == PROC_NONE && !n->standby)
			worker_start(n, false);
	}
}

/* The monitors of the state resource. */
static void monitor(struct node *n)
{
	const struct syncd *s = &n->s;
	bool promoted =
	    s->role == ROLE_SOURCE || s->role == ROLE_DEMOTING || s->restarting;

	n->monitor_at = world->now + 10000;
	if (!n->promoted)
		n->signer = false;
	if (n->proc == PROC_NONE && !n->parent && n->killed)
		n->todo |= TODO_DEMOTE | TODO_STOP | TODO_START;
	else if (n->proc == PROC_WORKER && n->paused_at &&
	         world->now - n->paused_at > 30000)
		n->todo |= TODO_STOP | TODO_START;
	else if (n->proc == PROC_WORKER && !n->paused_at &&
	         promoted != n->promoted)
		n->todo |= TODO_DEMOTE | TODO_STOP | TODO_START;
}

static void executor_step(struct node *n)
{
	switch (n->act) {
	case ACT_NONE:
		break;
	case ACT_PROMOTE:
		promote_step(n);
		return;
	case ACT_DEMOTE:
		demote_step(n);
		return;
	case ACT_STOP:
		stop_step(n);
		return;
	case ACT_CLOSE:
		close_step(n);
		return;
	}
	if (n->todo) {
		if (world->now >= n->work_at && cpg_flows(index_of(n)))
			work(n);
		return;
	}
	if (n->promoted && !n->signer && world->now >= n->signer_at &&
	    is_source(n))
		n->signer = true;
	if (world->now >= n->monitor_at)
		monitor(n);
}

/* ---- decisions of a partition
 * ------------------------------------------------ */

void crm_fenced(int target)
{
	struct node *n = &world->node[target];

	trace("n%d is fenced", target + 1);
	count(TALLY_FENCE);
	world->fenced[target]++;
	n->online = n->stop_failed = false;
	power_off(n);
	if (!n->boot_at)
		n->boot_at = world->now + 5000 + roll(40000);
}

static int64_t fence_delay(void)
{
	if (world->mending)
		return 500;
	if (chance(15)) {
		count(TALLY_FENCE_LATE);
		return 8000 + roll(15000);
	}
	if (chance(10)) {
		count(TALLY_FENCE_NEVER);
		return 50000 + roll(60000);
	}
	return 300 + roll(4000);
}

/* True while one is on its way. */
static bool fence_lost(struct node *dc, unsigned set)
{
	bool waiting = false;
	int i;

	for (i = 0; i < world->nodes; i++) {
		struct node *n = &world->node[i];
		bool here = set & 1u << i;

		if (here && n->stop_failed && !dc->fence_at[i]) {
			count(TALLY_FENCE_EARLY);
			dc->fence_at[i] = world->now + 300 + roll(3000);
		} else if (here && dc->fence_at[i] && !n->stop_failed) {
			count(TALLY_MERGE);
			dc->fence_at[i] = 0;
		}
		if (!here && n->online && !dc->fence_at[i])
			dc->fence_at[i] = world->now + fence_delay();
		if (!here && !n->online)
			dc->fence_at[i] = 0;
		if (!dc->fence_at[i])
			continue;
		waiting = true;
		if (world->now < dc->fence_at[i])
			continue;
		dc->fence_at[i] = 0;
		crm_fenced(i);
		dc->history[i] = world->fenced[i];
	}
	return waiting;
}

static bool at_work(const struct node *n)
{
	return n->act != ACT_NONE || n->todo;
}

static void stop_all(unsigned set)
{
	int i;

	for (i = 0; i < world->nodes; i++) {
		struct node *n = &world->node[i];

		if (!(set & 1u << i) || at_work(n) || n->unmanaged ||
		    (n->proc == PROC_NONE && !n->parent && !n->signer &&
		        !n->promoted))
			continue;
		n->todo = TODO_DEMOTE | TODO_STOP;
		n->work_at = world->now + roll(3000);
	}
}

static void start_all(unsigned set)
{
	int i;

	for (i = 0; i < world->nodes; i++) {
		struct node *n = &world->node[i];

		if (!(set & 1u << i) || !n->online || at_work(n) ||
		    n->unmanaged || n->standby || n->proc != PROC_NONE ||
		    n->parent || n->killed)
			continue;
		n->todo = TODO_START;
		n->work_at = world->now + 300 + roll(2000);
	}
}

/* Who is promoted, and whether somebody is about to be or to be no more. */
static int promoted_in(unsigned set, bool *moving)
{
	int i, found = -1;

	*moving = false;
	for (i = 0; i < world->nodes; i++) {
		struct node *n = &world->node[i];

		if (!(set & 1u << i) || !n->online)
			continue;
		if (n->act == ACT_PROMOTE || n->act == ACT_DEMOTE ||
		    n->todo & TODO_DEMOTE)
			*moving = true;
		if (!n->promoted)
			continue;
		if (found >= 0 && !at_work(n)) {
			n->todo = TODO_DEMOTE; /* one is enough */
			*moving = true;
		} else {
			found = i;
		}
	}
	return found;
}

/* Scores reach the CIB late: that of a moment ago counts, whatever it was. */
static bool any_score(void)
{
	return !world->mending && chance(3);
}

static void promote_best(unsigned set)
{
	struct node *best = NULL;
	bool moving, late;
	int i;

	if (promoted_in(set, &moving) >= 0 || moving || !chance(8))
		return;
	late = any_score();
	for (i = 0; i < world->nodes; i++) {
		struct node *n = &world->node[i];

		if (!(set & 1u << i) || !n->online || n->unmanaged ||
		    n->standby || at_work(n) || n->proc != PROC_WORKER ||
		    (n->score <= 0 && !late))
			continue;
		if (!best || (late ? chance(50) : n->score > best->score))
			best = n;
	}
	if (best && best->score <= 0)
		count(TALLY_SCORE_LATE);
	if (best)
		act_begin(best, ACT_PROMOTE, PROMOTE_MS);
}

static void decide(struct node *dc, unsigned set)
{
	bool waiting = false;

	if (!cpg_flows(index_of(dc)))
		return; /* its orders go by Corosync, too */
	if (!dc->quorate) {
		if (!world->freeze)
			stop_all(set);
		return;
	}
	if (world->fencing)
		waiting = fence_lost(dc, set);
	start_all(set);
	if (!waiting)
		promote_best(set);
}

static void node_joins(struct node *n, unsigned set)
{
	int i, j;

	if (!n->joined_at)
		n->joined_at = world->now + 1000 + roll(3000);
	if (world->now < n->joined_at)
		return;
	n->online = true;
	n->joined_at = 0;
	n->killed = false; /* a probe: not running */
	n->monitor_at = world->now + roll(10000);
	memset(n->history, 0, sizeof(n->history));
	for (j = 0; j < world->nodes; j++)
		for (i = 0; set & 1u << j && i < world->nodes; i++)
			if (world->node[j].history[i] > n->history[i])
				n->history[i] = world->node[j].history[i];
}

void crm_step(void)
{
	unsigned seen = 0;
	int i;

	for (i = 0; i < world->nodes; i++) {
		struct node *n = &world->node[i];
		unsigned set = cpg_component(i);

		if (!node_runs(n) || n->unmanaged || !set)
			continue;
		if (n->online) {
			history_spreads(n, set);
			executor_step(n);
		} else {
			node_joins(n, set);
		}
		if (!n->power || !n->online || seen & 1u << i)
			continue;
		seen |= set;
		decide(n, set);
	}
}
