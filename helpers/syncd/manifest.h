/* SPDX-License-Identifier: GPL-2.0-or-later
 * Copyright (C) The ocf-ods contributors */
#ifndef ODS_MANIFEST_H
#define ODS_MANIFEST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/stat.h>
#include "sets.h"
#include "sha.h"
#include "wire.h"

/* What a node holds: one entry per file, sorted by (set, path).  Entries and
 * manifests never change once they are made and are shared by counting, so
 * that a thread may keep one while another makes the next. */

#define OWNER_MAX 48

/* What the kernel says about a file whose content was read: the same again
 * means the same content, unless the file was younger than the clock's grain
 * when it was read (settled is false then). */
struct stat_tuple {
	uint64_t dev, ino, size;
	int64_t mtime_ns, ctime_ns;
};

struct entry {
	int refs; /* by __atomic only */
	enum set set;
	uint64_t size;
	uint32_t mode;        /* permission bits */
	int64_t mtime_ns;     /* state: the signer compares it (O 3.5) */
	uint8_t sha[SHA_LEN]; /* of the database: its sum (pages.h) */
	char owner[OWNER_MAX], group[OWNER_MAX];
	/* Local, does not travel */
	struct stat_tuple tuple;
	uint64_t raw; /* of a ledger row: sum of what lies there, 0 = ? */
	bool settled;
	bool kept; /* the file here is damaged or unreadable: this is the last
	              good one, whose content may be gone */
	char path[];
};

struct entry *entry_new(enum set set, const char *path);
struct entry *entry_copy(const struct entry *e);
struct entry *entry_ref(struct entry *e);
void entry_unref(struct entry *e);
int entry_order(const struct entry *a, const struct entry *b);

/* All that travels is equal / all but the content is. */
bool entry_same(const struct entry *a, const struct entry *b);
bool entry_same_content(const struct entry *a, const struct entry *b);

/* set, path, size, mode, owner, group, mtime, sha: the unit that generations,
 * joins and sums are made of. */
#define ENTRY_WIRE_MAX (SET_PATH_MAX + 2 * OWNER_MAX + 64)
size_t entry_wire_len(const struct entry *e);
void entry_put(struct wire_writer *w, const struct entry *e);

/* NULL (and the reader latched) when it is no sound entry, by -EXDEV when its
 * path is not one below a directory; else the caller's reference. */
struct entry *entry_get(struct wire_reader *r);

struct stat_tuple tuple_of(const struct stat *st);
bool tuple_same(const struct stat_tuple *a, const struct stat_tuple *b);

/* What one node may hold, so that no peer can make another one run out of
 * memory: a manifest of this many entries takes some 150 MB. */
#define MANIFEST_ENTRIES_MAX 500000

struct manifest {
	int refs;
	size_t count;
	struct entry **entry;
	uint8_t sum[SHA_LEN];
};

/* One change on the way from a manifest to the next one. */
enum change_kind {
	CHANGE_WHOLE = 1, /* content follows */
	CHANGE_META = 2,  /* content as it was */
	CHANGE_GONE = 3,  /* tombstone: set and path only */
	CHANGE_OWED = 4,  /* in the manifest, content not to be had: the
	                     receiver leaves what it has */
	CHANGE_PAGES = 5, /* of the database: a delta follows (pagedelta.h) */
	CHANGE_LOCAL = 9, /* tuple or mark changed; does not travel */
};

struct change {
	enum change_kind kind;
	struct entry *entry;   /* a reference */
	uint64_t at, len;      /* content in the generation file */
	uint8_t from[SHA_LEN]; /* PAGES: sum of what it is a step from */
};

struct change_list {
	struct change *change;
	size_t count, room;
};

/* Takes over the reference to E, also on failure. */
int changes_add(struct change_list *list, enum change_kind kind,
    struct entry *e, uint64_t at, uint64_t len);
int changes_add_pages(struct change_list *list, struct entry *e, uint64_t at,
    uint64_t len, const uint8_t from[SHA_LEN]);
void changes_drop_set(struct change_list *list, enum set set);
void changes_free(struct change_list *list);

/* Sort by (set, path); -EEXIST when one is named twice. */
int changes_sort(struct change_list *list);

/* OLD with sorted CHANGES made; its sum is computed.  OLD NULL: the changes
 * are the whole manifest.  -ESTALE when a change does not fit: a tombstone
 * or a META for what is not there, PAGES from another database; -E2BIG above
 * MANIFEST_ENTRIES_MAX. */
int manifest_next(const struct manifest *old, const struct change_list *list,
    struct manifest **next);
const char *manifest_error(int rc); /* its sentence */
struct manifest *manifest_ref(struct manifest *m);
void manifest_unref(struct manifest *m);
struct entry *manifest_find(const struct manifest *m, enum set set,
    const char *path); /* no reference; NULL when absent */

/* Index of the first entry of SET or a later one. */
size_t manifest_first(const struct manifest *m, enum set set);

#endif
