/* SPDX-License-Identifier: GPL-2.0-or-later
 * Copyright (C) The ocf-ods contributors */
#include "enforcerd.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>

#include "instance.h"
#include "odsctl.h"
#include "statefile.h"

bool enforcerd_overdue(struct enforcerd_watch *w, bool allowed, int64_t now_ms)
{
	if (allowed) {
		w->denied_ms = 0;
		return false;
	}
	if (!w->denied_ms)
		w->denied_ms = now_ms;
	if (now_ms - w->denied_ms < ENFORCERD_PATIENCE_MS)
		return false;
	w->denied_ms = now_ms;
	return true;
}

struct found {
	const char *conf;
	char socket[PATH_MAX];
};

/* The one that Pacemaker started may have a socket of its own. */
static int find_enforcer(
    const char *resource, const struct statefile *sf, void *arg)
{
	struct found *f = arg;
	const char *agent = statefile_get(sf, "agent");
	const char *conf = statefile_get(sf, "conf");
	const char *sock = statefile_get(sf, "socket");

	(void)resource;
	if (!agent || strcmp(agent, "enforcer") != 0 || !conf || !sock ||
	    !instance_same_conf(conf, f->conf))
		return 0;
	snprintf(f->socket, sizeof(f->socket), "%s", sock);
	return 1;
}

static int stop_at(const char *path, struct deadline deadline, struct why *why)
{
	char out[256];
	int code, rc;

	rc = odsctl_ask(path, "stop", deadline, &code, out, sizeof(out), why);
	return rc == -ENOENT || rc == -ECONNREFUSED ? 0 : rc < 0 ? rc : 1;
}

int enforcerd_stop(
    const struct conf *conf, struct deadline deadline, struct why *why)
{
	struct found f = {.conf = conf->path};
	int rc = 0;

	if (statefile_each(find_enforcer, &f) == 1)
		rc = stop_at(f.socket, deadline, why);
	if (rc == 0 && strcmp(f.socket, conf->enforcer_socket) != 0)
		rc = stop_at(conf->enforcer_socket, deadline, why);
	return rc;
}
