/* SPDX-License-Identifier: GPL-2.0-or-later
 * Copyright (C) The ocf-ods contributors */
#include "../pages/letters.h"
#include "dbpatch.h"

#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <cmocka.h>

#include "dblock.h"

#define PAGES 16

struct lab {
	FILE *log, *db;
	int fd;
	struct delta d;
	uint8_t to[SHA_LEN];
	int left; /* steps until the crash */
	struct tick tick;
};

static int count_down(void *arg)
{
	struct lab *l = arg;

	return l->left-- > 0 ? 0 : -ECANCELED;
}

static int setup(void **state)
{
	struct lab *l = calloc(1, sizeof(*l));

	l->log = tmpfile();
	l->db = tmpfile();
	l->fd = fileno(l->db);
	l->d.fd = fileno(l->log);
	l->left = 1000000;
	l->tick = (struct tick){.fn = count_down, .arg = l};
	*state = l;
	return 0;
}

static int teardown(void **state)
{
	struct lab *l = *state;

	fclose(l->log);
	fclose(l->db);
	free(l);
	return 0;
}

static void make(struct lab *l, const char *from, const char *to)
{
	struct page_table *before = table(from), *after = table(to);
	struct deltawriter *w = malloc(sizeof(*w));
	uint8_t page[SIZE];
	uint32_t i;

	deltawriter_begin(w, l->d.fd, 0, before);
	for (i = 0; i < after->count; i++)
		if (i >= before->count || from[i] != to[i]) {
			memset(page, to[i], SIZE);
			assert_int_equal(deltawriter_add(w, i + 1, page), 0);
		}
	assert_int_equal(deltawriter_end(w, after->count, &l->d.len), 0);
	memcpy(l->to, after->sum, SHA_LEN);
	pages_unref(before);
	pages_unref(after);
	free(w);
}

static void put(struct lab *l, const char *db)
{
	uint8_t page[SIZE];
	size_t i;

	assert_int_equal(ftruncate(l->fd, 0), 0);
	for (i = 0; db[i]; i++) {
		memset(page, db[i], SIZE);
		assert_int_equal(
		    pwrite(l->fd, page, SIZE, (off_t)(i * SIZE)), SIZE);
	}
}

static void assert_db(int fd, const char *want)
{
	char got[PAGES + 1] = "", page[SIZE];
	struct stat st;
	size_t i, k;

	assert_int_equal(fstat(fd, &st), 0);
	assert_int_equal(st.st_size, strlen(want) * SIZE);
	for (i = 0; want[i]; i++) {
		assert_int_equal(
		    pread(fd, page, SIZE, (off_t)(i * SIZE)), SIZE);
		for (k = 1; k < SIZE; k++)
			assert_int_equal(page[k], page[0]);
		got[i] = page[0];
	}
	assert_string_equal(got, want);
}

static int patch(struct lab *l)
{
	return dbpatch_in_place(&l->d, l->fd, l->to, &l->tick);
}

static const struct {
	const char *from, *to;
} steps[] = {
    {"abcdefgh", "abXdeYgZ"},
    {"abcdefgh", "Abcdefghijk"},
    {"abcdefgh", "abC"},
    {"a", "XY"},
};

static void step_is_made(void **state)
{
	struct lab *l = *state;
	size_t i;

	for (i = 0; i < sizeof(steps) / sizeof(steps[0]); i++) {
		make(l, steps[i].from, steps[i].to);
		put(l, steps[i].from);
		assert_int_equal(patch(l), 0);
		assert_db(l->fd, steps[i].to);
		assert_int_equal(patch(l), 0); /* twice is once */
		assert_db(l->fd, steps[i].to);
	}
}

/* Stopped after each write and made again. */
static void crash_anywhere_then_again(void **state)
{
	struct lab *l = *state;
	int crashes, rc;
	size_t i;

	for (i = 0; i < sizeof(steps) / sizeof(steps[0]); i++) {
		make(l, steps[i].from, steps[i].to);
		for (crashes = 0, rc = -1; rc < 0; crashes++) {
			put(l, steps[i].from);
			l->left = crashes;
			rc = patch(l);
			l->left = 1000000;
			if (rc < 0)
				assert_int_equal(rc, -ECANCELED);
			assert_int_equal(patch(l), 0);
			assert_db(l->fd, steps[i].to);
		}
		assert_true(crashes > 2);
	}
}

/* Power fails while a page is written: half of it is new. */
static void torn_page_is_repaired(void **state)
{
	struct lab *l = *state;
	uint8_t half[SIZE / 2];

	make(l, "abcdefgh", "abXdeYgZ");
	put(l, "abXdefgh");
	memset(half, 'Y', sizeof(half));
	assert_int_equal(
	    pwrite(l->fd, half, sizeof(half), 5 * SIZE), sizeof(half));
	assert_int_equal(patch(l), 0);
	assert_db(l->fd, "abXdeYgZ");
	make(l, "abc", "abcdef");
	put(l, "abcd");
	assert_int_equal(ftruncate(l->fd, 4 * SIZE + 100), 0);
	assert_int_equal(patch(l), 0);
	assert_db(l->fd, "abcdef");
}

/* Somebody has written: nothing is, not even where it would fit. */
static void foreign_database_is_left_alone(void **state)
{
	struct lab *l = *state;
	static const char *const foreign[] = {
	    "abFdeFFh", "ABCDEFGH", "abcd", "FbFdefgh", "FbFdefghij"};
	size_t i;

	make(l, "abcdefgh", "abXdeYgZ");
	for (i = 0; i < sizeof(foreign) / sizeof(foreign[0]); i++) {
		put(l, foreign[i]);
		assert_int_equal(patch(l), -ESTALE);
		assert_db(l->fd, foreign[i]);
	}
}

static void user_of_the_database_is_waited_for(void **state)
{
	struct lab *l = *state;
	struct why why = {0};
	char path[64];
	int fd;

	snprintf(path, sizeof(path), "/proc/self/fd/%d", l->fd);
	fd = open(path, O_RDWR);
	assert_int_equal(dblock_shared(fd), 0);
	assert_int_equal(dbpatch_lock(l->fd, NULL, &why), -EBUSY);
	assert_non_null(strstr(why.text, "uses the database"));
	close(fd);
	assert_int_equal(dbpatch_lock(l->fd, NULL, &why), 0);
}

static void copy_is_looked_at_whole(void **state)
{
	struct lab *l = *state;
	FILE *f = tmpfile();
	size_t i;

	for (i = 0; i < sizeof(steps) / sizeof(steps[0]); i++) {
		make(l, steps[i].from, steps[i].to);
		put(l, steps[i].from);
		assert_int_equal(ftruncate(fileno(f), 0), 0);
		assert_int_equal(
		    dbpatch_copy(&l->d, l->fd, fileno(f), l->to, NULL), 0);
		assert_db(fileno(f), steps[i].to);
		assert_db(l->fd, steps[i].from);
	}
	make(l, "abcd", "abXd");
	put(l, "Fbcd");
	assert_int_equal(
	    dbpatch_copy(&l->d, l->fd, fileno(f), l->to, NULL), -ESTALE);
	fclose(f);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(step_is_made),
	    TEST(crash_anywhere_then_again),
	    TEST(torn_page_is_repaired),
	    TEST(foreign_database_is_left_alone),
	    TEST(user_of_the_database_is_waited_for),
	    TEST(copy_is_looked_at_whole),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
