/* SPDX-License-Identifier: GPL-2.0-or-later
 * Copyright (C) The ocf-ods contributors */
#ifndef ODS_WALK_H
#define ODS_WALK_H

#include "sets.h"
#include "why.h"

/* Names, as the disk has them or as somebody said they changed. */
struct name_list {
	char **name;
	size_t count, room;
};

int names_add(struct name_list *list, const char *name);
void names_sort(struct name_list *list); /* and drop doubles */
void names_free(struct name_list *list);

/* Every file of a set that is there, unsorted, and every directory of it.
 * Links, sockets, leftovers and the directories of other sets are passed
 * over.  DIR is told before its content is read (so that a watch set there
 * misses nothing): number of the directory in the set, and the path beneath
 * it ("" at its top).  It may be NULL.  -ENOENT when the top is not there. */
struct walk {
	const struct sets *sets;
	enum set set;
	void (*dir)(
	    void *arg, int index, const char *path, const char *absolute);
	void *arg;
};

int walk_names(const struct walk *w, struct name_list *names, struct why *why);

#endif
