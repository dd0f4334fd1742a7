/* SPDX-License-Identifier: GPL-2.0-or-later
 * Copyright (C) The ocf-ods contributors */
#include "../pages/letters.h"
#include "shadow.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <cmocka.h>

#include "pagedelta.h"

static void put(int fd, const char *db)
{
	uint8_t page[SIZE];
	size_t i;

	for (i = 0; db[i]; i++) {
		memset(page, db[i], SIZE);
		assert_int_equal(
		    pwrite(fd, page, SIZE, (off_t)(i * SIZE)), SIZE);
	}
	assert_int_equal(ftruncate(fd, (off_t)(i * SIZE)), 0);
}

static void assert_db(int fd, const char *want)
{
	struct page_table *t = table(want);
	uint8_t sum[SHA_LEN];

	assert_int_equal(
	    pages_copy(fd, 0, strlen(want) * SIZE, SIZE, -1, 0, sum, NULL), 0);
	assert_memory_equal(sum, t->sum, SHA_LEN);
	pages_unref(t);
}

static int follow(const char *dir, int fd, const char *from, const char *to)
{
	struct page_table *before = from ? table(from) : NULL;
	struct deltawriter *w = malloc(sizeof(*w));
	FILE *f = tmpfile();
	struct cut cut = {.fd = fileno(f), .db_whole = !from};
	struct why why = {0};
	uint8_t page[SIZE];
	uint32_t i;

	cut.pages = table(to);
	cut.db_len = strlen(to) * SIZE;
	if (from)
		deltawriter_begin(w, cut.fd, 0, before);
	else
		put(cut.fd, to);
	for (i = 0; from && to[i]; i++) {
		memset(page, to[i], SIZE);
		if (i >= before->count || from[i] != to[i])
			assert_int_equal(deltawriter_add(w, i + 1, page), 0);
	}
	if (from)
		assert_int_equal(
		    deltawriter_end(w, cut.pages->count, &cut.db_len), 0);
	fd = shadow_follow(dir, fd, &cut, &why);
	pages_unref(before);
	pages_unref(cut.pages);
	free(w);
	fclose(f);
	return fd;
}

static void shadow_is_the_tip(void **state)
{
	char dir[] = "/tmp/ods-shadow-XXXXXX", log[64];
	struct stat st;
	int fd, other;

	(void)state;
	assert_non_null(mkdtemp(dir));
	snprintf(log, sizeof(log), "%s/log", dir);
	assert_int_equal(mkdir(log, 0700), 0);
	fd = follow(dir, -1, NULL, "abcd");
	assert_db(fd, "abcd");
	assert_int_equal(follow(dir, fd, "abcd", "aXcdef"), fd);
	assert_db(fd, "aXcdef");
	assert_int_equal(follow(dir, fd, "aXcdef", "aX"), fd);
	assert_db(fd, "aX");
	assert_int_equal(fstat(fd, &st), 0);
	assert_int_equal(st.st_size, 2 * SIZE);
	other = follow(dir, fd, NULL, "Y");
	assert_true(other >= 0 && other != fd);
	assert_db(other, "Y");
	assert_true(follow(dir, -1, "a", "b") < 0);
	close(other);
	close(fd);
	assert_int_equal(rmdir(log), 0); /* it has no name */
	assert_int_equal(rmdir(dir), 0);
}

/* A joiner at a shadow that moves on while it reads. */
static void what_was_taken_stays(void **state)
{
	FILE *f = tmpfile(), *g = tmpfile();
	struct page_table *tip = table("abcd"), *next = table("aXcd");
	struct shadow_copy copy = {.fd = dup(fileno(g))};
	int shadow = fileno(f);

	(void)state;
	put(shadow, "aXcd");
	assert_int_equal(shadow_take(&copy, shadow, tip, NULL, NULL), -ESTALE);
	put(shadow, "-X--"); /* the rest is not read again */
	assert_int_equal(shadow_take(&copy, shadow, next, NULL, NULL), 0);
	assert_db(copy.fd, "aXcd");
	shadow_copy_drop(&copy);
	pages_unref(tip);
	pages_unref(next);
	fclose(f);
	fclose(g);
}

/* What a joiner that has THEIRS (NULL: nothing) gets; its kind and length. */
static enum change_kind give(
    const char *theirs_db, const char *db, uint64_t *len)
{
	struct page_table *tip = table(db);
	struct page_table *theirs = theirs_db ? table(theirs_db) : NULL;
	struct entry *e = entry_new(SET_DB, SET_DB_NAME);
	FILE *shadow = tmpfile(), *taken = tmpfile(), *out = tmpfile();
	struct shadow_copy copy = {.fd = dup(fileno(taken))};
	struct gen_header h = {.seq = 1, .flags = GEN_FULL};
	struct genwriter w;
	struct gen gen;
	enum change_kind kind;

	e->size = strlen(db) * SIZE;
	memcpy(e->sha, tip->sum, SHA_LEN);
	put(fileno(shadow), db);
	genwriter_begin(&w, fileno(out));
	assert_int_equal(
	    shadow_take(&copy, fileno(shadow), tip, theirs, NULL), 0);
	assert_int_equal(shadow_put(&copy, tip, theirs, &w, e, NULL), 0);
	assert_int_equal(genwriter_end(&w, &h), 0);
	assert_int_equal(gen_load(fileno(out), h.size, &gen, NULL), 0);
	assert_int_equal(gen_verify(fileno(out), &gen, NULL, NULL), 0);
	kind = gen.list.change[0].kind;
	*len = gen.list.change[0].len;
	if (kind == CHANGE_PAGES)
		assert_memory_equal(
		    gen.list.change[0].from, theirs->sum, SHA_LEN);
	gen_free(&gen);
	shadow_copy_drop(&copy);
	entry_unref(e);
	pages_unref(tip);
	pages_unref(theirs);
	fclose(shadow);
	fclose(taken);
	fclose(out);
	return kind;
}

static void joiner_gets_what_differs(void **state)
{
	uint64_t len;

	(void)state;
	assert_int_equal(give(NULL, "abcd", &len), CHANGE_WHOLE);
	assert_int_equal(len, 4 * SIZE);
	assert_int_equal(give("abXd", "abcd", &len), CHANGE_PAGES);
	assert_int_equal(len, DELTA_HEAD_LEN + DELTA_PAGE_LEN + SIZE);
	assert_int_equal(give("abcdef", "abcd", &len), CHANGE_PAGES);
	assert_int_equal(len, DELTA_HEAD_LEN + 2 * PAGE_HASH_LEN);
	assert_int_equal(give("a", "abcd", &len), CHANGE_PAGES);
	assert_int_equal(len, DELTA_HEAD_LEN + 3 * (DELTA_PAGE_LEN + SIZE));
}

static void tries_become_rare(void **state)
{
	int ms = shadow_wait_ms(0);

	(void)state;
	assert_int_equal(ms, 60000);
	ms = shadow_wait_ms(ms);
	assert_int_equal(ms, 120000);
	while (ms < shadow_wait_ms(ms))
		ms = shadow_wait_ms(ms);
	assert_int_equal(ms, 16 * 60000);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(shadow_is_the_tip),
	    cmocka_unit_test(what_was_taken_stays),
	    cmocka_unit_test(joiner_gets_what_differs),
	    cmocka_unit_test(tries_become_rare),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
