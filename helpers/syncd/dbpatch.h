/* SPDX-License-Identifier: GPL-2.0-or-later
 * Copyright (C) The ocf-ods contributors */
#ifndef ODS_DBPATCH_H
#define ODS_DBPATCH_H

#include "pagedelta.h"
#include "why.h"

/* A page delta on a replica's database.  -ESTALE: what lies here is not what
 * the delta starts from, nothing was written. */

/* SQLite's exclusive lock on FD, until it is closed.  -EBUSY when somebody
 * keeps it for two seconds. */
int dbpatch_lock(int fd, const struct tick *t, struct why *why);

/* In the file itself, which is locked.  The delta must be
 * durable elsewhere: stopped anywhere, power included, the same call made
 * again ends the same.  A page that is neither as before nor as after is
 * one that a crash has torn, if all the others are right. */
int dbpatch_in_place(const struct delta *d, int fd, const uint8_t to[SHA_LEN],
    const struct tick *t);

/* A new database in TO from the one in BASE, looked at as a whole. */
int dbpatch_copy(const struct delta *d, int base, int to,
    const uint8_t sum[SHA_LEN], const struct tick *t);

#endif
