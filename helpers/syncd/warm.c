/* SPDX-License-Identifier: GPL-2.0-or-later
 * Copyright (C) The ocf-ods contributors */
#include "syncd.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "claimfile.h"
#include "deadline.h"
#include "log.h"

/* A worker that has acked the record to its source, and has been there ever
 * since, knows that nobody has published without it. */

#define STALL_MS (INT64_C(1000) * CLAIM_CLOCK_S)

/* ---- what ends it ------------------------------------------------------- */

void warm_look(struct syncd *s)
{
	struct warmth *w = &s->warmth;
	int64_t now = clock_monotonic_ms(), clock = clocks_apart();
	bool broken =
	    w->seen_ms && (now - w->seen_ms > STALL_MS ||
	                      llabs(clock - w->clock_s) > CLAIM_CLOCK_S);

	w->seen_ms = now;
	w->clock_s = clock;
	if (!broken || !s->warm)
		return;
	log_warn("this daemon stood still, or the clock jumped: what it knew "
	         "before does not count");
	s->warm = false;
	w->cooled = true;
}

void warm_acked(struct syncd *s, bool holder)
{
	warm_look(s);
	s->warm = holder;
	s->warmth.inherited = s->warmth.cooled = false;
}

/* ---- the claim ---------------------------------------------------------- */

static struct claim claim_now(const struct syncd *s)
{
	struct claim c = {.term_id = s->record.term_id,
	    .revision = s->record.revision,
	    .tip = s->tip,
	    .ring = s->warmth.ring,
	    .clock_s = clocks_apart()};

	memcpy(c.boot, s->warmth.boot, sizeof(c.boot));
	return c;
}

/* As long as this node is alone in one ring nobody else has minted without a
 * fencing of it.  Others in the ring could have, while no worker of ours was
 * in the group, and have died since: then only rule (b) is left, more than
 * half of the voters.  Before a term of ours begins, its record is stored. */
static bool may_claim(const struct syncd *s)
{
	return s->warmth.ring_known && s->warmth.alone && s->warmth.boot[0] &&
	       (s->role == ROLE_UNPROMOTED || s->role == ROLE_MINTING) &&
	       !s->restarting && !s->fork && s->state == STATE_LEDGER &&
	       s->record.term > 0 && !id_equal(&s->record.source, &s->self) &&
	       nodes_has(&s->record.holders, &s->self);
}

static void claim_drop(struct syncd *s)
{
	if (s->warmth.claimed)
		claimfile_remove(s->opt.res);
	s->warmth.claimed = false;
}

static void claim_keep(struct syncd *s)
{
	struct warmth *w = &s->warmth;
	struct claim now = claim_now(s);
	char text[CLAIM_TEXT];
	struct why why;

	if (!w->judged)
		return; /* it is that of the worker before */
	if (!s->warm || !may_claim(s)) {
		claim_drop(s);
		return;
	}
	if (w->claimed && claim_holds(&w->claim, &now) &&
	    w->claim.tip.seq == now.tip.seq)
		return;
	claim_text(&now, text);
	if (claimfile_write(s->opt.res, text, &why) < 0)
		log_warn(
		    "%s: a worker that dies now loses its claim", why.text);
	w->claim = now;
	w->claimed = true; /* one that was there before may be, still */
}

void warm_load(struct syncd *s)
{
	struct warmth *w = &s->warmth;
	char text[CLAIM_TEXT];

	claimfile_boot(w->boot);
	w->claimed = claimfile_read(s->opt.res, text) != -ENOENT;
	if (w->claimed && claim_parse(text, &w->claim) < 0)
		memset(&w->claim, 0, sizeof(w->claim)); /* it never holds */
}

/* Once we are in the group again: from then on no other node can come without
 * our knowledge. */
static void inherit(struct syncd *s)
{
	struct warmth *w = &s->warmth;
	const struct member *self = member_by_nodeid(s, s->nodeid);
	struct claim now = claim_now(s);

	if (w->judged || !w->ring_known || !self || self->left != LEFT_NOT)
		return;
	w->judged = true;
	if (!w->claimed || s->warm || !may_claim(s) ||
	    !claim_holds(&w->claim, &now))
		return;
	log_notice("the claim of the worker before holds: this node has what "
	           "was published");
	s->warm = w->inherited = true;
}

void warm_ring(struct syncd *s, const struct ring_id *ring, bool alone)
{
	s->warmth.ring = *ring;
	s->warmth.alone = alone;
	s->warmth.ring_known = true;
	warm_look(s);
	inherit(s);
	claim_keep(s);
}

/* A source says its record to a new worker, not to one that has stood still.
 * What such a one has on its disk is asked then, too. */
void warm_tick(struct syncd *s)
{
	const struct member *source;
	bool cooled;

	warm_look(s);
	inherit(s);
	claim_keep(s);
	cooled = s->warmth.cooled;
	s->warmth.cooled = false;
	source = member_by_id(s, &s->record.source);
	if (cooled && s->role == ROLE_UNPROMOTED && source &&
	    source->left == LEFT_NOT && source->has_hello &&
	    source->hello.source)
		group_abandon(s, "stood still, or the clock jumped");
}

void warm_stop(struct syncd *s)
{
	claimfile_remove(s->opt.res);
	s->warmth.claimed = false;
}
