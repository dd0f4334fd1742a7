/* SPDX-License-Identifier: GPL-2.0-or-later
 * Copyright (C) The ocf-ods contributors */
#include "syncd.h"

#include <inttypes.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "deadline.h"
#include "floors.h"
#include "log.h"
#include "pacemaker.h"
#include "sets.h"
#include "statefile.h"
#include "worker.h"

#define SCORE_SOURCE 1000
#define STATE_REFRESH_MS 5000
#define BEAT_MS 1000
#define HELD_CRITICAL_MS 60000

/* The word of ods-role-RES. */
const char *report_role(const struct syncd *s)
{
	if (s->role == ROLE_SOURCE || s->role == ROLE_DEMOTING)
		return "source";
	if (s->fork || descent_diverged(s->ancestry))
		return "diverged";
	if (s->foreign.state != FOREIGN_NONE)
		return "foreign";
	switch (s->state) {
	case STATE_EMPTY:
		return "empty";
	case STATE_UNKNOWN:
		return "unknown";
	case STATE_SEEDING:
		return "seeding";
	case STATE_LEDGER:
		break;
	}
	return nodes_has(&s->record.holders, &s->self) ? "holder" : "behind";
}

/* Is a record open in this node's name?  A stop has to close it. */
static bool report_open_here(const struct syncd *s)
{
	return s->record.open && id_equal(&s->record.source, &s->self);
}

static bool published_bogus(const struct syncd *s)
{
	return s->published.bogus_at && s->published.bogus_at <= time(NULL);
}

static void source_why(const struct syncd *s, char *buf, size_t size)
{
	char since[DEGRADED_MAX];
	const char *trouble = s->fault[0] ? s->fault : s->published.trouble;
	const char *comma;
	char keys[WHY_MAX], clock[WHY_MAX];
	int bad = keys_trouble(s, keys, sizeof(keys));

	clock_doubt_text(&s->clocks.doubt, clock, sizeof(clock));
	degraded_text(s, since);
	comma = since[0] ? ", " : "";
	if (s->held_since_ms)
		snprintf(buf, size, "publishing held%s%s: waiting for %s",
		    comma, since, s->held_why);
	else if (trouble[0])
		snprintf(buf, size, "%s%s%s", since, comma, trouble);
	else if (published_bogus(s))
		snprintf(buf, size,
		    "signatures of zone %s have run out: see the signer and "
		    "its HSM",
		    s->published.bogus_zone);
	else if (bad > 1)
		snprintf(buf, size, "%s", keys);
	else if (s->clocks.doubt.ahead)
		snprintf(buf, size, "%s: set both right", clock);
	else if (s->published.untold)
		snprintf(buf, size, "%s", s->published.untold_why);
	else if (s->published.late)
		snprintf(buf, size,
		    "zone %s is signed anew, but not published, for too long: "
		    "see the log of ods-syncd",
		    s->published.late_zone);
	else if (s->published.escaped)
		snprintf(buf, size,
		    "zone %s was published in spite of a refusal: see "
		    "ods-cluster verify %s",
		    s->published.escaped_zone, s->published.escaped_zone);
	else if (s->record.holders.count < 2)
		snprintf(buf, size,
		    "no second holder%s%s: start the other node", comma, since);
	else if (s->enforcing.alarm)
		snprintf(buf, size,
		    "the enforcer waits for zone %s for too long: %s",
		    s->enforcing.zone, s->enforcing.fix);
	else if (s->enforcing.trouble[0])
		snprintf(buf, size, "%s", s->enforcing.trouble);
	else if (s->published.blind[0])
		snprintf(buf, size, "%s", s->published.blind);
	else if (s->published.colliding)
		snprintf(buf, size, "%s", s->published.collision);
	else if (bad)
		snprintf(buf, size, "%s", keys);
	else
		snprintf(buf, size, "signing%s",
		    s->record.solo ? "; asynchronous, losses possible" : "");
}

/* A source to be: nothing is published before its term is in force. */
static bool begins(const struct syncd *s)
{
	return s->restarting || s->role == ROLE_MINTING;
}

static void report_why(const struct syncd *s, char *buf, size_t size)
{
	char keys[WHY_MAX];

	if (s->role == ROLE_SOURCE || (begins(s) && s->held_since_ms))
		source_why(s, buf, size);
	else if (s->restarting && !s->fault[0])
		snprintf(buf, size,
		    "source restarting: the others have to store a new term");
	else if (s->plan.verdict == PLAN_GO && s->foreign.trouble[0])
		snprintf(buf, size, "%s", s->foreign.trouble);
	else if (!s->fault[0] && s->plan.verdict == PLAN_GO &&
	         keys_trouble(s, keys, sizeof(keys)))
		snprintf(buf, size, "ready, but %s", keys);
	else if (!s->fault[0] && s->ancestry == ANCESTRY_DIVERGED)
		snprintf(buf, size,
		    "diverged: what only this node has is set aside, a copy of "
		    "the source's state is under way");
	else if (s->fault[0])
		snprintf(buf, size, "%s", s->fault);
	else
		snprintf(
		    buf, size, "%s", s->plan.why[0] ? s->plan.why : "starting");
}

static bool is_source(const struct syncd *s)
{
	return s->role == ROLE_SOURCE || s->role == ROLE_DEMOTING ||
	       s->restarting;
}

/* It hears of a new role at once, before anybody who asked for that: what
 * the last beat said is what the next worker is. */
static bool beat_parent(const struct syncd *s)
{
	static int64_t last_ms;
	static char last;
	char beat = is_source(s) ? BEAT_SOURCE : BEAT_PLAIN;
	int64_t now = clock_monotonic_ms();

	if (now - last_ms < BEAT_MS && beat == last)
		return false;
	last_ms = now;
	last = beat;
	if (write(s->parent_fd, &beat, 1) < 0)
		log_err("the parent process is gone");
	return true;
}

/* What the agent's monitor reads; refreshed every few seconds so that its
 * age says that we live. */
static void write_state(struct syncd *s, const char *why)
{
	static char last[STATEFILE_MAX];
	static int64_t last_ms;
	char body[STATEFILE_MAX], least[512] = "";
	int64_t now = clock_monotonic_ms();

	/* For expiry_warn of ocf:ods:signer. */
	if (s->role == ROLE_SOURCE && s->published.least_zone[0])
		snprintf(least, sizeof(least),
		    "least_percent=%d\nleast_zone=%s\n",
		    s->published.least_percent, s->published.least_zone);

	snprintf(body, sizeof(body),
	    "agent=state\nconf=%s\nparent=%d\nworker=%d\nrole=%s\nods-role=%s\n"
	    "term=%" PRIu64 "\nopen=%d\nenforce=%d\nstate_dir=%s\n%swhy=%s\n",
	    s->opt.conf, getppid(), getpid(),
	    is_source(s) ? "promoted" : "unpromoted", report_role(s),
	    s->record.term, report_open_here(s), s->enforce, s->opt.state_dir,
	    least, why);
	if (strcmp(body, last) == 0 && now - last_ms < STATE_REFRESH_MS)
		return;
	if (statefile_write(s->opt.res, body, NULL) == 0) {
		snprintf(last, sizeof(last), "%s", body);
		last_ms = now;
	}
}

static void tell(struct syncd *s)
{
	struct pacemaker_wish wish = {0};

	report_why(s, wish.why, sizeof(wish.why));
	snprintf(wish.role, sizeof(wish.role), "%s", report_role(s));
	wish.enforce = s->enforce;
	if (is_source(s) || s->role == ROLE_MINTING)
		wish.score = SCORE_SOURCE;
	else
		wish.score = plan_score(&s->plan);
	/* In force: whoever may take over has stored it before. */
	if (s->role == ROLE_SOURCE)
		witness_text(
		    &s->record, s->name, wish.record, sizeof(wish.record));
	if (s->pacemaker)
		pacemaker_wish(s->pacemaker, &wish);
	write_state(s, wish.why);
}

void report_update(struct syncd *s)
{
	if (s->opt.close)
		return;
	beat_parent(s);
	tell(s);
}

void report_beat(struct syncd *s)
{
	if (beat_parent(s))
		tell(s);
}

int report_busy(void *syncd)
{
	report_beat(syncd);
	return 0;
}

struct text {
	char *buf;
	size_t size, used;
};

static void line(struct text *t, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

static void line(struct text *t, const char *fmt, ...)
{
	va_list ap;
	int n;

	va_start(ap, fmt);
	n = vsnprintf(t->buf + t->used, t->size - t->used, fmt, ap);
	va_end(ap);
	if (n > 0 && t->used + (size_t)n + 1 < t->size) {
		t->used += (size_t)n;
		t->buf[t->used++] = '\n';
		t->buf[t->used] = '\0';
	}
}

/* A copy that makes a node equal to the source takes its time. */
static void status_copy(
    const struct syncd *s, const struct member *m, int i, struct text *t)
{
	bool self = m->nodeid == s->nodeid;
	struct progress p = {0};

	if (s->engine && (self || (s->role == ROLE_SOURCE && m->known)))
		engine_progress(s->engine, self ? NULL : &m->hello.node, &p);
	if (p.total == 0)
		return;
	line(t, "node.%d.copy_total=%" PRIu64, i, p.total);
	line(t, "node.%d.copy_done=%" PRIu64, i, p.done);
	line(t, "node.%d.copy_spared=%" PRIu64, i, p.spared);
	line(t, "node.%d.copy_ms=%" PRId64, i, p.ms);
}

static void status_node(
    const struct syncd *s, const struct member *m, int i, struct text *t)
{
	bool self = m->nodeid == s->nodeid, acked;
	bool present = m->left == LEFT_NOT;
	bool holder = m->known && nodes_has(&s->record.holders, &m->hello.node);
	char id[ID_TEXT] = "";
	const char *role = "absent";

	if (m->known)
		id_text(&m->hello.node, id);
	if (self)
		role = report_role(s);
	else if (present && m->has_hello)
		role = m->hello.source                   ? "source"
		       : descent_diverged(m->ancestry)   ? "diverged"
		       : m->hello.foreign                ? "foreign"
		       : holder                          ? "holder"
		       : m->hello.state == STATE_SEEDING ? "seeding"
		       : m->hello.state == STATE_EMPTY   ? "empty"
		       : m->hello.state == STATE_UNKNOWN ? "unknown"
		                                         : "behind";
	line(t, "node.%d.name=%s", i, m->name);
	line(t, "node.%d.id=%s", i, id);
	line(t, "node.%d.self=%d", i, self);
	line(t, "node.%d.present=%d", i, present);
	line(t, "node.%d.role=%s", i, role);
	line(t, "node.%d.holder=%d", i, holder);
	/* A peer's HELLO is as old as its last change of role. */
	acked = id_equal(&m->ack_term, &s->record.term_id);
	line(t, "node.%d.term=%" PRIu64, i,
	    self || acked ? s->record.term : m->hello.record.term);
	line(t, "node.%d.tip=%" PRIu64, i,
	    self                     ? s->tip.seq
	    : s->role == ROLE_SOURCE ? m->acked_seq
	                             : m->hello.tip.seq);
	line(t, "node.%d.lag_ms=%" PRId64, i,
	    s->role == ROLE_SOURCE && !self && m->lag_since_ms
	        ? clock_monotonic_ms() - m->lag_since_ms
	        : 0);
}

/* 0 ok, 1 warning, 2 critical. */
static int status_verdict(const struct syncd *s, char *why, size_t size)
{
	char text[WHY_MAX];
	int keys;

	report_why(s, why, size);
	if ((s->role == ROLE_SOURCE || begins(s)) && s->held_since_ms)
		return clock_monotonic_ms() - s->held_since_ms >
		               HELD_CRITICAL_MS
		           ? 2
		           : 1;
	if (s->fork)
		return 2;
	if (begins(s))
		return 1;
	keys = keys_trouble(s, text, sizeof(text));
	if (s->role == ROLE_SOURCE && published_bogus(s))
		return 2;
	if (s->role == ROLE_SOURCE && keys > 1)
		return 2;
	if (s->role == ROLE_SOURCE)
		return s->fault[0] || s->published.trouble[0] ||
		               s->published.colliding > 0 ||
		               s->published.late > 0 || keys ||
		               s->published.untold > 0 ||
		               s->enforcing.trouble[0] ||
		               s->published.blind[0] || s->enforcing.alarm ||
		               s->published.escaped > 0 ||
		               s->clocks.doubt.ahead ||
		               s->record.holders.count < 2
		           ? 1
		           : 0;
	return s->plan.verdict == PLAN_REFUSE ? 2
	       : s->plan.verdict == PLAN_GO
	           ? s->foreign.trouble[0] || keys || s->clocks.doubt.ahead
	       : s->connected ? 1
	                      : 2;
}

static void status_holds(const struct syncd *s, struct text *t)
{
	int i;

	line(t, "holds=%d", s->published.holds);
	for (i = 0; i < s->published.holds; i++) {
		const struct zone_hold *h = &s->published.hold[i];

		line(t, "hold.%d.zone=%s", i, h->zone);
		line(t, "hold.%d.since=%" PRId64, i, h->since);
		line(t, "hold.%d.why=%s", i, h->why);
	}
}

size_t report_holds(const struct syncd *s, char *buf, size_t size)
{
	struct text t = {buf, size, 0};

	status_holds(s, &t);
	return t.used;
}

size_t report_status(struct syncd *s, char *buf, size_t size)
{
	struct text t = {buf, size, 0};
	char why[WHY_MAX], cluster[ID_TEXT], keys[KEYS_STATUS_MAX];
	char loss[LOSS_TEXT];
	int i, verdict = status_verdict(s, why, sizeof(why));

	id_text(&s->record.cluster, cluster);
	line(&t, "verdict=%d", verdict);
	line(&t, "verdict_why=%s", why);
	line(&t, "res=%s", s->opt.res);
	line(&t, "conf=%s", s->opt.conf);
	line(&t, "self=%s", s->name);
	line(&t, "role=%s", report_role(s));
	line(&t, "cluster=%s", cluster);
	line(&t, "term=%" PRIu64, s->record.term);
	line(&t, "revision=%" PRIu64, s->record.revision);
	line(&t, "open=%d", s->record.open);
	line(&t, "holders=%d", s->record.holders.count);
	line(&t, "barrier=%s", barrier_mode_name(s->opt.barrier));
	line(&t, "solo=%d", s->record.solo);
	line(&t, "bandwidth=%ld", s->opt.bandwidth_mbit);
	line(&t, "signatures=%s", signatures_name(s->opt.signatures));
	line(&t, "quorate=%d", s->quorate);
	line(&t, "fencing=%d", s->fencing);
	line(&t, "encrypted=%d", s->encrypted);
	line(&t, "enforce=%d", s->enforce);
	line(&t, "enforce_zones=%d", s->enforcing.zones);
	line(&t, "enforce_zone=%s", s->enforcing.zone);
	line(&t, "enforce_since=%" PRId64, s->enforcing.since);
	line(&t, "enforce_until=%" PRId64, s->enforcing.until);
	line(&t, "enforce_why=%s", s->enforcing.why);
	line(&t, "enforce_fix=%s", s->enforcing.fix);
	line(&t, "promotable=%d",
	    s->role == ROLE_SOURCE || s->plan.verdict == PLAN_GO);
	line(&t, "promotable_why=%s", s->plan.why);
	line(&t, "held_s=%" PRId64,
	    s->held_since_ms ? (clock_monotonic_ms() - s->held_since_ms) / 1000
	                     : 0);
	line(&t, "degraded_since=%" PRId64, s->degraded_since_s);
	line(&t, "zones=%d", s->published.zones);
	line(&t, "zones_served=%d", s->published.served);
	line(&t, "zones_waiting=%d", s->published.waiting);
	line(&t, "zones_refused=%d", s->published.refused);
	line(&t, "zones_ungated=%d", s->published.ungated);
	line(&t, "zones_colliding=%d", s->published.colliding);
	line(&t, "collision=%s", s->published.collision);
	line(&t, "bogus_at=%" PRId64, s->published.bogus_at);
	line(&t, "bogus_zone=%s", s->published.bogus_zone);
	line(&t, "least_percent=%d", s->published.least_percent);
	line(&t, "least_zone=%s", s->published.least_zone);
	line(&t, "zones_late=%d", s->published.late);
	line(&t, "zones_untold=%d", s->published.untold);
	line(&t, "zones_escaped=%d", s->published.escaped);
	line(&t, "escaped_zone=%s", s->published.escaped_zone);
	status_holds(s, &t);
	if (s->ledger &&
	    ledger_note_get(s->ledger, FLOORS_LOSS, loss, sizeof(loss)) == 0)
		line(&t, "loss=%s", loss);
	keys_status(s, keys, sizeof(keys));
	line(&t, "%s", keys);
	line(&t, "nodes=%d", s->members);
	for (i = 0; i < s->members; i++) {
		status_node(s, &s->member[i], i, &t);
		status_copy(s, &s->member[i], i, &t);
	}
	return t.used;
}
