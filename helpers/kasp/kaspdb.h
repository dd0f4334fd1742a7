/* SPDX-License-Identifier: GPL-2.0-or-later
 * Copyright (C) The ocf-ods contributors */
#ifndef ODS_KASPDB_H
#define ODS_KASPDB_H

#include <stdbool.h>

#include "keyrecord.h"
#include "why.h"

/* kasp.db through SQLite, in a process of its own.  0 or negative errno. */

/* Whoever owns FILE can make SQLite delete what a journal names: as root we
 * become the owner first, whose files those are. */
int kaspdb_become_owner(const char *file, struct why *why);

/* Zones, and keys (keyData says where an hsmKey is used).  Tables that are not
 * there yet hold nothing; what cannot be read is an error, for it may hold
 * something. */
int kaspdb_count(const char *file, long *zones, long *keys, struct why *why);

/* A key object, as hsmKey and keyData have it. */
struct kaspdb_key {
	struct keyrecord record; /* its digest is not known */
	char role[4];            /* KSK, ZSK, CSK, "-" */
	char backup[12];         /* none, required, requested, done, "-" */
};

/* FN for each key that is to be in an HSM, those of the pool included; a row
 * that names no key is passed over with a line in the log.  The second: for
 * each key in use whose repository has <RequireBackup> and of which no backup
 * was reported with "ods-enforcer backup commit".  That is what the database
 * says, and nobody here looks at a backup. */
int kaspdb_keys(const char *file,
    void (*fn)(const struct kaspdb_key *key, void *arg), void *arg,
    struct why *why);
int kaspdb_unbacked(const char *file,
    void (*fn)(const struct kaspdb_key *key, void *arg), void *arg,
    struct why *why);

/* SQLite rolls a hot journal back before it reads anything: 0 when FILE can be
 * read; -EBUSY when a program writes it.  No file is ever made. */
int kaspdb_rollback(const char *file, struct why *why);

/* SQLite's quick_check: 0 when FILE is sound; -EBADMSG with the first thing
 * that is wrong with it.  Takes about a second for each 100 MB. */
int kaspdb_check(const char *file, struct why *why);

/* Each zone, in the order of their names, and of each of its keys whose DS a
 * parent may show or a cache may hold its algorithm and key tag (enforcer
 * keystate: DS rumoured, omnipresent or unretentive, or submitted and not
 * retracted); EVERYWHERE: it is omnipresent, so that each cache that has a DS
 * has this one.  0 and 0 once for a zone without any. */
typedef void (*kaspdb_ds_fn)(
    const char *zone, int algorithm, int tag, bool everywhere, void *arg);
int kaspdb_ds(const char *file, kaspdb_ds_fn fn, void *arg, struct why *why);

#endif
