/* SPDX-License-Identifier: GPL-2.0-or-later
 * Copyright (C) The ocf-ods contributors */
#include "claim.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void claim_text(const struct claim *c, char text[CLAIM_TEXT])
{
	char term_id[ID_TEXT], tip[ID_TEXT];

	id_text(&c->term_id, term_id);
	id_text(&c->tip.term_id, tip);
	snprintf(text, CLAIM_TEXT,
	    "claim %s %" PRIu64 " tip %s %" PRIu64 " %" PRIu64 " ring %" PRIu32
	    ".%" PRIu64 " clock %" PRId64 " boot %s\n",
	    term_id, c->revision, tip, c->tip.term, c->tip.seq, c->ring.nodeid,
	    c->ring.seq, c->clock_s, c->boot);
}

int claim_parse(const char *text, struct claim *c)
{
	char term_id[ID_TEXT], tip[ID_TEXT], again[CLAIM_TEXT];

	memset(c, 0, sizeof(*c));
	if (sscanf(text,
	        "claim %32s %" SCNu64 " tip %32s %" SCNu64 " %" SCNu64
	        " ring %" SCNu32 ".%" SCNu64 " clock %" SCNd64 " boot %39s",
	        term_id, &c->revision, tip, &c->tip.term, &c->tip.seq,
	        &c->ring.nodeid, &c->ring.seq, &c->clock_s, c->boot) != 9 ||
	    id_parse(term_id, &c->term_id) < 0 ||
	    id_parse(tip, &c->tip.term_id) < 0)
		return -EBADMSG;
	claim_text(c, again);
	return strcmp(text, again) == 0 ? 0 : -EBADMSG;
}

bool claim_holds(const struct claim *c, const struct claim *now)
{
	if (!c->boot[0] || strcmp(c->boot, now->boot) != 0)
		return false;
	if (c->ring.nodeid != now->ring.nodeid || c->ring.seq != now->ring.seq)
		return false;
	if (!id_equal(&c->term_id, &now->term_id) ||
	    c->revision != now->revision)
		return false;
	if (!id_equal(&c->tip.term_id, &now->tip.term_id) ||
	    c->tip.seq > now->tip.seq)
		return false;
	return llabs(c->clock_s - now->clock_s) <= CLAIM_CLOCK_S;
}
