/* SPDX-License-Identifier: GPL-2.0-or-later
 * Copyright (C) The ocf-ods contributors */
#include "pages.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>

#define SIZE 512u

static uint8_t page[SIZE];

/* What another implementation has to arrive at: docs/protocol.md. */
static void hash_is_the_documented_one(void **state)
{
	static const page_hash_t one = {0xf9, 0x55, 0x69, 0x90, 0x06, 0x85,
	    0xa8, 0x15, 0x2c, 0xa1, 0x7a, 0x8e, 0x0d, 0xb0, 0xad, 0xd1};
	page_hash_t got;

	(void)state;
	memset(page, 'x', sizeof(page));
	page_hash(1, page, sizeof(page), got);
	assert_memory_equal(got, one, sizeof(one));
}

/* The same content in another place is another page. */
static void number_is_part_of_the_hash(void **state)
{
	page_hash_t a, b;

	(void)state;
	page_hash(1, page, sizeof(page), a);
	page_hash(2, page, sizeof(page), b);
	assert_memory_not_equal(a, b, sizeof(a));
}

static void sum_says_size_count_and_pages(void **state)
{
	struct page_table *t = pages_new(SIZE, 2);
	struct page_sum s;

	(void)state;
	page_hash(1, page, SIZE, t->hash[0]);
	page_hash(2, page, SIZE, t->hash[1]);
	pages_seal(t);
	assert_true(page_sum_decode(t->sum, 2 * SIZE, &s));
	assert_int_equal(s.size, SIZE);
	assert_int_equal(s.count, 2);
	page_hash_xor(s.xor, t->hash[0]);
	assert_memory_equal(s.xor, t->hash[1], PAGE_HASH_LEN);
	pages_unref(t);
}

static void bad_sums_are_refused(void **state)
{
	static const struct {
		uint32_t size, count;
		uint64_t len;
	} bad[] = {
	    {0, 2, 0},
	    {256, 2, 512},
	    {1000, 2, 2000},
	    {131072, 1, 131072},
	    {512, 0, 0},
	    {512, 2, 1023},
	    {512, 2, 512},
	};
	struct page_sum s = {.size = SIZE, .count = 2};
	uint8_t sum[SHA_LEN];
	size_t i;

	(void)state;
	page_sum_encode(&s, sum);
	assert_true(page_sum_decode(sum, 2 * SIZE, &s));
	sum[31] = 1;
	assert_false(page_sum_decode(sum, 2 * SIZE, &s));
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		s.size = bad[i].size;
		s.count = bad[i].count;
		page_sum_encode(&s, sum);
		assert_false(page_sum_decode(sum, bad[i].len, &s));
	}
}

static void what_is_no_database_has_no_pages(void **state)
{
	static const char head[] = "SQLite format 3\0\2\0";
	FILE *f = tmpfile();
	int fd = fileno(f);
	struct page_table *t;
	uint8_t sum[SHA_LEN], copied[SHA_LEN];
	struct page_sum s;

	(void)state;
	assert_int_equal(ftruncate(fd, 3 * SIZE), 0);
	assert_int_equal(pages_of_file(fd, 3 * SIZE, &t, sum, NULL), 0);
	assert_null(t);
	assert_false(page_sum_decode(sum, 3 * SIZE, &s));
	assert_int_equal(pwrite(fd, head, sizeof(head) - 1, 0), 18);
	assert_int_equal(pages_of_file(fd, 3 * SIZE, &t, sum, NULL), 0);
	assert_non_null(t);
	assert_true(page_sum_decode(sum, 3 * SIZE, &s));
	pages_unref(t);
	assert_int_equal(
	    pages_copy(fd, 0, 3 * SIZE, SIZE, -1, 0, copied, NULL), 0);
	assert_memory_equal(sum, copied, SHA_LEN);
	assert_int_equal(pages_of_file(fd, 3 * SIZE - 1, &t, sum, NULL), 0);
	assert_null(t);
	assert_int_equal(
	    pages_copy(fd, 0, 4 * SIZE, SIZE, -1, 0, copied, NULL), -ESTALE);
	fclose(f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(hash_is_the_documented_one),
	    cmocka_unit_test(number_is_part_of_the_hash),
	    cmocka_unit_test(sum_says_size_count_and_pages),
	    cmocka_unit_test(bad_sums_are_refused),
	    cmocka_unit_test(what_is_no_database_has_no_pages),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
