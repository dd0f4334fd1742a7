/* SPDX-License-Identifier: GPL-2.0-or-later
 * Copyright (C) The ocf-ods contributors */
#ifndef ODS_PLAN_H
#define ODS_PLAN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "clocks.h"
#include "record.h"
#include "witness.h"

/* Who may be promoted: a pure function over facts (docs/promote.md).  It
 * never reads a clock, a file or a socket. */

enum plan_verdict {
	PLAN_NOT_YET, /* lifts by itself; the sentence names the event; also
	                 while nothing has been judged */
	PLAN_GO,      /* score 900, or 780 with a preference against it */
	PLAN_REFUSE,  /* a human is needed; the sentence names the command */
};

/* What a node holds of the service's state. */
enum state_class {
	STATE_EMPTY,   /* no ledger, no row in zone, keyData, hsmKey */
	STATE_UNKNOWN, /* state without a ledger: never overwritten unasked */
	STATE_SEEDING, /* first copy under way, never promotable */
	STATE_LEDGER,  /* has taken part in a term */
};

/* One node as we know it, this one or a peer. */
struct plan_node {
	struct id id;
	char name[NODE_NAME_MAX];
	bool present;      /* its worker is in the group now */
	bool unpromoted;   /* it says that it is not source */
	bool daemons_dead; /* signer, enforcer proven dead there by /proc */
	bool foreign;      /* somebody else was at work there */
	bool gone;         /* it left this worker's sight with its node up, or
	                      cleanly: it cannot promote */
	bool listed;       /* in Corosync's node list */
	bool fenced;       /* a fencing success newer than its last boot, and
	                      it is out of the membership */
	bool has_record;
	struct record record; /* newest record in its ledger */
	struct position tip;
	enum state_class state;
	long zones, keys; /* rows of zone, hsmKey, for a node without ledger */
};

struct plan_facts {
	struct plan_node self;
	struct plan_node peer[NODES_MAX];
	int peers;      /* known nodes, present or not */
	int configured; /* nodes in Corosync's list */
	bool quorate;
	bool fencing;    /* stonith-enabled now */
	bool warm;       /* acked the record to its source in one unbroken CPG
	                    configuration, by this worker */
	bool drained;    /* everything durable is applied, sums good */
	bool in_promote; /* asked from inside promote: Pacemaker has fenced */
	const char *missing;    /* kasp.db that was here, or NULL */
	const char *stranger;   /* daemon that runs on this standby, or NULL */
	bool fork;              /* two records of one term number were seen */
	bool init_here;         /* an admin typed init --source for this node */
	bool accept_here;       /* ... failover --accept-loss */
	const char *unseen;     /* a listed node of which nothing is known, and
	                           that was not fenced; NULL = none */
	bool asked;             /* Pacemaker has said what the property holds */
	struct witness witness; /* the cluster property */
	bool hsm_lost;          /* preference: the HSM does not answer here */
	struct clock_doubt clock; /* preference: the time here may be wrong */
	/* A key in use that is another one in this node's token; NULL = none */
	const char *twin_locator, *twin_repository;
	bool twin_two;           /* ... several keys under one name here */
	const char *pin_refused; /* a repository of keys in use, or NULL */
	bool low_id;             /* lowest Corosync node id of those present */
};

struct plan {
	enum plan_verdict verdict;
	bool preferred; /* GO without a preference against it */
	bool first;     /* mints the first term of a new cluster */
	char why[240];  /* sentence, with the fix */
};

struct plan plan_promote(const struct plan_facts *facts);

/* Each gate by itself, in the order in which plan_promote() asks: it stops at
 * the first one that does not say go.  Returns how many there are. */
#define PLAN_GATES 10
struct plan_gate {
	const char *name;
	struct plan plan;
};
int plan_explain(
    const struct plan_facts *facts, struct plan_gate list[PLAN_GATES]);

/* May this partition go on without whoever is not in it: can nobody else sign
 * or become source?  Asked for --accept-loss, on any node. */
struct plan plan_harmless(const struct plan_facts *facts);

/* Pacemaker's promotion score: INT_MIN stands for -INFINITY. */
int plan_score(const struct plan *plan);

#endif
