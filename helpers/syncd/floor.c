/* SPDX-License-Identifier: GPL-2.0-or-later
 * Copyright (C) The ocf-ods contributors */
#include "floor.h"

#include <inttypes.h>
#include <stdio.h>

#include "backup2.h"

bool floor_of(bool has, uint32_t last, const uint32_t *served, size_t count,
    uint32_t *floor)
{
	size_t i;

	for (i = 0; i < count; i++)
		if (!has || serial_above(served[i], last)) {
			last = served[i];
			has = true;
		}
	*floor = last + FLOOR_STEP;
	return has;
}

bool floor_last(const struct zone_row *row, uint32_t *last)
{
	uint32_t floor;
	bool has = zonepast_floor(row->past, &floor);

	*last = row->serial;
	if (has && (!row->ever || serial_above(floor, row->serial)))
		*last = floor;
	return has || row->ever;
}

int floor_put(struct zone_row *row, uint32_t floor, int64_t now)
{
	uint32_t before;
	char line[64];

	if (zonepast_floor(row->past, &before) && !serial_above(floor, before))
		return 0;
	snprintf(line, sizeof(line), "floor %" PRIu32 " %" PRId64, floor, now);
	return zonepast_note(row->past, line);
}

void floor_served(struct zone_row *row)
{
	uint32_t floor;

	if (zonepast_floor(row->past, &floor) &&
	    !serial_above(floor, row->serial))
		zonepast_forget(row->past, "floor ");
}
