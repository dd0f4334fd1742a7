/* SPDX-License-Identifier: GPL-2.0-or-later
 * Copyright (C) The ocf-ods contributors */
#include "redo.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cleanup.h"
#include "file.h"

static int log_path(char *buf, const char *state_dir, const char *name)
{
	int n = snprintf(
	    buf, PATH_MAX, "%s/log%s%s", state_dir, *name ? "/" : "", name);

	return n < 0 || n >= PATH_MAX ? -ENAMETOOLONG : 0;
}

void redo_name_text(const struct position *pos, char name[REDO_NAME])
{
	char term[ID_TEXT];

	id_text(&pos->term_id, term);
	snprintf(name, REDO_NAME, "%s-%" PRIu64 ".gen", term, pos->seq);
}

static int gen_path(
    char *buf, const char *state_dir, const struct position *pos)
{
	char name[REDO_NAME];

	redo_name_text(pos, name);
	return log_path(buf, state_dir, name);
}

bool redo_name_parse(const char *name, struct id *term_id, uint64_t *seq)
{
	char term[ID_TEXT], again[REDO_NAME];
	struct position pos = {0};

	if (strlen(name) < ID_TEXT || name[ID_TEXT - 1] != '-')
		return false;
	memcpy(term, name, ID_TEXT - 1);
	term[ID_TEXT - 1] = '\0';
	pos.seq = strtoull(name + ID_TEXT, NULL, 10);
	if (id_parse(term, &pos.term_id) < 0)
		return false;
	/* A file of any other name ("-07.gen") could not be opened by its
	 * number. */
	redo_name_text(&pos, again);
	*term_id = pos.term_id;
	*seq = pos.seq;
	return strcmp(name, again) == 0;
}

int redo_open(const char *state_dir, struct why *why)
{
	char path[PATH_MAX];
	CLEANUP_DIR DIR *dir = NULL;
	struct dirent *d;
	int rc = log_path(path, state_dir, "");

	if (rc == 0)
		rc = file_mkdirs(path, 0700, why);
	if (rc < 0)
		return rc;
	dir = opendir(path);
	if (!dir)
		return why_set(
		    why, -errno, "cannot read %s: %s", path, strerror(errno));
	while ((d = readdir(dir))) {
		size_t len = strlen(d->d_name);

		if (len > 5 && strcmp(d->d_name + len - 5, ".part") == 0 &&
		    strncmp(d->d_name, REDO_SEED, strlen(REDO_SEED)) != 0)
			unlinkat(dirfd(dir), d->d_name, 0);
	}
	return 0;
}

static int part_path(char *buf, const char *state_dir, const char *name)
{
	char file[NAME_MAX];

	snprintf(file, sizeof(file), "%s.part", name);
	return log_path(buf, state_dir, file);
}

int redo_part(const char *state_dir, const char *name, struct why *why)
{
	char path[PATH_MAX];
	int fd, rc = part_path(path, state_dir, name);

	if (rc < 0)
		return why_set(why, rc, "path too long: %s", state_dir);
	unlink(path);
	fd = open(
	    path, O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
	if (fd < 0)
		return why_set(
		    why, -errno, "cannot write %s: %s", path, strerror(errno));
	return fd;
}

void redo_unlink_part(const char *state_dir, const char *name)
{
	char path[PATH_MAX];

	if (part_path(path, state_dir, name) == 0)
		unlink(path);
}

static int cannot_write(const char *state_dir, int rc, struct why *why)
{
	return why_set(why, rc, "cannot write the log in %s/log: %s", state_dir,
	    strerror(-rc));
}

int redo_name(const char *state_dir, const char *name,
    const struct position *pos, struct why *why)
{
	char from[PATH_MAX], to[PATH_MAX] = "";
	int rc = part_path(from, state_dir, name);

	if (rc == 0)
		rc = gen_path(to, state_dir, pos);
	if (rc == 0 && rename(from, to) < 0)
		rc = -errno;
	return rc < 0 ? cannot_write(state_dir, rc, why) : 0;
}

int redo_commit(const char *state_dir, const char *name, int fd,
    const struct position *pos, struct why *why)
{
	char path[PATH_MAX] = "";
	int rc = gen_path(path, state_dir, pos);

	if (rc == 0 && fdatasync(fd) < 0)
		rc = -errno;
	if (rc < 0)
		return cannot_write(state_dir, rc, why);
	rc = redo_name(state_dir, name, pos, why);
	if (rc < 0)
		return rc;
	rc = file_sync_parent(path);
	return rc < 0 ? cannot_write(state_dir, rc, why) : 0;
}

static int open_file(const char *path, uint64_t *size)
{
	CLEANUP_CLOSE int fd = open(path, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
	struct stat st;

	if (fd < 0 || fstat(fd, &st) < 0)
		return -errno;
	*size = (uint64_t)st.st_size;
	return steal_fd(&fd);
}

int redo_read(const char *state_dir, const struct position *pos, uint64_t *size)
{
	char path[PATH_MAX];
	int rc = gen_path(path, state_dir, pos);

	return rc < 0 ? rc : open_file(path, size);
}

int redo_part_open(const char *state_dir, const char *name, uint64_t *size)
{
	char path[PATH_MAX];
	int rc = part_path(path, state_dir, name);

	return rc < 0 ? rc : open_file(path, size);
}

int redo_part_rename(const char *state_dir, const char *from, const char *to)
{
	char old[PATH_MAX], new[PATH_MAX];
	int rc = part_path(old, state_dir, from);

	if (rc == 0)
		rc = part_path(new, state_dir, to);
	if (rc == 0 && rename(old, new) < 0)
		rc = -errno;
	return rc;
}

int redo_sync(const char *state_dir)
{
	char path[PATH_MAX];
	int rc = part_path(path, state_dir, REDO_SEED);

	return rc < 0 ? rc : file_sync_parent(path);
}

int redo_remove(const char *state_dir, const struct position *pos)
{
	char path[PATH_MAX];
	int rc = gen_path(path, state_dir, pos);

	if (rc == 0 && unlink(path) < 0 && errno != ENOENT)
		rc = -errno;
	return rc;
}

static int seq_order(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return x < y ? -1 : x > y;
}

int redo_list(const char *state_dir, const struct id *term_id, uint64_t **seqs,
    size_t *count)
{
	char path[PATH_MAX];
	CLEANUP_DIR DIR *dir = NULL;
	CLEANUP_FREE uint64_t *list = NULL;
	struct dirent *d;
	struct id id;
	size_t n = 0, room = 0;
	uint64_t seq;
	int rc = log_path(path, state_dir, "");

	if (rc < 0)
		return rc;
	dir = opendir(path);
	if (!dir)
		return -errno;
	while ((d = readdir(dir))) {
		if (!redo_name_parse(d->d_name, &id, &seq) ||
		    !id_equal(&id, term_id))
			continue;
		if (n == room) {
			uint64_t *bigger;

			room = room ? room * 2 : 16;
			bigger = realloc(list, room * sizeof(*list));
			if (!bigger)
				return -ENOMEM;
			list = bigger;
		}
		list[n++] = seq;
	}
	if (n > 1)
		qsort(list, n, sizeof(*list), seq_order);
	*seqs = steal_ptr(&list);
	*count = n;
	return 0;
}

int redo_purge(const char *state_dir, const struct id *term_id)
{
	char path[PATH_MAX];
	CLEANUP_DIR DIR *dir = NULL;
	struct dirent *d;
	struct id id;
	uint64_t seq;
	int rc = log_path(path, state_dir, "");

	if (rc < 0)
		return rc;
	dir = opendir(path);
	if (!dir)
		return -errno;
	while ((d = readdir(dir)))
		if (redo_name_parse(d->d_name, &id, &seq) &&
		    (!term_id || !id_equal(&id, term_id)))
			unlinkat(dirfd(dir), d->d_name, 0);
	return 0;
}
