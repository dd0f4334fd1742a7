/* SPDX-License-Identifier: GPL-2.0-or-later
 * Copyright (C) The ocf-ods contributors */
#include "walk.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cleanup.h"
#include "file.h"

#define DEPTH_MAX 16

int names_add(struct name_list *list, const char *name)
{
	if (list->count == list->room) {
		size_t room = list->room ? list->room * 2 : 64;
		char **n = reallocarray(list->name, room, sizeof(*n));

		if (!n)
			return -ENOMEM;
		list->name = n;
		list->room = room;
	}
	if (asprintf(&list->name[list->count], "%s", name) < 0)
		return -ENOMEM;
	list->count++;
	return 0;
}

static int name_order(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

void names_sort(struct name_list *list)
{
	size_t i, n = 0;

	if (list->count > 1)
		qsort(list->name, list->count, sizeof(*list->name), name_order);
	for (i = 0; i < list->count; i++) {
		if (n > 0 && strcmp(list->name[n - 1], list->name[i]) == 0)
			free(list->name[i]);
		else
			list->name[n++] = list->name[i];
	}
	list->count = n;
}

void names_free(struct name_list *list)
{
	while (list->count > 0)
		free(list->name[--list->count]);
	free(list->name);
	*list = (struct name_list){0};
}

static bool is_file(int dir, const struct dirent *d)
{
	struct stat st;

	if (d->d_type != DT_UNKNOWN)
		return d->d_type == DT_REG;
	return fstatat(dir, d->d_name, &st, AT_SYMLINK_NOFOLLOW) == 0 &&
	       S_ISREG(st.st_mode);
}

static bool is_dir(int dir, const struct dirent *d)
{
	struct stat st;

	if (d->d_type != DT_UNKNOWN)
		return d->d_type == DT_DIR;
	return fstatat(dir, d->d_name, &st, AT_SYMLINK_NOFOLLOW) == 0 &&
	       S_ISDIR(st.st_mode);
}

static int walk_dir(const struct walk *w, int fd, const char *path, int depth,
    struct name_list *names);

static int walk_entry(const struct walk *w, DIR *dir, const struct dirent *d,
    const char *path, int depth, struct name_list *names)
{
	char sub[SET_PATH_MAX];
	int fd;

	if (snprintf(sub, sizeof(sub), "%s%s%s", path, *path ? "/" : "",
	        d->d_name) >= (int)sizeof(sub))
		return 0;
	if (is_file(dirfd(dir), d))
		return sets_accept(w->sets, w->set, sub) ? names_add(names, sub)
		                                         : 0;
	if (!is_dir(dirfd(dir), d) || depth == DEPTH_MAX)
		return 0;
	fd = openat(dirfd(dir), d->d_name,
	    O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (fd < 0)
		return errno == ENOENT ? 0 : -errno;
	return walk_dir(w, fd, sub, depth + 1, names);
}

/* Takes over FD. */
static int walk_dir(const struct walk *w, int fd, const char *path, int depth,
    struct name_list *names)
{
	char absolute[PATH_MAX + SET_PATH_MAX];
	CLEANUP_DIR DIR *dir = fdopendir(fd);
	struct dirent *d;
	int rc = 0;

	if (!dir) {
		rc = -errno;
		close(fd);
		return rc;
	}
	snprintf(absolute, sizeof(absolute), "%s%s%s",
	    sets_dir(w->sets, w->set, 0), *path ? "/" : "", path);
	if (*path && sets_foreign_dir(w->sets, w->set, absolute))
		return 0;
	if (w->dir)
		w->dir(w->arg, 0, path, absolute);
	errno = 0;
	while (rc == 0 && (d = readdir(dir))) {
		if (strcmp(d->d_name, ".") != 0 && strcmp(d->d_name, "..") != 0)
			rc = walk_entry(w, dir, d, path, depth, names);
		errno = 0;
	}
	return rc < 0 ? rc : -errno;
}

static int walk_fixed(const struct walk *w, struct name_list *names)
{
	const char *name, *dir;
	int i, rc = 0;

	for (i = 0; rc == 0; i++) {
		name = sets_fixed(w->sets, w->set, i);
		if (!name)
			break;
		dir = sets_dir(w->sets, w->set, i);
		if (w->dir)
			w->dir(w->arg, i, "", dir);
		rc = names_add(names, name);
	}
	return rc;
}

int walk_names(const struct walk *w, struct name_list *names, struct why *why)
{
	const char *top = sets_dir(w->sets, w->set, 0);
	int fd, rc;

	if (!top)
		return 0;
	if (set_is_files(w->set)) {
		rc = walk_fixed(w, names);
	} else {
		fd = open(top, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
		rc = fd < 0 ? -errno : walk_dir(w, fd, "", 0, names);
	}
	if (rc < 0)
		return why_set(why, rc, "cannot read the %s directory %s: %s",
		    set_name(w->set), top, strerror(-rc));
	return 0;
}
