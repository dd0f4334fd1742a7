/* SPDX-License-Identifier: GPL-2.0-or-later
 * Copyright (C) The ocf-ods contributors */
#include "sim.h"

#include <errno.h>

/* The history in a node's ledger, and what is made of it when the node joins a
 * source.  The oldest terms of a long run are untold. */

static void add_term(struct ledger *l, const struct ancestor *term)
{
	if (l->terms == TERMS_MAX)
		memmove(l->term, l->term + 1,
		    (size_t)--l->terms * sizeof(*l->term));
	l->term[l->terms++] = *term;
}

int ledger_term_put(
    struct ledger *l, const struct ancestor *term, struct why *why)
{
	if (l->full)
		return why_set(why, -ENOSPC, "disk full");
	while (
	    l->terms > 0 && l->term[l->terms - 1].term > term->origin.base.term)
		l->terms--;
	add_term(l, term);
	if (current && &current->disk == l)
		judge_begins(current);
	return 0;
}

static void lineage_of(
    const struct ledger *l, const struct id *term, struct lineage *lineage)
{
	int i;

	*lineage = (struct lineage){.tip = {.term_id = *term}};
	if (id_equal(&l->tip.term_id, term))
		lineage->tip = l->tip;
	for (i = l->terms; i > 0; i--)
		lineage_add(lineage, &l->term[i - 1]);
}

/* replica.c: turn_to_source() */
void lineage_take(struct ledger *l, const struct node *source)
{
	struct lineage theirs;
	size_t i;

	lineage_of(&source->disk, &source->engine.term.term_id, &theirs);
	l->terms = 0;
	for (i = theirs.count; i > 0; i--)
		add_term(l, &theirs.row[i - 1]);
	lineage_free(&theirs);
}

/* The source goes on from all that the node's name server may have served:
 * so says everything but "diverged".  A disk that went back, which nobody
 * noticed, has taken itself to have custody. */
static void judge_verdict(
    const struct node *n, const struct node *source, enum ancestry a)
{
	const char *who = "the join of";

	if (!ancestry_served(a))
		sim_fail("%s n%d is refused", who, index_of(n) + 1);
	if (a != ANCESTRY_DIVERGED && !world->lost &&
	    !descends(source->disk.live.version, n->disk.live.served))
		sim_fail("%s n%d is harmless, it has served version %d and "
		         "n%d has %d",
		    who, index_of(n) + 1, n->disk.live.served,
		    index_of(source) + 1, source->disk.live.version);
}

/* verdict.c */
enum ancestry lineage_join(const struct node *n, const struct node *source)
{
	const struct engine_term *term = &source->engine.term;
	struct lineage has, theirs;
	struct position common;
	enum ancestry a;

	if (strcmp(n->disk.state, "seeding") == 0)
		return ANCESTRY_BEHIND;
	lineage_of(&n->disk, &n->disk.tip.term_id, &has);
	lineage_of(&source->disk, &term->term_id, &theirs);
	theirs.tip.term = term->term;
	a = ancestry_judge(&theirs, &has, &common);
	lineage_free(&has);
	lineage_free(&theirs);
	judge_verdict(n, source, a);
	if (a == ANCESTRY_UNPUBLISHED)
		count(TALLY_UNPUBLISHED);
	world->diverged += a == ANCESTRY_DIVERGED;
	/* A disk that went back to when it was alone has begun a branch. */
	if (a == ANCESTRY_DIVERGED && !world->human && !n->set_back)
		sim_fail("n%d has diverged", index_of(n) + 1);
	return a;
}
