/* SPDX-License-Identifier: GPL-2.0-or-later
 * Copyright (C) The ocf-ods contributors */
#include "syncd.h"

#include <string.h>

struct member *member_by_nodeid(struct syncd *s, uint32_t nodeid)
{
	int i;

	for (i = 0; i < s->members; i++)
		if (s->member[i].nodeid == nodeid)
			return &s->member[i];
	return NULL;
}

struct member *member_by_id(struct syncd *s, const struct id *id)
{
	int i;

	for (i = 0; i < s->members; i++)
		if (s->member[i].known &&
		    id_equal(&s->member[i].hello.node, id))
			return &s->member[i];
	return NULL;
}

struct member *member_by_name(struct syncd *s, const char *name)
{
	int i;

	for (i = 0; i < s->members; i++)
		if (strcmp(s->member[i].name, name) == 0)
			return &s->member[i];
	return NULL;
}
