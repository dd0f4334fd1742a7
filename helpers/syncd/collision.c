/* SPDX-License-Identifier: GPL-2.0-or-later
 * Copyright (C) The ocf-ods contributors */
#include "collision.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cleanup.h"

#define NAME_SHOWN 72 /* of each name: a sentence has WHY_MAX bytes */

struct file {
	const char *name;
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

struct search {
	const struct conf *conf;
	const struct zone_list *list;
	struct file *file;
	char *names; /* what file[].name points into */
	collision_fn fn;
	void *arg;
};

/* The file's name is not longer than what it is made of. */
static size_t names_size(const struct zone_list *list)
{
	size_t i, size = 1;

	for (i = 0; i < list->count; i++)
		size += strlen(list->zone[i].name) +
		        strlen(list->zone[i].output) + 1;
	return size;
}

/* How many zones have a file of that kind. */
static size_t collect(struct search *s, enum collision_kind kind)
{
	char *at = s->names;
	size_t i, count = 0;

	for (i = 0; i < s->list->count; i++) {
		const struct zone_entry *z = &s->list->zone[i];
		size_t room = strlen(z->name) + strlen(z->output) + 1;

		if (kind == COLLISION_BACKUP2)
			zone_flat_name(z->name, at, room);
		else if (zone_relative_path(s->conf, z, at, room) < 0)
			continue;
		s->file[count++] = (struct file){at, i};
		at += strlen(at) + 1;
	}
	return count;
}

static void find_of_kind(struct search *s, enum collision_kind kind)
{
	size_t i, first = 0, count = collect(s, kind);

	qsort(s->file, count, sizeof(*s->file), file_order);
	for (i = 1; i < count; i++) {
		const struct file *a = &s->file[first], *b = &s->file[i];
		struct collision c = {kind, a->zone, b->zone};

		if (within(b->name, a->name))
			s->fn(&c, s->arg);
		else
			first = i;
	}
}

int collisions_find(const struct conf *conf, const struct zone_list *list,
    collision_fn fn, void *arg)
{
	CLEANUP_FREE char *names = malloc(names_size(list));
	struct file *file = calloc(list->count + 1, sizeof(*file));
	struct search s = {conf, list, file, names, fn, arg};
	int rc = names && file ? 0 : -ENOMEM;

	if (rc == 0) {
		find_of_kind(&s, COLLISION_BACKUP2);
		find_of_kind(&s, COLLISION_PUBLISHED);
	}
	free(file);
	return rc;
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
