/* SPDX-License-Identifier: GPL-2.0-or-later
 * Copyright (C) The ocf-ods contributors */
#include "beneath.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/openat2.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "cleanup.h"
#include "sets.h"

#define DIR_FLAGS (O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)

/* Unlike mkdir -p this never follows a link, and the new directory belongs
 * to whom its parent belongs: the daemons write there. */
static int make_dir(int at, const char *name)
{
	CLEANUP_CLOSE int fd = -1;
	struct stat st;

	if (fstat(at, &st) < 0)
		return -errno;
	if (mkdirat(at, name, 0700) < 0)
		return errno == EEXIST ? 0 : -errno;
	fd = openat(at, name, DIR_FLAGS);
	if (fd < 0)
		return -errno;
	if (fchown(fd, st.st_uid, st.st_gid) < 0 && errno != EPERM)
		return -errno;
	if (fchmod(fd, st.st_mode & 0777) < 0 || fsync(at) < 0)
		return -errno;
	return 0;
}

/* Open the directory made of the first LEN bytes of PATH. */
static int walk(int root, const char *path, size_t len, bool create)
{
	char name[NAME_MAX + 1];
	size_t at = 0;
	CLEANUP_CLOSE int fd = openat(root, ".", DIR_FLAGS);
	int next, rc;

	while (fd >= 0 && at < len) {
		size_t n = strcspn(path + at, "/");

		if (n == 0 || n >= sizeof(name))
			return -EINVAL;
		memcpy(name, path + at, n);
		name[n] = '\0';
		if (strcmp(name, "..") == 0 || strcmp(name, ".") == 0)
			return -EINVAL;
		rc = create ? make_dir(fd, name) : 0;
		if (rc < 0)
			return rc;
		next = openat(fd, name, DIR_FLAGS);
		if (next < 0)
			return errno == ENOTDIR ? -ELOOP : -errno;
		close(fd);
		fd = next;
		at += n + 1;
	}
	return fd < 0 ? -errno : steal_fd(&fd);
}

static int open_how(int root, const char *path, int flags)
{
	struct open_how how = {
	    .flags = (unsigned)flags,
	    .resolve =
	        RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS | RESOLVE_NO_MAGICLINKS,
	};
	long fd;

	do {
		fd = syscall(SYS_openat2, root, path, &how, sizeof(how));
	} while (fd < 0 && (errno == EAGAIN || errno == EINTR));
	return fd < 0 ? -errno : (int)fd;
}

/* Old kernels do not know the call, old container filters forbid it. */
static bool no_openat2(int rc)
{
	return rc == -ENOSYS || rc == -EPERM;
}

int beneath_parent(int root, const char *path, bool create, const char **name)
{
	const char *slash = strrchr(path, '/');
	size_t len = slash ? (size_t)(slash - path) : 0;
	char dir[SET_PATH_MAX];
	int rc;

	*name = slash ? slash + 1 : path;
	if (len >= sizeof(dir) || **name == '\0')
		return -EINVAL;
	if (len == 0 || create)
		return walk(root, path, len, create);
	memcpy(dir, path, len);
	dir[len] = '\0';
	rc = open_how(root, dir, DIR_FLAGS);
	return no_openat2(rc) ? walk(root, path, len, false) : rc;
}

int beneath_open(int root, const char *path, int flags)
{
	const char *name;
	CLEANUP_CLOSE int dir = -1;
	int fd, rc;

	flags |= O_NOFOLLOW | O_CLOEXEC;
	rc = open_how(root, path, flags);
	if (!no_openat2(rc))
		return rc;
	dir = beneath_parent(root, path, false, &name);
	if (dir < 0)
		return dir;
	fd = openat(dir, name, flags);
	return fd < 0 ? -errno : fd;
}

int roots_fd(struct roots *roots, const char *dir)
{
	int i, fd;

	for (i = 0; i < roots->count; i++)
		if (strcmp(roots->dir[i], dir) == 0)
			return roots->fd[i];
	if (roots->count == ROOTS_MAX)
		return -EMFILE;
	fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	roots->dir[roots->count] = dir;
	roots->fd[roots->count++] = fd;
	return fd;
}

void roots_close(struct roots *roots)
{
	while (roots->count > 0)
		close(roots->fd[--roots->count]);
}
