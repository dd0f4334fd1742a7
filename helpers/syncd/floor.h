/* SPDX-License-Identifier: GPL-2.0-or-later
 * Copyright (C) The ocf-ods contributors */
#ifndef ODS_FLOOR_H
#define ODS_FLOOR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "ledger.h"

/* Where what was published last may be lost, the ledger's last serial is not
 * the world's: the next one has to be above a floor.  Pure; RFC 1982. */

#define FLOOR_STEP 1000

/* The highest of the ledger's LAST (HAS: there is one) and of what servers
 * have answered, and FLOOR_STEP.  False when nothing is known: any serial
 * will do. */
bool floor_of(bool has, uint32_t last, const uint32_t *served, size_t count,
    uint32_t *floor);

/* The serial that the next one of the zone has to be above: published, on its
 * way, or its floor.  False when there is none. */
bool floor_last(const struct zone_row *row, uint32_t *last);

/* ROW gets that floor, with the epoch of the loss; one that is there already
 * is never lowered.  -ENOSPC when its past is full. */
int floor_put(struct zone_row *row, uint32_t floor, int64_t now);

/* The version of ROW is served: its floor has done its work. */
void floor_served(struct zone_row *row);

#endif
