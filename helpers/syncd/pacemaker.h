/* SPDX-License-Identifier: GPL-2.0-or-later
 * Copyright (C) The ocf-ods contributors */
#ifndef ODS_PACEMAKER_H
#define ODS_PACEMAKER_H

#include <stdbool.h>
#include "deadline.h"
#include "fencings.h"
#include "mailbox.h"
#include "record.h"
#include "why.h"
#include "witness.h"

/* The thread that talks to Pacemaker by its tools (crmtool.h), so that the
 * control thread never waits for them. */

/* NULL is a pacemaker that nobody talks to. */
struct pacemaker;

/* What the node attributes of this node shall be. */
struct pacemaker_wish {
	int score;         /* INT_MIN = -INFINITY */
	char role[32];     /* ods-role-RES */
	char why[WHY_MAX]; /* ods-why-RES */
	bool enforce;      /* ods-enforce-RES */
	/* Property ods-record-RES in the set ods-RES; "" = not ours to say */
	char record[WITNESS_TEXT];
};

/* Posted to the control thread after each reading; it frees it. */
struct pacemaker_news {
	bool fencing;
	bool record_read;          /* not in each round */
	char record[WITNESS_TEXT]; /* "" = it is not set */
	int nodes;
	struct {
		char name[NODE_NAME_MAX];
		struct fencings fenced;
	} node[NODES_MAX];
};

struct pacemaker *pacemaker_start(
    const char *res, struct mailbox *mail, mail_fn on_news);
void pacemaker_stop(struct pacemaker *pm, bool clear);

void pacemaker_wish(struct pacemaker *pm, const struct pacemaker_wish *wish);

/* Write everything again: attrd forgets after membership changes. */
void pacemaker_reassert(struct pacemaker *pm);

/* Read what pacemaker_watch() names soon, once. */
void pacemaker_look(struct pacemaker *pm);

/* Read stonith-enabled and the fencing history of these nodes: once soon,
 * then twice a minute, and several times a second while URGENT. */
void pacemaker_watch(struct pacemaker *pm, const char (*names)[NODE_NAME_MAX],
    int count, bool urgent);

/* Set the score to -INFINITY and read it back: 0 when it stands.  Pacemaker's
 * tools are slow where a cluster starts: tried until the deadline. */
int pacemaker_forbid(
    const char *res, struct deadline deadline, struct why *why);

#endif
