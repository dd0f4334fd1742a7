/* SPDX-License-Identifier: GPL-2.0-or-later
 * Copyright (C) The ocf-ods contributors */
#include "standby.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "file.h"
#include "instance.h"
#include "kaspchild.h"
#include "log.h"
#include "zones.h"

/* PENDING, RESERVED and SHARED of SQLite (src/os.h): with all of them no
 * other process reads or writes the database. */
#define LOCK_FIRST 0x40000000
#define LOCK_LEN 512

/* The header holds the change counter, which every transaction raises
 * (https://www.sqlite.org/fileformat2.html, 1.3). */
#define HEAD_LEN 100

struct db_look {
	off_t size;
	unsigned char head[HEAD_LEN];
};

struct standby {
	const struct conf *conf;
	char database[PATH_MAX]; /* "" = there is none to guard */
	char zones[PATH_MAX], aside[PATH_MAX], foreign[PATH_MAX];
	pthread_mutex_t lock;
	/* Under LOCK */
	bool taken;
	int fd;        /* kasp.db, locked; -1 = not */
	int old_fd;    /* the one before, which somebody waits for; -1 = none */
	bool patching; /* what changes there is ours */
	bool known;    /* LAST is what we have put there or found */
	struct db_look last;
	bool written; /* not told yet */
};

/* ---- the database ------------------------------------------------------- */

static int db_look(int fd, struct db_look *look)
{
	struct stat st;

	memset(look, 0, sizeof(*look));
	if (fstat(fd, &st) < 0)
		return -errno;
	look->size = st.st_size;
	return pread(fd, look->head, HEAD_LEN, 0) < 0 ? -errno : 0;
}

static bool db_same(const struct db_look *a, const struct db_look *b)
{
	return a->size == b->size && memcmp(a->head, b->head, HEAD_LEN) == 0;
}

static void mark_of(const struct db_look *look, char mark[STANDBY_MARK_MAX])
{
	int i, n = snprintf(
	           mark, STANDBY_MARK_MAX, "%lld ", (long long)look->size);

	for (i = 0; i < HEAD_LEN; i++)
		n += snprintf(mark + n, (size_t)(STANDBY_MARK_MAX - n), "%02x",
		    look->head[i]);
}

static int lock_all(int fd)
{
	struct flock lock = {
	    .l_type = F_WRLCK,
	    .l_whence = SEEK_SET,
	    .l_start = LOCK_FIRST,
	    .l_len = LOCK_LEN,
	};

	if (fcntl(fd, F_OFD_SETLK, &lock) == 0)
		return 0;
	return errno == EACCES ? -EAGAIN : -errno;
}

/* The lock goes at once: a child that has not yet reached its exec has the
 * same open file. */
static void db_close(int *fd)
{
	struct flock lock = {.l_type = F_UNLCK, .l_whence = SEEK_SET};

	if (*fd < 0)
		return;
	fcntl(*fd, F_OFD_SETLK, &lock);
	close(*fd);
	*fd = -1;
}

static bool same_file(int fd, const struct stat *now)
{
	struct stat st;

	return fd >= 0 && fstat(fd, &st) == 0 && st.st_dev == now->st_dev &&
	       st.st_ino == now->st_ino;
}

/* What lies there now against what we know; from now on that is known. */
static void db_judge(struct standby *sb, int fd)
{
	struct db_look now;

	if (sb->patching || db_look(fd, &now) < 0)
		return;
	if (sb->known && !db_same(&now, &sb->last))
		sb->written = true;
	sb->last = now;
	sb->known = true;
}

static int db_take(struct standby *sb, struct why *why)
{
	struct stat st;
	int fd, rc;

	if (!sb->database[0])
		return 0;
	if (stat(sb->database, &st) < 0) {
		db_close(&sb->fd);
		return errno == ENOENT
		           ? 0
		           : why_set(why, -errno, "cannot look at %s: %s",
		                 sb->database, strerror(errno));
	}
	if (same_file(sb->fd, &st)) {
		db_judge(sb, sb->fd);
		return 0;
	}
	fd = open(sb->database, O_RDWR | O_CLOEXEC | O_NONBLOCK);
	rc = fd < 0 ? -errno : lock_all(fd);
	if (rc < 0) {
		db_close(&fd);
		return why_set(why, rc, "cannot lock %s: %s", sb->database,
		    rc == -EAGAIN ? "a program uses it" : strerror(-rc));
	}
	db_close(&sb->fd);
	sb->fd = fd;
	db_judge(sb, fd);
	return 0;
}

/* Somebody may have opened the file before it was replaced, and wait for the
 * lock on what nobody else sees any more. */
static bool enforcer_waits(const struct standby *sb)
{
	struct instance list[INSTANCE_MAX];
	int i, n = instance_find("ods-enforcerd", list, INSTANCE_MAX);

	for (i = 0; i < n; i++)
		if (instance_same_conf(list[i].conf, sb->conf->path))
			return true;
	return false;
}

static int db_replace(
    struct standby *sb, int dir, const char *temp, const char *name)
{
	int fd, rc;

	if (sb->old_fd >= 0 && enforcer_waits(sb))
		return -EBUSY;
	db_close(&sb->old_fd);
	fd = openat(dir, temp, O_RDWR | O_NOFOLLOW | O_CLOEXEC);
	rc = fd < 0 ? -errno : lock_all(fd);
	if (rc == 0 && renameat(dir, temp, dir, name) < 0)
		rc = -errno;
	if (rc < 0) {
		db_close(&fd);
		return rc;
	}
	if (sb->fd >= 0 && enforcer_waits(sb))
		sb->old_fd = sb->fd;
	else
		db_close(&sb->fd);
	sb->fd = fd;
	return 0;
}

int standby_replace(
    struct standby *sb, int dir, const char *temp, const char *name)
{
	int rc;

	if (!sb)
		return renameat(dir, temp, dir, name) < 0 ? -errno : 0;
	pthread_mutex_lock(&sb->lock);
	if (sb->taken)
		rc = db_replace(sb, dir, temp, name);
	else
		rc = renameat(dir, temp, dir, name) < 0 ? -errno : 0;
	sb->known = false;
	if (rc == 0 && sb->fd >= 0)
		db_judge(sb, sb->fd);
	pthread_mutex_unlock(&sb->lock);
	return rc;
}

int standby_patch(struct standby *sb, int dir, const char *name)
{
	struct stat st;
	int fd = -ENOLCK;

	if (!sb)
		return fd;
	pthread_mutex_lock(&sb->lock);
	sb->patching = true;
	if (sb->taken && fstatat(dir, name, &st, AT_SYMLINK_NOFOLLOW) == 0 &&
	    same_file(sb->fd, &st)) {
		fd = fcntl(sb->fd, F_DUPFD_CLOEXEC, 0);
		if (fd < 0)
			fd = -errno;
	}
	pthread_mutex_unlock(&sb->lock);
	return fd;
}

void standby_patched(struct standby *sb)
{
	if (!sb)
		return;
	pthread_mutex_lock(&sb->lock);
	sb->patching = false;
	sb->known = false;
	if (sb->fd >= 0)
		db_judge(sb, sb->fd);
	pthread_mutex_unlock(&sb->lock);
}

/* ---- zones.xml ---------------------------------------------------------- */

static int move(const char *from, const char *to, struct why *why)
{
	int rc;

	if (rename(from, to) < 0)
		return why_set(why, -errno, "cannot rename %s to %s: %s", from,
		    to, strerror(errno));
	rc = file_sync_parent(to);
	return rc < 0
	           ? why_set(why, rc, "cannot sync %s: %s", to, strerror(-rc))
	           : 0;
}

static struct standby_list list_look(const char *path)
{
	struct standby_list look = {.zones = -1};
	struct zone_list list;
	struct stat st;

	if (stat(path, &st) < 0)
		return look;
	look.time_ns =
	    (int64_t)st.st_mtim.tv_sec * 1000000000 + st.st_mtim.tv_nsec;
	if (zones_load(path, &list, NULL) < 0)
		return look;
	look.zones = (long)list.count;
	zones_free(&list);
	return look;
}

bool standby_place_counts(const struct standby_list *place,
    const struct standby_list *aside, long known)
{
	if (place->zones == aside->zones)
		return place->time_ns >= aside->time_ns;
	if (known > 0 && place->zones == known)
		return true;
	if (known > 0 && aside->zones == known)
		return false;
	return place->zones > aside->zones;
}

/* No daemon runs and nobody has the lock. */
static bool place_counts(const struct standby *sb)
{
	struct standby_list place = list_look(sb->zones);
	struct standby_list aside = list_look(sb->aside);
	long zones = 0, keys;

	if (kasp_count(sb->conf, &zones, &keys) < 0)
		zones = 0;
	log_warn("there are %s with %ld zones and %s with %ld, the key "
	         "database has %ld",
	    sb->zones, place.zones, sb->aside, aside.zones, zones);
	return standby_place_counts(&place, &aside, zones);
}

/* One of two lists: none is ever deleted, and no moment is without the one
 * that counts. */
static int set_aside_other(
    struct standby *sb, const char *other, struct why *why)
{
	log_warn("%s is now %s", other, sb->foreign);
	return move(other, sb->foreign, why);
}

/* With one aside already, the one in its place is somebody's; but on a node
 * that was a source it may be its own. */
static int zones_take(
    struct standby *sb, bool own, struct standby_news *news, struct why *why)
{
	int rc;

	if (access(sb->zones, F_OK) < 0)
		return 0;
	if (access(sb->aside, F_OK) < 0)
		return move(sb->zones, sb->aside, why);
	if (own && place_counts(sb)) {
		rc = set_aside_other(sb, sb->aside, why);
		return rc < 0 ? rc : move(sb->zones, sb->aside, why);
	}
	if (!own) {
		log_crit("somebody put a %s on this standby", sb->zones);
		news->zones = true;
	}
	return set_aside_other(sb, sb->zones, why);
}

static int zones_give_back(struct standby *sb, struct why *why)
{
	int rc = 0;

	if (access(sb->aside, F_OK) < 0)
		return 0;
	if (access(sb->zones, F_OK) == 0) {
		if (!sb->taken && place_counts(sb))
			return set_aside_other(sb, sb->aside, why);
		rc = set_aside_other(sb, sb->zones, why);
	}
	return rc < 0 ? rc : move(sb->aside, sb->zones, why);
}

/* ---- both --------------------------------------------------------------- */

int standby_take(
    struct standby *sb, bool own, struct standby_news *news, struct why *why)
{
	int rc, zones;

	memset(news, 0, sizeof(*news));
	if (!sb)
		return 0;
	pthread_mutex_lock(&sb->lock);
	if (!sb->taken && own)
		sb->known = sb->written = false;
	zones = zones_take(sb, own && !sb->taken, news, why);
	sb->taken = true;
	rc = db_take(sb, why);
	news->written = sb->written;
	sb->written = false;
	pthread_mutex_unlock(&sb->lock);
	return zones < 0 ? zones : rc;
}

int standby_give_back(struct standby *sb, struct why *why)
{
	int rc;

	if (!sb)
		return 0;
	pthread_mutex_lock(&sb->lock);
	rc = zones_give_back(sb, why);
	if (rc == 0) {
		db_close(&sb->fd);
		db_close(&sb->old_fd);
		sb->taken = sb->known = sb->written = false;
	}
	pthread_mutex_unlock(&sb->lock);
	return rc;
}

void standby_mark(struct standby *sb, char mark[STANDBY_MARK_MAX])
{
	mark[0] = '\0';
	if (!sb)
		return;
	pthread_mutex_lock(&sb->lock);
	if (sb->known)
		mark_of(&sb->last, mark);
	pthread_mutex_unlock(&sb->lock);
}

static void compare_mark(struct standby *sb, const char *mark)
{
	int fd = open(sb->database, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	char now[STANDBY_MARK_MAX];

	if (fd < 0)
		return;
	db_judge(sb, fd);
	close(fd);
	mark_of(&sb->last, now);
	sb->written = sb->known && strcmp(now, mark) != 0;
}

static int set_paths(struct standby *sb, const struct conf *conf)
{
	char *real = realpath(conf->database, NULL);

	sb->conf = conf;
	if (!conf->mysql)
		snprintf(sb->database, sizeof(sb->database), "%s",
		    real ? real : conf->database);
	free(real);
	snprintf(sb->zones, sizeof(sb->zones), "%s", conf->zones_file);
	if (snprintf(sb->aside, sizeof(sb->aside), "%s" STANDBY_ASIDE,
	        conf->zones_file) >= (int)sizeof(sb->aside) ||
	    snprintf(sb->foreign, sizeof(sb->foreign), "%s" STANDBY_FOREIGN,
	        conf->zones_file) >= (int)sizeof(sb->foreign))
		return -ENAMETOOLONG;
	return 0;
}

int standby_open(const struct conf *conf, const char *mark,
    struct standby **standby, struct why *why)
{
	struct standby *sb = calloc(1, sizeof(*sb));

	if (!sb)
		return why_set(why, -ENOMEM, "out of memory");
	sb->fd = sb->old_fd = -1;
	if (set_paths(sb, conf) < 0) {
		free(sb);
		return why_set(
		    why, -ENAMETOOLONG, "%s is too long", conf->zones_file);
	}
	pthread_mutex_init(&sb->lock, NULL);
	if (mark && mark[0])
		compare_mark(sb, mark);
	*standby = sb;
	return 0;
}

void standby_close(struct standby *sb)
{
	if (!sb)
		return;
	db_close(&sb->fd);
	db_close(&sb->old_fd);
	pthread_mutex_destroy(&sb->lock);
	free(sb);
}

int standby_zones_load(
    const struct conf *conf, struct zone_list *list, struct why *why)
{
	char aside[PATH_MAX];
	const char *path = conf->zones_file;

	if (access(path, F_OK) < 0 &&
	    snprintf(aside, sizeof(aside), "%s" STANDBY_ASIDE, path) <
	        (int)sizeof(aside))
		path = aside;
	return zones_load(path, list, why);
}
