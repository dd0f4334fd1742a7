/* SPDX-License-Identifier: GPL-2.0-or-later
 * Copyright (C) The ocf-ods contributors */
#include "owner.h"

#include <errno.h>
#include <grp.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define NSS_BUFFER 16384

static void remember(
    struct owner_cache *c, bool is_group, id_t id, const char *name)
{
	struct owner_pair *p = &c->pair[c->count % OWNER_CACHE];

	p->is_group = is_group;
	p->id = id;
	snprintf(p->name, sizeof(p->name), "%s", name);
	c->count++;
}

static int filled(const struct owner_cache *c)
{
	return c->count < OWNER_CACHE ? c->count : OWNER_CACHE;
}

void owner_name(
    struct owner_cache *c, bool is_group, id_t id, char name[OWNER_MAX])
{
	char buf[NSS_BUFFER];
	struct passwd pw, *pwp = NULL;
	struct group gr, *grp = NULL;
	const char *found = NULL;
	int i;

	for (i = 0; i < filled(c); i++)
		if (c->pair[i].is_group == is_group && c->pair[i].id == id) {
			memcpy(name, c->pair[i].name, OWNER_MAX);
			return;
		}
	if (is_group) {
		getgrgid_r((gid_t)id, &gr, buf, sizeof(buf), &grp);
		found = grp ? grp->gr_name : NULL;
	} else {
		getpwuid_r((uid_t)id, &pw, buf, sizeof(buf), &pwp);
		found = pwp ? pwp->pw_name : NULL;
	}
	memset(name, 0, OWNER_MAX);
	if (found && strlen(found) < OWNER_MAX)
		snprintf(name, OWNER_MAX, "%s", found);
	else
		snprintf(name, OWNER_MAX, "%lu", (unsigned long)id);
	remember(c, is_group, id, name);
}

static int number_of(const char *name, id_t *id)
{
	char *end;
	unsigned long n;

	if (name[0] < '0' || name[0] > '9')
		return -ENOENT;
	errno = 0;
	n = strtoul(name, &end, 10);
	if (*end || errno || n >= UINT32_MAX)
		return -ENOENT;
	*id = (id_t)n;
	return 0;
}

int owner_id(struct owner_cache *c, bool is_group, const char *name, id_t *id)
{
	char buf[NSS_BUFFER];
	struct passwd pw, *pwp = NULL;
	struct group gr, *grp = NULL;
	int i;

	for (i = 0; i < filled(c); i++)
		if (c->pair[i].is_group == is_group &&
		    strcmp(c->pair[i].name, name) == 0) {
			*id = c->pair[i].id;
			return 0;
		}
	if (is_group)
		getgrnam_r(name, &gr, buf, sizeof(buf), &grp);
	else
		getpwnam_r(name, &pw, buf, sizeof(buf), &pwp);
	if (grp)
		*id = grp->gr_gid;
	else if (pwp)
		*id = pwp->pw_uid;
	else if (number_of(name, id) < 0)
		return -ENOENT;
	remember(c, is_group, *id, name);
	return 0;
}
