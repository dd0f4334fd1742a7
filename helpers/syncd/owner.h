/* SPDX-License-Identifier: GPL-2.0-or-later
 * Copyright (C) The ocf-ods contributors */
#ifndef ODS_OWNER_H
#define ODS_OWNER_H

#include <sys/types.h>
#include "manifest.h"

/* Owners travel as names, because the distributions' packages number their
 * users as they come.  One cache per run over many files: the user database
 * may be slow.  Not for two threads. */

#define OWNER_CACHE 16

struct owner_cache {
	struct owner_pair {
		bool is_group;
		id_t id;
		char name[OWNER_MAX];
	} pair[OWNER_CACHE];
	int count;
};

/* The name, or the number as text where it has none. */
void owner_name(
    struct owner_cache *c, bool is_group, id_t id, char name[OWNER_MAX]);

/* 0, or -ENOENT when this node knows no such name. */
int owner_id(struct owner_cache *c, bool is_group, const char *name, id_t *id);

#endif
