/* SPDX-License-Identifier: GPL-2.0-or-later
 * Copyright (C) The ocf-ods contributors */

/* A manifest and a list of changes to it: entries, each behind an octet that
 * is 0 for the manifest and the kind for a change. */
#include "entries.h"

static void read_lists(const uint8_t *data, size_t len, struct change_list *old,
    struct change_list *step)
{
	struct wire_reader r;
	struct entry *e;
	uint8_t kind;

	wire_read_begin(&r, data, len);
	while (r.left > 0) {
		kind = wire_get_u8(&r);
		e = entry_get(&r);
		if (!e)
			return;
		must(changes_add(kind ? step : old,
		         kind ? (enum change_kind)kind : CHANGE_META, e, 0,
		         0) == 0);
	}
}

static void sound(const struct manifest *m)
{
	size_t i;

	for (i = 0; i < m->count; i++) {
		const struct entry *e = m->entry[i];

		must(i == 0 || entry_order(m->entry[i - 1], e) < 0);
		must(manifest_find(m, e->set, e->path) == e);
		must(manifest_first(m, e->set) <= i);
	}
}

/* The same files named as a whole have the same sum. */
static void same_as_whole(const struct manifest *m)
{
	struct change_list list = {0};
	struct manifest *whole = NULL;
	size_t i;

	for (i = 0; i < m->count; i++)
		must(changes_add(&list, CHANGE_WHOLE, entry_ref(m->entry[i]), 0,
		         0) == 0);
	must(changes_sort(&list) == 0);
	must(manifest_next(NULL, &list, &whole) == 0);
	must(whole->count == m->count &&
	     memcmp(whole->sum, m->sum, SHA_LEN) == 0);
	manifest_unref(whole);
	changes_free(&list);
}

static void check_step(const struct manifest *old, const struct manifest *next,
    const struct change_list *step)
{
	size_t i, count = old->count;

	for (i = 0; i < step->count; i++) {
		const struct change *c = &step->change[i];
		const struct entry *e = c->entry;
		bool was = manifest_find(old, e->set, e->path);
		const struct entry *is = manifest_find(next, e->set, e->path);

		if (c->kind == CHANGE_GONE) {
			must(was && !is);
			count--;
			continue;
		}
		must(is == e);
		count += !was;
	}
	must(next->count == count);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct change_list first = {0}, step = {0};
	struct manifest *old = NULL, *next = NULL;

	read_lists(data, len, &first, &step);
	if (changes_sort(&first) == 0 && changes_sort(&step) == 0) {
		must(manifest_next(NULL, &first, &old) == 0);
		sound(old);
		if (manifest_next(old, &step, &next) == 0) {
			sound(next);
			check_step(old, next, &step);
			same_as_whole(next);
		}
	}
	manifest_unref(old);
	manifest_unref(next);
	changes_free(&first);
	changes_free(&step);
	return 0;
}

static void make_seeds(void)
{
	uint8_t buf[4096];
	struct wire_writer w;

	wire_write_begin(&w, buf, sizeof(buf));
	wire_put_u8(&w, 0);
	fuzz_put_entry(&w, SET_SIGNCONF, "a/b.xml");
	wire_put_u8(&w, 0);
	fuzz_put_entry(&w, SET_DB, SET_DB_NAME);
	wire_put_u8(&w, CHANGE_GONE);
	fuzz_put_entry(&w, SET_SIGNCONF, "a/b.xml");
	wire_put_u8(&w, CHANGE_META);
	fuzz_put_entry(&w, SET_DB, SET_DB_NAME);
	wire_put_u8(&w, CHANGE_WHOLE);
	fuzz_put_entry(&w, SET_PUBLISHED, "example.org");
	fuzz_seed("step", buf, w.used);
}

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
	(void)argc;
	(void)argv;
	return fuzz_seeds(make_seeds);
}
