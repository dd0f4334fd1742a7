/* SPDX-License-Identifier: GPL-2.0-or-later
 * Copyright (C) The ocf-ods contributors */
#ifndef ODS_CAPTURE_H
#define ODS_CAPTURE_H

#include "dbscan.h"
#include "genfile.h"
#include "ledger.h"
#include "watch.h"

/* What the source's disk holds, cut into generations.  Order: signconf, then
 * the database (so that every signconf has its cause in the database, R 4.8),
 * then the tokens (the same, of the database's keys), then the ledger's rows,
 * then the rest (so that an intent has its file in pending/).  All of it is
 * read after capture_cut() was called.
 *
 * While the database cannot be read it is tried for DB_PATIENCE_MS; then
 * generations are cut with its last good state and the signconfs that belong
 * to that.  When it can be read again there is a generation that says so, even
 * if nothing has changed. */

#define DB_STALE_MS 250 /* then under a SHARED lock */
#define DB_PATIENCE_MS 5000
#define MEND_MS 5000
#define RESCAN_MS 60000
#define AUDIT_MS 600000

struct capture;

struct capture_setup {
	const struct sets *sets;
	struct ledger *ledger; /* of the thread that calls capture_cut() */
	const struct tick *tick;
	bool had_db; /* without it, or the directories that belong to it, the
	                first cut fails (-ENOMEDIUM) */
	/* Rolls a hot journal back, in a child; NULL = nobody does.  Tried
	 * every MEND_MS. */
	int (*mend)(const char *database, struct why *why);
};

int capture_open(const struct capture_setup *setup, struct capture **capture,
    struct why *why);
void capture_close(struct capture *c);

/* Sleep until something may have changed, FD is readable, or MS are over. */
void capture_wait(struct capture *c, int fd, int ms);

/* Look what has changed; true when a cut has something to do. */
bool capture_dirty(struct capture *c);
void capture_rescan(struct capture *c); /* make everything dirty */

/* Whatever the kernel has told, at NOW_MS (monotonic): all files are looked
 * at every RESCAN_MS, by what stat says; the database is audited every
 * AUDIT_MS.  True when it was the files' turn. */
bool capture_turn(struct capture *c, int64_t now_ms);

/* The next generation has the database whole; when that one fails, those after
 * it have what has changed, as before. */
void capture_db_whole(struct capture *c);

/* The last cut was not idle, and the enforcer has been so since: a cut would
 * be marked idle. */
bool capture_idle_due(struct capture *c);
bool capture_idle_owed(const struct capture *c);

struct cut {
	/* In: cluster, term, term id, seq, prev_seq and request of the
	 * header; FORCE: a generation even if nothing has changed */
	struct gen_header header;
	bool force;
	int fd; /* empty file that becomes the generation */
	/* Out */
	bool made; /* header is complete and FD holds a generation */
	struct manifest *manifest; /* when made; not a reference */
	struct page_table *pages;  /* when the database has changed; neither */
	uint64_t db_at, db_len;    /* where that lies in FD */
	bool db_whole;             /* whole, or a delta */
	bool withheld;             /* a signconf waits for the database */
	bool db_differed;    /* the audit has found what no commit has made */
	struct why db_why;   /* text: why the database is stale */
	struct why file_why; /* text: what else could not be read */
	bool whole_look;     /* every set was walked: no file_why = no fault */
};

/* The next cut reads the database under a SHARED lock.  If its change counter
 * has not moved the sum must be the one that is known; if not, it is said and
 * sent. */
void capture_audit(struct capture *c);

/* The first cut after capture_open() is the whole manifest, with content for
 * ledger and database only.  On error everything is dirty again. */
int capture_cut(struct capture *c, struct cut *cut, struct why *why);

/* To be called after a cut that made a generation: is that one durable now,
 * or to be forgotten and captured again? */
void capture_settle(struct capture *c, bool durable);

#endif
