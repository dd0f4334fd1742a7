/* SPDX-License-Identifier: GPL-2.0-or-later
 * Copyright (C) The ocf-ods contributors */
#include "ancestry.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

void lineage_free(struct lineage *l)
{
	free(l->row);
	*l = (struct lineage){0};
}

static bool continues(const struct lineage *l, const struct ancestor *row)
{
	const struct ancestor *last;

	if (l->count == 0)
		return id_equal(&l->tip.term_id, &row->term_id);
	last = &l->row[l->count - 1];
	return last->origin.base.seq > 0 && last->term > row->term &&
	       id_equal(&last->origin.base.term_id, &row->term_id);
}

int lineage_add(struct lineage *l, const struct ancestor *row)
{
	struct ancestor *more;

	if (!continues(l, row))
		return 1;
	if (l->count == LINEAGE_MAX)
		return -E2BIG;
	more = reallocarray(l->row, l->count + 1, sizeof(*more));
	if (!more)
		return -ENOMEM;
	l->row = more;
	l->row[l->count++] = *row;
	return 0;
}

bool ancestry_served(enum ancestry a)
{
	return a != ANCESTRY_UNRELATED && a != ANCESTRY_WENT_BACK;
}

/* Is TERM in L's history?  *SEQ is then its newest generation there, *NEXT the
 * term that was minted on that one, NULL for the tip's. */
static bool reaches(const struct lineage *l, const struct id *term,
    uint64_t *seq, const struct ancestor **next)
{
	size_t i;

	*next = NULL;
	*seq = l->tip.seq;
	if (id_equal(&l->tip.term_id, term))
		return true;
	for (i = 0; i < l->count; i++) {
		const struct position *base = &l->row[i].origin.base;

		*next = &l->row[i];
		*seq = base->seq;
		if (base->seq > 0 && id_equal(&base->term_id, term))
			return true;
	}
	return false;
}

/* Of a term whose origin is untold we know that a line may begin with it. */
static const struct id *line_of(const struct lineage *l, const struct id *term)
{
	size_t i;

	for (i = 0; i < l->count; i++)
		if (id_equal(&l->row[i].term_id, term))
			return &l->row[i].origin.line;
	return term;
}

/* What NODE has beyond its generation AT; NEXT is what SOURCE's history
 * continues with there.  The first term of that history which is later than
 * NODE's tip has all that was published up to then, if it is of the same line.
 * Of two terms of one number each may have published. */
static enum ancestry judge_beyond(const struct lineage *source,
    const struct lineage *node, const struct position *at,
    const struct ancestor *next)
{
	const struct position *tip = &node->tip;
	bool own = !id_equal(&tip->term_id, &at->term_id);
	const struct id *line =
	    line_of(own ? node : source, &node->tip.term_id);

	if (!next)
		return own ? ANCESTRY_DIVERGED : ANCESTRY_WENT_BACK;
	while (next > source->row && next->term < tip->term)
		next--;
	return next->term > tip->term && id_equal(&next->origin.line, line)
	           ? ANCESTRY_UNPUBLISHED
	           : ANCESTRY_DIVERGED;
}

/* What L's history began in, as far as it is told. */
static const struct id *first_line(const struct lineage *l)
{
	return l->count > 0 ? &l->row[l->count - 1].origin.line
	                    : &l->tip.term_id;
}

/* No generation of NODE is known to be in SOURCE's history.  If that began with
 * nothing, a node of another line is a stranger; of two terms of one line that
 * began with nothing, one took over from the other's first term, which had no
 * generation there.  Else it has no end that is told: what is older than its
 * last base may be in it, a later tip is on another branch. */
static enum ancestry judge_strangers(
    const struct lineage *source, const struct lineage *node)
{
	static const struct position none;
	const struct ancestor *root = NULL;
	const struct position *oldest = &source->tip;

	if (source->count > 0) {
		root = &source->row[source->count - 1];
		oldest = &root->origin.base;
	}
	if (!root || oldest->seq > 0)
		return node->tip.term < oldest->term ? ANCESTRY_BEHIND
		                                     : ANCESTRY_DIVERGED;
	return id_equal(first_line(source), first_line(node))
	           ? judge_beyond(source, node, &none, root)
	           : ANCESTRY_UNRELATED;
}

enum ancestry ancestry_judge(const struct lineage *source,
    const struct lineage *node, struct position *common)
{
	const struct position *at = &node->tip;
	const struct ancestor *next;
	uint64_t seq;
	size_t i;

	memset(common, 0, sizeof(*common));
	if (node->tip.seq == 0)
		return ANCESTRY_BEHIND;
	for (i = 0; !reaches(source, &at->term_id, &seq, &next); i++) {
		if (i == node->count || node->row[i].origin.base.seq == 0)
			return judge_strangers(source, node);
		at = &node->row[i].origin.base;
	}
	*common = *at;
	if (common->seq > seq)
		common->seq = seq;
	if (i == 0 && at->seq <= seq)
		return ANCESTRY_BEHIND;
	return judge_beyond(source, node, at, next);
}
