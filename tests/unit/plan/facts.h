/* SPDX-License-Identifier: GPL-2.0-or-later
 * Copyright (C) The ocf-ods contributors */
#ifndef TEST_PLAN_FACTS_H
#define TEST_PLAN_FACTS_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include "plan.h"

/* Situations that the tests of plan_promote() begin with. */

static inline struct id id_of(char c)
{
	struct id id;

	memset(id.byte, c, ID_LEN);
	return id;
}

/* Self and one peer, both holders of the peer's open term; the peer was
 * killed and fenced, self was warm. */
static inline struct plan_facts after_a_kill(void)
{
	struct plan_facts f = {
	    .peers = 1,
	    .configured = 2,
	    .quorate = true,
	    .fencing = true,
	    .warm = true,
	    .drained = true,
	    .low_id = true,
	    .asked = true,
	};
	struct record *r = &f.self.record;

	f.self.id = id_of('s');
	snprintf(f.self.name, sizeof(f.self.name), "here");
	f.self.present = f.self.unpromoted = f.self.daemons_dead = true;
	f.self.has_record = true;
	f.self.state = STATE_LEDGER;
	r->term = 4;
	r->term_id = id_of('t');
	r->revision = 2;
	r->voters = 2;
	r->fencing = r->open = true;
	f.peer[0].id = id_of('p');
	snprintf(f.peer[0].name, sizeof(f.peer[0].name), "peer");
	f.peer[0].fenced = true;
	f.peer[0].state = STATE_LEDGER;
	r->source = f.peer[0].id;
	nodes_add(&r->holders, &f.self.id);
	nodes_add(&r->holders, &f.peer[0].id);
	return f;
}

static inline void peer_returns(struct plan_facts *f)
{
	struct plan_node *p = &f->peer[0];

	p->present = p->unpromoted = p->daemons_dead = p->has_record = true;
	p->fenced = false;
	p->record = f->self.record;
}

#define expect(facts, want)                                           \
	do {                                                          \
		struct plan plan_ = plan_promote(facts);              \
		if (plan_.verdict != (want))                          \
			fail_msg("line %d: verdict %d: %s", __LINE__, \
			    plan_.verdict, plan_.why);                \
		assert_true(strlen(plan_.why) > 0);                   \
	} while (0)

#define expect_why(facts, want, text)                                          \
	do {                                                                   \
		expect(facts, want);                                           \
		if (!strstr(plan_promote(facts).why, text))                    \
			fail_msg(                                              \
			    "line %d: %s", __LINE__, plan_promote(facts).why); \
	} while (0)

static inline struct plan_facts three(void)
{
	struct plan_facts f = after_a_kill();

	f.peers = 2;
	f.configured = f.self.record.voters = 3;
	f.warm = false;
	f.peer[1] = f.peer[0];
	f.peer[1].id = id_of('q');
	snprintf(f.peer[1].name, sizeof(f.peer[1].name), "third");
	f.peer[1].present = f.peer[1].unpromoted = f.peer[1].has_record = true;
	f.peer[1].fenced = false;
	f.peer[1].record = f.self.record;
	nodes_add(&f.self.record.holders, &f.peer[1].id);
	return f;
}

#endif
