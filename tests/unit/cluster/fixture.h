/* SPDX-License-Identifier: GPL-2.0-or-later
 * Copyright (C) The ocf-ods contributors */
#ifndef CLUSTER_FIXTURE_H
#define CLUSTER_FIXTURE_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "../../../helpers/cluster/view.h"

/* The daemon's answer on a source with one holder. */
static const char reply_source[] =
    "rc=0\nwhy=\nverdict=0\nverdict_why=signing\nres=state\n"
    "conf=/etc/opendnssec/conf.xml\nself=n1\nrole=source\n"
    "cluster=00112233445566778899aabbccddeeff\nterm=3\nrevision=2\nopen=1\n"
    "holders=2\nbarrier=degrade\nsolo=0\nquorate=1\nfencing=1\nencrypted="
    "1\nenforce=1\npromotable=1\n"
    "promotable_why=n1 is the source\nheld_s=0\ndegraded_since=0\nzones=10\n"
    "zones_served=10\nzones_waiting=0\nzones_refused=0\nzones_ungated=0\n"
    "zones_colliding=0\ncollision=\nnodes=2\nnode.0.name=n1\nnode.0.id="
    "01\nnode.0.self=1\n"
    "node.0.present=1\nnode.0.role=source\nnode.0.holder=1\nnode.0.term=3\n"
    "node.0.tip=1207\nnode.0.lag_ms=0\nnode.1.name=n2\nnode.1.id=02\n"
    "node.1.self=0\nnode.1.present=1\nnode.1.role=holder\nnode.1.holder=1\n"
    "node.1.term=3\nnode.1.tip=1206\nnode.1.lag_ms=1250\n";

/* ... with what the peers' attributes say. */
static inline void view_source(struct view *v)
{
	memset(v, 0, sizeof(*v));
	snprintf(v->res, sizeof(v->res), "state");
	if (view_from_reply(reply_source, v) < 0)
		abort();
	v->pacemaker = true;
	snprintf(v->node[0].hsm, sizeof(v->node[0].hsm), "ok");
	snprintf(v->node[1].hsm, sizeof(v->node[1].hsm), "ok");
	v->node[1].promotable = VIEW_YES;
}

/* What FN writes to a stream. */
static inline char *written(
    void (*fn)(const struct view *, const struct headline *, FILE *),
    const struct view *v)
{
	struct headline h;
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	view_judge(v, &h);
	fn(v, &h, out);
	fclose(out);
	return text;
}

#endif
