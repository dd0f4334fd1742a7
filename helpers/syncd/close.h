/* SPDX-License-Identifier: GPL-2.0-or-later
 * Copyright (C) The ocf-ods contributors */
#ifndef ODS_CLOSE_H
#define ODS_CLOSE_H

#include "syncd.h"

/* ods-syncd --close: the daemon of a source is dead, and its node is asked to
 * stop.  Prove signer and enforcer dead, close the record in the ledgers of
 * all members that are here, and go.  0 when there was nothing to close or it
 * is closed; 1, with a sentence on stderr, when a member did not agree in
 * time: then the node has to be fenced. */
int close_run(const struct options *opt);

/* One look at the group by a worker that has joined it to close its record;
 * WAITED: long enough for who does not say HELLO.  True when it is closed, or
 * nothing is to be closed.  With no other node in the group our own ledger is
 * enough: who comes later hears it from there.  Where that one cannot be
 * written each other holder that is here has to store it; nobody there is
 * nobody to be told, and the record stays open: this node says in its next
 * HELLO that it is no source, or the others wait for a fencing. */
bool close_step(struct syncd *s, bool waited);

#endif
