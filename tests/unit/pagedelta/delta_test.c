/* SPDX-License-Identifier: GPL-2.0-or-later
 * Copyright (C) The ocf-ods contributors */
#include "pagedelta.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>

#define SIZE 512u
#define AT 77 /* a delta lies anywhere */

/* A database is a string here: one letter for each page. */
static void fill(uint8_t page[SIZE], char letter)
{
	memset(page, letter, SIZE);
}

static struct page_table *table(const char *db)
{
	struct page_table *t = pages_new(SIZE, (uint32_t)strlen(db));
	uint8_t page[SIZE];
	uint32_t i;

	for (i = 0; i < t->count; i++) {
		fill(page, db[i]);
		page_hash(i + 1, page, SIZE, t->hash[i]);
	}
	pages_seal(t);
	return t;
}

struct lab {
	FILE *f;
	struct delta d;
	struct page_table *from, *to;
};

/* The delta from one to the other, but with the pages that PAGES says, if it
 * is given: letters at their place, '-' is left out. */
static void make(
    struct lab *l, const char *from, const char *to, const char *pages)
{
	struct deltawriter *w = malloc(sizeof(*w));
	uint8_t page[SIZE];
	uint32_t i;

	l->f = tmpfile();
	l->from = table(from);
	l->to = table(to);
	l->d.fd = fileno(l->f);
	l->d.at = AT;
	deltawriter_begin(w, l->d.fd, AT, l->from);
	for (i = 0; pages ? pages[i] : to[i]; i++) {
		char c = pages ? pages[i] : to[i];

		if (c == '-' || (!pages && i < l->from->count && from[i] == c))
			continue;
		fill(page, c);
		assert_int_equal(deltawriter_add(w, i + 1, page), 0);
	}
	assert_int_equal(deltawriter_end(w, l->to->count, &l->d.len), 0);
	free(w);
}

static void drop(struct lab *l)
{
	fclose(l->f);
	pages_unref(l->from);
	pages_unref(l->to);
}

static int verify(const struct lab *l)
{
	return delta_verify(
	    &l->d, l->to->sum, (uint64_t)l->to->count * SIZE, NULL);
}

static int verify_made(const char *from, const char *to, const char *pages)
{
	struct lab l;
	int rc;

	make(&l, from, to, pages);
	rc = verify(&l);
	drop(&l);
	return rc;
}

static int note(const struct delta_page *page, void *arg)
{
	char *seen = arg;

	seen[strlen(seen)] = (char)('0' + page->number);
	seen[strlen(seen)] = (char)page->content[SIZE - 1];
	return 0;
}

static void only_what_differs_is_in_it(void **state)
{
	struct lab l;
	struct delta_head h;
	char seen[32] = "";

	(void)state;
	make(&l, "abcd", "aBcDe", NULL);
	assert_int_equal(delta_open(&l.d, &h), 0);
	assert_int_equal(h.before, 4);
	assert_int_equal(h.after, 5);
	assert_int_equal(h.changed, 3);
	assert_memory_equal(h.from, l.from->sum, SHA_LEN);
	assert_int_equal(l.d.len, DELTA_HEAD_LEN + 3 * (DELTA_PAGE_LEN + SIZE));
	assert_int_equal(delta_each(&l.d, note, seen, NULL), 0);
	assert_string_equal(seen, "2B4D5e");
	assert_int_equal(verify(&l), 0);
	drop(&l);
}

static void grows_and_shrinks(void **state)
{
	(void)state;
	assert_int_equal(verify_made("ab", "abcdef", NULL), 0);
	assert_int_equal(verify_made("abcdef", "ab", NULL), 0);
	assert_int_equal(verify_made("abcdef", "Ab", NULL), 0);
	assert_int_equal(verify_made("abc", "abc", NULL), 0);
}

static void what_does_not_lead_there_is_refused(void **state)
{
	(void)state;
	assert_int_equal(verify_made("abc", "aXc", "-X-"), 0);
	assert_int_equal(verify_made("abc", "aXc", "-Y-"), -EBADMSG);
	assert_int_equal(verify_made("abc", "aXc", "---"), -EBADMSG);
	assert_int_equal(verify_made("abc", "aXcd", "-X--"), -EBADMSG);
	assert_int_equal(verify_made("abc", "ab", "--c"), -EBADMSG);
}

static void every_flipped_bit_is_found(void **state)
{
	struct lab l;
	uint64_t at;
	uint8_t byte;

	(void)state;
	make(&l, "abcdef", "aBcd", NULL);
	assert_int_equal(verify(&l), 0);
	for (at = AT; at < AT + l.d.len; at++) {
		assert_int_equal(pread(l.d.fd, &byte, 1, (off_t)at), 1);
		byte ^= (uint8_t)(1 << at % 8);
		assert_int_equal(pwrite(l.d.fd, &byte, 1, (off_t)at), 1);
		assert_int_equal(verify(&l), -EBADMSG);
		byte ^= (uint8_t)(1 << at % 8);
		assert_int_equal(pwrite(l.d.fd, &byte, 1, (off_t)at), 1);
	}
	assert_int_equal(verify(&l), 0);
	for (at = AT + l.d.len; at-- > AT;) {
		assert_int_equal(ftruncate(l.d.fd, (off_t)at), 0);
		assert_int_equal(verify(&l), -EBADMSG);
	}
	drop(&l);
}

/* Numbers that stand in the head say how much is read: none is believed. */
static void lying_heads_are_refused(void **state)
{
	struct lab l;
	struct delta_head good, h;
	uint8_t buf[DELTA_HEAD_LEN];

	(void)state;
	make(&l, "abcd", "aBcD", NULL);
	assert_int_equal(delta_open(&l.d, &good), 0);
#define REFUSED(field, value)                                           \
	do {                                                            \
		h = good;                                               \
		h.field = (value);                                      \
		delta_head_encode(&h, buf);                             \
		assert_int_equal(                                       \
		    pwrite(l.d.fd, buf, sizeof(buf), AT), sizeof(buf)); \
		assert_int_equal(verify(&l), -EBADMSG);                 \
	} while (0)
	REFUSED(size, 0);
	REFUSED(size, 1u << 31);
	REFUSED(before, 0);
	REFUSED(before, UINT32_MAX);
	REFUSED(after, 0);
	REFUSED(after, UINT32_MAX);
	REFUSED(changed, UINT32_MAX);
	REFUSED(changed, 1);
	drop(&l);
}

static void numbers_rise(void **state)
{
	uint8_t number[4] = {0, 0, 0, 4};
	struct lab l;

	(void)state;
	make(&l, "abcd", "aBcD", NULL);
	assert_int_equal(pwrite(l.d.fd, number, 4, AT + DELTA_HEAD_LEN), 4);
	assert_int_equal(verify(&l), -EBADMSG);
	number[3] = 0;
	assert_int_equal(pwrite(l.d.fd, number, 4, AT + DELTA_HEAD_LEN), 4);
	assert_int_equal(verify(&l), -EBADMSG);
	drop(&l);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(only_what_differs_is_in_it),
	    cmocka_unit_test(grows_and_shrinks),
	    cmocka_unit_test(what_does_not_lead_there_is_refused),
	    cmocka_unit_test(every_flipped_bit_is_found),
	    cmocka_unit_test(lying_heads_are_refused),
	    cmocka_unit_test(numbers_rise),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
