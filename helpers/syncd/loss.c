/* SPDX-License-Identifier: GPL-2.0-or-later
 * Copyright (C) The ocf-ods contributors */
#include "syncd.h"

#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "escape.h"
#include "floors.h"
#include "log.h"
#include "pacemaker.h"

/* failover --accept-loss: what was published last is lost with whoever had
 * it, and a human goes on with what one node has.  It replaces custody, and no
 * proof that nobody else signs (plan_loss.c).  Good for one promotion of the
 * node that it was typed for, in memory only, as init is. */

static void forget(struct syncd *s)
{
	s->accept_here = false;
	s->accept_by[0] = '\0';
}

static void note_text(
    const struct syncd *s, uint64_t term, const char *node, char *text)
{
	snprintf(text, LOSS_TEXT, "%" PRId64 " %" PRIu64 " %s %s",
	    (int64_t)time(NULL), term, node, s->accept_by);
}

/* Can what is typed for CHOSEN be of use?  Asked where it is typed. */
static int may_be_typed(
    struct syncd *s, const struct member *chosen, struct why *why)
{
	bool here = chosen->nodeid == s->nodeid;
	struct plan plan;

	if (here ? s->role != ROLE_UNPROMOTED : chosen->hello.source)
		return why_set(
		    why, -EALREADY, "%s is the source", chosen->name);
	if (chosen->hello.record.term == 0 || chosen->outdated ||
	    chosen->hello.state != STATE_LEDGER)
		return why_set(why, -EPERM,
		    "%s has no whole copy of any history: another node, or "
		    "ods-cluster init --source %s",
		    chosen->name, chosen->name);
	if (here && facts_plan(s, false).verdict == PLAN_GO && !s->accept_here)
		return why_set(why, -EALREADY,
		    "nothing has to be given up: %s can be promoted as it is",
		    chosen->name);
	plan = facts_harmless(s);
	if (plan.verdict == PLAN_GO)
		return 0;
	pacemaker_look(s->pacemaker); /* it may just have been confirmed */
	return why_set(why, -EBUSY, "%s", plan.why);
}

int loss_typed(
    struct syncd *s, const char *name, const char *by, struct why *why)
{
	struct control c = {.type = CONTROL_ACCEPT};
	const struct member *chosen = history_chosen(s, name, why);
	int rc = chosen ? may_be_typed(s, chosen, why) : why->err;

	if (rc < 0)
		return rc;
	c.node = chosen->hello.node;
	snprintf(c.by, sizeof(c.by), "%s", by[0] ? by : "?");
	group_send(s, &c);
	return 0;
}

/* This node was chosen. */
static void chosen_here(struct syncd *s)
{
	const struct member *other;
	struct plan plan;

	if (s->role != ROLE_UNPROMOTED || s->restarting)
		return;
	other = history_other_source(s, member_by_id(s, &s->self));
	plan = facts_harmless(s);
	if (other)
		log_warn("accept-loss: %s is still the source", other->name);
	else if (plan.verdict != PLAN_GO)
		log_warn("%s", plan.why);
	else
		s->accept_here = true;
}

void loss_heard(struct syncd *s, const struct control *c)
{
	fork_forget(s);
	forget(s);
	s->init_here = false; /* the last one counts */
	s->accept_node = c->node;
	snprintf(s->accept_by, sizeof(s->accept_by), "%s", c->by);
	if (id_equal(&c->node, &s->self))
		chosen_here(s);
	log_notice("accept-loss: typed by %s%s", c->by,
	    s->accept_here ? " for this node, which goes on with what it has"
	                   : "");
}

void loss_void(struct syncd *s, const struct record *r)
{
	const struct member *m = member_by_id(s, &s->accept_node);
	char text[LOSS_TEXT];

	if (!s->accept_by[0])
		return;
	note_text(s, r->term, m ? m->name : "?", text);
	if (s->accept_here)
		log_notice("accept-loss: void, since term %" PRIu64
		           " of another node has begun",
		    r->term);
	else if (id_equal(&r->source, &s->accept_node))
		ledger_note_put(s->ledger, FLOORS_LOSS, text, NULL);
	forget(s);
}

/* What the source of the term before may have let out without its barrier. */
static int escaped(struct syncd *s, struct why *why)
{
	struct position tip, applied;
	int rc = ledger_position_get(s->ledger, &tip, &applied, why);

	if (rc < 0)
		return rc;
	switch (escape_floors(&s->record, &s->self, &tip)) {
	case ESCAPE_FLOORS_NONE:
		break;
	case ESCAPE_FLOORS_URGENT:
		return floors_wanted(s->ledger, true, why);
	case ESCAPE_FLOORS_ALL:
		return floors_wanted(s->ledger, false, why);
	}
	return 0;
}

int loss_begins(struct syncd *s, const struct record *r, struct why *why)
{
	char text[LOSS_TEXT];
	int rc;

	if (!s->accept_here)
		return s->init_here ? 0 : escaped(s, why);
	note_text(s, r->term, s->name, text);
	rc = floors_begin(s->ledger, text, (int64_t)time(NULL), why);
	if (rc == 0)
		log_crit("a loss was accepted by %s: term %" PRIu64
		         " begins with what is here",
		    s->accept_by, r->term);
	return rc;
}

/* ---- what whoever types it is told ------------------------------------- */

struct text {
	char *buf;
	size_t size, used;
	int lines;
};

static void say(struct text *t, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

static void say(struct text *t, const char *fmt, ...)
{
	char line[WHY_MAX];
	va_list ap;
	int n;

	va_start(ap, fmt);
	vsnprintf(line, sizeof(line), fmt, ap);
	va_end(ap);
	n = snprintf(t->buf + t->used, t->size - t->used, "line.%d=%s\n",
	    t->lines, line);
	if (n > 0 && t->used + (size_t)n < t->size) {
		t->used += (size_t)n;
		t->lines++;
	}
	t->buf[t->used] = '\0';
}

static void say_tip(
    struct syncd *s, const struct member *chosen, struct text *t)
{
	bool here = chosen->nodeid == s->nodeid;
	const struct position *tip = here ? &s->tip : &chosen->hello.tip;
	int64_t at = here ? ledger_tip_time(s->ledger) : 0;
	int64_t age = (int64_t)time(NULL) - at;

	if (at > 0)
		say(t,
		    "%s has generation %" PRIu64 " of term %" PRIu64
		    ", which came %" PRId64 " min %" PRId64 " s ago",
		    chosen->name, tip->seq, tip->term, age / 60, age % 60);
	else
		say(t, "%s has generation %" PRIu64 " of term %" PRIu64,
		    chosen->name, tip->seq, tip->term);
	if (!here)
		say(t, "this is what %s knows: %s may know more", s->name,
		    chosen->name);
}

static const char *name_of(struct syncd *s, const struct id *id)
{
	const struct member *m = member_by_id(s, id);

	return m ? m->name : "a node that was never seen here";
}

static void say_record(
    struct syncd *s, const struct member *chosen, struct text *t)
{
	const struct record *r = &s->record;
	int i;

	say(t,
	    "the newest record known here is that of term %" PRIu64
	    ", revision %" PRIu64 ", source %s",
	    r->term, r->revision, name_of(s, &r->source));
	if (!nodes_has(&r->holders, &chosen->hello.node))
		say(t,
		    "%s is not named there: what was published since it was "
		    "is lost",
		    chosen->name);
	for (i = 0; i < r->holders.count; i++) {
		const struct member *m = member_by_id(s, &r->holders.id[i]);

		if (!m || m->left != LEFT_NOT)
			say(t,
			    "%s is named there and not here: what only it has "
			    "is lost",
			    name_of(s, &r->holders.id[i]));
	}
	if (s->witness.term && witness_newer(&s->witness, r))
		say(t,
		    "the CIB knows term %" PRIu64
		    " of %s, which nobody here has: what was published in it "
		    "is lost",
		    s->witness.term, s->witness.source);
	if (r->solo)
		say(t, "holders were not waited for in that term: more than "
		       "that may be lost");
	if (s->fork)
		say(t, "another node has another term of that number: what "
		       "was published in it is lost");
}

static void say_peers(
    struct syncd *s, const struct member *chosen, struct text *t)
{
	const struct position *tip =
	    chosen->nodeid == s->nodeid ? &s->tip : &chosen->hello.tip;
	int i;

	for (i = 0; i < s->members; i++) {
		const struct member *m = &s->member[i];

		if (m != chosen && m->left == LEFT_NOT && m->has_hello &&
		    (m->hello.tip.term > tip->term ||
		        position_in(&m->hello.tip, &tip->term_id) > tip->seq))
			say(t,
			    "%s is here and has more: generation %" PRIu64
			    " of term %" PRIu64,
			    m->name, m->hello.tip.seq, m->hello.tip.term);
	}
}

int loss_explain(
    struct syncd *s, const char *name, char *buf, size_t size, struct why *why)
{
	const struct member *chosen = history_chosen(s, name, why);
	struct text t = {.buf = buf, .size = size};
	int rc = chosen ? may_be_typed(s, chosen, why) : why->err;

	buf[0] = '\0';
	if (rc < 0)
		return rc;
	say_tip(s, chosen, &t);
	say_record(s, chosen, &t);
	say_peers(s, chosen, &t);
	return 0;
}
