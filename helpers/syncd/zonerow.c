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
	char clock[KEY_CLOCK_TEXT] = "";
	int n;

	if (!key_clock_empty(&row->clock) &&
	    key_clock_text(&row->clock, clock, sizeof(clock)) < 0)
		return -ENAMETOOLONG;
	n = snprintf(text, size,
	    "3 %" PRIu32 " %s %d %" PRIu32 " %s %s %d %" PRId64 " %" PRId64
	    "%s%s\n%s",
	    row->serial, or_dash(row->digest), row->state, row->served_serial,
	    or_dash(row->served_digest), or_dash(row->unsigned_digest),
	    row->ever, row->expires, row->served_expires, clock[0] ? " " : "",
	    clock, row->past);
	return n < 0 || (size_t)n >= size ? -ENAMETOOLONG : 0;
}

/* What is behind the ten words of version 3: a clock or none, and the past. */
static int parse_rest(const char *rest, struct zone_row *row)
{
	char clock[KEY_CLOCK_TEXT];
	const char *past = strchr(rest, '\n');
	size_t len = past ? (size_t)(past - rest) : 0;

	if (!past || len >= sizeof(clock) || !zonepast_is_valid(past + 1))
		return -EINVAL;
	memcpy(row->past, past + 1, strlen(past + 1) + 1);
	memcpy(clock, rest, len);
	clock[len] = '\0';
	if (len == 0)
		return 0;
	return clock[0] == ' ' ? key_clock_parse(clock + 1, &row->clock)
	                       : -EINVAL;
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
	/* Version 1 did not say when signatures run out, version 2 neither
	 * clock nor past. */
	if ((words != 10 || version < 2 || version > 3) &&
	    (words != 8 || version != 1))
		return -EINVAL;
	if (version == 2 && text[end])
		return -EINVAL;
	if (version == 3 && parse_rest(text + end, row) < 0)
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
