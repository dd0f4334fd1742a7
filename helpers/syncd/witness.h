/* SPDX-License-Identifier: GPL-2.0-or-later
 * Copyright (C) The ocf-ods contributors */
#ifndef ODS_WITNESS_H
#define ODS_WITNESS_H

#include <stdbool.h>
#include <stddef.h>
#include "record.h"

/* The cluster property ods-record-RES (property set ods-RES): a copy of the
 * record in force, written by its source.  It proves nothing by itself, for a
 * CIB can be as old as a ledger; but one that is newer than every ledger here
 * says that somebody else has gone on.  Pure: no I/O here. */

#define WITNESS_TEXT 320

struct witness {
	struct id cluster, term_id;
	uint64_t term; /* 0 = there is none */
	uint64_t revision;
	char source[NODE_NAME_MAX];
};

void witness_text(
    const struct record *r, const char *source, char *buf, size_t size);

/* 0, or -EBADMSG for what witness_text() does not write. */
int witness_parse(const char *text, struct witness *w);

/* Does it tell of a term or revision that R (a ledger's; term 0 = it has
 * none) does not know?  Also true for another history. */
bool witness_newer(const struct witness *w, const struct record *r);

#endif
