/* SPDX-License-Identifier: GPL-2.0-or-later
 * Copyright (C) The ocf-ods contributors */
#ifndef TEST_LETTERS_H
#define TEST_LETTERS_H

#include <stdint.h>
#include <string.h>

#include "pages.h"

#define SIZE 512u

/* A database is a string here: one letter for each page. */
static struct page_table *table(const char *db)
{
	struct page_table *t = pages_new(SIZE, (uint32_t)strlen(db));
	uint8_t page[SIZE];
	uint32_t i;

	for (i = 0; i < t->count; i++) {
		memset(page, db[i], SIZE);
		page_hash(i + 1, page, SIZE, t->hash[i]);
	}
	pages_seal(t);
	return t;
}

#endif
