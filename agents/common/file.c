/* SPDX-License-Identifier: GPL-2.0-or-later
 * Copyright (C) The ocf-ods contributors */
#include "file.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cleanup.h"

static int read_fd(int fd, size_t max, char **data, size_t *len)
{
	CLEANUP_FREE char *buf = NULL;
	size_t size = 0, used = 0;
	ssize_t n;

	for (;;) {
		if (used + 1 >= size) {
			char *bigger;

			size = size ? size * 2 : 4096;
			bigger = realloc(buf, size);
			if (!bigger)
				return -ENOMEM;
			buf = bigger;
		}
		n = read(fd, buf + used, size - used - 1);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -errno;
		if (n == 0)
			break;
		used += (size_t)n;
		if (used > max)
			return -EFBIG;
	}
	buf[used] = '\0';
	*data = steal_ptr(&buf);
	*len = used;
	return 0;
}

int file_read(
    const char *path, size_t max, char **data, size_t *len, struct why *why)
{
	/* The open of a FIFO waits for a writer. */
	CLEANUP_CLOSE int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	struct stat st;
	int rc;

	if (fd < 0 || fstat(fd, &st) < 0) {
		rc = -errno;
		return why_set(
		    why, rc, "cannot read %s: %s", path, strerror(-rc));
	}
	if (!S_ISREG(st.st_mode))
		return why_set(why, -EINVAL, "%s is not a regular file", path);
	rc = read_fd(fd, max, data, len);
	if (rc < 0)
		why_set(why, rc, "cannot read %s: %s", path, strerror(-rc));
	return rc;
}

int file_write_all(int fd, const void *data, size_t len)
{
	const char *p = data;
	ssize_t n;

	while (len > 0) {
		n = write(fd, p, len);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -errno;
		p += n;
		len -= (size_t)n;
	}
	return 0;
}

int file_sync_parent(const char *path)
{
	char dir[PATH_MAX];
	char *slash;
	CLEANUP_CLOSE int fd = -1;

	if (snprintf(dir, sizeof(dir), "%s", path) >= (int)sizeof(dir))
		return -ENAMETOOLONG;
	slash = strrchr(dir, '/');
	if (!slash)
		snprintf(dir, sizeof(dir), ".");
	else if (slash == dir)
		dir[1] = '\0';
	else
		*slash = '\0';
	fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0 || fsync(fd) < 0)
		return -errno;
	return 0;
}

static int replace_tmp(
    const char *tmp, const void *data, size_t len, mode_t mode, bool durable)
{
	CLEANUP_CLOSE int fd = open(
	    tmp, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600);
	int rc;

	if (fd < 0)
		return -errno;
	rc = file_write_all(fd, data, len);
	if (rc == 0 && fchmod(fd, mode) < 0)
		rc = -errno;
	if (rc == 0 && durable && fsync(fd) < 0)
		rc = -errno;
	return rc;
}

int file_replace(const char *path, const void *data, size_t len, mode_t mode,
    bool durable, struct why *why)
{
	char tmp[PATH_MAX];
	int rc;

	if (snprintf(tmp, sizeof(tmp), "%s.ods-new", path) >= (int)sizeof(tmp))
		return why_set(why, -ENAMETOOLONG, "path too long: %s", path);
	rc = replace_tmp(tmp, data, len, mode, durable);
	if (rc == 0 && rename(tmp, path) < 0)
		rc = -errno;
	if (rc == 0 && durable)
		rc = file_sync_parent(path);
	if (rc < 0) {
		unlink(tmp);
		why_set(why, rc, "cannot write %s: %s", path, strerror(-rc));
	}
	return rc;
}

static int copy_fd(int in, int out, int (*block)(void *arg), void *arg)
{
	char buf[65536];
	struct stat st;
	ssize_t n;
	int rc = 0;

	while (rc == 0 && (n = read(in, buf, sizeof(buf))) != 0) {
		if (n > 0)
			rc = file_write_all(out, buf, (size_t)n);
		else if (errno != EINTR)
			rc = -errno;
		else
			continue;
		if (rc == 0 && block)
			rc = block(arg);
	}
	if (rc == 0 && fstat(in, &st) == 0) {
		struct timespec times[2] = {st.st_atim, st.st_mtim};

		if (fchown(out, st.st_uid, st.st_gid) < 0 ||
		    fchmod(out, st.st_mode & 07777) < 0 ||
		    futimens(out, times) < 0 || fsync(out) < 0)
			rc = -errno;
	}
	return rc;
}

int file_copy_with(const char *from, const char *to, int (*block)(void *arg),
    void *arg, struct why *why)
{
	CLEANUP_CLOSE int in = open(from, O_RDONLY | O_CLOEXEC);
	CLEANUP_CLOSE int out = -1;
	int rc = in < 0 ? -errno : 0;

	if (rc == 0) {
		out = open(to,
		    O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW,
		    0600);
		rc = out < 0 ? -errno : copy_fd(in, out, block, arg);
	}
	if (rc < 0)
		why_set(why, rc, "cannot copy %s to %s: %s", from, to,
		    strerror(-rc));
	return rc;
}

int file_copy(const char *from, const char *to, struct why *why)
{
	return file_copy_with(from, to, NULL, NULL, why);
}

/* A directory is durable when the one that names it is synced: what is synced
 * in it would be lost with it. */
static int make_dir(const char *path, mode_t mode)
{
	if (mkdir(path, mode) < 0)
		return errno == EEXIST ? 0 : -errno;
	return file_sync_parent(path);
}

int file_mkdirs(const char *path, mode_t mode, struct why *why)
{
	char dir[PATH_MAX];
	char *p;
	int rc;

	if (snprintf(dir, sizeof(dir), "%s", path) >= (int)sizeof(dir))
		return why_set(why, -ENAMETOOLONG, "path too long: %s", path);
	for (p = dir + 1;; p++) {
		char c = *p;

		if (c != '/' && c != '\0')
			continue;
		*p = '\0';
		rc = make_dir(dir, mode);
		if (rc < 0)
			return why_set(why, rc, "cannot make directory %s: %s",
			    dir, strerror(-rc));
		if (c == '\0')
			return 0;
		*p = c;
	}
}

int file_mkdirs_for(const char *path, mode_t mode, struct why *why)
{
	char dir[PATH_MAX];
	char *slash;

	if (snprintf(dir, sizeof(dir), "%s", path) >= (int)sizeof(dir))
		return why_set(why, -ENAMETOOLONG, "path too long: %s", path);
	slash = strrchr(dir, '/');
	if (!slash || slash == dir)
		return 0;
	*slash = '\0';
	return file_mkdirs(dir, mode, why);
}

int path_join(char *buf, size_t size, const char *dir, const char *name)
{
	size_t len = strlen(dir);
	const char *sep = len > 0 && dir[len - 1] == '/' ? "" : "/";
	int n = snprintf(buf, size, "%s%s%s", dir, sep, name);

	return n < 0 || (size_t)n >= size ? -ENAMETOOLONG : 0;
}

bool file_same(const struct stat *a, const struct stat *b)
{
	return a->st_dev == b->st_dev && a->st_ino == b->st_ino &&
	       a->st_size == b->st_size &&
	       a->st_mtim.tv_sec == b->st_mtim.tv_sec &&
	       a->st_mtim.tv_nsec == b->st_mtim.tv_nsec;
}
