/* SPDX-License-Identifier: GPL-2.0-or-later
 * Copyright (C) The ocf-ods contributors */
#include "sim.h"

/* The bytes of a data connection.  A sum stands for what TLS and the frames
 * have: genfile, wire and session are tested for themselves. */

static uint64_t mix(uint64_t sum, uint64_t word)
{
	sum = (sum ^ word) * UINT64_C(0x9e3779b97f4a7c15);
	return sum ^ sum >> 29;
}

uint64_t wire_sum(const struct generation *g)
{
	uint64_t sum = mix(g->pos.term, g->pos.seq);
	size_t i;

	for (i = 0; i < sizeof(g->pos.term_id.byte); i++)
		sum = mix(sum, g->pos.term_id.byte[i]);
	sum = mix(sum, g->full);
	sum = mix(sum, (uint64_t)g->content.version);
	sum = mix(sum, (uint64_t)g->content.intent);
	return mix(sum, (uint64_t)g->content.served);
}

uint64_t wire_ack_sum(uint64_t seq)
{
	return mix(1, seq);
}

static bool strikes(struct node *n, enum tally what)
{
	if (n->wire != what)
		return false;
	n->wire = TALLY_END;
	trace("data link of n%d: %s", index_of(n) + 1, tally_text[what]);
	count(what);
	return true;
}

/* A generation on its way to N: false when the connection ends within it. */
bool wire_data(struct node *n, struct generation *g)
{
	if (strikes(n, TALLY_FRAME_CUT))
		return false;
	if (!strikes(n, TALLY_FRAME_FLIP))
		return true;
	switch (roll(3)) {
	case 0:
		g->pos.seq ^= UINT64_C(1) << roll(64);
		break;
	case 1:
		g->pos.term_id.byte[roll(sizeof(g->pos.term_id.byte))] ^=
		    (uint8_t)(1 << roll(8));
		break;
	default:
		g->content.version ^= 1 << roll(8);
		break;
	}
	return true;
}

/* An ack on its way to the source. */
bool wire_ack(struct node *replica, uint64_t *seq)
{
	if (strikes(replica, TALLY_ACK_FLIP))
		*seq ^= UINT64_C(1) << roll(12);
	return true;
}

/* It comes once more, behind those that are on their way. */
void wire_acks_again(struct node *replica, uint64_t seq)
{
	struct link *l = &replica->engine.link;
	int64_t last = l->acks ? l->ack[l->acks - 1].at : 0;

	if (l->acks == 0 || l->acks >= ACKS_MAX / 2 || !chance(50))
		return;
	count(TALLY_ACK_OLD);
	l->ack[l->acks].at = last + roll(100);
	l->ack[l->acks].seq = seq;
	l->ack[l->acks++].sum = wire_ack_sum(seq);
}
