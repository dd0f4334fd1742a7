/* SPDX-License-Identifier: GPL-2.0-or-later
 * Copyright (C) The ocf-ods contributors */
#include "genfile.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>

#include "cleanup.h"
#include "pagedelta.h"

static const char content[] = "the content of a file\n";

static void put_file(struct genwriter *w, enum set set, const char *path)
{
	struct entry *e = entry_new(set, path);
	struct sha sha;

	e->size = sizeof(content) - 1;
	e->mode = 0644;
	strcpy(e->owner, "root");
	strcpy(e->group, "root");
	sha_begin(&sha);
	sha_add(&sha, content, sizeof(content) - 1);
	assert_int_equal(sha_end(&sha, e->sha), 0);
	assert_int_equal(genwriter_text(w, e, content, sizeof(content) - 1), 0);
	entry_unref(e);
}

static int make(struct gen_header *h)
{
	struct genwriter w;
	struct entry *gone = entry_new(SET_SIGNCONF, "gone.xml");
	FILE *f = tmpfile();
	int fd = dup(fileno(f));

	fclose(f);
	memset(h, 0, sizeof(*h));
	h->seq = 5;
	h->prev_seq = 4;
	h->term = 1;
	genwriter_begin(&w, fd);
	put_file(&w, SET_UNSIGNED, "example.com");
	assert_int_equal(genwriter_add(&w, CHANGE_GONE, gone, 0), 0);
	put_file(&w, SET_SIGNCONF, "a/b.xml");
	assert_int_equal(genwriter_end(&w, h), 0);
	entry_unref(gone);
	return fd;
}

static int load(int fd, uint64_t size)
{
	struct gen gen;
	int rc = gen_load(fd, size, &gen, NULL);

	if (rc == 0) {
		rc = gen_verify(fd, &gen, NULL, NULL);
		gen_free(&gen);
	}
	return rc;
}

static void round_trip(void **state)
{
	struct gen_header h;
	CLEANUP_CLOSE int fd = make(&h);
	struct gen gen;

	(void)state;
	assert_int_equal(gen_load(fd, h.size, &gen, NULL), 0);
	assert_int_equal(gen.header.seq, 5);
	assert_int_equal(gen.list.count, 3);
	assert_string_equal(gen.list.change[0].entry->path, "a/b.xml");
	assert_int_equal(gen.list.change[1].kind, CHANGE_GONE);
	assert_int_equal(gen_verify(fd, &gen, NULL, NULL), 0);
	gen_free(&gen);
}

static void every_flipped_bit_is_found(void **state)
{
	struct gen_header h;
	CLEANUP_CLOSE int fd = make(&h);
	uint8_t was, is;
	uint64_t at;
	int bit;

	(void)state;
	for (at = 0; at < h.size; at++)
		for (bit = 0; bit < 8; bit++) {
			assert_int_equal(pread(fd, &was, 1, (off_t)at), 1);
			is = was ^ (uint8_t)(1 << bit);
			assert_int_equal(pwrite(fd, &is, 1, (off_t)at), 1);
			assert_true(load(fd, h.size) < 0);
			assert_int_equal(pwrite(fd, &was, 1, (off_t)at), 1);
		}
	assert_int_equal(load(fd, h.size), 0);
}

static void every_cut_is_found(void **state)
{
	struct gen_header h;
	CLEANUP_CLOSE int fd = make(&h);
	uint64_t size;

	(void)state;
	for (size = h.size; size-- > 0;) {
		assert_int_equal(ftruncate(fd, (off_t)size), 0);
		assert_true(load(fd, size) < 0);
		assert_true(load(fd, h.size) < 0);
	}
}

/* A writer that lies consistently: sums are right, fields are not. */
static int lie(enum change_kind kind, const char *path, uint64_t size,
    uint64_t len, unsigned flags)
{
	struct genwriter w;
	struct gen_header h = {.seq = 2, .prev_seq = 1, .flags = flags};
	struct entry *e = entry_new(SET_UNSIGNED, path);
	FILE *f = tmpfile();
	int rc;

	if (flags & GEN_FULL)
		h.prev_seq = 0;
	e->size = size;
	genwriter_begin(&w, fileno(f));
	assert_int_equal(genwriter_add(&w, kind, e, len), 0);
	if (len > 4096)
		w.end -= len;
	assert_int_equal(genwriter_end(&w, &h), 0);
	rc = load(fileno(f), h.size);
	entry_unref(e);
	fclose(f);
	return rc;
}

static void lies_are_refused(void **state)
{
	(void)state;
	assert_int_equal(lie(CHANGE_META, "x", 5, 0, 0), 0);
	assert_int_equal(lie(CHANGE_META, "../x", 5, 0, 0), -EXDEV);
	assert_int_equal(lie(CHANGE_META, "/x", 5, 0, 0), -EXDEV);
	assert_int_equal(lie(CHANGE_META, "x", 5, 5, 0), -EBADMSG);
	assert_int_equal(lie(CHANGE_WHOLE, "x", 5, 6, 0), -EBADMSG);
	assert_int_equal(
	    lie(CHANGE_WHOLE, "x", INT64_MAX, INT64_MAX, 0), -EBADMSG);
	assert_int_equal(
	    lie(CHANGE_WHOLE, "x", UINT64_MAX, UINT64_MAX, 0), -EBADMSG);
	assert_int_equal(lie(CHANGE_GONE, "x", 0, 0, GEN_FULL), -EBADMSG);
	assert_int_equal(lie(CHANGE_OWED, "x", 0, 0, 0), -EBADMSG);
	assert_int_equal(lie(CHANGE_LOCAL, "x", 0, 0, 0), -EBADMSG);
	assert_int_equal(lie(CHANGE_PAGES, "x", 5, 5, 0), -EBADMSG);
	assert_int_equal(lie((enum change_kind)77, "x", 0, 0, 0), -EBADMSG);
}

/* Refused by its header: nothing of it is read. */
static void a_million_files_are_refused(void **state)
{
	struct gen_header h = {.seq = 1, .size = 4096}, back;
	uint8_t head[GEN_HEADER_LEN];

	(void)state;
	h.entries = h.records = MANIFEST_ENTRIES_MAX;
	gen_header_encode(&h, head);
	assert_int_equal(gen_header_decode(head, sizeof(head), &back), 0);
	h.entries = 1000000;
	gen_header_encode(&h, head);
	assert_int_equal(gen_header_decode(head, sizeof(head), &back), -E2BIG);
	h.entries = 1;
	h.records = 1000000;
	gen_header_encode(&h, head);
	assert_int_equal(gen_header_decode(head, sizeof(head), &back), -E2BIG);
}

#define PAGE 512u

static struct page_table *two_pages(const char letters[2], uint8_t *pages)
{
	struct page_table *t = pages_new(PAGE, 2);
	uint32_t i;

	for (i = 0; i < 2; i++) {
		memset(pages + i * PAGE, letters[i], PAGE);
		page_hash(i + 1, pages + i * PAGE, PAGE, t->hash[i]);
	}
	pages_seal(t);
	return t;
}

static struct entry *db_entry(const uint8_t sum[SHA_LEN])
{
	struct entry *e = entry_new(SET_DB, SET_DB_NAME);

	e->size = 2 * PAGE;
	memcpy(e->sha, sum, SHA_LEN);
	return e;
}

static void pages_travel(void **state)
{
	uint8_t pages[2 * PAGE];
	struct page_table *from = two_pages("ab", pages);
	struct page_table *to = two_pages("aX", pages);
	struct entry *e = db_entry(to->sum);
	struct gen_header h = {.seq = 2, .prev_seq = 1};
	struct deltawriter d;
	struct genwriter w;
	FILE *f = tmpfile();
	struct gen gen;
	uint64_t len;

	(void)state;
	genwriter_begin(&w, fileno(f));
	deltawriter_begin(&d, w.fd, genwriter_content(&w, e), from);
	assert_int_equal(deltawriter_add(&d, 2, pages + PAGE), 0);
	assert_int_equal(deltawriter_end(&d, 2, &len), 0);
	assert_int_equal(genwriter_add(&w, CHANGE_PAGES, e, len), 0);
	assert_int_equal(genwriter_end(&w, &h), 0);
	assert_int_equal(load(fileno(f), h.size), 0);
	assert_int_equal(gen_load(fileno(f), h.size, &gen, NULL), 0);
	assert_memory_equal(gen.list.change[0].from, from->sum, SHA_LEN);
	gen_free(&gen);
	assert_int_equal(
	    pwrite(fileno(f), "Y", 1, (off_t)(h.size - GEN_TRAILER_LEN - 1)),
	    1);
	assert_int_equal(load(fileno(f), h.size), -EBADMSG);
	entry_unref(e);
	pages_unref(from);
	pages_unref(to);
	fclose(f);
}

/* The sum of a database says what the database is: page size, count. */
static void database_has_the_sum_of_one(void **state)
{
	static const uint8_t no_sum[SHA_LEN];
	uint8_t pages[2 * PAGE];
	struct page_table *t = two_pages("ab", pages);
	const uint8_t *sums[] = {t->sum, no_sum};
	size_t i;

	(void)state;
	for (i = 0; i < 2; i++) {
		struct entry *e = db_entry(sums[i]);
		struct gen_header h = {.seq = 1};
		struct genwriter w;
		FILE *f = tmpfile();

		genwriter_begin(&w, fileno(f));
		assert_int_equal(
		    genwriter_text(&w, e, (const char *)pages, sizeof(pages)),
		    0);
		assert_int_equal(genwriter_end(&w, &h), 0);
		assert_int_equal(
		    load(fileno(f), h.size), i == 0 ? 0 : -EBADMSG);
		entry_unref(e);
		fclose(f);
	}
	pages_unref(t);
}

static void abandoned_content_costs_nothing(void **state)
{
	struct gen_header h = {.seq = 1};
	struct genwriter w;
	FILE *f = tmpfile();
	struct entry *e = entry_new(SET_UNSIGNED, "moving");

	(void)state;
	genwriter_begin(&w, fileno(f));
	assert_int_equal(pwrite(fileno(f), "half a file that moved", 22,
	                     (off_t)genwriter_content(&w, e)),
	    22);
	put_file(&w, SET_UNSIGNED, "example.com");
	assert_int_equal(genwriter_end(&w, &h), 0);
	assert_int_equal(load(fileno(f), h.size), 0);
	entry_unref(e);
	fclose(f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(round_trip),
	    cmocka_unit_test(every_flipped_bit_is_found),
	    cmocka_unit_test(every_cut_is_found),
	    cmocka_unit_test(lies_are_refused),
	    cmocka_unit_test(a_million_files_are_refused),
	    cmocka_unit_test(pages_travel),
	    cmocka_unit_test(database_has_the_sum_of_one),
	    cmocka_unit_test(abandoned_content_costs_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
