/* SPDX-License-Identifier: GPL-2.0-or-later
 * Copyright (C) The ocf-ods contributors */
#ifndef ODS_REPLICA_H
#define ODS_REPLICA_H

#include "engine_core.h"

/* The replica's side: a thread that connects, tells what this node has,
 * receives generations into the log, acknowledges them when they are durable
 * and sure to be applicable, and hands them to the applier.  Reconnects by
 * itself. */

struct replica;

int replica_open(struct engine *e, const struct engine_term *term,
    const struct id *source, const char *address, int port,
    struct replica **replica, struct why *why);

/* Ask the thread to end; does not wait. */
void replica_stop(struct replica *r);
/* It has, and what it had in hand is in the log and with the applier, or never
 * will be. */
bool replica_ended(const struct replica *r);
void replica_close(struct replica *r);

#endif
