/* SPDX-License-Identifier: GPL-2.0-or-later
 * Copyright (C) The ocf-ods contributors */
#ifndef ODS_COLLISION_H
#define ODS_COLLISION_H

#include <stddef.h>
#include "zones.h"

/* Two zones whose files have one name. */

enum collision_kind {
	COLLISION_BACKUP2,   /* the signer's own file (zone_flat_name()) */
	COLLISION_PUBLISHED, /* below published/ (zone_relative_path()), or
	                        one is a directory on the way to the other */
};

struct collision {
	enum collision_kind kind;
	size_t a, b; /* indexes of the list */
};

typedef void (*collision_fn)(const struct collision *c, void *arg);

/* Calls FN for each zone whose file is already that of an earlier one, by file
 * name and then by zone name.  0 or -ENOMEM. */
int collisions_find(const struct conf *conf, const struct zone_list *list,
    collision_fn fn, void *arg);

/* Pure: the sentence, with what to type. */
void collision_text(const struct collision *c, const struct zone_list *list,
    char *buf, size_t size);

#endif
