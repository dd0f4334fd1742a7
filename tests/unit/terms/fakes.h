/* SPDX-License-Identifier: GPL-2.0-or-later
 * Copyright (C) The ocf-ods contributors */
#ifndef TEST_FAKES_H
#define TEST_FAKES_H

/* What the control plane of tests/unit/terms/cluster.h stands on: clock,
 * disk, engine, publisher, Pacemaker. */

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "attendant.h"
#include "claimfile.h"
#include "floors.h"
#include "instance.h"
#include "intent.h"
#include "log.h"
#include "pacemaker.h"
#include "proc.h"
#include "standby.h"
#include "statefile.h"
#include "syncd.h"

#define UNUSED_FN __attribute__((unused))
#define WORLD_MAX 5
#define INBOX_MAX 512
#define EVENTS_MAX 256
#define GENERATIONS 8192
#define TICK_MS 100
#define URGENT_MS 300
#define IDLE_MS 30000

struct ctl_conn {
	bool answered;
	int rc;
	char why[WHY_MAX];
};

#include "diskstate.h"

enum engine_role { ENGINE_IDLE, ENGINE_SOURCE, ENGINE_REPLICA };

struct engine {
	int node;
	bool apply_fails;
	bool applying; /* what was received, still */
	enum engine_role role;
	struct engine_term term;
	struct id source;
	struct node_list members;
	bool frozen, connected;
	uint64_t seq, requests;
	int version[GENERATIONS];
	struct engine_event event[EVENTS_MAX];
	int events;
};

struct publisher {
	int node, version;
	bool waiting, resuming; /* resuming: of an earlier term */
	int escaped, refused;   /* batches that were held, and ended so */
};

enum item_type { ITEM_MESSAGE, ITEM_LEFT, ITEM_JOINED };

struct item {
	enum item_type type;
	int from, len;
	enum left how;
	uint8_t data[CONTROL_MAX];
};

struct vnode {
	struct syncd s;
	struct ledger disk;
	struct engine engine;
	struct publisher publisher;
	struct ctl_conn conn;
	struct id id;
	struct item *inbox;
	int items;
	uint64_t starts;
	int side;          /* of a partition */
	bool power;        /* the node runs */
	bool up;           /* its worker is in the group */
	bool paused;       /* SIGSTOP of its daemon */
	bool slow;         /* takes no generation */
	bool creeps;       /* takes one a second */
	bool signer;       /* the daemons run */
	bool locked;       /* kasp.db, until the worker ends */
	bool stranger;     /* somebody started one by hand */
	bool told_signer;  /* ... as its last HELLO said */
	enum left goes;    /* how its worker leaves */
	bool look, urgent; /* what its Pacemaker thread was told */
	int64_t read_ms;   /* its last reading */
	int reasserted;    /* it was told to write all again */
	bool blind;        /* its Pacemaker tools do not answer */
	bool stale;        /* its kasp.db cannot be captured, */
	bool withheld;     /* ... and a signconf is newer */
	bool publisher_on;
	bool on_its_way; /* a version is, since an earlier term */
	int installed;   /* ... at promote, without a barrier */
	bool sees[WORLD_MAX];
	char claim[CLAIM_TEXT]; /* in /run */
	int boots;
	int64_t day_s; /* its clock has jumped by */
};

static struct world {
	int nodes;
	int64_t now_ms;
	bool fencing;
	int fenced[WORLD_MAX];     /* successes in Pacemaker's history */
	int version;               /* newest one made */
	int published;             /* newest one published */
	uint64_t term;             /* it was published in */
	bool may_lose;             /* an admin typed init, or barrier=off */
	int told_degraded;         /* lines in the log */
	enum barrier_mode barrier; /* that workers start with */
	struct vnode node[WORLD_MAX];
} world;

static struct vnode *current;
static enum barrier_mode begin_barrier;

static struct vnode *as(int i)
{
	current = &world.node[i];
	return current;
}

static struct vnode *owner(const struct syncd *s)
{
	return &world.node[s->nodeid - 1];
}

/* ---- the clock --------------------------------------------------------- */

int64_t clock_monotonic_ms(void)
{
	return world.now_ms;
}

int64_t clock_boottime_ms(void)
{
	return world.now_ms;
}

struct deadline deadline_in_ms(int64_t ms)
{
	return (struct deadline){world.now_ms + ms};
}

struct deadline deadline_step(struct deadline d, int64_t ms)
{
	struct deadline step = deadline_in_ms(ms);

	return step.at_ms < d.at_ms ? step : d;
}

int deadline_left_ms(struct deadline d)
{
	return d.at_ms > world.now_ms ? (int)(d.at_ms - world.now_ms) : 0;
}

bool deadline_passed(struct deadline d)
{
	return deadline_left_ms(d) == 0;
}

void deadline_sleep_ms(struct deadline d, int ms)
{
	(void)d;
	world.now_ms += ms;
}

#include "disk.h"
#include "runfile.h"

/* ---- the engine -------------------------------------------------------- */

static void engine_tell(struct engine *e, const struct engine_event *ev)
{
	assert_true(e->events < EVENTS_MAX);
	e->event[e->events++] = *ev;
}

bool engine_next_event(struct engine *e, struct engine_event *event)
{
	if (e->events == 0)
		return false;
	*event = e->event[0];
	memmove(e->event, e->event + 1, (size_t)--e->events * sizeof(*event));
	return true;
}

uint64_t engine_cut(struct engine *e)
{
	struct vnode *n = &world.node[e->node];
	struct engine_event ev = {.type = ENGINE_CUT,
	    .stale = n->stale,
	    .withheld = n->stale && n->withheld};

	ev.request = ++e->requests;
	if (e->role != ENGINE_SOURCE)
		return ev.request;
	ev.seq = ++e->seq;
	assert_true(ev.seq < GENERATIONS);
	e->version[ev.seq] = n->disk.version;
	n->disk.tip = (struct position){
	    .term_id = e->term.term_id, .term = e->term.term, .seq = ev.seq};
	engine_tell(e, &ev);
	return ev.request;
}

uint64_t engine_cut_last(struct engine *e)
{
	return engine_cut(e);
}

int engine_source(struct engine *e, const struct engine_term *term,
    const char *address, int port, struct why *why)
{
	(void)address, (void)port, (void)why;
	e->role = ENGINE_SOURCE;
	e->term = *term;
	e->seq = 0;
	e->members.count = 0;
	engine_cut(e);
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
	e->seq = 0; /* the first one of a session is whole */
	e->role = ENGINE_REPLICA;
	e->term = *term;
	e->source = *source;
	e->frozen = e->connected = false;
	return 0;
}

bool engine_apply_fails(struct engine *e)
{
	return e->apply_fails;
}

void engine_freeze(struct engine *e)
{
	e->frozen = true;
	e->connected = false;
}

int engine_drain(struct engine *e, struct deadline deadline, struct why *why)
{
	(void)deadline;
	return e->applying ? why_set(why, -ETIMEDOUT, "not applied yet") : 0;
}

void engine_idle(struct engine *e)
{
	e->role = ENGINE_IDLE;
	e->connected = false;
}

static bool linked(const struct vnode *a, const struct vnode *b)
{
	return a->power && b->power && a->up && b->up && !a->paused &&
	       !b->paused && a->side == b->side;
}

/* One replica takes what its source has. */
static void engine_take(struct vnode *r)
{
	struct engine *e = &r->engine;
	struct engine_event ev = {.node = e->source};
	struct vnode *src = NULL;
	int i;

	for (i = 0; i < world.nodes; i++)
		if (id_equal(&world.node[i].id, &e->source))
			src = &world.node[i];
	if (e->role != ENGINE_REPLICA || e->frozen || !src || r->slow ||
	    !linked(r, src) || src->engine.role != ENGINE_SOURCE ||
	    !id_equal(&src->engine.term.term_id, &e->term.term_id) ||
	    memcmp(src->engine.term.psk, e->term.psk, ENGINE_PSK_LEN) != 0 ||
	    !nodes_has(&src->engine.members, &r->id))
		return;
	if (!e->connected) {
		e->connected = true;
		ev.type = ENGINE_CONNECTED;
		engine_tell(e, &ev);
	}
	if (e->seq >= src->engine.seq ||
	    (r->creeps && world.now_ms % 1000 != 0))
		return;
	r->disk.unsaved = r->disk.unsaved && e->seq > 0;
	ev.seq = e->seq = r->creeps ? e->seq + 1 : src->engine.seq;
	r->disk.version = src->engine.version[ev.seq];
	r->disk.tip = src->disk.tip;
	r->disk.tip.seq = ev.seq;
	ev.type = ENGINE_RECEIVED;
	engine_tell(e, &ev);
	ev.type = ENGINE_APPLIED;
	engine_tell(e, &ev);
	ev.type = ENGINE_ACKED;
	ev.node = r->id;
	engine_tell(&src->engine, &ev);
}

struct standby *engine_standby(struct engine *e)
{
	return (struct standby *)e;
}

/* For a command only. */
int standby_open(const struct conf *conf, const char *mark,
    struct standby **standby, struct why *why)
{
	(void)conf, (void)mark, (void)standby;
	return why_set(why, -ENOSYS, "no files");
}

void standby_close(struct standby *sb)
{
	(void)sb;
}

static struct vnode *guarded_by(const struct standby *sb)
{
	return &world.node[((const struct engine *)sb)->node];
}

int standby_take(
    struct standby *sb, bool own, struct standby_news *news, struct why *why)
{
	struct vnode *n = guarded_by(sb);

	(void)why;
	memset(news, 0, sizeof(*news));
	if (own && n->signer)
		fail_msg("taken from under the daemons that wrote it");
	n->locked = n->disk.aside = true;
	return 0;
}

int standby_give_back(struct standby *sb, struct why *why)
{
	struct vnode *n = guarded_by(sb);

	(void)why;
	if (n->engine.applying)
		fail_msg("given back while it is written");
	n->locked = n->disk.aside = false;
	return 0;
}

/* Nobody else writes what is replicated, and a source has all that is its
 * own. */
static UNUSED_FN void assert_guard(const struct vnode *n)
{
	if (n->engine.role == ENGINE_REPLICA && !n->locked)
		fail_msg("%s takes what anybody else can write", n->s.name);
	if (n->s.role == ROLE_SOURCE && (n->locked || n->disk.aside))
		fail_msg("%s is source without its files", n->s.name);
}

/* ---- the publisher ----------------------------------------------------- */

struct publisher *publisher_start(
    const struct publisher_setup *setup, struct why *why)
{
	(void)setup, (void)why;
	current->publisher = (struct publisher){
	    .node = (int)(current - world.node), .resuming = true};
	current->publisher_on = true;
	return &current->publisher;
}

void publisher_halt(struct publisher *p)
{
	(void)p;
}

void publisher_stop(struct publisher *p)
{
	if (!p)
		return;
	p->waiting = p->resuming = false;
	world.node[p->node].publisher_on = false;
}

static void publisher_resumed(struct vnode *n)
{
	n->publisher.resuming = n->on_its_way = false;
	resume_end(&n->s);
}

/* publisher.c: resume_intents() */
static UNUSED_FN void publisher_resumes(struct vnode *n)
{
	struct publisher *p = &n->publisher;

	if (!n->publisher_on || !p->resuming || p->waiting)
		return;
	if (!n->on_its_way) {
		publisher_resumed(n);
		return;
	}
	p->version = n->disk.version;
	p->waiting = true;
	barrier_request(&n->s);
}

void publisher_clock(struct publisher *p, int64_t ahead)
{
	(void)p, (void)ahead;
}

/* Every holder has it: the world sees it from now on. */
void publisher_barrier_done(struct publisher *p)
{
	const struct record *r = &world.node[p->node].s.record;

	if (!p->waiting)
		return;
	p->waiting = false;
	if (p->resuming)
		publisher_resumed(&world.node[p->node]);
	if (r->term < world.term)
		fail_msg("n%d publishes in term %d after term %d", p->node + 1,
		    (int)r->term, (int)world.term);
	world.term = r->term;
	if (p->version > world.published)
		world.published = p->version;
}

/* The world sees it, and perhaps nobody else has it. */
void publisher_barrier_held(struct publisher *p, bool escape)
{
	if (!p->waiting)
		fail_msg("a second answer to one batch");
	p->waiting = false;
	p->escaped += escape;
	p->refused += !escape;
}

int intent_install_all(const struct conf *conf, const char *state_dir,
    struct ledger *ledger, bool told, const struct tick *t, struct why *why)
{
	(void)conf, (void)state_dir, (void)ledger, (void)told, (void)why;
	assert_non_null(t); /* the parent waits */
	current->installed += current->on_its_way;
	current->on_its_way = false;
	return 0;
}

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

/* ---- Pacemaker, processes, the log -------------------------------------- */

void pacemaker_reassert(struct pacemaker *pm)
{
	((struct vnode *)pm)->reasserted++;
}

void pacemaker_look(struct pacemaker *pm)
{
	((struct vnode *)pm)->look = true;
}

void pacemaker_watch(struct pacemaker *pm, const char (*names)[NODE_NAME_MAX],
    int count, bool urgent)
{
	struct vnode *n = (struct vnode *)pm;

	(void)names, (void)count;
	n->look = n->look || (urgent && !n->urgent);
	n->urgent = urgent;
}

void report_update(struct syncd *s)
{
	(void)s;
}

int report_busy(void *syncd)
{
	(void)syncd;
	return 0;
}

int proc_find(const char *binary, pid_t *pids, int max)
{
	(void)binary, (void)pids, (void)max;
	return current->signer ? 1 : 0;
}

int instance_find(const char *binary, struct instance *list, int max)
{
	(void)binary;
	assert_true(max > 0);
	list[0] = (struct instance){.pid = 4711};
	return current->signer || current->stranger;
}

bool instance_same_conf(const char *a, const char *b)
{
	return strcmp(a, b) == 0;
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

static struct {
	int lines;
	char last[2 * WHY_MAX], warned[2 * WHY_MAX];
} logged;

void log_at(int level, const char *fmt, ...)
{
	char *text = logged.last;
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(logged.last), fmt, ap);
	va_end(ap);
	logged.lines++;
	if (level == LOG_WARNING)
		memcpy(logged.warned, text, sizeof(logged.warned));
	if (level == LOG_WARNING && strstr(text, "degraded since "))
		world.told_degraded++;
	if (getenv("ODS_LOG_STDERR"))
		fprintf(stderr, "# %6lld n%d: %s\n", (long long)world.now_ms,
		    current ? (int)(current - world.node) + 1 : 0, text);
}

void ctl_reply(struct syncd *s, struct ctl_conn *conn, int rc, const char *why,
    const char *body)
{
	(void)s, (void)body;
	conn->answered = true;
	conn->rc = rc;
	snprintf(conn->why, sizeof(conn->why), "%s", why ? why : "");
}

#endif
