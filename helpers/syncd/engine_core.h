/* SPDX-License-Identifier: GPL-2.0-or-later
 * Copyright (C) The ocf-ods contributors */
#ifndef ODS_ENGINE_CORE_H
#define ODS_ENGINE_CORE_H

#include <limits.h>
#include <pthread.h>
#include "engine.h"
#include "sets.h"
#include "standby.h"

/* What the threads of one engine share.  LOCK is held for moments only,
 * never over disk or network.
 *
 *	source:	 capture thread -> spool -> one session thread per replica
 *	replica: receive thread -> redo log -> applier thread -> disk */

/* What can be wrong; each is told to the control thread when it begins, once
 * a minute while it lasts, and when none is left. */
enum fault {
	FAULT_DB,      /* capture of the database */
	FAULT_FILES,   /* capture of a file or a directory */
	FAULT_CAPTURE, /* no generation can be cut at all */
	FAULT_SHADOW,  /* no copy of the database for who joins */
	FAULT_LINK,    /* replica: no session with the source */
	FAULT_TAKE,    /* replica: a generation could not be taken */
	FAULT_APPLY,   /* replica: one could not be applied */
	FAULT_END,
};

struct source;
struct replica;
struct applier;
struct queued;

/* A full generation on its way; TOTAL is 0 when there is none. */
struct copying {
	uint64_t total, done, spared;
	int64_t since_ms;
};

struct engine {
	char state_dir[PATH_MAX];
	struct id self;
	long bandwidth_mbit;       /* by __atomic only */
	struct sets *sets;         /* of a source */
	struct sets *replica_sets; /* the same, or with zones.xml aside */
	struct standby *standby;   /* NULL = guards nothing */
	pthread_mutex_t lock;
	/* Under LOCK */
	struct queued *first, *last; /* events */
	struct {
		char text[WHY_MAX]; /* "" = no fault */
		int64_t told_ms;
	} fault[FAULT_END];
	struct node_list members;
	uint64_t requests;
	bool frozen;
	struct id replica_term; /* of the last engine_replica() */
	struct copying copying; /* to here */
	/* Of the control thread */
	int event_fd;
	struct source *source;
	struct replica *replica;
	struct applier *applier;
};

void engine_emit(struct engine *e, const struct engine_event *event);

/* ENGINE_APPLIED, unless this node has turned to another term meanwhile. */
void engine_applied(struct engine *e, const struct position *pos);

/* TEXT NULL: it is over. */
void engine_fault(struct engine *e, enum fault fault, const char *text);

/* Begin, go on, end (TOTAL 0) of a copy; takes the lock.  SPARED: octets that
 * are there from an earlier try; DONE counts them. */
void copying_begin(
    struct engine *e, struct copying *c, uint64_t total, uint64_t spared);
void copying_done(struct engine *e, struct copying *c, uint64_t done);

/* Notes in the ledger's local part: the term whose source this node is or
 * was, until a source's full generation is durable here; and "1" from then
 * until that one is applied. */
#define NOTE_SOURCE "engine.source"
#define NOTE_UNSAVED "engine.unsaved"

/* What kasp.db was when a generation was last applied (standby_mark()). */
#define NOTE_MARK "engine.mark"

#endif
