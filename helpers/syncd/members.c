/* SPDX-License-Identifier: GPL-2.0-or-later
 * Copyright (C) The ocf-ods contributors */
#include "syncd.h"

#include <string.h>

#include "deadline.h"

struct member *member_by_nodeid(struct syncd *s, uint32_t nodeid)
{
	int i;

	for (i = 0; i < s->members; i++)
		if (s->member[i].nodeid == nodeid)
			return &s->member[i];
	return NULL;
}

struct member *member_by_id(struct syncd *s, const struct id *id)
{
	int i;

	for (i = 0; i < s->members; i++)
		if (s->member[i].known &&
		    id_equal(&s->member[i].hello.node, id))
			return &s->member[i];
	return NULL;
}

struct member *member_by_name(struct syncd *s, const char *name)
{
	int i;

	for (i = 0; i < s->members; i++)
		if (strcmp(s->member[i].name, name) == 0)
			return &s->member[i];
	return NULL;
}

void members_begin_term(struct syncd *s)
{
	int i;

	for (i = 0; i < s->members; i++) {
		struct member *m = &s->member[i];

		m->session = false;
		m->acked_seq = 0;
		m->ancestry = ANCESTRY_BEHIND;
		m->clean_since_ms = 0;
		m->lag_since_ms = clock_monotonic_ms();
		m->late_since_ms = 0;
		m->removed = m->known && s->record.term > 1 &&
		             m->left != LEFT_NOT &&
		             !nodes_has(&s->record.holders, &m->hello.node);
	}
	s->cut_seq = 0;
	s->solo_seq = 1;
	s->held_since_ms = 0;
	memset(&s->barrier, 0, sizeof(s->barrier));
}
