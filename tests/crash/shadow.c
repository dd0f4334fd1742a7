/* SPDX-License-Identifier: GPL-2.0-or-later
 * Copyright (C) The ocf-ods contributors */
#include "shadow.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#define LEDGER "ledger.db"

/* Called inside of the calls that shim.c defines, hence straight to the
 * kernel: no step of its own. */

static int raw_open(const char *path, int flags)
{
	return (int)syscall(
	    SYS_openat, AT_FDCWD, path, flags | O_CLOEXEC, 0600);
}

static void raw_write(int fd, const char *data, size_t len)
{
	while (len > 0) {
		ssize_t n = syscall(SYS_write, fd, data, len);

		if (n <= 0)
			abort();
		data += n;
		len -= (size_t)n;
	}
}

void shadow_path(const char *shadow, char type, ino_t ino, char *path)
{
	snprintf(path, PATH_MAX, "%s/%c%lu", shadow, type, (unsigned long)ino);
}

static void reopen(int fd, char *path)
{
	snprintf(path, 64, "/proc/self/fd/%d", fd);
}

void shadow_drop(const char *shadow, int fd)
{
	char path[PATH_MAX];
	struct stat st;

	if (fstat(fd, &st) < 0)
		return;
	shadow_path(shadow, S_ISDIR(st.st_mode) ? 'd' : 'f', st.st_ino, path);
	syscall(SYS_unlinkat, AT_FDCWD, path, 0);
}

/* The mode and times of a file that was only fdatasync()ed are those that
 * were durable before, or a new file's. */
void shadow_file(const char *shadow, int fd, bool data_only)
{
	struct timespec times[2] = {{.tv_nsec = UTIME_OMIT}, {.tv_sec = 1}};
	mode_t mode = 0600;
	char self[64], path[PATH_MAX], buf[65536];
	struct stat st, old;
	off_t at = 0;
	int in, out;
	ssize_t n;

	/* To close another descriptor of a file drops the process's locks on
	 * it: SQLite reads and writes its files by one. */
	in = fd;
	if ((fcntl(fd, F_GETFL) & O_ACCMODE) == O_WRONLY) {
		reopen(fd, self);
		in = raw_open(self, O_RDONLY);
	}
	if (in < 0 || fstat(in, &st) < 0)
		abort();
	shadow_path(shadow, 'f', st.st_ino, path);
	if (!data_only) {
		times[1] = st.st_mtim;
		mode = st.st_mode & 0777;
	} else if (stat(path, &old) == 0) {
		times[1] = old.st_mtim;
		mode = old.st_mode & 0777;
	}
	out = raw_open(path, O_WRONLY | O_CREAT | O_TRUNC);
	if (out < 0)
		abort();
	while ((n = pread(in, buf, sizeof(buf), at)) > 0) {
		raw_write(out, buf, (size_t)n);
		at += n;
	}
	syscall(SYS_fchmod, out, mode);
	syscall(SYS_utimensat, out, NULL, times, 0);
	if (in != fd)
		close(in);
	close(out);
}

void shadow_dir(const char *shadow, int fd)
{
	char self[64], path[PATH_MAX], line[NAME_MAX + 64];
	struct dirent *d;
	struct stat st;
	DIR *dir;
	int out;

	reopen(fd, self);
	dir = opendir(self);
	if (!dir || fstat(fd, &st) < 0)
		abort();
	shadow_path(shadow, 'd', st.st_ino, path);
	out = raw_open(path, O_WRONLY | O_CREAT | O_TRUNC);
	if (out < 0)
		abort();
	while ((d = readdir(dir))) {
		if (strcmp(d->d_name, ".") == 0 || strcmp(d->d_name, "..") == 0)
			continue;
		if (fstatat(dirfd(dir), d->d_name, &st, AT_SYMLINK_NOFOLLOW) <
		    0)
			continue;
		snprintf(line, sizeof(line), "%c %lu %s\n",
		    S_ISDIR(st.st_mode) ? 'd' : 'f', (unsigned long)st.st_ino,
		    d->d_name);
		raw_write(out, line, strlen(line));
	}
	close(out);
	closedir(dir);
}

void shadow_tree(const char *shadow, const char *top, bool locks)
{
	char path[PATH_MAX];
	DIR *dir = opendir(top);
	struct dirent *d;
	struct stat st;
	int fd;

	if (!dir)
		return;
	shadow_dir(shadow, dirfd(dir));
	while ((d = readdir(dir))) {
		if (strcmp(d->d_name, ".") == 0 || strcmp(d->d_name, "..") == 0)
			continue;
		snprintf(path, sizeof(path), "%s/%s", top, d->d_name);
		if (lstat(path, &st) < 0)
			continue;
		if (S_ISDIR(st.st_mode)) {
			shadow_tree(shadow, path, locks);
		} else if (S_ISREG(st.st_mode) &&
		           !(locks && strncmp(d->d_name, LEDGER,
		                          sizeof(LEDGER) - 1) == 0)) {
			fd = raw_open(path, O_RDONLY | O_NOFOLLOW);
			if (fd >= 0)
				shadow_file(shadow, fd, false);
			close(fd);
		}
	}
	closedir(dir);
}
