/* SPDX-License-Identifier: GPL-2.0-or-later
 * Copyright (C) The ocf-ods contributors */
#ifndef ODS_WATCH_H
#define ODS_WATCH_H

#include "walk.h"

/* inotify on the directories of all sets but the database.  It is a hint:
 * truth is the stat tuple, then the hash.  One watch per directory; names
 * are collected, an overflow asks for a rescan (R 5). */

struct watch;

struct dirty {
	bool rescan[SET_END];
	struct name_list names[SET_END];
};

bool dirty_any(const struct dirty *d);
void dirty_all(struct dirty *d); /* rescan everything */
void dirty_free(struct dirty *d);

int watch_open(const struct sets *sets, struct watch **watch, struct why *why);
void watch_close(struct watch *w);
int watch_fd(const struct watch *w);

/* Watch a directory of a set; one that is watched already stays so. */
void watch_dir(struct watch *w, enum set set, int index, const char *path,
    const char *absolute);

/* Move what has happened since the last call into DIRTY. */
int watch_drain(struct watch *w, struct dirty *dirty);

#endif
