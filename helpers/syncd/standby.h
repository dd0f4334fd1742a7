/* SPDX-License-Identifier: GPL-2.0-or-later
 * Copyright (C) The ocf-ods contributors */
#ifndef ODS_STANDBY_H
#define ODS_STANDBY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "conf.h"
#include "why.h"

/* What keeps daemons of OpenDNSSEC that somebody starts by hand on a standby
 * from doing harm: SQLite's EXCLUSIVE lock on kasp.db, so that an enforcer
 * waits for it and gives up (O 1.7, 4.6), and zones.xml aside, under another
 * name beside its own, so that a signer has no zones (O 1.6).
 *
 * The lock is an OFD lock on SQLite's lock bytes (src/os.h) and ends with the
 * process; zones.xml stays aside until it is given back.  It is renamed, never
 * written or deleted: whatever moment a crash comes at, the list is there
 * under one of its names.
 *
 * Safe to use from several threads.  A NULL standby guards nothing. */

#define STANDBY_ASIDE ".ods-held"      /* zones.xml of a standby */
#define STANDBY_FOREIGN ".ods-foreign" /* the last one that did not count */
#define STANDBY_MARK_MAX 256

struct standby;

/* CONF has to stay.  MARK (or NULL) is what standby_mark() said when kasp.db
 * was last written by us: one that differs was written by somebody while no
 * daemon of ours ran. */
int standby_open(const struct conf *conf, const char *mark,
    struct standby **standby, struct why *why);
void standby_close(struct standby *sb); /* zones.xml stays aside */

/* What was seen since the last look. */
struct standby_news {
	bool written; /* kasp.db is not what we put there */
	bool zones;   /* somebody put a zones.xml there */
};

/* Take what is not taken yet, and look who else was here.  OWN: until now the
 * files here were this node's own, of a source.  -EAGAIN when somebody uses
 * the database at this very moment. */
int standby_take(
    struct standby *sb, bool own, struct standby_news *news, struct why *why);

/* Of two lists, which have that many zones (-1 = cannot be read) and were
 * written then, does the one in the place of zones.xml count, or the one that
 * is aside?  For a node whose daemons may have written the former: the one
 * with as many zones as the key database KNOWN (0 = not known), else the one
 * with more, else the newer one.  An enforcer without a zones.xml adds a zone
 * to an empty list (O 1.6), and a package can bring one. */
struct standby_list {
	long zones;
	int64_t time_ns;
};
bool standby_place_counts(const struct standby_list *place,
    const struct standby_list *aside, long known);

/* The database is free, zones.xml in its place: for a promote, and for the
 * stop of a node that was the last source.  When nothing was taken and both
 * are there, the one that counts. */
int standby_give_back(struct standby *sb, struct why *why);

/* rename(TEMP, NAME) in DIR of a new kasp.db, which is locked before it has
 * that name.  An enforcer that waits for the old one must not get it: -EBUSY
 * while one does. */
int standby_replace(
    struct standby *sb, int dir, const char *temp, const char *name);

/* kasp.db is NAME in DIR: a descriptor to write its pages through, of the file
 * that is locked here; the caller closes it and the lock stays.  -ENOLCK: it
 * is not locked here, the caller has to do that.  What is written until
 * standby_patched(), which has to follow either way, is ours. */
int standby_patch(struct standby *sb, int dir, const char *name);
void standby_patched(struct standby *sb);

/* What kasp.db is now, as a line for the ledger; "" = not known. */
void standby_mark(struct standby *sb, char mark[STANDBY_MARK_MAX]);

/* The list of zones, also where it is aside; for a command. */
struct zone_list;
int standby_zones_load(
    const struct conf *conf, struct zone_list *list, struct why *why);

#endif
