/* SPDX-License-Identifier: GPL-2.0-or-later
 * Copyright (C) The ocf-ods contributors */
#ifndef ODS_ORDER_H
#define ODS_ORDER_H

#include <stdbool.h>
#include <sys/stat.h>
#include "why.h"

/* What only an admin can decide for a zone (docs/publish.md). */

struct ledger;
struct outgoing;

enum order_kind {
	/* What is refused of it goes out once; not what is no zone file, nor a
	 * serial that is not above the last one. */
	ORDER_PUBLISH,
	ORDER_INSECURE, /* it may go out without signatures */
	ORDER_HOLD,     /* the enforcer need not wait while it is held */
	ORDER_RESET,    /* the next serial need not be above the last one */
};

struct order {
	enum order_kind kind;
	char zone[256];
	bool stamped;     /* by the publisher: */
	struct stat file; /* ... what the signer had made when it was typed */
};

/* WORD and WHAT as typed: "publish", "ack" "insecure" ...; -EINVAL. */
int order_parse(
    const char *word, const char *what, const char *zone, struct order *order);

/* Can it be carried out?  -ENOENT: such a zone was never published.  Not for
 * ORDER_HOLD. */
int order_check(struct ledger *l, const struct order *order, struct why *why);

/* ORDER_HOLD, at once: its row is not the publisher's, who may be waiting for
 * a barrier. */
int order_hold(struct ledger *l, const char *zone, struct why *why);

/* All others: on the publisher's thread, which alone writes the zones' rows. */
void order_carry_out(struct outgoing *o, const struct order *order);

#endif
