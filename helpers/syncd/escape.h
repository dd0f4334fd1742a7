/* SPDX-License-Identifier: GPL-2.0-or-later
 * Copyright (C) The ocf-ods contributors */
#ifndef ODS_ESCAPE_H
#define ODS_ESCAPE_H

#include <stdbool.h>
#include "ledger.h"

/* A barrier that is held lets a zone through before its signatures run out
 * (docs/publish.md, "Escape").  Pure. */

struct escape_facts {
	bool source;       /* of the term in force, not demoting */
	bool quorate;      /* else the others may have fenced this node */
	bool cut;          /* the version is in a whole generation here */
	bool went_back;    /* a node has more of this term than its source */
	bool one_lacks_it; /* a holder that is here has not acked it yet */
	bool away;         /* a holder is out of sight, and not fenced */
	bool lacks_second; /* barrier=require, and this is the only holder */
};

enum escape {
	ESCAPE_NOT,  /* nothing holds it, or what does ends by itself */
	ESCAPE_OPEN, /* nobody else is named who could take over without it */
	ESCAPE_SOLO, /* the record has to say so first */
};

enum escape escape_decide(const struct escape_facts *f);

/* May this version go out so: something is served, URGENT (expiry.h), and it
 * brings no other DNSKEY set. */
bool escape_may_go(const struct zone_row *row, bool urgent);

/* A node takes over: of which zones may have gone out what it does not have?
 * WAS is the record of the term before, SELF the node, TIP what it has. */
enum escape_floors {
	ESCAPE_FLOORS_NONE,
	ESCAPE_FLOORS_URGENT, /* by what is served of them, as far as known */
	ESCAPE_FLOORS_ALL,
};

enum escape_floors escape_floors(const struct record *was,
    const struct id *self, const struct position *tip);

#endif
