/* SPDX-License-Identifier: GPL-2.0-or-later
 * Copyright (C) The ocf-ods contributors */
#include "inventory.h"

#include <errno.h>
#include <string.h>

#include "filescan.h"
#include "walk.h"

struct taking {
	struct filescan fs;
	const struct manifest *before;
	struct change_list list;
};

struct entry *inventory_row(const char *name, const char *text)
{
	struct entry *e = entry_new(SET_LEDGER, name);
	struct sha sha;

	if (!e)
		return NULL;
	e->size = strlen(text);
	sha_begin(&sha);
	sha_add(&sha, text, (size_t)e->size);
	if (sha_end(&sha, e->sha) == 0)
		return e;
	entry_unref(e);
	return NULL;
}

static int take_row(const char *name, const char *text, void *arg)
{
	struct taking *t = arg;

	return changes_add(
	    &t->list, CHANGE_META, inventory_row(name, text), 0, 0);
}

static int take_file(
    struct taking *t, enum set set, const char *path, struct why *why)
{
	struct entry *old = manifest_find(t->before, set, path);
	struct entry *e = NULL;
	int rc = filescan_look(&t->fs, set, path, old, NULL, &e, why);

	if (rc == LOOK_SAME)
		e = entry_ref(old);
	if (rc == LOOK_GONE || (rc == -ENOENT && set_is_files(set)))
		return 0;
	if (rc == LOOK_MOVING)
		return why_set(why, -EBUSY,
		    "%s/%s changes while this node "
		    "is on standby: stop the daemon that writes it",
		    set_name(set), path);
	return rc < 0 ? rc : changes_add(&t->list, CHANGE_META, e, 0, 0);
}

static int take_set(struct taking *t, enum set set, struct why *why)
{
	const struct walk w = {.sets = t->fs.sets, .set = set};
	struct name_list names = {0};
	int rc = walk_names(&w, &names, why);
	size_t i;

	for (i = 0; rc == 0 && i < names.count; i++) {
		rc = take_file(t, set, names.name[i], why);
		if (rc == 0)
			rc = tick(t->fs.tick);
	}
	names_free(&names);
	return rc == -ENOENT ? 0 : rc;
}

/* Those that were read now, or those from before if nobody has written since,
 * or none. */
static struct page_table *take_pages(
    struct taking *t, const struct inventory *inventory, struct manifest *disk)
{
	const struct entry *e = manifest_find(disk, SET_DB, SET_DB_NAME);
	struct page_table *p = t->fs.pages ? t->fs.pages : inventory->pages;

	if (!e || !p || memcmp(p->sum, e->sha, SHA_LEN) != 0)
		return NULL;
	return pages_ref(p);
}

int inventory_take(const struct sets *sets, struct ledger *ledger,
    const struct tick *tk, struct inventory *inventory, struct why *why)
{
	struct taking t = {.before = inventory->disk};
	struct inventory now = {0};
	int set, rc = 0;

	filescan_begin(&t.fs, sets, false, tk);
	for (set = 1; rc == 0 && set < SET_LEDGER; set++)
		if (sets_active(sets, (enum set)set))
			rc = take_set(&t, (enum set)set, why);
	if (rc == 0)
		rc = ledger_row_each(ledger, take_row, &t, why);
	if (rc == 0)
		rc = changes_sort(&t.list);
	if (rc == 0)
		rc = manifest_next(NULL, &t.list, &now.disk);
	if (rc == 0) {
		now.pages = take_pages(&t, inventory, now.disk);
		inventory_drop(inventory);
		*inventory = now;
	}
	if (rc < 0 && why && !why->text[0])
		why_set(why, rc, "cannot take stock of this node's files: %s",
		    manifest_error(rc));
	filescan_end(&t.fs);
	changes_free(&t.list);
	return rc;
}

void inventory_drop(struct inventory *inventory)
{
	manifest_unref(inventory->disk);
	pages_unref(inventory->pages);
	*inventory = (struct inventory){0};
}
