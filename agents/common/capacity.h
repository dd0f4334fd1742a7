/* SPDX-License-Identifier: GPL-2.0-or-later
 * Copyright (C) The ocf-ods contributors */
#ifndef ODS_CAPACITY_H
#define ODS_CAPACITY_H

#include "why.h"

/* How full is an HSM?  Pure.  <Capacity> of conf.xml is the number of keys that
 * it can hold.  OpenDNSSEC 2 does not look at it: in a full HSM no key can be
 * made, and rollovers stop. */

enum capacity {
	CAPACITY_OK,
	CAPACITY_UNKNOWN, /* no <Capacity> */
	CAPACITY_WARN,    /* at least WARN_PERCENT of it */
	CAPACITY_FULL,
};

/* USED keys of MAX (0 = not given); WHY has the sentence and what to do for
 * the last two. */
enum capacity capacity_judge(const char *repository, long used, long max,
    int warn_percent, struct why *why);

#endif
