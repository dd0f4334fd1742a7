/* SPDX-License-Identifier: GPL-2.0-or-later
 * Copyright (C) The ocf-ods contributors */
#include "syncd.h"

#include <stdio.h>
#include <string.h>

#include "deadline.h"
#include "log.h"
#include "publisher.h"

/* The publisher's batch waits here: a generation cut after the request, on
 * this disk and acked by every holder of the record in force and of one that
 * is being stored. */

void barrier_request(struct syncd *s)
{
	if (s->role != ROLE_SOURCE || s->barrier.active)
		return;
	s->barrier.active = true;
	s->barrier.seq = 0;
	s->barrier.since_ms = clock_monotonic_ms();
	s->barrier.request = engine_cut(s->engine);
}

void barrier_cut(struct syncd *s, uint64_t request, uint64_t seq)
{
	if (s->barrier.active && !s->barrier.seq &&
	    request >= s->barrier.request)
		s->barrier.seq = seq;
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

void barrier_tick(struct syncd *s)
{
	const char *who;

	if (!s->barrier.active || !s->barrier.seq || s->role != ROLE_SOURCE)
		return;
	if (!s->quorate) {
		if (!s->held_since_ms)
			s->held_since_ms = clock_monotonic_ms();
		snprintf(s->held_why, sizeof(s->held_why), "quorum");
		return;
	}
	who = waited_for(s, &s->record.holders);
	if (!who && s->proposing)
		who = waited_for(s, &s->proposal.holders);
	if (who) {
		log_debug("barrier: waiting for %s", who);
		return;
	}
	memset(&s->barrier, 0, sizeof(s->barrier));
	publisher_barrier_done(s->publisher);
}

void barrier_abort(struct syncd *s)
{
	memset(&s->barrier, 0, sizeof(s->barrier));
}
