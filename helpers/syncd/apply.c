/* SPDX-License-Identifier: GPL-2.0-or-later
 * Copyright (C) The ocf-ods contributors */
#include "apply.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "apply_rows.h"
#include "beneath.h"
#include "cleanup.h"
#include "dbpatch.h"
#include "file.h"
#include "inventory.h"
#include "log.h"
#include "owner.h"
#include "quarantine.h"
#include "walk.h"

#define FSYNC_EACH_MAX 16 /* from here on syncfs is cheaper (R 4.5) */
#define NEW_SUFFIX ".ods-new"

struct apply {
	const struct apply_setup *setup;
	int fd;
	const struct gen *gen;
	struct roots roots;
	struct owner_cache owners;
	struct quarantine quarantine;
	size_t files;          /* contents to write */
	size_t metas;          /* files that keep theirs */
	struct name_list dirs; /* to be synced, absolute */
};

/* A file's directory, opened, and its name there. */
struct spot {
	int dir;
	const char *name;
	char temp[NAME_MAX + sizeof(NEW_SUFFIX)];
};

static void spot_close(struct spot *s)
{
	if (s->dir >= 0)
		close(s->dir);
}

static int spot_open(struct apply *a, const struct entry *e, bool create,
    struct spot *spot, struct why *why)
{
	struct set_place place;
	int root, rc = sets_place(a->setup->sets, e->set, e->path, &place, why);

	spot->dir = -1;
	if (rc < 0)
		return rc;
	root = roots_fd(&a->roots, place.dir);
	spot->dir =
	    root < 0 ? root
	             : beneath_parent(root, place.local, create, &spot->name);
	if (spot->dir < 0)
		return why_set(why, spot->dir, "cannot open %s/%s: %s",
		    place.dir, place.local, strerror(-spot->dir));
	snprintf(spot->temp, sizeof(spot->temp), "%s" NEW_SUFFIX, spot->name);
	return 0;
}

static int file_error(
    const struct entry *e, const char *what, int rc, struct why *why)
{
	return why_set(why, rc, "cannot %s %s/%s: %s", what, set_name(e->set),
	    e->path, strerror(-rc));
}

static int not_here(const struct entry *e, struct why *why)
{
	return why_set(why, -ESTALE,
	    "%s/%s on this standby was changed by somebody: everything is "
	    "compared again",
	    set_name(e->set), e->path);
}

/* Users that only the source has get the owner of the directory. */
static id_t owner_here(
    struct apply *a, bool is_group, const char *name, id_t dflt)
{
	id_t id;

	if (owner_id(&a->owners, is_group, name, &id) == 0)
		return id;
	log_warn("%s %s is not known on this node: make the accounts of the "
	         "nodes alike",
	    is_group ? "group" : "user", name);
	return dflt;
}

static int set_meta(
    struct apply *a, const struct spot *spot, int fd, const struct entry *e)
{
	struct timespec times[2] = {
	    {.tv_nsec = UTIME_OMIT},
	    {.tv_sec = e->mtime_ns / 1000000000,
	        .tv_nsec = e->mtime_ns % 1000000000},
	};
	struct stat st, dir;
	uid_t uid;
	gid_t gid;

	if (times[1].tv_nsec < 0) {
		times[1].tv_sec--;
		times[1].tv_nsec += 1000000000;
	}
	if (fstat(fd, &st) < 0 || fstat(spot->dir, &dir) < 0)
		return -errno;
	uid = (uid_t)owner_here(a, false, e->owner, dir.st_uid);
	gid = (gid_t)owner_here(a, true, e->group, dir.st_gid);
	if ((st.st_uid != uid || st.st_gid != gid) && fchown(fd, uid, gid) < 0)
		return -errno;
	if (fchmod(fd, e->mode) < 0 || futimens(fd, times) < 0)
		return -errno;
	return 0;
}

/* The database is patched in place, but for a full generation: that one may
 * have to keep what was here before. */
static bool is_copied(const struct apply *a, const struct change *c)
{
	return c->kind == CHANGE_WHOLE ||
	       (c->kind == CHANGE_PAGES && a->gen->header.flags & GEN_FULL);
}

static struct delta delta_of(const struct apply *a, const struct change *c)
{
	return (struct delta){.fd = a->fd, .at = c->at, .len = c->len};
}

static int open_here(const struct spot *spot, int flags)
{
	int fd = openat(
	    spot->dir, spot->name, flags | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);

	return fd < 0 ? -errno : fd;
}

static int fill(
    struct apply *a, const struct spot *spot, const struct change *c, int fd)
{
	const struct delta d = delta_of(a, c);
	CLEANUP_CLOSE int base = -1;
	uint8_t sum[SHA_LEN];
	int rc;

	if (c->kind == CHANGE_PAGES) {
		base = open_here(spot, O_RDONLY);
		if (base < 0)
			return base == -ENOENT ? -ESTALE : base;
		return dbpatch_copy(
		    &d, base, fd, c->entry->sha, a->setup->tick);
	}
	rc = gen_content_copy(
	    c->entry, a->fd, c->at, fd, 0, sum, a->setup->tick);
	if (rc == 0 && memcmp(sum, c->entry->sha, SHA_LEN) != 0)
		rc = -EBADMSG;
	return rc;
}

static int write_content(
    struct apply *a, const struct spot *spot, const struct change *c)
{
	CLEANUP_CLOSE int fd = openat(spot->dir, spot->temp,
	    O_RDWR | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0600);
	int rc;

	if (fd < 0)
		return -errno;
	rc = fill(a, spot, c, fd);
	if (rc == 0)
		rc = set_meta(a, spot, fd, c->entry);
	if (rc == 0 && a->files <= FSYNC_EACH_MAX && fsync(fd) < 0)
		rc = -errno;
	return rc;
}

/* A token's directory belongs to whom its files do: who signs makes new ones
 * in it. */
static int own_token_dir(
    struct apply *a, const struct spot *spot, const struct entry *e)
{
	mode_t mode = e->mode | (e->mode & 0444) >> 2;
	struct stat dir;
	uid_t uid;
	gid_t gid;

	if (e->set != SET_TOKENS || strcmp(spot->name, "token.object") != 0)
		return 0;
	if (fstat(spot->dir, &dir) < 0)
		return -errno;
	uid = (uid_t)owner_here(a, false, e->owner, dir.st_uid);
	gid = (gid_t)owner_here(a, true, e->group, dir.st_gid);
	if ((dir.st_uid != uid || dir.st_gid != gid) &&
	    fchown(spot->dir, uid, gid) < 0)
		return -errno;
	return fchmod(spot->dir, mode) < 0 ? -errno : 0;
}

static bool has_file(const struct apply *a, const struct change *c)
{
	return c->entry->set != SET_LEDGER &&
	       !apply_passes_over(a->setup->sets, c->entry);
}

static int write_files(struct apply *a, struct why *why)
{
	const struct change_list *list = &a->gen->list;
	size_t i;
	int rc;

	for (i = 0; i < list->count; i++) {
		const struct change *c = &list->change[i];
		CLEANUP(spot_close) struct spot spot = {.dir = -1};

		if (!is_copied(a, c) || !has_file(a, c))
			continue;
		rc = spot_open(a, c->entry, true, &spot, why);
		if (rc < 0)
			return rc;
		rc = write_content(a, &spot, c);
		if (rc == 0)
			rc = own_token_dir(a, &spot, c->entry);
		if (rc == -ESTALE)
			return not_here(c->entry, why);
		if (rc < 0)
			return file_error(c->entry, "write", rc, why);
	}
	return 0;
}

/* COUNT files that were not synced one by one, because they are many. */
static int sync_files(struct apply *a, size_t count, struct why *why)
{
	int i;

	for (i = 0; count > FSYNC_EACH_MAX && i < a->roots.count; i++)
		if (syncfs(a->roots.fd[i]) < 0)
			return why_set(why, -errno, "cannot sync %s: %s",
			    a->roots.dir[i], strerror(errno));
	return tick(a->setup->tick);
}

/* The directory of an entry is to be synced at the end. */
static int touch_dir(struct apply *a, const struct entry *e)
{
	char path[PATH_MAX];
	struct set_place place;
	size_t n = a->dirs.count;
	char *slash;
	int rc = sets_place(a->setup->sets, e->set, e->path, &place, NULL);

	if (rc == 0)
		rc = path_join(path, sizeof(path), place.dir, place.local);
	if (rc < 0)
		return rc;
	slash = strrchr(path, '/');
	*slash = '\0';
	if (n > 0 && strcmp(a->dirs.name[n - 1], path) == 0)
		return 0;
	return names_add(&a->dirs, path);
}

/* A try that was cut short has put it. */
static bool is_put(
    struct apply *a, const struct spot *spot, const struct entry *e)
{
	CLEANUP_CLOSE int fd = open_here(spot, O_RDONLY);
	uint8_t sum[SHA_LEN];
	struct stat st;

	return fd >= 0 && fstat(fd, &st) == 0 && S_ISREG(st.st_mode) &&
	       (uint64_t)st.st_size == e->size &&
	       gen_content_copy(e, fd, 0, -1, 0, sum, a->setup->tick) == 0 &&
	       memcmp(sum, e->sha, SHA_LEN) == 0;
}

static int keep_old(
    struct apply *a, const struct spot *spot, const struct entry *e)
{
	struct stat st;

	if (!a->setup->unsaved || !(a->gen->header.flags & GEN_FULL))
		return 0;
	/* What was in a directory has been set aside by name. */
	if (fstatat(spot->dir, spot->name, &st, AT_SYMLINK_NOFOLLOW) == 0 &&
	    S_ISDIR(st.st_mode))
		return 0;
	if (is_put(a, spot, e))
		return 0;
	return quarantine_take(&a->quarantine, spot->dir, spot->name, e->set,
	    e->path, true, "replaced by the source's");
}

static int put_whole(
    struct apply *a, const struct spot *spot, const struct entry *e)
{
	int rc = keep_old(a, spot, e);

	if (rc < 0)
		return rc;
	if (e->set == SET_DB)
		return standby_replace(
		    a->setup->standby, spot->dir, spot->temp, spot->name);
	if (renameat(spot->dir, spot->temp, spot->dir, spot->name) == 0)
		return 0;
	/* What was a directory is a file now. */
	if (errno != EISDIR ||
	    unlinkat(spot->dir, spot->name, AT_REMOVEDIR) < 0 ||
	    renameat(spot->dir, spot->temp, spot->dir, spot->name) < 0)
		return -errno;
	return 0;
}

static int put_meta(
    struct apply *a, const struct spot *spot, const struct entry *e)
{
	CLEANUP_CLOSE int fd = open_here(spot, O_RDONLY);
	int rc;

	if (fd == -ENOENT) {
		log_warn("%s/%s was removed here by somebody: it comes back "
		         "with the next full comparison",
		    set_name(e->set), e->path);
		return 0;
	}
	rc = fd < 0 ? fd : set_meta(a, spot, fd, e);
	if (rc == 0 && a->metas <= FSYNC_EACH_MAX && fsync(fd) < 0)
		rc = -errno;
	return rc;
}

/* The lock is the standby's, or one of our own that ends with *FD. */
static int open_locked(
    struct apply *a, const struct spot *spot, int *fd, struct why *why)
{
	*fd = standby_patch(a->setup->standby, spot->dir, spot->name);
	if (*fd != -ENOLCK)
		return *fd < 0 ? *fd : 0;
	*fd = open_here(spot, O_RDWR);
	if (*fd < 0)
		return *fd == -ENOENT ? -ESTALE : *fd;
	return dbpatch_lock(*fd, a->setup->tick, why);
}

static int put_pages(struct apply *a, const struct spot *spot,
    const struct change *c, struct why *why)
{
	CLEANUP_CLOSE int fd = -1;
	const struct delta d = delta_of(a, c);
	int rc = open_locked(a, spot, &fd, why);

	if (rc == 0)
		rc = dbpatch_in_place(&d, fd, c->entry->sha, a->setup->tick);
	if (rc == 0)
		rc = set_meta(a, spot, fd, c->entry);
	if (rc == 0 && fsync(fd) < 0)
		rc = -errno;
	standby_patched(a->setup->standby);
	return rc;
}

static int put_change(struct apply *a, const struct change *c, struct why *why)
{
	CLEANUP(spot_close) struct spot spot = {.dir = -1};
	int rc;

	if (c->kind == CHANGE_OWED)
		return 0;
	rc = spot_open(a, c->entry, false, &spot, why);
	if (rc == -ENOENT && c->kind != CHANGE_WHOLE && c->kind != CHANGE_PAGES)
		return 0; /* the directory has gone, too */
	if (rc < 0)
		return rc;
	if (is_copied(a, c))
		rc = put_whole(a, &spot, c->entry);
	else if (c->kind == CHANGE_PAGES)
		rc = put_pages(a, &spot, c, why);
	else if (c->kind == CHANGE_META)
		rc = put_meta(a, &spot, c->entry);
	else if (unlinkat(spot.dir, spot.name, 0) < 0 && errno != ENOENT)
		rc = -errno;
	if (rc == 0)
		rc = touch_dir(a, c->entry);
	if (rc == -ESTALE)
		return not_here(c->entry, why);
	if (rc == -EBUSY && why->text[0])
		return rc;
	return rc < 0 ? file_error(c->entry, "replace", rc, why) : 0;
}

/* A journal beside a database that is about to be replaced would be rolled
 * back into it by the next enforcer. */
static int clear_journal(struct apply *a, struct why *why)
{
	static const char *const ends[] = {"-journal", "-wal", "-shm"};
	struct entry *e = entry_new(SET_DB, SET_DB_NAME);
	CLEANUP(spot_close) struct spot spot = {.dir = -1};
	char name[NAME_MAX + 16], path[64];
	size_t i;
	int rc = e ? spot_open(a, e, false, &spot, why) : -ENOMEM;

	for (i = 0; rc == 0 && i < sizeof(ends) / sizeof(ends[0]); i++) {
		snprintf(name, sizeof(name), "%s%s", spot.name, ends[i]);
		snprintf(path, sizeof(path), SET_DB_NAME "%s", ends[i]);
		rc = quarantine_take(&a->quarantine, spot.dir, name, SET_DB,
		    path, false, "left by a writer that died here");
		if (rc < 0)
			why_set(why, rc, "cannot set %s aside: %s", name,
			    strerror(-rc));
	}
	entry_unref(e);
	return rc;
}

static bool names_db(const struct gen *gen)
{
	const struct change_list *list = &gen->list;
	size_t i = 0;

	while (i < list->count && list->change[i].entry->set < SET_DB)
		i++;
	return i < list->count && list->change[i].entry->set == SET_DB &&
	       list->change[i].kind != CHANGE_OWED;
}

static int put_files(struct apply *a, struct why *why)
{
	const struct change_list *list = &a->gen->list;
	size_t i;
	int rc = 0;

	if (names_db(a->gen))
		rc = clear_journal(a, why);
	for (i = 0; rc == 0 && i < list->count; i++) {
		if (!has_file(a, &list->change[i]))
			continue;
		rc = put_change(a, &list->change[i], why);
		if (rc == 0)
			rc = tick(a->setup->tick);
	}
	return rc;
}

static int set_aside_file(
    struct apply *a, enum set set, const char *path, struct why *why)
{
	struct entry *e = entry_new(set, path);
	CLEANUP(spot_close) struct spot spot = {.dir = -1};
	int rc = e ? spot_open(a, e, false, &spot, why) : -ENOMEM;

	if (rc == 0) {
		rc = quarantine_take(&a->quarantine, spot.dir, spot.name, set,
		    path, false, "the source has none");
		if (rc == 0)
			rc = touch_dir(a, e);
		if (rc < 0)
			file_error(e, "set aside", rc, why);
	}
	entry_unref(e);
	return rc == -ENOENT ? 0 : rc;
}

static int set_aside(struct apply *a, enum set set, struct why *why)
{
	const struct walk w = {.sets = a->setup->sets, .set = set};
	struct name_list names = {0};
	int rc = walk_names(&w, &names, why);
	size_t i;

	for (i = 0; rc == 0 && i < names.count; i++)
		if (!gen_names(a->gen, set, names.name[i]))
			rc = set_aside_file(a, set, names.name[i], why);
	names_free(&names);
	return rc == -ENOENT ? 0 : rc;
}

/* A source without a single file of a token has no tokens= yet, or its file
 * system is not mounted: no reason to take keys away. */
static bool tells_of_tokens(const struct gen *gen)
{
	return gen->list.count > 0 &&
	       gen->list.change[0].entry->set == SET_TOKENS;
}

static int set_all_aside(struct apply *a, struct why *why)
{
	int set, rc = 0;

	if (!(a->gen->header.flags & GEN_FULL))
		return 0;
	for (set = 1; rc == 0 && set < SET_LEDGER; set++)
		if (sets_active(a->setup->sets, (enum set)set) &&
		    (set != SET_TOKENS || tells_of_tokens(a->gen)))
			rc = set_aside(a, (enum set)set, why);
	return rc;
}

static int sync_dirs(struct apply *a, struct why *why)
{
	size_t i;

	names_sort(&a->dirs);
	for (i = 0; i < a->dirs.count; i++) {
		CLEANUP_CLOSE int fd =
		    open(a->dirs.name[i], O_RDONLY | O_DIRECTORY | O_CLOEXEC);

		if (fd < 0 && errno == ENOENT)
			continue;
		if (fd < 0 || fsync(fd) < 0)
			return why_set(why, -errno, "cannot sync %s: %s",
			    a->dirs.name[i], strerror(errno));
	}
	return tick(a->setup->tick);
}

static size_t count_files(const struct gen *gen, enum change_kind kind)
{
	size_t i, n = 0;

	for (i = 0; i < gen->list.count; i++)
		if (gen->list.change[i].kind == kind &&
		    gen->list.change[i].entry->set != SET_LEDGER)
			n++;
	return n;
}

int apply_generation(const struct apply_setup *setup, int fd,
    const struct gen *gen, struct why *why)
{
	struct apply a = {.setup = setup, .fd = fd, .gen = gen};
	int rc, end;

	a.files = count_files(gen, CHANGE_WHOLE);
	a.metas = count_files(gen, CHANGE_META);
	quarantine_begin(
	    &a.quarantine, sets_state_dir(setup->sets), &gen->header.term_id);
	rc = set_all_aside(&a, why);
	if (rc == 0)
		rc = write_files(&a, why);
	if (rc == 0)
		rc = sync_files(&a, a.files, why);
	if (rc == 0)
		rc = put_files(&a, why);
	if (rc == 0)
		rc = sync_files(&a, a.metas, why);
	if (rc == 0)
		rc = sync_dirs(&a, why);
	if (rc == 0)
		rc = apply_rows(setup->ledger, fd, gen, &a.quarantine, why);
	end = quarantine_end(&a.quarantine);
	if (rc == 0 && end < 0)
		rc = why_set(why, end, "cannot write the quarantine: %s",
		    strerror(-end));
	if (rc < 0 && why && !why->text[0])
		why_set(why, rc, "cannot apply: %s", strerror(-rc));
	roots_close(&a.roots);
	names_free(&a.dirs);
	return rc;
}
