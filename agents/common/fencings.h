/* SPDX-License-Identifier: GPL-2.0-or-later
 * Copyright (C) The ocf-ods contributors */
#ifndef ODS_FENCINGS_H
#define ODS_FENCINGS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A set of fencings of one node, each a number made of what sets it apart.
 * They have no order: Pacemaker sorts by the clock of whoever fenced, and a
 * clock that was ahead stays the newest for ever. */

#define FENCINGS_MAX 512 /* Pacemaker keeps 500, of all nodes */
#define FENCINGS_TEXT (FENCINGS_MAX * 17 + 1)

struct fencings {
	int count;
	uint64_t one[FENCINGS_MAX];
};

/* Of the text that names it. */
uint64_t fencings_number(const char *text);

/* What does not fit is left out. */
void fencings_add(struct fencings *f, uint64_t one);
bool fencings_has(const struct fencings *f, uint64_t one);

/* Does NOW have one that BEFORE lacks? */
bool fencings_beyond(const struct fencings *now, const struct fencings *before);

/* All of both; the oldest of PAST are left out when it gets too long. */
void fencings_join(struct fencings *past, const struct fencings *now);

/* As one line, "" for none, and back: 0 or -EINVAL. */
void fencings_text(const struct fencings *f, char text[FENCINGS_TEXT]);
int fencings_parse(const char *text, struct fencings *f);

#endif
