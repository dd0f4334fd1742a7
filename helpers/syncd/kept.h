/* SPDX-License-Identifier: GPL-2.0-or-later
 * Copyright (C) The ocf-ods contributors */
#ifndef ODS_KEPT_H
#define ODS_KEPT_H

#include <stdbool.h>
#include "pieces.h"

/* What interrupted full generations have left at a replica: the one that
 * broke off last, KEPT_PART, and up to KEPT_FILES that it has not replaced
 * yet.  Where they come from does not matter: their contents are looked at
 * anew and are only ever used by the source's word for their sums; whatever
 * is made of them is verified as if it had come now.  They outlive the worker
 * and the node, and go when a full generation is durable, or when the node
 * becomes a source. */

#define KEPT_PART REDO_SEED
#define KEPT_FILES 2

struct kept_piece {
	struct piece piece;
	int file;
};

struct kept {
	int fd[KEPT_FILES]; /* -1: none */
	struct kept_piece *piece;
	uint32_t count, room;
	uint64_t total; /* octets */
};

#define KEPT_NONE ((struct kept){.fd = {-1, -1}})

/* KEPT_PART becomes one of the others, and all are read.  What is of no use is
 * removed.  Errors are TICK's alone. */
int kept_load(struct kept *k, const char *state_dir, const struct tick *tick);
void kept_close(struct kept *k); /* leaves the files */

/* How long the piece of that number is; 0: there is none. */
uint32_t kept_len(const struct kept *k, uint32_t number);

/* Write it to TO; -EBADMSG when it has changed meanwhile. */
int kept_copy(const struct kept *k, uint32_t number, int to, uint64_t at);

/* The files are gone (K NULL: none is open): all of them, or all but KEPT_PART,
 * which has taken over what is wanted of them. */
void kept_remove(struct kept *k, const char *state_dir);
void kept_replaced(struct kept *k, const char *state_dir);

#endif
