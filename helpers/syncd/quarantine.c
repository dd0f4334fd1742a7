/* SPDX-License-Identifier: GPL-2.0-or-later
 * Copyright (C) The ocf-ods contributors */
#include "quarantine.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cleanup.h"
#include "file.h"
#include "genfile.h"
#include "log.h"

#define SAME_NAME_MAX 99

void quarantine_begin(
    struct quarantine *q, const char *state_dir, const struct id *term_id)
{
	char term[ID_TEXT];

	memset(q, 0, sizeof(*q));
	id_text(term_id, term);
	snprintf(q->top, sizeof(q->top), "%s/quarantine", state_dir);
	snprintf(q->dir, sizeof(q->dir), "%.*s/%s",
	    (int)(sizeof(q->dir) - ID_TEXT - 2), q->top, term);
}

static int open_list(struct quarantine *q)
{
	char path[PATH_MAX];
	int rc;

	if (q->list)
		return 0;
	rc = file_mkdirs(q->dir, 0700, NULL);
	if (rc == 0)
		rc = path_join(path, sizeof(path), q->dir, "list");
	if (rc < 0)
		return rc;
	q->list = fopen(path, "ae");
	return q->list ? 0 : -errno;
}

int quarantine_note(
    struct quarantine *q, enum set set, const char *path, const char *text)
{
	int rc = open_list(q);

	if (rc < 0)
		return rc;
	if (fprintf(q->list, "%s/%s\t%s\n", set_name(set), path, text) < 0)
		return -EIO;
	return 0;
}

/* A copy has the time of its file when it is whole. */
static bool is_copy(const char *to, const struct stat *of)
{
	struct stat st;

	return lstat(to, &st) == 0 && st.st_size == of->st_size &&
	       st.st_mtim.tv_sec == of->st_mtim.tv_sec &&
	       st.st_mtim.tv_nsec == of->st_mtim.tv_nsec;
}

/* A name there that is free: an earlier taking of another file stays.
 * -EEXIST when there is a copy of what is to be copied: OF, else NULL. */
static int free_name(const struct quarantine *q, enum set set, const char *path,
    const struct stat *of, char *to, size_t size)
{
	int i, n;

	for (i = 0; i <= SAME_NAME_MAX; i++) {
		n = snprintf(to, size, i ? "%s/%s/%s.%d" : "%s/%s/%s", q->dir,
		    set_name(set), path, i);
		if (n < 0 || (size_t)n >= size)
			return -ENAMETOOLONG;
		if (access(to, F_OK) < 0)
			break;
		if (of && is_copy(to, of))
			return -EEXIST;
	}
	return file_mkdirs_for(to, 0700, NULL);
}

static int copy_file(int dir_fd, const char *local, const char *to)
{
	CLEANUP_CLOSE int in = openat(
	    dir_fd, local, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	CLEANUP_CLOSE int out = -1;
	uint8_t sum[SHA_LEN];
	struct timespec times[2];
	struct stat st;
	int rc;

	if (in < 0 || fstat(in, &st) < 0)
		return -errno;
	out = open(
	    to, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0600);
	if (out < 0)
		return -errno;
	rc = content_copy(in, 0, (uint64_t)st.st_size, out, 0, sum, NULL);
	times[0] = st.st_atim;
	times[1] = st.st_mtim;
	/* The time says that it is whole (is_copy()). */
	if (rc == 0 && (fsync(out) < 0 || futimens(out, times) < 0))
		rc = -errno;
	if (rc < 0)
		unlink(to);
	return rc;
}

int quarantine_take(struct quarantine *q, int dir_fd, const char *local,
    enum set set, const char *path, bool copy, const char *reason)
{
	char to[PATH_MAX];
	struct stat st;
	int rc = 0;

	if (fstatat(dir_fd, local, &st, AT_SYMLINK_NOFOLLOW) < 0)
		return errno == ENOENT ? 0 : -errno;
	rc = free_name(q, set, path, copy ? &st : NULL, to, sizeof(to));
	if (rc < 0)
		return rc == -EEXIST ? 0 : rc;
	if (copy || renameat(dir_fd, local, AT_FDCWD, to) < 0) {
		if (!copy && errno != EXDEV)
			return -errno;
		rc = copy_file(dir_fd, local, to);
		if (rc == 0 && !copy && unlinkat(dir_fd, local, 0) < 0)
			rc = -errno;
	}
	return rc < 0 ? rc : quarantine_note(q, set, path, reason);
}

static int remove_one(
    const char *path, const struct stat *st, int type, struct FTW *ftw)
{
	(void)st;
	(void)type;
	(void)ftw;
	return remove(path);
}

struct aged {
	char name[NAME_MAX + 1];
	struct timespec time;
};

static int newest_first(const void *a, const void *b)
{
	const struct aged *x = a, *y = b;

	if (x->time.tv_sec != y->time.tv_sec)
		return x->time.tv_sec < y->time.tv_sec ? 1 : -1;
	if (x->time.tv_nsec != y->time.tv_nsec)
		return x->time.tv_nsec < y->time.tv_nsec ? 1 : -1;
	return 0;
}

#define AGED_MAX 64

static void prune(const char *top)
{
	struct aged aged[AGED_MAX] = {0};
	CLEANUP_DIR DIR *dir = opendir(top);
	char path[PATH_MAX + NAME_MAX + 2];
	struct dirent *d;
	struct stat st;
	int i, n = 0;

	while (dir && n < AGED_MAX && (d = readdir(dir))) {
		if (d->d_name[0] == '.' || fstatat(dirfd(dir), d->d_name, &st,
		                               AT_SYMLINK_NOFOLLOW) < 0)
			continue;
		snprintf(aged[n].name, sizeof(aged[n].name), "%s", d->d_name);
		aged[n++].time = st.st_mtim;
	}
	qsort(aged, (size_t)n, sizeof(aged[0]), newest_first);
	for (i = QUARANTINE_SETS; i < n; i++) {
		snprintf(path, sizeof(path), "%s/%s", top, aged[i].name);
		nftw(path, remove_one, 8, FTW_DEPTH | FTW_PHYS);
	}
}

int quarantine_end(struct quarantine *q)
{
	CLEANUP_CLOSE int fd = -1;
	int rc = 0;

	if (!q->list)
		return 0;
	if (fflush(q->list) != 0 || fsync(fileno(q->list)) < 0)
		rc = -errno;
	fclose(q->list);
	q->list = NULL;
	/* Its time is that of the last taking. */
	fd = open(q->dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd >= 0 && (futimens(fd, NULL) < 0 || syncfs(fd) < 0) && rc == 0)
		rc = -errno;
	log_notice("set aside in %s what the source has not: see the file "
	           "\"list\" there",
	    q->dir);
	prune(q->top);
	return rc;
}
