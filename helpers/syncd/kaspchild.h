/* SPDX-License-Identifier: GPL-2.0-or-later
 * Copyright (C) The ocf-ods contributors */
#ifndef ODS_KASPCHILD_H
#define ODS_KASPCHILD_H

#include "conf.h"
#include "keynews.h"
#include "keyset.h"
#include "why.h"

/* What needs SQLite on kasp.db is done by ods-kasp: this process never opens
 * it so (POSIX locks die with any close), nor does a fork of it, whose other
 * threads may hold SQLite's own locks.  All block the caller, for 5 s at
 * most (kasp_keys(): 10 s, kasp_check(): 30 s). */

/* What kasp.db holds.  A missing file counts nothing; one that is locked or
 * damaged is an error, for it may hold something.  0 or negative errno. */
int kasp_count(const struct conf *conf, long *zones, long *keys);

/* SQLite rolls back what a dead enforcer has left half done in DATABASE.
 * -EBUSY while one runs: it does that itself, and what it writes is no hot
 * journal. */
int kasp_rollback(const char *database, struct why *why);

/* SQLite's own look at all of DATABASE, within 30 s: 0 when it is sound;
 * -EBADMSG with a sentence when it is not; else nobody knows. */
int kasp_check(
    const char *database, const volatile bool *cancel, struct why *why);

/* What "ods-kasp ds" says, the caller's to free(). */
int kasp_ds(const char *database, char **text, struct why *why);

/* All keys of DATABASE, sorted, without digests; and those that no backup
 * covers into NEWS.  What has no whole answer is a failure.  CANCEL becomes
 * true: end now. */
int kasp_keys(const char *database, struct keyset *keys, struct keynews *news,
    const volatile bool *cancel, struct why *why);

#endif
