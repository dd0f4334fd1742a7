/* SPDX-License-Identifier: GPL-2.0-or-later
 * Copyright (C) The ocf-ods contributors */
#include "../pages/letters.h"
#include "pieces.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>
#include <cmocka.h>

#include "cleanup.h"
#include "genfile.h"
#include "pagedelta.h"

/* What can be found again of a generation that breaks off anywhere. */

#define BULK (2 * PIECE_MAX + 700)

static char bulk[BULK];

static struct entry *file(const char *path, const char *data, size_t len)
{
	struct entry *e = entry_new(SET_UNSIGNED, path);
	struct sha sha;

	e->size = len;
	e->mode = 0644;
	strcpy(e->owner, "root");
	strcpy(e->group, "root");
	sha_begin(&sha);
	sha_add(&sha, data, len);
	assert_int_equal(sha_end(&sha, e->sha), 0);
	return e;
}

static void put_file(
    struct genwriter *w, const char *path, const char *data, size_t len)
{
	struct entry *e = file(path, data, len);

	assert_int_equal(genwriter_text(w, e, data, len), 0);
	entry_unref(e);
}

static struct entry *database(const struct page_table *t)
{
	struct entry *e = entry_new(SET_DB, SET_DB_NAME);

	e->size = (uint64_t)t->size * t->count;
	memcpy(e->sha, t->sum, SHA_LEN);
	return e;
}

/* As WHOLE, or as a step from FROM. */
static void put_db(struct genwriter *w, const char *from, const char *to)
{
	struct page_table *before = from ? table(from) : NULL, *t = table(to);
	struct deltawriter *d = malloc(sizeof(*d));
	struct entry *e = database(t);
	uint64_t at = genwriter_content(w, e), len = e->size;
	uint8_t page[SIZE];
	uint32_t i;

	if (from)
		deltawriter_begin(d, w->fd, at, before);
	for (i = 0; i < t->count; i++) {
		memset(page, to[i], SIZE);
		if (!from)
			content_write(w->fd, page, SIZE, at + i * SIZE);
		else if (i >= before->count || from[i] != to[i])
			deltawriter_add(d, i + 1, page);
	}
	if (from)
		assert_int_equal(deltawriter_end(d, t->count, &len), 0);
	assert_int_equal(
	    genwriter_add(w, from ? CHANGE_PAGES : CHANGE_WHOLE, e, len), 0);
	entry_unref(e);
	pages_unref(before);
	pages_unref(t);
	free(d);
}

static int make(const char *from, const char *to, bool other, uint64_t *size)
{
	struct gen_header h = {.flags = GEN_FULL, .seq = other ? 9 : 5};
	struct entry *same = file("same", "", 0);
	struct genwriter w;
	FILE *f = tmpfile();
	int fd = dup(fileno(f));
	size_t i;

	fclose(f);
	for (i = 0; i < BULK; i++)
		bulk[i] = (char)(i / 1000);
	genwriter_begin(&w, fd);
	put_db(&w, from, to);
	if (other)
		put_file(&w, "another", "it was not there before", 23);
	put_file(&w, "bulk", bulk, BULK);
	assert_int_equal(genwriter_add(&w, CHANGE_META, same, 0), 0);
	put_file(&w, "short", "too short to be named", 21);
	put_file(&w, "small", bulk + 77777, 600);
	assert_int_equal(genwriter_end(&w, &h), 0);
	entry_unref(same);
	*size = h.size;
	return fd;
}

struct found {
	struct piece piece[32];
	size_t count;
};

static int note(const struct piece *p, void *arg)
{
	struct found *f = arg;

	assert_true(f->count < 32);
	f->piece[f->count++] = *p;
	return 0;
}

static struct found found(int fd, uint64_t size)
{
	struct found f = {0};

	assert_int_equal(pieces_each(fd, size, note, &f, NULL), 0);
	return f;
}

/* Whatever is there of a generation gives the pieces that are there whole. */
static void at_any_byte(int fd, uint64_t size, size_t pieces)
{
	const struct found all = found(fd, size);
	struct found some;
	uint64_t n;
	size_t whole;

	assert_int_equal(all.count, pieces);
	for (n = 0; n < size; n += n < 9000 ? 1 : 3989) {
		some = found(fd, n);
		for (whole = 0; whole < all.count; whole++)
			if (all.piece[whole].at + all.piece[whole].len > n)
				break;
		assert_int_equal(some.count, whole);
		assert_memory_equal(
		    some.piece, all.piece, whole * sizeof(struct piece));
	}
}

static void a_whole_database(void **state)
{
	uint64_t size;
	CLEANUP_CLOSE int fd = make(NULL, "abcdefgh", false, &size);
	struct found f = found(fd, size);

	(void)state;
	at_any_byte(fd, size, 8 + 3 + 1);
	assert_int_equal(f.piece[0].len, SIZE);
	assert_int_equal(f.piece[8].len, PIECE_MAX);
	assert_int_equal(f.piece[10].len, 700);
	assert_int_equal(f.piece[11].len, 600);
}

static void a_delta(void **state)
{
	uint64_t size;
	CLEANUP_CLOSE int fd = make("abcd", "aBcDef", false, &size);
	struct found f = found(fd, size);

	(void)state;
	at_any_byte(fd, size, 4 + 3 + 1);
	assert_int_equal(f.piece[0].len, DELTA_PAGE_LEN + SIZE);
	assert_int_equal(f.piece[1].at - f.piece[0].at, f.piece[0].len);
}

static void of_no_generation(void **state)
{
	static const char text[300] = "neither this";
	uint64_t size;
	CLEANUP_CLOSE int fd = make(NULL, "ab", false, &size);

	(void)state;
	assert_int_equal(content_write(fd, text, sizeof(text), 0), 0);
	assert_int_equal(found(fd, size).count, 0);
}

static int name_it(const struct piece *p, void *arg)
{
	return named_add(arg, p->len, p->sha);
}

/* In a generation that is another one, and of which a page differs. */
static void found_again(void **state)
{
	uint64_t size, other, sum = 0;
	CLEANUP_CLOSE int had = make(NULL, "abcdefgh", false, &size);
	CLEANUP_CLOSE int now = make(NULL, "abcXefgh", true, &other);
	struct named_pieces n = {0};
	struct spared s = {0};
	size_t i;

	(void)state;
	assert_int_equal(pieces_each(had, size - 1500, name_it, &n, NULL), 0);
	assert_int_equal(n.count, 10);
	named_sort(&n);
	assert_int_equal(spared_find(now, other, &n, &s, NULL), 0);
	assert_int_equal(s.count, 3);
	assert_int_equal(s.run[0].first, 0);
	assert_int_equal(s.run[0].count, 3);
	assert_int_equal(s.run[1].first, 4);
	assert_int_equal(s.run[1].count, 4);
	assert_int_equal(s.run[2].first, 8);
	assert_int_equal(s.run[2].count, 2);
	for (i = 0; i < s.count; i++)
		sum += s.run[i].len;
	assert_int_equal(sum, s.total);
	assert_int_equal(s.total, 7 * SIZE + 2 * PIECE_MAX);
	spared_free(&s);
	named_free(&n);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_whole_database),
	    cmocka_unit_test(a_delta),
	    cmocka_unit_test(of_no_generation),
	    cmocka_unit_test(found_again),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
