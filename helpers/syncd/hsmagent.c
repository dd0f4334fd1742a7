/* SPDX-License-Identifier: GPL-2.0-or-later
 * Copyright (C) The ocf-ods contributors */
#include "hsmagent.h"

#include <stdio.h>
#include <string.h>

#include "instance.h"
#include "statefile.h"

struct look {
	struct hsmagent *agent;
	const char *conf;
};

static int take(const char *resource, const struct statefile *sf, void *arg)
{
	struct look *look = arg;
	struct hsmagent *a = look->agent;
	const char *agent = statefile_get(sf, "agent");
	const char *attr = statefile_get(sf, "attr");
	const char *conf = statefile_get(sf, "conf");
	const char *envfile = statefile_get(sf, "envfile");

	(void)resource;
	if (!agent || strcmp(agent, "hsm") != 0 ||
	    (conf && !instance_same_conf(conf, look->conf)))
		return 0;
	snprintf(a->attr, sizeof(a->attr), "%s", attr ? attr : "");
	snprintf(a->envfile, sizeof(a->envfile), "%s", envfile ? envfile : "");
	a->capacity_warn =
	    (int)statefile_number(sf, "capacity_warn", CAPACITY_WARN_DEFAULT);
	return 1;
}

void hsmagent_read(struct hsmagent *agent, const char *conf)
{
	struct look look = {agent, conf};

	*agent = (struct hsmagent){.capacity_warn = CAPACITY_WARN_DEFAULT};
	statefile_each(take, &look);
}
