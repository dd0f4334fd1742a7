/* SPDX-License-Identifier: GPL-2.0-or-later
 * Copyright (C) The ocf-ods contributors */
#include "ledger.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

/* A zone's row as text: how it lies in ledger.db (without the clock, which
 * has a table of its own), and how it travels. */

static const char *or_dash(const char *text)
{
	return *text ? text : "-";
}

static void from_dash(char *text)
{
	if (strcmp(text, "-") == 0)
		*text = '\0';
}

int zone_row_text(const struct zone_row *row, char *text, size_t size)
{
	bool clock = !key_clock_empty(&row->clock);
	int n = snprintf(text, size,
	    "%d %" PRIu32 " %s %d %" PRIu32 " %s %s %d %" PRId64 " %" PRId64
	    "%s",
	    clock ? 3 : 2, row->serial, or_dash(row->digest), row->state,
	    row->served_serial, or_dash(row->served_digest),
	    or_dash(row->unsigned_digest), row->ever, row->expires,
	    row->served_expires, clock ? " " : "");

	if (n < 0 || (size_t)n >= size)
		return -ENAMETOOLONG;
	return clock ? key_clock_text(&row->clock, text + n, size - (size_t)n)
	             : 0;
}

int zone_row_parse(const char *zone, const char *text, struct zone_row *row)
{
	int version, state, ever, words, end = 0;

	memset(row, 0, sizeof(*row));
	if (snprintf(row->zone, sizeof(row->zone), "%s", zone) >=
	    (int)sizeof(row->zone))
		return -ENAMETOOLONG;
	words = sscanf(text,
	    "%d %" SCNu32 " %64s %d %" SCNu32 " %64s %64s %d %" SCNd64
	    " %" SCNd64 "%n",
	    &version, &row->serial, row->digest, &state, &row->served_serial,
	    row->served_digest, row->unsigned_digest, &ever, &row->expires,
	    &row->served_expires, &end);
	/* Version 1 did not say when signatures run out, version 2 has no
	 * clock. */
	if ((words != 10 || version < 2 || version > 3) &&
	    (words != 8 || version != 1))
		return -EINVAL;
	if (version == 3 && key_clock_parse(text + end, &row->clock) < 0)
		return -EINVAL;
	if (state < ZONE_INTENT || state > ZONE_SERVED)
		return -EINVAL;
	from_dash(row->digest);
	from_dash(row->served_digest);
	from_dash(row->unsigned_digest);
	row->state = (enum zone_state)state;
	row->ever = ever;
	return 0;
}
