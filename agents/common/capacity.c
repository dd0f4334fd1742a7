/* SPDX-License-Identifier: GPL-2.0-or-later
 * Copyright (C) The ocf-ods contributors */
#include "capacity.h"

#include <errno.h>
#include <limits.h>

#define FIX "ods-enforcer key purge, or more room in the HSM and <Capacity>"

/* Rounded down: 100 is full. */
static long percent(long used, long max)
{
	return used <= LONG_MAX / 100 ? used * 100 / max
	       : max >= 100           ? used / (max / 100)
	                              : LONG_MAX;
}

enum capacity capacity_judge(const char *repository, long used, long max,
    int warn_percent, struct why *why)
{
	if (max <= 0)
		return CAPACITY_UNKNOWN;
	if (used >= max) {
		why_set(why, -ENOSPC,
		    "repository %.63s is full: %ld keys of %ld: " FIX,
		    repository, used, max);
		return CAPACITY_FULL;
	}
	if (percent(used, max) < warn_percent)
		return CAPACITY_OK;
	why_set(why, -ENOSPC,
	    "repository %.63s holds %ld keys of %ld (%ld %%): " FIX, repository,
	    used, max, percent(used, max));
	return CAPACITY_WARN;
}
