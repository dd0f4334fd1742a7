/* SPDX-License-Identifier: GPL-2.0-or-later
 * Copyright (C) The ocf-ods contributors */
#include "clocks.h"

#include <inttypes.h>
#include <stdio.h>

#define LIMIT_MIN 60
#define LIMIT_MAX 600

int64_t clock_ahead(const struct clock_told *told, int64_t apart)
{
	return apart - told->apart;
}

int64_t clock_limit(int64_t inception)
{
	if (inception < 0 || inception / 2 > LIMIT_MAX)
		return LIMIT_MAX;
	return inception / 2 < LIMIT_MIN ? LIMIT_MIN : inception / 2;
}

void clock_doubt_text(const struct clock_doubt *d, char *text, int size)
{
	text[0] = '\0';
	if (d->ahead && d->of)
		snprintf(text, (size_t)size,
		    "the clock here is %" PRId64 " s %s that of %s",
		    d->ahead < 0 ? -d->ahead : d->ahead,
		    d->ahead < 0 ? "behind" : "ahead of", d->of);
	else if (d->ahead)
		snprintf(text, (size_t)size,
		    "the clock here is %" PRId64 " s behind what was published",
		    -d->ahead);
}
