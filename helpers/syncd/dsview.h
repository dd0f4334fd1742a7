/* SPDX-License-Identifier: GPL-2.0-or-later
 * Copyright (C) The ocf-ods contributors */
#ifndef ODS_DSVIEW_H
#define ODS_DSVIEW_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/stat.h>
#include "lasting.h"

/* Which DS of a zone a parent may show, or a cache hold: what the enforcer
 * has written into kasp.db, as ods-kasp tells it.  Of one thread. */

struct dsview {
	char *text;
	const char **zone; /* its "zone NAME" lines, sorted */
	size_t zones;
	struct stat seen;     /* of kasp.db */
	struct lasting blind; /* it cannot be read */
	int64_t again_ms;     /* not before; CLOCK_MONOTONIC */
};

/* Ask again when DATABASE has changed; when it has many zones, not more often
 * than a twentieth of the time is spent on it.  Blocks for 4 s at most; when it
 * cannot be read, what was known stays, and it is asked again after 10 s. */
void dsview_follow(struct dsview *v, const char *database);
void dsview_free(struct dsview *v);

/* Facts for ods-verify: "ds ALG TAG -" lines, with " everywhere" behind where
 * it is, "" when there is no DS; false when it is not known. */
bool dsview_zone(
    const struct dsview *v, const char *zone, char *facts, size_t size);

/* The pure part: TEXT, which is taken over, is what ods-kasp says. */
bool dsview_parse(struct dsview *v, char *text);

#endif
