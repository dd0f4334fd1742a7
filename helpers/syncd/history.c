/* SPDX-License-Identifier: GPL-2.0-or-later
 * Copyright (C) The ocf-ods contributors */
#include "syncd.h"

#include <stdlib.h>

#include "log.h"
#include "worker.h"

/* A copied state_dir has a copied id.  Two nodes of one id cannot be told
 * apart in a list of holders: it may neither ack nor hold, and never joins us
 * by data (its acks would be ours).  Whoever has no part in signing gives way;
 * a source must not fall because somebody copied its directory. */
bool history_twin(
    const struct syncd *s, struct member *from, const struct hello *h)
{
	bool was = from->twin;

	from->twin = from->nodeid != s->nodeid && id_equal(&h->node, &s->self);
	if (!from->twin)
		return false;
	from->has_hello = from->session = false;
	if (!was)
		log_crit("%s has the same node id as this node: one of them "
		         "is a copy; remove its state_dir",
		    from->name);
	if (s->role == ROLE_UNPROMOTED && !s->restarting)
		exit(WORKER_UNFIT);
	return true;
}
