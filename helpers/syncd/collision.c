/* SPDX-License-Identifier: GPL-2.0-or-later
 * Copyright (C) The ocf-ods contributors */
#include "collision.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define NAME_SHOWN 72 /* of each name: a sentence has WHY_MAX bytes */

struct file {
	char *name;
	size_t zone;
};

/* '/' sorts before all else, so that what is below a name follows it. */
static int name_order(const char *a, const char *b)
{
	for (; *a && *a == *b; a++, b++)
		;
	if (*a == *b)
		return 0;
	if (*a == '/' || *b == '/')
		return *a == '/' ? (*b ? -1 : 1) : (*a ? 1 : -1);
	return (unsigned char)*a < (unsigned char)*b ? -1 : 1;
}

static int file_order(const void *a, const void *b)
{
	const struct file *x = a, *y = b;
	int order = name_order(x->name, y->name);

	return order ? order : x->zone < y->zone ? -1 : 1;
}

/* NAME is DIR, or lies below it. */
static bool within(const char *name, const char *dir)
{
	size_t len = strlen(dir);

	return strncmp(name, dir, len) == 0 &&
	       (name[len] == '\0' || name[len] == '/');
}

/* The zone's file of that kind; NULL when it has none. */
static char *file_name(const struct conf *conf, const struct zone_entry *z,
    enum collision_kind kind)
{
	char name[PATH_MAX];

	if (kind == COLLISION_BACKUP2)
		zone_flat_name(z->name, name, sizeof(name));
	else if (zone_relative_path(conf, z, name, sizeof(name)) < 0)
		return NULL;
	return strdup(name);
}

static void find_of_kind(const struct conf *conf, const struct zone_list *list,
    enum collision_kind kind, struct file *file, collision_fn fn, void *arg)
{
	size_t i, count = 0, first = 0;

	for (i = 0; i < list->count; i++) {
		file[count].zone = i;
		file[count].name = file_name(conf, &list->zone[i], kind);
		count += file[count].name != NULL;
	}
	qsort(file, count, sizeof(*file), file_order);
	for (i = 1; i < count; i++) {
		struct collision c = {kind, file[first].zone, file[i].zone};

		if (within(file[i].name, file[first].name))
			fn(&c, arg);
		else
			first = i;
	}
	for (i = 0; i < count; i++)
		free(file[i].name);
}

int collisions_find(const struct conf *conf, const struct zone_list *list,
    collision_fn fn, void *arg)
{
	struct file *file = calloc(list->count + 1, sizeof(*file));

	if (!file)
		return -ENOMEM;
	find_of_kind(conf, list, COLLISION_BACKUP2, file, fn, arg);
	find_of_kind(conf, list, COLLISION_PUBLISHED, file, fn, arg);
	free(file);
	return 0;
}

void collision_text(const struct collision *c, const struct zone_list *list,
    char *buf, size_t size)
{
	const char *what = c->kind == COLLISION_BACKUP2
	                       ? "one backup2 of the signer"
	                       : "one file in published/";

	snprintf(buf, size,
	    "zones %.*s and %.*s have %s: remove one of them, type "
	    "ods-enforcer zone delete --zone ZONE",
	    NAME_SHOWN, list->zone[c->a].name, NAME_SHOWN,
	    list->zone[c->b].name, what);
}
