/* SPDX-License-Identifier: GPL-2.0-or-later
 * Copyright (C) The ocf-ods contributors */
#ifndef ODS_DBSCAN_H
#define ODS_DBSCAN_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/stat.h>
#include "genfile.h"
#include "why.h"

/* Copies of a SQLite database that another process writes, without SQLite:
 * closing one of its descriptors in this process would drop the locks of
 * every other one.
 *
 * Lock-free, a copy is accepted only if, in this order: change counter;
 * journal absent; all pages; journal absent; counter equal; and no inotify
 * event of the journal meanwhile (a rolled back transaction that had spilled
 * its cache leaves no other trace), same inode, size = page size x page
 * count, header bytes 18 and 19 = 1 and no -wal.
 *
 * Locked, the same under a SHARED lock (an OFD lock of our own descriptor on
 * SQLite's bytes; src/os_unix.c, os.h).  A collision costs the enforcer
 * 200 ms (R 3.2), so that is the last resort.
 *
 * A journal whose RESERVED lock nobody holds is *hot*: the pages are half of
 * a transaction, nothing is read (SQLite pager.c: hasHotJournal). */

struct dbscan;

int dbscan_open(const char *path, struct dbscan **scan, struct why *why);
void dbscan_close(struct dbscan *scan);

/* Readable when something may have changed. */
int dbscan_fd(const struct dbscan *scan);

/* Take the events off the descriptor.  True when the database may have
 * changed since the last call. */
bool dbscan_drain(struct dbscan *scan);

/* Milliseconds since the last event of the journal or the file. */
int64_t dbscan_quiet_ms(const struct dbscan *scan);

struct dbcopy {
	struct stat st;
	uint64_t size;
	uint8_t sha[SHA_LEN];
};

/* Copy to TO at TO_AT (TO < 0: only hash).
 *	0		*COPY describes it
 *	-EAGAIN		a writer is at work: at once again
 *	-ENOENT		no file, or one without a page yet
 *	-EUCLEAN	hot journal
 *	-EOPNOTSUPP	write-ahead log
 *	-EBADMSG	not a database, or its size is wrong
 * or what the disk said. */
int dbscan_copy(struct dbscan *scan, bool locked, int to, uint64_t to_at,
    struct dbcopy *copy, const struct tick *t, struct why *why);

#endif
