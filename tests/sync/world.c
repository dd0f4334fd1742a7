/* SPDX-License-Identifier: GPL-2.0-or-later
 * Copyright (C) The ocf-ods contributors */
#include "sim.h"

#include <errno.h>
#include <limits.h>
#include <sys/random.h>

#include "attendant.h"
#include "log.h"
#include "pacemaker.h"
#include "proc.h"
#include "statefile.h"

/* Clock, dice, processes and machines, and what the control plane asks of
 * the rest of the system. */

struct world *world;
struct node *current;
jmp_buf sim_failed;
char sim_why[512];
bool sim_trace;

/* ---- dice and words ------------------------------------------------------ */

static uint64_t draw(uint64_t *state)
{
	uint64_t z = *state += UINT64_C(0x9e3779b97f4a7c15);

	z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
	z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
	return z ^ z >> 31;
}

int roll(int sides)
{
	return (int)(draw(&world->dice) % (uint64_t)sides);
}

bool chance(int percent)
{
	return roll(100) < percent;
}

/* id_random() and gnutls_rnd() ask here: the same ids in each repetition. */
ssize_t getrandom(void *buf, size_t len, unsigned flags)
{
	uint8_t *p = buf;
	size_t i;

	(void)flags;
	for (i = 0; i < len; i++)
		p[i] = world ? (uint8_t)draw(&world->noise) : (uint8_t)i;
	return (ssize_t)len;
}

int gnutls_rnd(int level, void *data, size_t len);
int gnutls_rnd(int level, void *data, size_t len)
{
	(void)level;
	getrandom(data, len, 0);
	return 0;
}

static void say(const char *fmt, va_list ap)
{
	printf("# %8.2f %s: ", (double)world->now / 1000,
	    current ? current->s.name[0] ? current->s.name : "n?" : "--");
	vprintf(fmt, ap);
	putchar('\n');
}

void trace(const char *fmt, ...)
{
	va_list ap;

	if (!sim_trace)
		return;
	va_start(ap, fmt);
	say(fmt, ap);
	va_end(ap);
}

void sim_fail(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(sim_why, sizeof(sim_why), fmt, ap);
	va_end(ap);
	trace("FAILED: %s", sim_why);
	longjmp(sim_failed, 1);
}

/* What the log says is what happened: its words are counted. */
static const struct {
	const char *holds;
	enum tally what;
} said[] = {
    {"has a newer term: this node is no source", TALLY_SUPERSEDED},
    {"may take over from now on", TALLY_RETURNS},
    {"may no longer take over: it is late", TALLY_DROP_LATE},
    {"may no longer take over: it is gone", TALLY_DROP_GONE},
    {"was minted and never begun", TALLY_YIELDS},
    {"first copy of the state is complete", TALLY_SEEDED},
    {"the record of term", TALLY_CLOSED_DEAD},
    {"no node confirmed", TALLY_CLOSE_REFUSED},
    {"source of term", TALLY_SOURCE},
    {"the claim of the worker before holds", TALLY_INHERITED},
    {"this daemon stood still", TALLY_COOLED},
    {"was restored from a snapshot or a backup", TALLY_OUTDATED},
    {"and waits for a new copy", TALLY_SEED_AGAIN},
};

/* On what the node that mints relies. */
static enum tally mint_kind(const struct node *n)
{
	const struct syncd *s = &n->s;
	int i;

	if (s->restarting)
		return TALLY_MINT_RESTART;
	if (s->record.term == 0 || s->init_here)
		return TALLY_MINT_FIRST;
	if (s->warm)
		return s->warmth.inherited ? TALLY_MINT_CLAIM : TALLY_MINT_WARM;
	if (s->record.holders.count == 1)
		return TALLY_MINT_ALONE;
	for (i = 0; i < s->members; i++)
		if (s->member[i].left != LEFT_NOT && s->member[i].known &&
		    nodes_has(&s->record.holders, &s->member[i].hello.node) &&
		    i != index_of(n))
			return TALLY_MINT_MAJORITY;
	return TALLY_MINT_COLD;
}

void log_at(int level, const char *fmt, ...)
{
	char text[512];
	size_t i;
	va_list ap;

	(void)level;
	if (strncmp(fmt, "barrier: ", 9) == 0)
		return;
	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	trace("%s", text);
	for (i = 0; i < sizeof(said) / sizeof(said[0]); i++)
		if (strstr(text, said[i].holds))
			count(said[i].what);
	if (!current)
		return;
	if (strncmp(text, "minting", 7) == 0)
		count(mint_kind(current));
	else if (strncmp(text, "demoted: ", 9) == 0)
		count(terms_in_force(&current->s) ? TALLY_CLOSED
		                                  : TALLY_CLOSED_LATE);
}

/* ---- what the control plane asks of a node --------------------------------
 */

struct attendant *attendant_start(
    const struct attendant_setup *setup, struct why *why)
{
	(void)setup, (void)why;
	return (struct attendant *)current;
}

void attendant_stop(struct attendant *a)
{
	(void)a;
}

int proc_find(const char *binary, pid_t *pids, int max)
{
	(void)binary, (void)pids, (void)max;
	return current->signer ? 1 : 0;
}

int statefile_each(
    int (*fn)(const char *resource, const struct statefile *sf, void *arg),
    void *arg)
{
	(void)fn, (void)arg;
	return 0;
}

const char *statefile_get(const struct statefile *sf, const char *key)
{
	(void)sf, (void)key;
	return NULL;
}

long statefile_number(const struct statefile *sf, const char *key, long dflt)
{
	(void)sf, (void)key;
	return dflt;
}

int report_busy(void *syncd)
{
	(void)syncd;
	return 0;
}

/* report.c writes the score to the CIB. */
void report_update(struct syncd *s)
{
	struct node *n = node_of(s);

	if (s->opt.close)
		return;
	n->score = s->role != ROLE_UNPROMOTED || s->restarting
	               ? 1000
	               : plan_score(&s->plan);
}

void ctl_reply(struct syncd *s, struct ctl_conn *conn, int rc, const char *why,
    const char *body)
{
	(void)s, (void)body;
	if (!conn || !conn->open)
		return;
	conn->answered = true;
	conn->rc = rc;
	snprintf(conn->why, sizeof(conn->why), "%s", why ? why : "");
	trace("answer: %d %s", rc, conn->why);
	if (rc == 0 && s->role == ROLE_SOURCE)
		judge_serves(node_of(s));
}

/* ---- nodes -----------------------------------------------------------------
 */

int index_of(const struct node *n)
{
	return (int)(n - world->node);
}

struct node *node_of(const struct syncd *s)
{
	return &world->node[s->nodeid - 1];
}

struct node *node_by_id(const struct id *id)
{
	int i;

	for (i = 0; i < world->nodes; i++)
		if (id_equal(&world->node[i].disk.id, id))
			return &world->node[i];
	return NULL;
}

bool node_runs(const struct node *n)
{
	return n->power && n->frozen_until <= world->now;
}

bool is_source(const struct node *n)
{
	return n->power && n->proc == PROC_WORKER && n->s.role == ROLE_SOURCE;
}

/* Code of N runs here: it may be the last that this process does. */
void guarded(struct node *n, void (*fn)(struct node *n))
{
	enum death death;

	current = n;
	n->death = DEATH_NONE;
	if (setjmp(n->ends) == 0)
		fn(n);
	death = n->death;
	if (death == DEATH_PROC || death == DEATH_LEAVE)
		worker_kill(
		    n, death == DEATH_PROC ? LEFT_PROCDOWN : LEFT_LEAVE);
	else if (death == DEATH_POWER)
		power_off(n);
	current = NULL;
}

void die(struct node *n, enum death how)
{
	n->death = how;
	longjmp(n->ends, 1);
}

static void know_members(struct node *n)
{
	struct syncd *s = &n->s;
	int i;

	s->configured = s->members = world->nodes;
	for (i = 0; i < world->nodes; i++) {
		struct member *m = &s->member[i];

		m->nodeid = (uint32_t)i + 1;
		snprintf(m->name, sizeof(m->name), "n%d", i + 1);
		m->left = LEFT_UNSEEN;
		m->listed = true;
		/* worker.c: load_member_notes() */
		if (!n->disk.knows[i] || n->proc == PROC_CLOSER)
			continue;
		m->known = true;
		m->hello.node = world->node[i].disk.id;
		facts_fence_recall(m, n->disk.fence[i]);
	}
}

/* worker.c: load_state(), first_score(), open_engine(), group_join() */
static void worker_open(struct node *n)
{
	struct syncd *s = &n->s;
	struct why why;

	s->opt.barrier_timeout_ms = 5000;
	s->ledger = &n->disk;
	s->engine = &n->engine;
	s->pacemaker = &n->pm;
	s->nodeid = (uint32_t)index_of(n) + 1;
	snprintf(s->name, sizeof(s->name), "n%d", index_of(n) + 1);
	s->encrypted = true;
	s->self = n->disk.id;
	id_random(&s->worker);
	s->starts = n->started = ++n->disk.starts;
	terms_load(s, &why);
	s->tip = n->disk.tip;
	s->zones = n->disk.live.version > 0;
	s->state = strcmp(n->disk.state, "ledger") == 0    ? STATE_LEDGER
	           : strcmp(n->disk.state, "seeding") == 0 ? STATE_SEEDING
	           : n->disk.live.version > 0              ? STATE_UNKNOWN
	                                                   : STATE_EMPTY;
	s->quorate = n->quorate;
	know_members(n);
}

void worker_start(struct node *n, bool restarted)
{
	struct syncd *s = &n->s;
	struct node *was = current;

	current = n;
	memset(s, 0, sizeof(*s));
	n->proc = PROC_WORKER;
	disk_recover(n);
	link_reset(n);
	memset(&n->pub, 0, sizeof(n->pub));
	n->pub.node = index_of(n);
	n->pm = (struct pacemaker){.look_at = world->now + roll(400)};
	worker_open(n);
	s->opt.restarted = restarted;
	s->restarting = restarted && s->record.open &&
	                id_equal(&s->record.source, &s->self);
	if (!n->parent)
		n->beat_source = false;
	n->parent = n->killed = true;
	n->paused_at = 0;
	n->restart_at = 0;
	n->tick_at = world->now + roll(TICK_MS);
	n->judge_at = n->tell_at = world->now;
	n->told_dead = true;
	n->score = s->restarting ? 1000 : INT_MIN;
	n->role_seen = ROLE_UNPROMOTED;
	memset(&n->record_seen, 0, sizeof(n->record_seen));
	warm_load(s);
	trace("ods-syncd starts%s", restarted ? " again as source" : "");
	cpg_join_group(n);
	current = was;
}

static void worker_gone(struct node *n)
{
	free(n->s.promoting);
	free(n->s.demoting);
	n->s.promoting = NULL;
	n->s.demoting = NULL;
	n->pub.on = false;
	n->engine.role = ENGINE_IDLE;
	n->engine.epoch++;
	n->proc = PROC_NONE;
	n->paused_at = 0;
	if (!n->fuse_keeps || n->death)
		n->fuse = 0;
	n->score = INT_MIN;
}

/* The process is gone.  Its parent, if there is one still, starts another,
 * three times a minute at most. */
void worker_kill(struct node *n, enum left how)
{
	if (n->proc == PROC_NONE)
		return;
	trace("n%d: its process has ended", index_of(n) + 1);
	if (how == LEFT_LEAVE && n->proc == PROC_WORKER)
		n->killed = false;
	worker_gone(n);
	cpg_gone(n, how);
	if (how == LEFT_LEAVE || !n->parent) {
		n->parent = false;
		return;
	}
	memmove(n->begun, n->begun + 1, sizeof(n->begun) - sizeof(*n->begun));
	n->begun[2] = world->now;
	if (n->begun[0] && world->now - n->begun[0] < 60000)
		n->parent = false;
	else
		n->restart_at = world->now + 50 + roll(2000);
}

void power_off(struct node *n)
{
	if (!n->power)
		return;
	trace("n%d: power off", index_of(n) + 1);
	worker_gone(n);
	n->power = n->signer = n->parent = false;
	n->claim[0] = '\0';
	n->restart_at = n->joined_at = n->quorum_at = 0;
	n->act = ACT_NONE;
	n->todo = 0;
	n->promoted = n->killed = n->unmanaged = false;
	n->frozen_until = 0;
	n->conn.open = n->second.open = false;
	memset(n->fence_at, 0, sizeof(n->fence_at));
	memset(n->history, 0, sizeof(n->history));
	n->boot_at = world->now + 5000 + roll(40000);
}

void power_on(struct node *n)
{
	trace("n%d: boots", index_of(n) + 1);
	n->power = true;
	n->boots++;
	n->boot_at = 0;
	n->on_at = world->now;
	n->skew = roll(1000000);
	n->drift = chance(80) ? 0 : roll(41) - 20;
	if (n->drift)
		count(TALLY_CLOCK_DRIFTS);
	n->side = n->data_side = 0;
	memset(n->begun, 0, sizeof(n->begun));
	cpg_boot(n);
}

/* ---- a step of the world ----------------------------------------------------
 */

/* worker.c: on_tick() */
static void worker_tick(struct node *n)
{
	struct syncd *s = &n->s;

	n->tick_at = world->now + TICK_MS;
	warm_tick(s);
	terms_tick(s);
	barrier_tick(s);
	promote_tick(s);
	n->beat_source =
	    s->role == ROLE_SOURCE || s->role == ROLE_DEMOTING || s->restarting;
	if (world->now >= n->tell_at) {
		n->tell_at = world->now + 2000;
		if (s->role != ROLE_SOURCE && n->told_dead == n->signer) {
			n->told_dead = !n->signer;
			terms_hello(s);
		}
	}
	if (world->now >= n->judge_at || s->promoting) {
		n->judge_at = world->now + 10000;
		facts_judge(s);
	}
	if (s->stopping && !s->demoting) {
		warm_stop(s);
		n->parent = false;
		die(n, DEATH_LEAVE);
	}
}

static void node_work(struct node *n)
{
	cpg_dispatch_some(n);
	if (n->proc == PROC_CLOSER) {
		closer_tick(n);
		return;
	}
	link_step(n);
	publish_step(n);
	if (n->engine.events > 0 && (n->busy_until <= world->now || chance(5)))
		events_run(&n->s);
	crm_news(n);
	if (world->now >= n->tick_at &&
	    (n->busy_until <= world->now || chance(5)))
		worker_tick(n);
}

/* main.c: a worker that does not beat is killed and started again. */
static void parent_watches(struct node *n)
{
	if (n->proc == PROC_WORKER && n->paused_at && !n->paused_parent &&
	    n->parent && world->now - n->paused_at > 10000)
		worker_kill(n, LEFT_PROCDOWN);
	if (n->proc == PROC_NONE && n->parent && n->restart_at &&
	    world->now >= n->restart_at)
		worker_start(n, n->beat_source);
}

static void node_step(struct node *n)
{
	if (!n->power) {
		if (n->boot_at && world->now >= n->boot_at)
			power_on(n);
		return;
	}
	if (!node_runs(n))
		return;
	parent_watches(n);
	n->disk.full = n->full_until > world->now;
	if (n->signer)
		sign_step(n);
	if (n->proc != PROC_NONE && !n->paused_at)
		guarded(n, node_work);
	judge_node(n);
}

void world_step(void)
{
	int i, first = roll(world->nodes);

	world->now += STEP_MS;
	fault_step();
	image_step();
	cpg_step();
	for (i = 0; i < world->nodes; i++)
		node_step(&world->node[(first + i) % world->nodes]);
	crm_step();
	judge_all();
}

void run_ms(int64_t ms)
{
	int64_t end = world->now + ms;

	while (world->now < end)
		world_step();
}

void world_begin(uint64_t seed, int nodes)
{
	int i;

	world = calloc(1, sizeof(*world));
	if (!world)
		abort();
	world->seed = seed;
	world->dice = seed * 7919 + 17;
	world->noise = seed * 104729 + 3;
	world->nodes = nodes;
	world->now = 1000000;
	world->fencing = true;
	cpg_begin();
	for (i = 0; i < nodes; i++) {
		struct node *n = &world->node[i];

		id_random(&n->disk.id);
		n->inbox = calloc(INBOX_MAX, sizeof(*n->inbox));
		n->engine.node = i;
		n->wire = TALLY_END;
		power_on(n);
	}
}

void world_end(void)
{
	int i;

	for (i = 0; i < world->nodes; i++)
		power_off(&world->node[i]);
	cpg_end();
	for (i = 0; i < world->nodes; i++)
		free(world->node[i].inbox);
	free(world);
	world = NULL;
}
