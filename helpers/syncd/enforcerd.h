/* SPDX-License-Identifier: GPL-2.0-or-later
 * Copyright (C) The ocf-ods contributors */
#ifndef ODS_ENFORCERD_H
#define ODS_ENFORCERD_H

#include <stdbool.h>
#include <stdint.h>
#include "conf.h"
#include "deadline.h"
#include "why.h"

/* Where ods-enforce-RES has been 0 for this long and an enforcer still runs,
 * Pacemaker does not act (maintenance mode): ods-syncd stops it. */
#define ENFORCERD_PATIENCE_MS 60000

/* When the attribute was last 1, and what was done since. */
struct enforcerd_watch {
	int64_t denied_ms; /* since when it is 0; 0 = it is 1 */
};

/* Pure: is it time to stop an enforcer?  Each minute anew. */
bool enforcerd_overdue(struct enforcerd_watch *w, bool allowed, int64_t now_ms);

/* Tell the one of this conf.xml to stop, by its socket.  1 = it takes it, 0 =
 * none runs; negative errno when one is there and does not answer. */
int enforcerd_stop(
    const struct conf *conf, struct deadline deadline, struct why *why);

#endif
