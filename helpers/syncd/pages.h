/* SPDX-License-Identifier: GPL-2.0-or-later
 * Copyright (C) The ocf-ods contributors */
#ifndef ODS_PAGES_H
#define ODS_PAGES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "sha.h"
#include "content.h"

/* A SQLite database as a table of page hashes.  The hash of a page is
 * XXH3-128 with the page's number (from 1) as seed, in canonical (big-endian)
 * form.  It finds damage and change; that the bytes come from the source is
 * TLS's to prove.
 *
 * The *sum* of a database stands where a file has its SHA-256, and follows a
 * change by XOR:
 *
 *	u32 page size, u32 pages, XOR of the pages' hashes, 8 zero octets
 *
 * What is no database (no page size in the header, or a size that it does not
 * divide) has page size 0 and the first 28 octets of its SHA-256 instead. */

#define PAGE_HASH_LEN 16
#define PAGE_SIZE_MAX 65536
#define PAGES_MAX (1u << 26) /* of a table that comes from the network */

typedef uint8_t page_hash_t[PAGE_HASH_LEN];

struct page_sum {
	uint32_t size; /* of a page; 0: no database */
	uint32_t count;
	page_hash_t xor ;
};

void page_sum_encode(const struct page_sum *s, uint8_t sum[SHA_LEN]);
/* False when it is not the sum of a database of LEN bytes. */
bool page_sum_decode(
    const uint8_t sum[SHA_LEN], uint64_t len, struct page_sum *s);

bool page_size_sound(uint32_t size);

void page_hash(
    uint32_t number, const void *page, size_t size, page_hash_t hash);
void page_hash_xor(page_hash_t to, const page_hash_t with);

/* Never changes once it is sealed, and is shared by counting. */
struct page_table {
	int refs; /* by __atomic only */
	uint32_t size, count;
	uint8_t sum[SHA_LEN];
	page_hash_t *hash;
};

struct page_table *pages_new(uint32_t size, uint32_t count); /* hashes zero */
void pages_seal(struct page_table *t);                       /* its sum */
struct page_table *pages_ref(struct page_table *t);
void pages_unref(struct page_table *t);

/* As content_copy(): with the sum of a database that is read. */
int pages_copy(int from, uint64_t from_at, uint64_t len, uint32_t size, int to,
    uint64_t to_at, uint8_t sum[SHA_LEN], const struct tick *t);

/* Sum of the file FD of LEN bytes; *TABLE is the caller's, NULL when that is
 * no database. */
int pages_of_file(int fd, uint64_t len, struct page_table **table,
    uint8_t sum[SHA_LEN], const struct tick *t);

#endif
