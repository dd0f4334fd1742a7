/* SPDX-License-Identifier: GPL-2.0-or-later
 * Copyright (C) The ocf-ods contributors */
#ifndef ODS_HOLDERS_H
#define ODS_HOLDERS_H

#include <stdbool.h>
#include <stdint.h>
#include "record.h"

/* The source publishes only what every holder has acked, and drops a holder
 * only when it can no longer promote (docs/promote.md).  Pure. */

enum left {
	LEFT_NOT,      /* its worker is in the group */
	LEFT_LEAVE,    /* left with reason leave */
	LEFT_PROCDOWN, /* its worker died, its node is a member */
	LEFT_NODEDOWN, /* its node left the membership */
	LEFT_UNSEEN,   /* never seen by this worker */
};

struct holder_facts {
	enum left left;
	bool fenced;      /* Pacemaker confirms it */
	bool fencing;     /* stonith is on */
	int64_t lag_ms;   /* how long it makes no progress, 0 = is level */
	int64_t late_ms;  /* how old the oldest is that it lacks, 0 = level */
	int64_t clean_ms; /* how long it has kept up, 0 = does not */
	bool removed;     /* was dropped before, during this term */
};

enum holder_verdict {
	HOLDER_KEEP,
	HOLDER_DROP,       /* it can no longer promote: shrink the record */
	HOLDER_ASK_DROP,   /* silent or late: send the smaller record, wait for
	                      its ack */
	HOLDER_WAIT_FENCE, /* publishing is held until it is fenced */
};

/* For a node that is named in the record. */
enum holder_verdict holder_judge(
    const struct holder_facts *f, int64_t barrier_timeout_ms);

/* For a node that is not: may it be named again?  Only while nothing waits
 * for it: from then on everything does. */
bool holder_may_return(const struct holder_facts *f);

/* Is a record in force: stored by a majority of its voters, with two voters
 * by each one that is present.  STORED counts this node too; PRESENT_ALL is
 * true when each present member, and each node that it drops while present,
 * has acked it. */
bool record_in_force(int voters, int stored, bool present_all);

/* The same while the node list changes: by the old list (BEFORE voters, 0 =
 * nobody has to agree) and by the new one.  STORED counts all, LISTED those of
 * the new list; nodes that were added count for the new list only. */
bool record_in_force_both(
    int before, int voters, int stored, int listed, bool present_all);

#endif
