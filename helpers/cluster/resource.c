/* SPDX-License-Identifier: GPL-2.0-or-later
 * Copyright (C) The ocf-ods contributors */
#include "resource.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "statefile.h"

#define STATE_DIR_DEFAULT "/var/lib/ocf-ods"
#define CONF_DEFAULT "/etc/opendnssec/conf.xml"

struct search {
	const char *wanted;
	struct resource *found;
	int count;
	char names[160];
};

static int look(const char *name, const struct statefile *sf, void *arg)
{
	struct search *s = arg;
	const char *agent = statefile_get(sf, "agent");
	const char *dir = statefile_get(sf, "state_dir");
	const char *conf = statefile_get(sf, "conf");
	size_t used = strlen(s->names);

	if (!agent || strcmp(agent, "state") != 0 ||
	    (s->wanted && strcmp(s->wanted, name) != 0))
		return 0;
	snprintf(s->names + used, sizeof(s->names) - used, "%s%s",
	    s->count ? ", " : "", name);
	s->count++;
	snprintf(s->found->name, sizeof(s->found->name), "%s", name);
	snprintf(s->found->state_dir, sizeof(s->found->state_dir), "%s",
	    dir ? dir : STATE_DIR_DEFAULT);
	snprintf(s->found->conf, sizeof(s->found->conf), "%s",
	    conf ? conf : CONF_DEFAULT);
	return 0;
}

int resource_find(const char *wanted, struct resource *r, struct why *why)
{
	struct search s = {.wanted = wanted, .found = r};

	memset(r, 0, sizeof(*r));
	statefile_each(look, &s);
	if (s.count == 1)
		return 0;
	snprintf(r->name, sizeof(r->name), "%s", wanted ? wanted : "");
	snprintf(r->state_dir, sizeof(r->state_dir), "%s", STATE_DIR_DEFAULT);
	snprintf(r->conf, sizeof(r->conf), "%s", CONF_DEFAULT);
	if (s.count > 1)
		return why_set(why, -ENOTUNIQ,
		    "several state resources run here (%s): choose with -r",
		    s.names);
	return why_set(why, -ENOENT, "no state resource%s%s runs here",
	    wanted ? " " : "", wanted ? wanted : "");
}
