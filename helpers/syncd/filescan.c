/* SPDX-License-Identifier: GPL-2.0-or-later
 * Copyright (C) The ocf-ods contributors */
#include "filescan.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "cleanup.h"
#include "deadline.h"
#include "tokenfile.h"

#define TRIES 3
#define WRITER_MS 10 /* SoftHSM has written a file by then */
#define EDGE 512     /* bytes looked at on either end of a file */

/* Two writes within one tick of the kernel's clock leave the same ctime. */
#define CLOCK_GRAIN_NS 50000000

void filescan_begin(struct filescan *fs, const struct sets *sets, bool judge,
    const struct tick *t)
{
	memset(fs, 0, sizeof(*fs));
	fs->sets = sets;
	fs->judge = judge;
	fs->tick = t;
}

void filescan_end(struct filescan *fs)
{
	roots_close(&fs->roots);
	pages_unref(fs->pages);
	fs->pages = NULL;
}

static ssize_t read_edge(int fd, char *buf, off_t at)
{
	ssize_t n = pread(fd, buf, EDGE, at);

	buf[n > 0 ? n : 0] = '\0';
	return n;
}

static const char magic_line[] = ";OpenDNSSEC-backup-v3";

/* OpenDNSSEC signer/src/signer/backup.c; a file cut in the middle would be
 * read as a zone with fewer records (O 3.6). */
static bool is_whole_backup2(const char *head, const char *tail)
{
	size_t n = sizeof(magic_line) - 1, len = strlen(tail);

	if (strncmp(head, magic_line, n) != 0 || head[n] != '\n')
		return false;
	if (len > 0 && tail[len - 1] == '\n')
		len--;
	return len > n && memcmp(tail + len - n, magic_line, n) == 0 &&
	       tail[len - n - 1] == '\n';
}

/* The enforcer writes signconfs without fsync: after a crash one may be
 * empty or cut.  Whole = ends by closing the element that it begins with. */
static bool is_whole_xml(const char *head, const char *tail)
{
	const char *root = head, *close = strrchr(tail, '<');
	size_t n = 0;

	while ((root = strchr(root, '<')) && (root[1] == '?' || root[1] == '!'))
		root++;
	if (!root || !close || close[1] != '/')
		return false;
	root++;
	while (isalnum((unsigned char)root[n]) || root[n] == '_')
		n++;
	if (n == 0 || strncmp(close + 2, root, n) != 0 || close[n + 2] != '>')
		return false;
	return close[n + 3 + strspn(close + n + 3, " \t\r\n")] == '\0';
}

static bool is_whole_token(int fd, const char *path, off_t size)
{
	CLEANUP_FREE char *data = NULL;
	size_t len = size <= TOKENFILE_MAX ? (size_t)size : 0;

	data = malloc(len + 1);
	return data && pread(fd, data, len, 0) == (ssize_t)len &&
	       tokenfile_is_whole(path, data, len);
}

static bool is_whole(int fd, enum set set, const char *path, off_t size)
{
	char head[EDGE + 1], tail[EDGE + 1];
	size_t len = strlen(path);
	bool backup2 = set == SET_BACKUP && len > 8 &&
	               strcmp(path + len - 8, ".backup2") == 0;

	if (set == SET_TOKENS)
		return is_whole_token(fd, path, size);
	if (!backup2 && set != SET_SIGNCONF)
		return true;
	if (read_edge(fd, head, 0) <= 0 ||
	    read_edge(fd, tail, size > EDGE ? size - EDGE : 0) <= 0)
		return false;
	return backup2 ? is_whole_backup2(head, tail)
	               : is_whole_xml(head, tail);
}

static bool is_settled(const struct stat_tuple *t)
{
	struct timespec now;

	clock_gettime(CLOCK_REALTIME, &now);
	return now.tv_sec * 1000000000LL + now.tv_nsec - t->ctime_ns >
	       CLOCK_GRAIN_NS;
}

static struct entry *describe(
    struct filescan *fs, enum set set, const char *path, const struct stat *st)
{
	struct entry *e = entry_new(set, path);

	if (!e)
		return NULL;
	e->tuple = tuple_of(st);
	e->settled = is_settled(&e->tuple);
	e->size = e->tuple.size;
	e->mode = st->st_mode & 0777;
	e->mtime_ns = e->tuple.mtime_ns;
	owner_name(&fs->owners, false, st->st_uid, e->owner);
	owner_name(&fs->owners, true, st->st_gid, e->group);
	return e;
}

static int read_content(
    struct filescan *fs, int fd, struct entry *e, const struct genwriter *w)
{
	if (e->set != SET_DB)
		return content_copy(fd, 0, e->size, w ? w->fd : -1,
		    w ? genwriter_content(w, e) : 0, e->sha, fs->tick);
	pages_unref(fs->pages);
	fs->pages = NULL;
	return pages_of_file(fd, e->size, &fs->pages, e->sha, fs->tick);
}

/* One attempt on an open file. */
static int read_once(struct filescan *fs, int fd, enum set set,
    const char *path, const struct genwriter *w, struct entry **entry)
{
	struct stat st, after;
	struct stat_tuple now;
	struct entry *e;
	bool whole;
	int rc;

	if (fstat(fd, &st) < 0)
		return -errno;
	e = describe(fs, set, path, &st);
	if (!e)
		return -ENOMEM;
	whole = !fs->judge || is_whole(fd, set, path, st.st_size);
	rc = whole ? read_content(fs, fd, e, w) : 0;
	if (rc == 0 && fstat(fd, &after) < 0)
		rc = -errno;
	if (rc == 0) {
		now = tuple_of(&after);
		if (!tuple_same(&now, &e->tuple))
			rc = -ESTALE;
	}
	if (rc == 0 && whole) {
		*entry = e;
		return LOOK_NEW;
	}
	entry_unref(e);
	if (rc == -ESTALE)
		return LOOK_MOVING;
	return rc < 0 ? rc : LOOK_DAMAGED;
}

static int look(struct filescan *fs, enum set set, const char *path,
    const struct entry *old, const struct genwriter *w, struct entry **entry,
    struct set_place *place)
{
	int root = roots_fd(&fs->roots, place->dir);
	CLEANUP_CLOSE int fd = -1;
	struct stat st;
	struct stat_tuple now;
	struct deadline writer = deadline_in_ms(WRITER_MS);
	int i, rc = LOOK_MOVING;

	if (root < 0)
		return root;
	fd = beneath_open(root, place->local, O_RDONLY | O_NONBLOCK);
	if (fd == -ENOENT || fd == -ELOOP || fd == -ENOTDIR || fd == -ENXIO)
		return LOOK_GONE;
	if (fd < 0)
		return fd;
	if (fstat(fd, &st) < 0)
		return -errno;
	if (!S_ISREG(st.st_mode))
		return LOOK_GONE;
	now = tuple_of(&st);
	if (old && old->settled && tuple_same(&now, &old->tuple))
		return LOOK_SAME;
	for (i = 0; i < TRIES && rc == LOOK_MOVING; i++)
		rc = read_once(fs, fd, set, path, w, entry);
	while (set == SET_TOKENS && rc == LOOK_DAMAGED &&
	       !deadline_passed(writer)) {
		deadline_sleep_ms(writer, 1);
		rc = read_once(fs, fd, set, path, w, entry);
	}
	return rc;
}

int filescan_look(struct filescan *fs, enum set set, const char *path,
    const struct entry *old, const struct genwriter *w, struct entry **entry,
    struct why *why)
{
	struct set_place place;
	int rc = sets_place(fs->sets, set, path, &place, why);

	if (rc < 0)
		return rc;
	rc = look(fs, set, path, old, w, entry, &place);
	if (rc < 0)
		why_set(why, rc, "cannot read %s/%s: %s", place.dir,
		    place.local, strerror(-rc));
	return rc;
}
