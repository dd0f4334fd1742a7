/* SPDX-License-Identifier: GPL-2.0-or-later
 * Copyright (C) The ocf-ods contributors */
#include "manifest.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

struct entry *entry_new(enum set set, const char *path)
{
	size_t len = strlen(path);
	struct entry *e = calloc(1, sizeof(*e) + len + 1);

	if (!e)
		return NULL;
	e->refs = 1;
	e->set = set;
	memcpy(e->path, path, len + 1);
	return e;
}

struct entry *entry_copy(const struct entry *e)
{
	struct entry *copy = entry_new(e->set, e->path);

	if (!copy)
		return NULL;
	memcpy(copy, e, sizeof(*e));
	copy->refs = 1;
	return copy;
}

struct entry *entry_ref(struct entry *e)
{
	__atomic_add_fetch(&e->refs, 1, __ATOMIC_RELAXED);
	return e;
}

void entry_unref(struct entry *e)
{
	if (e && __atomic_sub_fetch(&e->refs, 1, __ATOMIC_ACQ_REL) == 0)
		free(e);
}

static int name_order(const struct entry *a, enum set set, const char *path)
{
	if (a->set != set)
		return a->set < set ? -1 : 1;
	return strcmp(a->path, path);
}

int entry_order(const struct entry *a, const struct entry *b)
{
	return name_order(a, b->set, b->path);
}

bool entry_same_content(const struct entry *a, const struct entry *b)
{
	return a->size == b->size && memcmp(a->sha, b->sha, SHA_LEN) == 0;
}

bool entry_same(const struct entry *a, const struct entry *b)
{
	return entry_same_content(a, b) && a->mode == b->mode &&
	       a->mtime_ns == b->mtime_ns && strcmp(a->owner, b->owner) == 0 &&
	       strcmp(a->group, b->group) == 0;
}

size_t entry_wire_len(const struct entry *e)
{
	return 1 + 2 + strlen(e->path) + 8 + 4 + 2 + strlen(e->owner) + 2 +
	       strlen(e->group) + 8 + SHA_LEN;
}

void entry_put(struct wire_writer *w, const struct entry *e)
{
	wire_put_u8(w, (uint8_t)e->set);
	wire_put_text(w, e->path);
	wire_put_u64(w, e->size);
	wire_put_u32(w, e->mode);
	wire_put_text(w, e->owner);
	wire_put_text(w, e->group);
	wire_put_i64(w, e->mtime_ns);
	wire_put_bytes(w, e->sha, SHA_LEN);
}

struct entry *entry_get(struct wire_reader *r)
{
	char path[SET_PATH_MAX];
	unsigned set = wire_get_u8(r);
	struct entry *e;

	wire_get_text(r, path, sizeof(path));
	if (set < 1 || set >= SET_END)
		wire_read_fail(r);
	if (!r->err && !set_path_sound((enum set)set, path)) {
		wire_read_fail(r);
		r->err = -EXDEV;
	}
	e = r->err ? NULL : entry_new((enum set)set, path);
	if (!e) {
		if (!r->err)
			wire_read_fail(r);
		return NULL;
	}
	e->size = wire_get_u64(r);
	e->mode = wire_get_u32(r);
	wire_get_text(r, e->owner, sizeof(e->owner));
	wire_get_text(r, e->group, sizeof(e->group));
	e->mtime_ns = wire_get_i64(r);
	wire_get_bytes(r, e->sha, SHA_LEN);
	if (e->mode & ~0777u || e->size > INT64_MAX)
		wire_read_fail(r);
	if (r->err) {
		entry_unref(e);
		return NULL;
	}
	return e;
}

static int64_t timespec_ns(const struct timespec *ts)
{
	return (int64_t)ts->tv_sec * 1000000000 + ts->tv_nsec;
}

struct stat_tuple tuple_of(const struct stat *st)
{
	return (struct stat_tuple){
	    .dev = st->st_dev,
	    .ino = st->st_ino,
	    .size = (uint64_t)st->st_size,
	    .mtime_ns = timespec_ns(&st->st_mtim),
	    .ctime_ns = timespec_ns(&st->st_ctim),
	};
}

bool tuple_same(const struct stat_tuple *a, const struct stat_tuple *b)
{
	return a->dev == b->dev && a->ino == b->ino && a->size == b->size &&
	       a->mtime_ns == b->mtime_ns && a->ctime_ns == b->ctime_ns;
}

int changes_add(struct change_list *list, enum change_kind kind,
    struct entry *e, uint64_t at, uint64_t len)
{
	if (!e)
		return -ENOMEM;
	if (list->count == list->room) {
		size_t room = list->room ? list->room * 2 : 64;
		struct change *c =
		    realloc(list->change, room * sizeof(*list->change));

		if (!c) {
			entry_unref(e);
			return -ENOMEM;
		}
		list->change = c;
		list->room = room;
	}
	list->change[list->count++] =
	    (struct change){.kind = kind, .entry = e, .at = at, .len = len};
	return 0;
}

int changes_add_pages(struct change_list *list, struct entry *e, uint64_t at,
    uint64_t len, const uint8_t from[SHA_LEN])
{
	int rc = changes_add(list, CHANGE_PAGES, e, at, len);

	if (rc == 0)
		memcpy(list->change[list->count - 1].from, from, SHA_LEN);
	return rc;
}

void changes_drop_set(struct change_list *list, enum set set)
{
	size_t i, n = 0;

	for (i = 0; i < list->count; i++) {
		if (list->change[i].entry->set == set)
			entry_unref(list->change[i].entry);
		else
			list->change[n++] = list->change[i];
	}
	list->count = n;
}

void changes_free(struct change_list *list)
{
	size_t i;

	for (i = 0; i < list->count; i++)
		entry_unref(list->change[i].entry);
	free(list->change);
	*list = (struct change_list){0};
}

static int change_order(const void *a, const void *b)
{
	const struct change *x = a, *y = b;

	return entry_order(x->entry, y->entry);
}

int changes_sort(struct change_list *list)
{
	size_t i;

	if (list->count > 1)
		qsort(list->change, list->count, sizeof(*list->change),
		    change_order);
	for (i = 1; i < list->count; i++)
		if (change_order(&list->change[i - 1], &list->change[i]) == 0)
			return -EEXIST;
	return 0;
}

struct manifest *manifest_ref(struct manifest *m)
{
	if (m)
		__atomic_add_fetch(&m->refs, 1, __ATOMIC_RELAXED);
	return m;
}

void manifest_unref(struct manifest *m)
{
	size_t i;

	if (!m || __atomic_sub_fetch(&m->refs, 1, __ATOMIC_ACQ_REL) > 0)
		return;
	for (i = 0; i < m->count; i++)
		entry_unref(m->entry[i]);
	free(m->entry);
	free(m);
}

static size_t lower_bound(
    const struct manifest *m, enum set set, const char *path)
{
	size_t low = 0, high = m ? m->count : 0;

	while (low < high) {
		size_t mid = low + (high - low) / 2;

		if (name_order(m->entry[mid], set, path) < 0)
			low = mid + 1;
		else
			high = mid;
	}
	return low;
}

size_t manifest_first(const struct manifest *m, enum set set)
{
	return lower_bound(m, set, "");
}

struct entry *manifest_find(
    const struct manifest *m, enum set set, const char *path)
{
	size_t i = lower_bound(m, set, path);

	if (!m || i == m->count || name_order(m->entry[i], set, path) != 0)
		return NULL;
	return m->entry[i];
}

static int manifest_sum(struct manifest *m)
{
	uint8_t buf[ENTRY_WIRE_MAX];
	struct wire_writer w;
	struct sha sha;
	size_t i;

	sha_begin(&sha);
	for (i = 0; i < m->count; i++) {
		wire_write_begin(&w, buf, sizeof(buf));
		entry_put(&w, m->entry[i]);
		if (w.err)
			sha.err = w.err;
		sha_add(&sha, buf, w.used);
	}
	return sha_end(&sha, m->sum);
}

/* One step of the merge: OLD is the entry of the same name or NULL.  In a
 * list that is the whole manifest (WHOLE) there is nothing to be like. */
static int take_change(struct manifest *m, const struct change *c,
    const struct entry *old, bool whole)
{
	if (c->kind == CHANGE_GONE)
		return old ? 0 : -ESTALE;
	if (c->kind == CHANGE_LOCAL && !old)
		return -ESTALE;
	if (c->kind == CHANGE_META && !whole &&
	    (!old || !entry_same_content(old, c->entry)))
		return -ESTALE;
	if (c->kind == CHANGE_PAGES && !whole &&
	    (!old || memcmp(old->sha, c->from, SHA_LEN) != 0))
		return -ESTALE;
	m->entry[m->count++] = entry_ref(c->entry);
	return 0;
}

static int merge(struct manifest *m, const struct manifest *old,
    const struct change_list *list)
{
	size_t i = 0, j = 0, old_count = old ? old->count : 0;
	int order, rc;

	while (i < old_count || j < list->count) {
		if (j == list->count)
			order = -1;
		else if (i == old_count)
			order = 1;
		else
			order =
			    entry_order(old->entry[i], list->change[j].entry);
		if (order < 0) {
			m->entry[m->count++] = entry_ref(old->entry[i++]);
			continue;
		}
		rc = take_change(m, &list->change[j],
		    order == 0 ? old->entry[i] : NULL, !old);
		if (rc < 0)
			return rc;
		j++;
		if (order == 0)
			i++;
	}
	return 0;
}

int manifest_next(const struct manifest *old, const struct change_list *list,
    struct manifest **next)
{
	struct manifest *m = calloc(1, sizeof(*m));
	size_t room = (old ? old->count : 0) + list->count;
	int rc;

	if (!m)
		return -ENOMEM;
	m->refs = 1;
	m->entry = calloc(room ? room : 1, sizeof(*m->entry));
	rc = m->entry ? merge(m, old, list) : -ENOMEM;
	if (rc == 0 && m->count > MANIFEST_ENTRIES_MAX)
		rc = -E2BIG;
	if (rc == 0)
		rc = manifest_sum(m);
	if (rc < 0) {
		manifest_unref(m);
		return rc;
	}
	*next = m;
	return 0;
}

#define TEXT(number) #number
#define TEXT_OF(number) TEXT(number)

const char *manifest_error(int rc)
{
	switch (rc) {
	case -E2BIG:
		return "more than " TEXT_OF(MANIFEST_ENTRIES_MAX) " files";
	case -EXDEV:
		return "a file's name leads out of its directory";
	case -EBADMSG:
		return "it is malformed";
	default:
		return strerror(-rc);
	}
}
