/* SPDX-License-Identifier: GPL-2.0-or-later
 * Copyright (C) The ocf-ods contributors */
#include "utctime.h"

#include <time.h>

const char *utctime(int64_t epoch, char buf[UTCTIME_MAX])
{
	time_t t = (time_t)epoch;
	struct tm tm;

	if (!gmtime_r(&t, &tm) ||
	    strftime(buf, UTCTIME_MAX, "%Y-%m-%d %H:%M:%S UTC", &tm) == 0)
		buf[0] = '\0';
	return buf;
}
