/* SPDX-License-Identifier: GPL-2.0-or-later
 * Copyright (C) The ocf-ods contributors */
#ifndef ODS_ZONELINE_H
#define ODS_ZONELINE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include "why.h"

/* Master file text, one entry at a time (RFC 1035 5.1): comments are taken
 * out, an entry in parentheses is joined into one line, quotes and backslashes
 * stay for the one who reads the entry. */

/* A TXT RR of 64 KiB, each byte written as \DDD, and its quotes. */
#define ZONELINE_MAX (320 * 1024)

#define ZONELINE_BUFFER 65536

struct zoneline {
	FILE *in;
	/* Sees every byte that was read, when set (a digest). */
	void (*seen)(void *arg, const void *data, size_t len);
	void *seen_arg;
	char *buffer;
	size_t at, filled; /* in the buffer */
	char *text; /* the entry, NUL-terminated; valid until the next one */
	size_t size, used;
	long line;    /* where the entry begins, from 1 */
	long line_nr; /* lines read so far */
};

void zoneline_open(struct zoneline *z, FILE *in);
void zoneline_close(struct zoneline *z);

/* 1 and the next entry that is not blank, 0 at the end.  -EBADMSG when the
 * text ends within an entry or in the middle of a line (a file that was cut),
 * or holds what no text has; -EFBIG; -EIO. */
int zoneline_next(struct zoneline *z, struct why *why);

#endif
