/* SPDX-License-Identifier: GPL-2.0-or-later
 * Copyright (C) The ocf-ods contributors */
#ifndef ODS_MESSAGE_H
#define ODS_MESSAGE_H

#include <stddef.h>
#include <stdint.h>
#include "ancestry.h"
#include "frame.h"
#include "manifest.h"
#include "pages.h"
#include "pieces.h"
#include "record.h"
#include "why.h"

/* Payloads of the data connection that are not bytes of a generation.  Pure;
 * every decoder returns 0 or -EBADMSG. */

#define NET_VERSION 4 /* stands in JOIN; whoever differs is refused */

/* JOIN: who the replica is and what is durable there.  -EPROTONOSUPPORT when
 * nothing but VERSION is known of it. */
struct join_head {
	unsigned version; /* out: it is always ours that is put */
	struct id node;
	struct position tip;
};

void join_head_put(struct wire_writer *w, const struct join_head *h);
int join_head_get(const uint8_t *data, size_t len, struct join_head *h);

/* LINEAGE: the terms of *L, from *AT on, as many as fit in what is left of W;
 * added to *L, whose tip is known, when each continues it.  Also -ENOMEM and,
 * above LINEAGE_MAX, -E2BIG. */
void lineage_put(struct wire_writer *w, const struct lineage *l, size_t *at);
int lineage_get(const uint8_t *data, size_t len, struct lineage *l);

/* VERDICT: of the joiner's history. */
struct verdict {
	enum ancestry ancestry;
	struct position common;
};

void verdict_put(struct wire_writer *w, const struct verdict *v);
int verdict_get(const uint8_t *data, size_t len, struct verdict *v);

/* LIST: entries of the replica's manifest, added to LIST.  Also -ENOMEM and,
 * above MANIFEST_ENTRIES_MAX, -E2BIG. */
int join_list_get(const uint8_t *data, size_t len, struct change_list *list);

/* PAGES: page size and count of the database in LIST, then the hashes of its
 * pages, in as many frames as it takes.  Begin with {0}; the table is the
 * caller's.  Also -ENOMEM. */
struct join_pages {
	struct page_table *table; /* NULL: none was told */
	uint32_t told;
};

void join_pages_put(struct wire_writer *w, const struct page_table *t);
int join_pages_get(const uint8_t *data, size_t len,
    const struct change_list *list, struct join_pages *p);

/* All of them are there, and are those of the database in HAS.  The table has
 * its sum then. */
int join_pages_end(struct join_pages *p, const struct manifest *has);

/* PIECES: what an interrupted copy has left, added to N, as many in each frame
 * as fit.  Also -ENOMEM and, above PIECES_MAX, -E2BIG. */
#define PIECE_WIRE_LEN (4 + SHA_LEN)
void join_piece_put(
    struct wire_writer *w, uint32_t len, const uint8_t sha[SHA_LEN]);
int join_pieces_get(const uint8_t *data, size_t len, struct named_pieces *n);

/* SPARED: octets of a full generation that will come as KEPT. */
void spared_put(struct wire_writer *w, uint64_t total);
int spared_get(const uint8_t *data, size_t len, uint64_t *total);

/* KEPT: the next octets are those of so many pieces, the first of which has
 * this number in PIECES; ANSWER: say when they are in the file. */
struct kept_run {
	uint32_t first, count;
	bool answer;
};

void kept_run_put(struct wire_writer *w, const struct kept_run *k);
int kept_run_get(const uint8_t *data, size_t len, struct kept_run *k);

/* JOIN_END: the sum over all of LIST, which must be right and is freed.
 * *HAS is the caller's reference.  Also -EEXIST when a name came twice. */
int join_end_get(const uint8_t *data, size_t len, struct change_list *list,
    struct manifest **has);

/* ACK and NACK: TEXT is "" for an ACK. */
struct answer {
	uint64_t seq;
	char text[WHY_MAX];
};

void answer_put(
    struct wire_writer *w, enum net_type type, const struct answer *a);
int answer_get(
    enum net_type type, const uint8_t *data, size_t len, struct answer *a);

#endif
