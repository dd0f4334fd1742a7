/* SPDX-License-Identifier: GPL-2.0-or-later
 * Copyright (C) The ocf-ods contributors */
#ifndef ODS_SHADOW_H
#define ODS_SHADOW_H

#include "capture.h"

/* The source's copy of the tip's database, page by page in a file without a
 * name: what a joiner gets is read from there, never from the live database,
 * which may be half a transaction.  It is written while others read it; they
 * take a page only when its hash is the one in the tip's table. */

/* Make FD (-1 at first), the caller's, what CUT has made of the database.
 * Returns FD or a new one in its place; an error when there is no shadow any
 * more: it needs a cut with the whole database. */
int shadow_follow(
    const char *state_dir, int fd, const struct cut *cut, struct why *why);

/* After a try that failed a whole database is cut once more, which every
 * replica gets: how long until the next one, when the last wait was
 * BEFORE_MS. */
int shadow_wait_ms(int before_ms);

/* Pages on their way from a shadow to a joiner: a file of its own, and the
 * hash of each page in it (zero: none).  Begin with {.fd = -1}. */
struct shadow_copy {
	int fd;
	struct page_table *have;
};

/* Take what differs both from what is had and from THEIRS (NULL or of another
 * page size: everything).  -ESTALE: the shadow has moved on meanwhile, ask
 * again with a newer TIP; what was taken stays. */
int shadow_take(struct shadow_copy *copy, int shadow,
    const struct page_table *tip, const struct page_table *theirs,
    const struct tick *t);

/* After a shadow_take() that returned 0, with the same tables: the record of
 * E, a delta if THEIRS is something to start from. */
int shadow_put(const struct shadow_copy *copy, const struct page_table *tip,
    const struct page_table *theirs, struct genwriter *w, const struct entry *e,
    const struct tick *t);
void shadow_copy_drop(struct shadow_copy *copy);

#endif
