/* SPDX-License-Identifier: GPL-2.0-or-later
 * Copyright (C) The ocf-ods contributors */
#ifndef ODS_ENGINE_H
#define ODS_ENGINE_H

#include <stdbool.h>
#include <stdint.h>
#include "ancestry.h"
#include "conf.h"
#include "deadline.h"
#include "record.h"
#include "why.h"

/* Replication as the control thread sees it.  The engine owns its threads
 * (capture, one per replica connection, receive, apply); they speak to the
 * control thread by events only: engine_event_fd() becomes readable, then
 * engine_next_event() until it returns false.  No call here waits for peer,
 * disk or network unless it takes a deadline.
 *
 * A generation is one file, log/TERM-SEQ.gen: the bytes on the wire, the redo
 * log of the replica and the spool of the source are the same format.  */

struct engine;
struct standby;

struct engine_setup {
	const struct conf *conf;
	const char *state_dir;
	struct id self;
	bool config_sync;    /* replicate kasp.xml, zonelist.xml, addns.xml */
	bool signatures;     /* replicate backup2 (signatures=reuse) */
	const char *tokens;  /* SoftHSM's directory; NULL = none */
	bool guard;          /* a replica's zones.xml is aside (standby.h) */
	long bandwidth_mbit; /* of each connection (bandwidth.h) */
};

#define ENGINE_PSK_LEN 32

struct engine_term {
	struct id cluster;
	uint64_t term;
	struct id term_id;
	uint8_t psk[ENGINE_PSK_LEN];
};

enum engine_event_type {
	ENGINE_CUT,       /* source: generation SEQ is durable here; it holds
	                     all cut requests up to REQUEST */
	ENGINE_JOINED,    /* source: NODE has a session (not yet caught up) */
	ENGINE_ACKED,     /* source: NODE has SEQ durable */
	ENGINE_LOST,      /* source: the session with NODE ended, TEXT says why;
	                     replica: the session with the source ended */
	ENGINE_JUDGED,    /* what a joiner has, against the history of the
	                     source: ANCESTRY, and TEXT unless it is BEHIND;
	                     source: NODE's, replica: this node's */
	ENGINE_CONNECTED, /* replica: session with the source stands */
	ENGINE_RECEIVED,  /* replica: SEQ is durable here (and was acked) */
	ENGINE_APPLIED,   /* replica: SEQ is applied */
	ENGINE_FAULT,     /* capture or apply cannot go on; TEXT says why and
	                     what lifts it; repeated at most once a minute */
	ENGINE_FAULT_OVER,
};

struct engine_event {
	enum engine_event_type type;
	struct id node;
	uint64_t seq;
	uint64_t request;
	bool idle;     /* CUT: cut while the enforcer was idle */
	bool stale;    /* CUT: the database could not be read, */
	bool withheld; /* ... and a signconf waits for it: what is signed by
	                  that must not be published.  A later CUT is not stale,
	                  and satisfies the same requests */
	enum ancestry ancestry;
	char text[WHY_MAX];
};

int engine_open(
    const struct engine_setup *setup, struct engine **engine, struct why *why);
void engine_close(struct engine *engine); /* stops and joins everything */

/* From now on, also on the connections that stand. */
void engine_bandwidth(struct engine *engine, long mbit);
void engine_signatures(struct engine *engine, bool reuse);

/* What guards the files of a replica; NULL without GUARD. */
struct standby *engine_standby(struct engine *engine);

/* A replica cannot apply what it has acked. */
bool engine_apply_fails(struct engine *engine);

int engine_event_fd(struct engine *engine);
bool engine_next_event(struct engine *engine, struct engine_event *event);

/* Become the source of TERM: listen on ADDRESS (numeric) and PORT, capture on
 * change.  The first generation, seq 1, is whole. */
int engine_source(struct engine *engine, const struct engine_term *term,
    const char *address, int port, struct why *why);

/* Ask for a generation whose capture starts after this call (also when
 * nothing changed, so that there is something to ack).  Returns the request
 * number that a later ENGINE_CUT names. */
uint64_t engine_cut(struct engine *engine);

/* The same, and the database is read under SQLite's lock, which can cost the
 * enforcer 200 ms: the last one of a term. */
uint64_t engine_cut_last(struct engine *engine);

/* Only nodes in MEMBERS may have a session; others are dropped. */
void engine_members(struct engine *engine, const struct node_list *members);

/* How far the copy is that makes a node equal to the source, in bytes.  TOTAL
 * is 0 when none is under way.  DONE begins with SPARED: what had come before
 * an interruption. */
struct progress {
	uint64_t total, done, spared;
	int64_t ms; /* since it began */
};

/* The copy that comes in here (NODE is NULL), or the source's to NODE. */
void engine_progress(
    struct engine *engine, const struct id *node, struct progress *progress);

/* Become a replica of TERM: connect to the source and stay connected
 * (reconnects by itself until told otherwise). */
int engine_replica(struct engine *engine, const struct engine_term *term,
    const struct id *source, const char *address, int port, struct why *why);

/* Apply and ack nothing more, drop the connection; what is durable stays.
 * Used when the source has left the configuration. */
void engine_freeze(struct engine *engine);

/* Wait until everything durable is applied: 0, or -ETIMEDOUT, or the error
 * that keeps it from being applied.  After engine_freeze() nothing becomes
 * durable any more once this has returned 0. */
int engine_drain(
    struct engine *engine, struct deadline deadline, struct why *why);

/* End either role; role-less again.  Events of that role which were not taken
 * yet are dropped (engine_source() and engine_replica() do this first). */
void engine_idle(struct engine *engine);

#endif
