/* SPDX-License-Identifier: GPL-2.0-or-later
 * Copyright (C) The ocf-ods contributors */
#ifndef ODS_UPSTREAM_H
#define ODS_UPSTREAM_H

#include "outgoing.h"

/* Zones whose policy keeps the serial of the unsigned zone (Serial keep): the
 * signer makes no version before the owner has raised it, and lets the
 * signatures run out.  The owner is told; when little time is left we raise
 * it, and the owner has to go above that. */

enum upstream_verdict {
	UPSTREAM_WELL,
	UPSTREAM_STUCK, /* the owner is told */
	UPSTREAM_RAISE,
};

/* Pure: FRESHER: a version that is not published yet is signed. */
enum upstream_verdict upstream_judge(
    const struct expiry *e, bool fresher, int64_t now);

/* Look at all zones, while a signer is ready. */
void upstream_follow(struct outgoing *o);

#endif
