/* SPDX-License-Identifier: GPL-2.0-or-later
 * Copyright (C) The ocf-ods contributors */
#include "syncd.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "deadline.h"
#include "escape.h"
#include "log.h"
#include "publisher.h"

/* The publisher's batch waits here: a generation cut after the request, on
 * this disk and acked by every holder of the record in force and of one that
 * is being stored. */

static const char *const modes[] = {
    [BARRIER_DEGRADE] = "degrade",
    [BARRIER_REQUIRE] = "require",
    [BARRIER_OFF] = "off",
};

const char *barrier_mode_name(enum barrier_mode mode)
{
	return modes[mode];
}

int barrier_mode_parse(const char *name, enum barrier_mode *mode)
{
	size_t i;

	for (i = 0; i < sizeof(modes) / sizeof(modes[0]); i++)
		if (strcmp(modes[i], name) == 0) {
			*mode = (enum barrier_mode)i;
			return 0;
		}
	return -EINVAL;
}

void barrier_request(struct syncd *s)
{
	if (s->role != ROLE_SOURCE || s->barrier.active)
		return;
	s->barrier.active = true;
	s->barrier.seq = 0;
	s->barrier.request = engine_cut(s->engine);
}

/* A signconf that no standby can have yet: what is signed by it has keys that
 * their databases do not know. */
void barrier_cut(struct syncd *s, const struct engine_event *cut)
{
	if (!s->barrier.active || s->barrier.seq ||
	    cut->request < s->barrier.request)
		return;
	s->barrier.withheld = cut->withheld;
	if (cut->withheld)
		return;
	s->barrier.seq = cut->seq;
	s->barrier.cut_ms = clock_monotonic_ms();
}

/* Of the holders in LIST, the name of one that is waited for, or NULL. */
static const char *waited_for(struct syncd *s, const struct node_list *list)
{
	int i;

	for (i = 0; i < list->count; i++) {
		const struct member *m = member_by_id(s, &list->id[i]);

		if (id_equal(&list->id[i], &s->self))
			continue;
		if (!m)
			return "a holder not seen yet";
		if (m->left != LEFT_NOT || m->acked_seq < s->barrier.seq)
			return m->name;
	}
	return NULL;
}

void barrier_hold(struct syncd *s, const char *fmt, ...)
{
	va_list ap;

	if (!s->held_since_ms)
		s->held_since_ms = clock_monotonic_ms();
	va_start(ap, fmt);
	vsnprintf(s->held_why, sizeof(s->held_why), fmt, ap);
	va_end(ap);
}

bool barrier_lacks_second(const struct syncd *s)
{
	return s->opt.barrier == BARRIER_REQUIRE && s->record.holders.count < 2;
}

/* Only under a record that says so, and not while one that says otherwise is
 * on its way: whoever stores that one takes all that it lacks for
 * unpublished. */
bool barrier_asynchronous(const struct syncd *s)
{
	return s->opt.barrier == BARRIER_OFF && s->record.solo &&
	       (!s->proposing || s->proposal.solo);
}

static bool holders_have(struct syncd *s, uint64_t seq)
{
	int i;

	for (i = 0; i < s->record.holders.count; i++) {
		const struct id *id = &s->record.holders.id[i];
		const struct member *m = member_by_id(s, id);

		if (!id_equal(id, &s->self) && (!m || m->acked_seq < seq))
			return false;
	}
	return true;
}

/* Up before the first version goes out unacknowledged; down when each holder
 * has the last one that did. */
bool barrier_solo(struct syncd *s, struct record *next)
{
	bool off = s->opt.barrier == BARRIER_OFF;

	if (off == s->record.solo || (!off && !holders_have(s, s->solo_seq)))
		return false;
	next->solo = off;
	return true;
}

static const char *waits_for(struct syncd *s)
{
	const char *who = waited_for(s, &s->record.holders);

	if (!who && s->proposing)
		who = waited_for(s, &s->proposal.holders);
	if (who && barrier_asynchronous(s)) {
		s->solo_seq = s->barrier.seq;
		return NULL;
	}
	return !who && barrier_lacks_second(s) ? "a second holder" : who;
}

void barrier_tick(struct syncd *s)
{
	const char *who;

	if (!s->barrier.active || s->role != ROLE_SOURCE)
		return;
	if (s->barrier.withheld)
		barrier_hold(s, "kasp.db, which cannot be captured: %s",
		    s->fault[0] ? s->fault : "see the log");
	if (!s->barrier.seq)
		return;
	if (!s->quorate) {
		barrier_hold(s, "quorum");
		return;
	}
	if (descent_holds(s))
		return;
	who = waits_for(s);
	if (who) {
		log_debug("barrier: waiting for %s", who);
		return;
	}
	memset(&s->barrier, 0, sizeof(s->barrier));
	publisher_barrier_done(s->publisher);
}

/* One of the holders in LIST, as far as the escape asks. */
static void list_facts(
    struct syncd *s, const struct node_list *list, struct escape_facts *f)
{
	int i;

	for (i = 0; i < list->count; i++) {
		const struct id *id = &list->id[i];
		const struct member *m = member_by_id(s, id);

		if (id_equal(id, &s->self))
			continue;
		if (!m || terms_holder_away(s, m))
			f->away = f->away || !nodes_has(&s->forgotten, id);
		else if (m->left != LEFT_NOT || m->acked_seq < s->barrier.seq)
			f->one_lacks_it = true; /* it is dropped, or acks */
	}
}

static enum escape judge_escape(struct syncd *s)
{
	struct escape_facts f = {
	    .source = s->role == ROLE_SOURCE,
	    .quorate = s->quorate,
	    .cut = s->barrier.seq > 0,
	    .went_back = descent_holds(s),
	    .lacks_second = barrier_lacks_second(s),
	};

	list_facts(s, &s->record.holders, &f);
	if (s->proposing)
		list_facts(s, &s->proposal.holders, &f);
	return escape_decide(&f);
}

void barrier_regather(void *syncd, void *arg)
{
	struct syncd *s = syncd;

	(void)arg;
	if (s->role != ROLE_SOURCE || !s->barrier.active)
		return;
	memset(&s->barrier, 0, sizeof(s->barrier));
	publisher_barrier_held(s->publisher, false);
}

void barrier_escape(void *syncd, void *arg)
{
	struct syncd *s = syncd;
	enum escape escape = ESCAPE_NOT;
	struct why why = {0};

	(void)arg;
	if (s->role != ROLE_SOURCE || !s->barrier.active)
		return;
	escape = judge_escape(s);
	if (escape == ESCAPE_SOLO && terms_solo(s, &why) < 0) {
		terms_trouble(s, "no zone is let out", &why);
		escape = ESCAPE_NOT;
	}
	if (escape == ESCAPE_SOLO)
		s->solo_seq = s->barrier.seq;
	memset(&s->barrier, 0, sizeof(s->barrier));
	publisher_barrier_held(s->publisher, escape != ESCAPE_NOT);
}

void barrier_abort(struct syncd *s)
{
	memset(&s->barrier, 0, sizeof(s->barrier));
}
