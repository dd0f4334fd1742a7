/* SPDX-License-Identifier: GPL-2.0-or-later
 * Copyright (C) The ocf-ods contributors */
#ifndef ODS_FILESCAN_H
#define ODS_FILESCAN_H

#include "beneath.h"
#include "genfile.h"
#include "manifest.h"
#include "owner.h"
#include "pages.h"
#include "sets.h"

/* Reading one file of a set as it lies on this disk. */

enum look {
	LOOK_SAME,    /* not touched since OLD was made */
	LOOK_NEW,     /* *ENTRY is what it is now; its content was read */
	LOOK_GONE,    /* not there, or not a file */
	LOOK_DAMAGED, /* there, but not whole: a signconf without its end, a
	                 backup2 without its magic line at both ends, half a
	                 key of SoftHSM's */
	LOOK_MOVING,  /* it changed each time that it was read */
};

struct filescan {
	const struct sets *sets;
	bool judge; /* look for damage */
	const struct tick *tick;
	struct roots roots;
	struct owner_cache owners;
	struct page_table *pages; /* of the database, when it was read: the
	                             caller's */
};

void filescan_begin(struct filescan *fs, const struct sets *sets, bool judge,
    const struct tick *t);
void filescan_end(struct filescan *fs);

/* OLD (may be NULL) is what was known.  With W the content is put where the
 * next record of W has its content (never the database's); without it is only
 * hashed.  Returns an
 * enum look or a negative errno; *ENTRY is the caller's with LOOK_NEW. */
int filescan_look(struct filescan *fs, enum set set, const char *path,
    const struct entry *old, const struct genwriter *w, struct entry **entry,
    struct why *why);

#endif
