/* SPDX-License-Identifier: GPL-2.0-or-later
 * Copyright (C) The ocf-ods contributors */
#ifndef ODS_PIECES_H
#define ODS_PIECES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "content.h"

/* A generation in pieces, so that what an interrupted copy has left is found
 * again in another generation: contents in blocks of 256 KiB from their
 * begin, those of the database page by page (in a delta with what stands
 * before each page).  A piece is known by its length and SHA-256, whoever
 * made it.  What is shorter than 512 octets is none: it is sent. */

#define PIECE_MIN 512
#define PIECE_MAX CONTENT_BUFFER
#define PIECES_MAX (1u << 19) /* that a replica may name */

struct piece {
	uint64_t at;
	uint32_t len;
	uint8_t sha[SHA_LEN];
};

/* Those in the first SIZE octets of the generation FD, in order.  They may
 * end anywhere and be damaged: that ends the walk, no error.  Errors are
 * FN's, TICK's and -ENOMEM. */
typedef int piece_fn(const struct piece *piece, void *arg);
int pieces_each(
    int fd, uint64_t size, piece_fn *fn, void *arg, const struct tick *tick);

/* What a replica names: numbered in the order in which it does. */
struct named_piece {
	uint32_t number, len;
	uint8_t sha[SHA_LEN];
};

struct named_pieces {
	struct named_piece *piece;
	uint32_t count, room;
};

/* -EBADMSG when no piece is so long; -E2BIG above PIECES_MAX; -ENOMEM. */
int named_add(struct named_pieces *n, uint32_t len, const uint8_t sha[SHA_LEN]);
void named_sort(struct named_pieces *n); /* by content */
void named_free(struct named_pieces *n);

/* Runs of octets of a generation that are those of pieces FIRST to FIRST +
 * COUNT - 1, of at most SPARED_RUN. */
#define SPARED_RUN ((uint64_t)32 << 20)

struct spared_run {
	uint64_t at, len;
	uint32_t first, count;
};

struct spared {
	struct spared_run *run;
	size_t count, room;
	uint64_t total;
};

/* What of the generation FD need not be sent to who has the (sorted) NAMED. */
int spared_find(int fd, uint64_t size, const struct named_pieces *named,
    struct spared *spared, const struct tick *tick);
void spared_free(struct spared *spared);

#endif
