/* SPDX-License-Identifier: GPL-2.0-or-later
 * Copyright (C) The ocf-ods contributors */
#ifndef ODS_DBSCAN_H
#define ODS_DBSCAN_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/stat.h>
#include "pagedelta.h"
#include "why.h"

/* Steps of a SQLite database that another process writes, read without
 * SQLite: closing one of its descriptors in this process would drop the locks
 * of every other one.  All pages are read and hashed; what differs from the
 * hashes of the last good state is the step.
 *
 * Lock-free, it is accepted only if, in this order: change counter;
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
 * changed since the last call, or since the last dbscan_read() that returned
 * 0 began. */
bool dbscan_drain(struct dbscan *scan);

/* Milliseconds since the last event of the journal or the file. */
int64_t dbscan_quiet_ms(const struct dbscan *scan);

/* Where the step goes, and from what it starts: BASE NULL, or one with
 * another page size, gives the whole database. */
struct dbscan_step {
	const struct page_table *base;
	int to;
	uint64_t to_at;
	/* Out */
	struct stat st;
	struct page_table *now; /* the caller's, when accepted */
	uint32_t counter;       /* SQLite's change counter */
	bool whole;
	uint64_t len; /* of what lies at TO_AT; 0 = nothing has changed */
};

/*	0		*STEP says what is new; what was known before stays
 *			true until then
 *	-EAGAIN		a writer is at work: at once again
 *	-ENOENT		no file, or one without a page yet
 *	-EUCLEAN	hot journal
 *	-EOPNOTSUPP	write-ahead log
 *	-EBADMSG	not a database, or its size is wrong
 * or what the disk said. */
int dbscan_read(struct dbscan *scan, bool locked, struct dbscan_step *step,
    const struct tick *t, struct why *why);

#endif
