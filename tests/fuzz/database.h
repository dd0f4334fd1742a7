/* SPDX-License-Identifier: GPL-2.0-or-later
 * Copyright (C) The ocf-ods contributors */
#ifndef ODS_FUZZ_DATABASE_H
#define ODS_FUZZ_DATABASE_H

#include <unistd.h>

#include "fuzz.h"
#include "pagedelta.h"

#define FUZZ_PAGE 512u
#define FUZZ_PAGES_MAX 7

/* A database of a few pages: one letter for each. */
struct fuzz_db {
	uint32_t count;
	uint8_t page[FUZZ_PAGES_MAX * FUZZ_PAGE];
	struct page_table *table;
};

/* At least one page, at most FUZZ_PAGES_MAX of the LEN letters. */
static inline void fuzz_db_make(
    struct fuzz_db *db, const uint8_t *letter, size_t len)
{
	uint32_t i;

	db->count = len == 0               ? 1
	            : len > FUZZ_PAGES_MAX ? FUZZ_PAGES_MAX
	                                   : (uint32_t)len;
	db->table = pages_new(FUZZ_PAGE, db->count);
	must(db->table);
	for (i = 0; i < db->count; i++) {
		uint8_t *page = db->page + i * FUZZ_PAGE;

		memset(page, len ? letter[i] : 0, FUZZ_PAGE);
		page_hash(i + 1, page, FUZZ_PAGE, db->table->hash[i]);
	}
	pages_seal(db->table);
}

static inline size_t fuzz_db_size(const struct fuzz_db *db)
{
	return db->count * FUZZ_PAGE;
}

/* The step from FROM to TO at AT of FD; its length. */
static inline uint64_t fuzz_db_step(
    int fd, uint64_t at, const struct fuzz_db *from, const struct fuzz_db *to)
{
	struct deltawriter w;
	uint64_t len;
	uint32_t i;

	deltawriter_begin(&w, fd, at, from->table);
	for (i = 0; i < to->count; i++)
		if (i >= from->count ||
		    memcmp(to->table->hash[i], from->table->hash[i],
		        PAGE_HASH_LEN) != 0)
			must(deltawriter_add(
			         &w, i + 1, to->page + i * FUZZ_PAGE) == 0);
	must(deltawriter_end(&w, to->count, &len) == 0);
	return len;
}

#endif
