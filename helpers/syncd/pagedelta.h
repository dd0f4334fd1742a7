/* SPDX-License-Identifier: GPL-2.0-or-later
 * Copyright (C) The ocf-ods contributors */
#ifndef ODS_PAGEDELTA_H
#define ODS_PAGEDELTA_H

#include "pages.h"

/* A step from one database to the next, as content of a record:
 *
 *	head		u32 page size, u32 pages before, u32 pages after,
 *			u32 changed pages, sum before
 *	page ...	u32 number, hash before (zero: a new page), content;
 *			numbers rise
 *	hash ...	before, of each page that has gone: those beyond
 *			"pages after", in order
 *
 * So it proves itself: XOR before, all hashes before and all hashes of the
 * contents give the XOR after.  And each page names its predecessor, so that
 * whoever applies it sees that it fits, without reading the other pages. */

struct delta_head {
	uint32_t size, before, after, changed;
	uint8_t from[SHA_LEN];
};

#define DELTA_HEAD_LEN (16 + SHA_LEN)
#define DELTA_PAGE_LEN (4 + PAGE_HASH_LEN) /* before the page's content */

void delta_head_encode(const struct delta_head *h, uint8_t buf[DELTA_HEAD_LEN]);

/* -EBADMSG when that cannot be the head of a delta. */
int delta_head_decode(const uint8_t *buf, size_t len, struct delta_head *h);

uint64_t delta_len(const struct delta_head *h);

/* Writing, at AT of FD. */
struct deltawriter {
	int fd;
	uint64_t at, end;
	const struct page_table *from;
	uint32_t changed;
	uint8_t buf[DELTA_PAGE_LEN + PAGE_SIZE_MAX];
};

void deltawriter_begin(
    struct deltawriter *w, int fd, uint64_t at, const struct page_table *from);
int deltawriter_add(struct deltawriter *w, uint32_t number, const void *page);

/* AFTER: pages of the new database.  *LEN is that of the delta. */
int deltawriter_end(struct deltawriter *w, uint32_t after, uint64_t *len);

/* Where a delta lies: LEN octets at AT of FD. */
struct delta {
	int fd;
	uint64_t at, len;
};

int delta_open(const struct delta *d, struct delta_head *h);

/* FN gets one page after the other until it returns an error; -EBADMSG when
 * the delta is none. */
struct delta_page {
	uint32_t number;
	page_hash_t before, after;
	const uint8_t *content;
};

typedef int delta_page_fn(const struct delta_page *page, void *arg);
int delta_each(
    const struct delta *d, delta_page_fn *fn, void *arg, const struct tick *t);

/* Does it lead to the sum TO, of a database of LEN octets?  -EBADMSG. */
int delta_verify(const struct delta *d, const uint8_t to[SHA_LEN], uint64_t len,
    const struct tick *t);

#endif
