/* SPDX-License-Identifier: GPL-2.0-or-later
 * Copyright (C) The ocf-ods contributors */
#include "manifest.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

static struct entry *make(enum set set, const char *path, int version)
{
	struct entry *e = entry_new(set, path);

	e->size = 10;
	e->mode = 0644;
	e->sha[0] = (uint8_t)version;
	strcpy(e->owner, "root");
	strcpy(e->group, "root");
	return e;
}

static void add(struct change_list *l, enum change_kind kind, enum set set,
    const char *path, int version)
{
	assert_int_equal(
	    changes_add(l, kind, make(set, path, version), 0, 0), 0);
}

static struct manifest *next(const struct manifest *old, struct change_list *l)
{
	struct manifest *m = NULL;

	assert_int_equal(changes_sort(l), 0);
	assert_int_equal(manifest_next(old, l, &m), 0);
	changes_free(l);
	return m;
}

static struct manifest *three(void)
{
	struct change_list l = {0};

	add(&l, CHANGE_WHOLE, SET_UNSIGNED, "b", 1);
	add(&l, CHANGE_WHOLE, SET_SIGNCONF, "c.xml", 1);
	add(&l, CHANGE_META, SET_UNSIGNED, "a", 1);
	return next(NULL, &l);
}

static void order_is_of_sets_then_paths(void **state)
{
	struct manifest *m = three();

	(void)state;
	assert_int_equal(m->count, 3);
	assert_string_equal(m->entry[0]->path, "c.xml");
	assert_string_equal(m->entry[1]->path, "a");
	assert_string_equal(m->entry[2]->path, "b");
	assert_int_equal(manifest_first(m, SET_UNSIGNED), 1);
	assert_ptr_equal(manifest_find(m, SET_UNSIGNED, "b"), m->entry[2]);
	assert_null(manifest_find(m, SET_PENDING, "b"));
	manifest_unref(m);
}

/* However a manifest came about, equal content is an equal sum. */
static void sum_is_of_content(void **state)
{
	struct change_list l = {0};
	struct manifest *m = three(), *n, *o;

	(void)state;
	add(&l, CHANGE_GONE, SET_UNSIGNED, "a", 0);
	add(&l, CHANGE_WHOLE, SET_UNSIGNED, "b", 2);
	add(&l, CHANGE_WHOLE, SET_PENDING, "d", 1);
	n = next(m, &l);
	assert_int_equal(n->count, 3);
	assert_memory_not_equal(m->sum, n->sum, SHA_LEN);
	add(&l, CHANGE_WHOLE, SET_UNSIGNED, "a", 1);
	add(&l, CHANGE_WHOLE, SET_UNSIGNED, "b", 1);
	add(&l, CHANGE_GONE, SET_PENDING, "d", 0);
	o = next(n, &l);
	assert_memory_equal(m->sum, o->sum, SHA_LEN);
	manifest_unref(m);
	manifest_unref(n);
	manifest_unref(o);
}

static void what_does_not_fit_is_refused(void **state)
{
	struct change_list l = {0};
	struct manifest *m = three(), *n = NULL;

	(void)state;
	add(&l, CHANGE_GONE, SET_UNSIGNED, "x", 0);
	assert_int_equal(manifest_next(m, &l, &n), -ESTALE);
	changes_free(&l);
	add(&l, CHANGE_META, SET_UNSIGNED, "b", 9); /* other content */
	assert_int_equal(manifest_next(m, &l, &n), -ESTALE);
	changes_free(&l);
	add(&l, CHANGE_WHOLE, SET_UNSIGNED, "b", 2);
	add(&l, CHANGE_GONE, SET_UNSIGNED, "b", 2);
	assert_int_equal(changes_sort(&l), -EEXIST);
	changes_free(&l);
	manifest_unref(m);
}

/* A step counts from what it says that it starts from, and from nothing
 * else. */
static void pages_continue_their_predecessor(void **state)
{
	struct change_list l = {0};
	struct manifest *m, *n = NULL;
	uint8_t from[SHA_LEN] = {1};

	(void)state;
	add(&l, CHANGE_WHOLE, SET_DB, SET_DB_NAME, 1);
	m = next(NULL, &l);
	changes_add_pages(&l, make(SET_DB, SET_DB_NAME, 2), 0, 0, from);
	assert_int_equal(manifest_next(m, &l, &n), 0);
	assert_int_equal(manifest_next(n, &l, &n), -ESTALE);
	l.change[0].from[SHA_LEN - 1] = 1;
	assert_int_equal(manifest_next(m, &l, &n), -ESTALE);
	manifest_unref(m);
	manifest_unref(n);
	m = three();
	l.change[0].from[SHA_LEN - 1] = 0;
	assert_int_equal(manifest_next(m, &l, &n), -ESTALE);
	changes_free(&l);
	manifest_unref(m);
}

static int decode(uint8_t set, const char *path, uint32_t mode)
{
	uint8_t buf[ENTRY_WIRE_MAX];
	struct wire_writer w;
	struct wire_reader r;
	struct entry *e;
	static const uint8_t sha[SHA_LEN];

	wire_write_begin(&w, buf, sizeof(buf));
	wire_put_u8(&w, set);
	wire_put_text(&w, path);
	wire_put_u64(&w, 1);
	wire_put_u32(&w, mode);
	wire_put_text(&w, "root");
	wire_put_text(&w, "root");
	wire_put_i64(&w, 0);
	wire_put_bytes(&w, sha, sizeof(sha));
	wire_read_begin(&r, buf, w.used);
	e = entry_get(&r);
	if (e)
		assert_int_equal(entry_wire_len(e), w.used);
	entry_unref(e);
	return e ? 0 : r.err;
}

static void unsound_entries_are_refused(void **state)
{
	static const char *const bad[] = {"", "/etc/passwd", "..", "../x",
	    "a/../b", "a//b", "a/", ".", "./a", "a/.", "a/.."};
	size_t i;

	(void)state;
	assert_int_equal(decode(SET_UNSIGNED, "a/..b", 0644), 0);
	assert_int_equal(decode(SET_LEDGER, ".", 0), 0);
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_int_equal(decode(SET_UNSIGNED, bad[i], 0644), -EXDEV);
	assert_int_equal(decode(0, "a", 0644), -EBADMSG);
	assert_int_equal(decode(SET_END, "a", 0644), -EBADMSG);
	assert_int_equal(decode(SET_UNSIGNED, "a", 04755), -EBADMSG);
}

/* A million files: one entry stands for all of them. */
static void too_many_files(void **state)
{
	struct change one = {
	    .kind = CHANGE_WHOLE, .entry = make(SET_UNSIGNED, "a", 1)};
	struct change_list l = {.count = MANIFEST_ENTRIES_MAX + 1};
	struct manifest *m = NULL;
	size_t i;

	(void)state;
	l.change = calloc(l.count, sizeof(*l.change));
	assert_non_null(l.change);
	for (i = 0; i < l.count; i++)
		l.change[i] = one;
	assert_int_equal(manifest_next(NULL, &l, &m), -E2BIG);
	assert_null(m);
	assert_non_null(strstr(manifest_error(-E2BIG), "500000 files"));
	free(l.change);
	entry_unref(one.entry);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(order_is_of_sets_then_paths),
	    cmocka_unit_test(sum_is_of_content),
	    cmocka_unit_test(what_does_not_fit_is_refused),
	    cmocka_unit_test(pages_continue_their_predecessor),
	    cmocka_unit_test(unsound_entries_are_refused),
	    cmocka_unit_test(too_many_files),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
