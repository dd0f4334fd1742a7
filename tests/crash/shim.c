/* SPDX-License-Identifier: GPL-2.0-or-later
 * Copyright (C) The ocf-ods contributors */
#include "shim.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "shadow.h"
#include "world.h"

struct shim *shim; /* of this process, when it is one that is watched */

/* Held over each step, so that the step at which the process dies is the last
 * one of all its threads. */
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

const char *step_name(enum step_kind kind)
{
	static const char *const names[] = {"write", "name", "meta", "sync"};

	return kind < STEP_KINDS ? names[kind] : "end";
}

struct shim *shim_make(const char *root, const char *shadow)
{
	struct shim *s = mmap(NULL, sizeof(*s), PROT_READ | PROT_WRITE,
	    MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	if (s == MAP_FAILED)
		abort();
	snprintf(s->root, sizeof(s->root), "%s", root);
	snprintf(s->shadow, sizeof(s->shadow), "%s", shadow);
	return s;
}

void shim_arm(struct shim *s, long step, bool after)
{
	tree_remove(s->shadow);
	if (mkdir(s->shadow, 0700) < 0)
		abort();
	shadow_tree(s->shadow, s->root, false);
	s->arm = step;
	s->after = after;
	s->fired = false;
	s->steps = 0;
	snprintf(s->what, sizeof(s->what), "at the end");
}

static void die(void)
{
	for (;;)
		syscall(SYS_kill, getpid(), SIGKILL);
}

void shim_die(void)
{
	pthread_mutex_lock(&lock);
	die();
}

static bool is_watched(void)
{
	return shim && shim->pid == getpid();
}

/* The path of NAME in directory AT, or of AT itself. */
static bool where(int at, const char *name, char *path)
{
	char link[64];
	ssize_t n = 0;

	path[0] = '\0';
	if (!name || name[0] != '/') {
		snprintf(link, sizeof(link), "/proc/self/fd/%d", at);
		n = at == AT_FDCWD ? -1 : readlink(link, path, PATH_MAX - 1);
		if (n < 0)
			return false;
		path[n] = '\0';
	}
	if (name)
		snprintf(path + n, (size_t)(PATH_MAX - n), "%s%s", n ? "/" : "",
		    name);
	n = (ssize_t)strlen(shim->root);
	return strncmp(path, shim->root, (size_t)n) == 0 &&
	       (path[n] == '/' || path[n] == '\0');
}

/* True when it is a step: the lock is held until step_end(). */
static bool step_begin(
    enum step_kind kind, const char *call, int at, const char *name)
{
	char path[PATH_MAX];
	int saved = errno;

	if (!is_watched() || !where(at, name, path)) {
		errno = saved;
		return false;
	}
	pthread_mutex_lock(&lock);
	if (shim->steps < STEPS_MAX)
		shim->kind[++shim->steps] = kind;
	if (shim->steps == shim->arm) {
		snprintf(shim->what, sizeof(shim->what), "%s %.3000s%s",
		    shim->after ? "after" : "before", call,
		    path + strlen(shim->root));
		shim->fired = true;
		if (!shim->after)
			die();
	}
	errno = saved;
	return true;
}

static void step_end(bool step)
{
	if (!step)
		return;
	if (shim->fired)
		die();
	pthread_mutex_unlock(&lock);
}

#define STEP(kind, call, at, name, action)                \
	bool step = step_begin(kind, call " ", at, name); \
	long rc = action;                                 \
	int saved = errno;                                \
                                                          \
	step_end(step);                                   \
	errno = saved;                                    \
	return (int)rc

/* Content */

ssize_t write(int fd, const void *buf, size_t len)
{
	STEP(STEP_WRITE, "write", fd, NULL, syscall(SYS_write, fd, buf, len));
}

ssize_t pwrite(int fd, const void *buf, size_t len, off_t at)
{
	STEP(STEP_WRITE, "pwrite", fd, NULL,
	    syscall(SYS_pwrite64, fd, buf, len, at));
}

ssize_t pwrite64(int fd, const void *buf, size_t len, off64_t at)
{
	return pwrite(fd, buf, len, at);
}

int ftruncate(int fd, off_t len)
{
	STEP(
	    STEP_WRITE, "ftruncate", fd, NULL, syscall(SYS_ftruncate, fd, len));
}

int ftruncate64(int fd, off64_t len)
{
	return ftruncate(fd, len);
}

int fallocate(int fd, int mode, off_t at, off_t len)
{
	STEP(STEP_WRITE, "fallocate", fd, NULL,
	    syscall(SYS_fallocate, fd, mode, at, len));
}

/* Names */

static int open_at(int at, const char *path, int flags, mode_t mode)
{
	struct stat st;
	bool made, step;
	int fd, saved;

	if (!(flags & (O_CREAT | O_TRUNC)) || !is_watched())
		return (int)syscall(SYS_openat, at, path, flags, mode);
	made = fstatat(at, path, &st, AT_SYMLINK_NOFOLLOW) < 0;
	if (!made && !(flags & O_TRUNC))
		return (int)syscall(SYS_openat, at, path, flags, mode);
	step = step_begin(made ? STEP_NAME : STEP_WRITE,
	    made ? "create " : "truncate ", at, path);
	fd = (int)syscall(SYS_openat, at, path, flags, mode);
	saved = errno;
	if (step && made && fd >= 0)
		shadow_drop(shim->shadow, fd);
	step_end(step);
	errno = saved;
	return fd;
}

#define OPEN(at)                                     \
	mode_t mode = 0;                             \
	va_list ap;                                  \
                                                     \
	if (flags & (O_CREAT | __O_TMPFILE)) {       \
		va_start(ap, flags);                 \
		mode = (mode_t)va_arg(ap, unsigned); \
		va_end(ap);                          \
	}                                            \
	return open_at(at, path, flags, mode)

int open(const char *path, int flags, ...)
{
	OPEN(AT_FDCWD);
}

int open64(const char *path, int flags, ...)
{
	OPEN(AT_FDCWD);
}

int openat(int at, const char *path, int flags, ...)
{
	OPEN(at);
}

int openat64(int at, const char *path, int flags, ...)
{
	OPEN(at);
}

FILE *fopen(const char *path, const char *mode)
{
	int flags = strchr(mode, '+') ? O_RDWR
	            : *mode == 'r'    ? O_RDONLY
	                              : O_WRONLY;
	FILE *f;
	int fd;

	if (*mode != 'r')
		flags |= O_CREAT | (*mode == 'a' ? O_APPEND : O_TRUNC);
	if (strchr(mode, 'e'))
		flags |= O_CLOEXEC;
	fd = open_at(AT_FDCWD, path, flags, 0666);
	f = fd < 0 ? NULL : fdopen(fd, mode);
	if (fd >= 0 && !f)
		close(fd);
	return f;
}

FILE *fopen64(const char *path, const char *mode)
{
	return fopen(path, mode);
}

int mkdirat(int at, const char *path, mode_t mode)
{
	STEP(
	    STEP_NAME, "mkdir", at, path, syscall(SYS_mkdirat, at, path, mode));
}

int mkdir(const char *path, mode_t mode)
{
	return mkdirat(AT_FDCWD, path, mode);
}

/* No file system that is worth the name loses a file by a rename: when the
 * directory that it left is synced, so is the one that it is in now. */
#define MOVES_MAX 256

static struct move {
	ino_t left;
	char to[PATH_MAX];
} move[MOVES_MAX];
static int moves;

static void note_move(int from, const char *old, int to, const char *new)
{
	char left[PATH_MAX];
	struct stat st;

	if (moves == MOVES_MAX || !where(from, old, left) ||
	    !where(to, new, move[moves].to))
		return;
	*strrchr(left, '/') = '\0';
	*strrchr(move[moves].to, '/') = '\0';
	if (strcmp(left, move[moves].to) == 0 || stat(left, &st) < 0)
		return;
	move[moves++].left = st.st_ino;
}

static void sync_moves(ino_t left)
{
	size_t root = strlen(shim->root);
	char path[PATH_MAX];
	int i, fd;

	for (i = 0; i < moves; i++) {
		if (move[i].left != left)
			continue;
		snprintf(path, sizeof(path), "%s", move[i].to);
		while (strlen(path) >= root) {
			fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
			if (fd >= 0)
				shadow_dir(shim->shadow, fd);
			close(fd);
			*strrchr(path, '/') = '\0';
		}
	}
}

int renameat(int from, const char *old, int to, const char *new)
{
	bool step = step_begin(STEP_NAME, "rename ", to, new);
	int rc, saved;

	if (step)
		note_move(from, old, to, new);
	rc = (int)syscall(SYS_renameat2, from, old, to, new, 0);
	saved = errno;
	step_end(step);
	errno = saved;
	return rc;
}

int rename(const char *old, const char *new)
{
	return renameat(AT_FDCWD, old, AT_FDCWD, new);
}

int link(const char *old, const char *new)
{
	STEP(STEP_NAME, "link", AT_FDCWD, new,
	    syscall(SYS_linkat, AT_FDCWD, old, AT_FDCWD, new, 0));
}

int unlinkat(int at, const char *path, int flags)
{
	STEP(STEP_NAME, "unlink", at, path,
	    syscall(SYS_unlinkat, at, path, flags));
}

int unlink(const char *path)
{
	return unlinkat(AT_FDCWD, path, 0);
}

int rmdir(const char *path)
{
	return unlinkat(AT_FDCWD, path, AT_REMOVEDIR);
}

/* Meta */

int fchmod(int fd, mode_t mode)
{
	STEP(STEP_META, "fchmod", fd, NULL, syscall(SYS_fchmod, fd, mode));
}

int fchown(int fd, uid_t uid, gid_t gid)
{
	STEP(STEP_META, "fchown", fd, NULL, syscall(SYS_fchown, fd, uid, gid));
}

int futimens(int fd, const struct timespec times[2])
{
	STEP(STEP_META, "futimens", fd, NULL,
	    syscall(SYS_utimensat, fd, NULL, times, 0));
}

/* Syncs */

static int sync_fd(int fd, const char *call, bool data_only)
{
	bool step = step_begin(STEP_SYNC, call, fd, NULL);
	struct stat st;

	if (step && fstat(fd, &st) == 0) {
		if (S_ISDIR(st.st_mode)) {
			shadow_dir(shim->shadow, fd);
			sync_moves(st.st_ino);
		} else {
			shadow_file(shim->shadow, fd, data_only);
		}
	}
	step_end(step);
	return 0;
}

int fsync(int fd)
{
	return sync_fd(fd, "fsync ", false);
}

int fdatasync(int fd)
{
	return sync_fd(fd, "fdatasync ", true);
}

int syncfs(int fd)
{
	bool step = step_begin(STEP_SYNC, "syncfs ", fd, NULL);

	if (step)
		shadow_tree(shim->shadow, shim->root, true);
	step_end(step);
	return 0;
}

/* ods-verify has a test of its own: here this program says what it would. */
static bool is_verifier(const char *path)
{
	const char *base = strrchr(path, '/');

	return base && strcmp(base, "/ods-verify") == 0;
}

int access(const char *path, int mode)
{
	return is_verifier(path)
	           ? 0
	           : (int)syscall(SYS_faccessat, AT_FDCWD, path, mode);
}

int execvp(const char *file, char *const argv[])
{
	if (is_verifier(file)) {
		char self[] = "/proc/self/exe", verify[] = "--verify";
		char *args[] = {self, verify, NULL};

		return execv(self, args);
	}
	return execvpe(file, argv, environ);
}
