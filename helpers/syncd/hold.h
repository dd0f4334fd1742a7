/* SPDX-License-Identifier: GPL-2.0-or-later
 * Copyright (C) The ocf-ods contributors */
#ifndef ODS_HOLD_H
#define ODS_HOLD_H

#include "takes.h"

/* What becomes of a zone whose version was looked at: for how long it is held,
 * and what the signer is told.  Of the publisher's thread. */

#define HOLD_RETRY_SLOW_MS 1000

struct hold {
	const struct conf *conf;
	const struct keybook *keys; /* NULL = none are on record */
	int retry_ms; /* a refusal that time may lift, at first; 0 = a minute */
};

/* What the verdict means for the next passes. */
void hold_settle(const struct hold *h, const struct take *t);

/* Keys that were published for longer (bridge.h) are no more, once caches hold
 * nothing of before what is served. */
void hold_end_bridges(const struct conf *conf, struct outgoing *o);

/* A doubt must not keep Z back for longer: what is served of it, as ROW says,
 * has little time left, or nothing is served for ten minutes. */
bool hold_is_urgent(struct pub_zone *z, const struct zone_row *row);

#endif
