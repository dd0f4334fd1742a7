/* SPDX-License-Identifier: GPL-2.0-or-later
 * Copyright (C) The ocf-ods contributors */
#ifndef ODS_CAPTURE_CORE_H
#define ODS_CAPTURE_CORE_H

#include "capture.h"
#include "filescan.h"

/* What capture.c (files, rows, the whole) and capture_db.c (the database)
 * share. */

struct capture {
	struct capture_setup setup;
	struct watch *watch;
	struct dbscan *db;              /* NULL: not ours to replicate */
	struct page_table *pages;       /* last durable state of it */
	struct page_table *pages_next;  /* of a cut that is not yet durable */
	uint32_t counter, counter_next; /* that they were read with */
	bool db_due;
	bool whole;            /* the next step of it has no base */
	bool audit;            /* read it under a lock, whoever waits */
	int64_t db_failing_ms; /* since when, 0 = it is not */
	int64_t db_tried_ms;
	int64_t mend_ms; /* when a hot journal was last to be mended */
	int64_t rescan_ms, audit_ms; /* when it is their turn */
	bool signconf_held; /* left out of a cut without the database */
	bool stale;         /* the last durable generation was one */
	bool stale_next;    /* of a cut that is not yet durable */
	bool idle_owed;
	uint64_t rows_version; /* of the ledger's rows in NOW */
	struct dirty dirty;
	struct manifest *now;  /* NULL before the first cut */
	struct manifest *next; /* of a cut that is not yet durable */
};

/* One run of capture_cut(). */
struct pass {
	struct capture *c;
	struct cut *cut;
	struct filescan fs;
	struct genwriter w;
	struct dirty dirty;
	struct change_list list;
	bool audited; /* the database was read under a lock because AUDIT */
	bool travels; /* something but CHANGE_LOCAL */
};

/* A fault of this node, not of one file: the cut cannot go on. */
bool capture_fatal(int rc);

/* Takes over E, also on failure. */
int pass_add(
    struct pass *p, enum change_kind kind, struct entry *e, uint64_t len);

/* The file cannot be had: go on with the last good one. */
int pass_kept(struct pass *p, const struct entry *old);

int capture_db(struct pass *p);

#endif
