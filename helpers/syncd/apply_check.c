/* SPDX-License-Identifier: GPL-2.0-or-later
 * Copyright (C) The ocf-ods contributors */
#include "apply.h"

#include <errno.h>
#include <sys/stat.h>
#include <sys/statvfs.h>

#include "file.h"

#define SPACE_MARGIN (8 << 20) /* bytes that stay free */

bool apply_passes_over(const struct sets *sets, const struct entry *e)
{
	return (e->set == SET_CONFIG || e->set == SET_BACKUP) &&
	       !sets_accept(sets, e->set, e->path);
}

static int check_entry(
    const struct sets *sets, const struct entry *e, struct why *why)
{
	struct set_place place;

	if (e->set == SET_LEDGER || apply_passes_over(sets, e))
		return 0;
	return sets_place(sets, e->set, e->path, &place, why);
}

/* The log file itself is there already: what is asked for is the space of
 * the copies that applying makes, of new and old, on each file system as if all
 * went there. */
static int check_space(const struct sets *sets, uint64_t bytes, struct why *why)
{
	struct statvfs st;
	const char *dir;
	int set;

	for (set = 1; set < SET_LEDGER; set++) {
		dir = sets_dir(sets, (enum set)set, 0);
		if (!dir || statvfs(dir, &st) < 0)
			continue;
		if ((uint64_t)st.f_bavail * st.f_frsize < bytes + SPACE_MARGIN)
			return why_set(why, -ENOSPC,
			    "%s has less than %llu MB "
			    "free: make room, it goes on by itself",
			    dir,
			    (unsigned long long)(bytes + SPACE_MARGIN) >> 20);
	}
	return 0;
}

/* A full generation copies the database even for one page. */
static uint64_t space_of(const struct gen *gen, const struct change *c)
{
	if (c->kind == CHANGE_PAGES && gen->header.flags & GEN_FULL)
		return c->entry->size;
	return c->len;
}

/* What is kept of it in quarantine/. */
static uint64_t old_size(const struct sets *sets, const struct change *c)
{
	const struct entry *e = c->entry;
	char path[PATH_MAX];
	struct set_place place;
	struct stat st;

	if ((c->kind != CHANGE_WHOLE && c->kind != CHANGE_PAGES) ||
	    e->set == SET_LEDGER || apply_passes_over(sets, e) ||
	    sets_place(sets, e->set, e->path, &place, NULL) < 0 ||
	    path_join(path, sizeof(path), place.dir, place.local) < 0 ||
	    lstat(path, &st) < 0 || !S_ISREG(st.st_mode))
		return 0;
	return (uint64_t)st.st_size;
}

int apply_check(const struct sets *sets, bool unsaved, const struct gen *gen,
    struct why *why)
{
	bool keeps = unsaved && gen->header.flags & GEN_FULL;
	uint64_t bytes = 0;
	size_t i;
	int rc;

	for (i = 0; i < gen->list.count; i++) {
		rc = check_entry(sets, gen->list.change[i].entry, why);
		if (rc < 0)
			return rc;
		bytes += space_of(gen, &gen->list.change[i]);
		if (keeps)
			bytes += old_size(sets, &gen->list.change[i]);
	}
	return check_space(sets, bytes, why);
}
