/* SPDX-License-Identifier: GPL-2.0-or-later
 * Copyright (C) The ocf-ods contributors */
#ifndef ODS_QUARANTINE_H
#define ODS_QUARANTINE_H

#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include "record.h"
#include "sets.h"

/* What a joining node has and the source has not is set aside, never
 * deleted: state_dir/quarantine/TERMID/SET/PATH, and a file "list" that says
 * what is there and why.  QUARANTINE_SETS newest terms are kept. */

#define QUARANTINE_SETS 3

struct quarantine {
	char top[PATH_MAX]; /* state_dir/quarantine */
	char dir[PATH_MAX];
	FILE *list; /* NULL until something is taken */
};

void quarantine_begin(
    struct quarantine *q, const char *state_dir, const struct id *term_id);

/* Take the file LOCAL in directory DIR_FD.  COPY: leave it where it is, too;
 * of what is the same by size and time there is one copy.  0 also when it is
 * not there. */
int quarantine_take(struct quarantine *q, int dir_fd, const char *local,
    enum set set, const char *path, bool copy, const char *reason);

/* Only a line in the list. */
int quarantine_note(
    struct quarantine *q, enum set set, const char *path, const char *text);

/* Make it durable and drop the oldest sets. */
int quarantine_end(struct quarantine *q);

#endif
