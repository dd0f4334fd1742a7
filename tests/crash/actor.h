/* SPDX-License-Identifier: GPL-2.0-or-later
 * Copyright (C) The ocf-ods contributors */
#ifndef CRASH_ACTOR_H
#define CRASH_ACTOR_H

#include "../unit/engine/node.h"

#include "shim.h"

/* A process of its own with the engine of one node, and, on a source, the
 * publisher.  It is told what to do, and tells what its engine says. */

struct actor {
	struct node *node;
	struct shim *shim;
	const char
	    *witness; /* a line for each version that the world heard of */
	pid_t pid;    /* 0 = none */
	int orders, reports;
	/* since it was started */
	bool open, connected, joined, idle;
	struct position tip, applied_at; /* of its ledger, when it opened */
	uint64_t cut, request, asked, acked, received, applied;
	char text[WHY_MAX];
};

/* All that it had in its log is applied when this returns; false when it died
 * before. */
bool actor_start(struct actor *a);
bool actor_launch(struct actor *a); /* the same without waiting */

void actor_source(struct actor *a, const struct engine_term *t, int port,
    const struct actor *peer, bool publish);
void actor_replica(struct actor *a, const struct engine_term *t, int port,
    const struct actor *source);
void actor_cut(struct actor *a);  /* a->asked is the number of the request */
void actor_wake(struct actor *a); /* its publisher looks again */

/* Take what is reported for at most MS.  A dead one has pid 0 afterwards. */
void actors_poll(struct actor *const *list, int count, int ms);

/* It dies between two steps; returns when it is dead. */
void actor_kill(struct actor *a);

void actor_pause(struct actor *a); /* it stands still when this returns */
void actor_resume(struct actor *a);

#endif
