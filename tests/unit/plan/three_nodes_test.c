/* SPDX-License-Identifier: GPL-2.0-or-later
 * Copyright (C) The ocf-ods contributors */
#include "facts.h"

/* Gates 1 and 2 with three nodes, over every combination. */

enum peer_bit {
	PRESENT,
	UNPROMOTED, /* and its daemons are dead */
	FENCED,
	GONE,
	KNOWS, /* it has our record, or a newer one */
	NEWER,
	HOLDER,
	PEER_BITS,
};

enum own_bit {
	WARM = 2 * PEER_BITS,
	HOLDS,
	OPEN,
	FENCING, /* now and in the record */
	IN_PROMOTE,
	BY_PEER, /* the source is the first peer, else this node */
	TWO_VOTERS,
	OWN_END,
};

static bool has(unsigned c, int bit)
{
	return c >> bit & 1;
}

static bool peer_has(unsigned c, int peer, enum peer_bit bit)
{
	return has(c, peer * PEER_BITS + (int)bit);
}

static void facts_of(unsigned c, struct plan_facts *f)
{
	struct record *r = &f->self.record;
	int i;

	*f = after_a_kill();
	f->peers = 2;
	f->configured = 3;
	f->peer[1] = f->peer[0];
	f->peer[1].id = id_of('q');
	f->warm = has(c, WARM);
	f->fencing = r->fencing = has(c, FENCING);
	f->in_promote = has(c, IN_PROMOTE);
	r->open = has(c, OPEN);
	r->voters = has(c, TWO_VOTERS) ? 2 : 3;
	r->source = has(c, BY_PEER) ? f->peer[0].id : f->self.id;
	r->holders.count = 0;
	if (has(c, HOLDS))
		nodes_add(&r->holders, &f->self.id);
	for (i = 0; i < 2; i++)
		if (peer_has(c, i, HOLDER))
			nodes_add(&r->holders, &f->peer[i].id);
	for (i = 0; i < 2; i++) {
		struct plan_node *p = &f->peer[i];

		p->present = peer_has(c, i, PRESENT);
		p->unpromoted = p->daemons_dead = peer_has(c, i, UNPROMOTED);
		p->fenced = peer_has(c, i, FENCED);
		p->gone = peer_has(c, i, GONE);
		p->has_record = peer_has(c, i, KNOWS);
		p->record = *r;
		p->record.revision += peer_has(c, i, NEWER);
	}
}

/* Nobody here knows more, and what was published is here for sure. */
static bool has_custody(unsigned c)
{
	int i, voters = 1, holders_away = 0;

	for (i = 0; i < 2; i++) {
		bool here = peer_has(c, i, PRESENT);

		if (here && peer_has(c, i, KNOWS) && peer_has(c, i, NEWER))
			return false;
		voters += here && peer_has(c, i, KNOWS);
		holders_away += !here && peer_has(c, i, HOLDER);
	}
	if (has(c, WARM) || holders_away == 0)
		return true;
	return voters >= 2; /* of two or three */
}

static bool source_is_harmless(unsigned c)
{
	if (!has(c, OPEN) || !has(c, BY_PEER))
		return true; /* this node's own daemons are dead here */
	if (has(c, FENCING) && !has(c, IN_PROMOTE))
		return true;
	return peer_has(c, 0, FENCED) ||
	       (peer_has(c, 0, PRESENT) && peer_has(c, 0, UNPROMOTED));
}

/* Without fencing whoever is out of sight may promote now. */
static bool nobody_out_of_sight(unsigned c)
{
	int i;

	for (i = 0; i < 2; i++)
		if (!has(c, FENCING) && peer_has(c, i, HOLDER) &&
		    !peer_has(c, i, PRESENT) && !peer_has(c, i, GONE))
			return false;
	return true;
}

static void truth_table(void **state)
{
	unsigned c, count[3] = {0};

	(void)state;
	for (c = 0; c < 1U << OWN_END; c++) {
		bool may = has(c, HOLDS) && has_custody(c) &&
		           source_is_harmless(c) && nobody_out_of_sight(c);
		struct plan_facts f;
		struct plan plan;

		facts_of(c, &f);
		plan = plan_promote(&f);
		count[plan.verdict]++;
		if ((plan.verdict == PLAN_GO) != may)
			fail_msg("combination %#x: verdict %d: %s", c,
			    plan.verdict, plan.why);
	}
	assert_true(
	    count[PLAN_GO] && count[PLAN_NOT_YET] && count[PLAN_REFUSE]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(truth_table)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
