/* SPDX-License-Identifier: GPL-2.0-or-later
 * Copyright (C) The ocf-ods contributors */
#include "dbscan.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>
#include <unistd.h>

#include "cleanup.h"
#include "dblock.h"
#include "deadline.h"

/* https://www.sqlite.org/fileformat2.html, 1.3 */
#define DB_HEADER_LEN 100
#define DB_PAGE_SIZE 16
#define DB_VERSIONS 18
#define DB_COUNTER 24
#define DB_PAGES 28
#define DB_VALID_FOR 92

#define DB_EVENTS                                                          \
	(IN_MODIFY | IN_CREATE | IN_DELETE | IN_MOVED_TO | IN_MOVED_FROM | \
	    IN_CLOSE_WRITE | IN_ATTRIB | IN_ONLYDIR)

struct dbscan {
	char path[PATH_MAX];
	char dir[PATH_MAX];
	char name[NAME_MAX + 1];
	int notify;
	int watch;
	bool changed;       /* since the last dbscan_drain() */
	unsigned disturbed; /* journal events, overflows */
	int64_t last_event_ms;
};

static int scan_watch(struct dbscan *s)
{
	if (s->watch < 0) {
		s->watch = inotify_add_watch(s->notify, s->dir, DB_EVENTS);
		s->changed = true;
		s->disturbed++;
	}
	return s->watch < 0 ? -errno : 0;
}

int dbscan_open(const char *path, struct dbscan **scan, struct why *why)
{
	struct dbscan *s = calloc(1, sizeof(*s));
	const char *slash = strrchr(path, '/');

	if (!s)
		return why_set(why, -ENOMEM, "out of memory");
	s->watch = -1;
	s->notify = -1;
	if (!slash || strlen(path) >= sizeof(s->path) - 8 ||
	    strlen(slash + 1) >= sizeof(s->name) - 8) {
		free(s);
		return why_set(why, -ENAMETOOLONG, "bad path: %s", path);
	}
	snprintf(s->path, sizeof(s->path), "%s", path);
	snprintf(s->name, sizeof(s->name), "%s", slash + 1);
	memcpy(s->dir, path, (size_t)(slash - path));
	if (slash == path)
		s->dir[0] = '/';
	s->notify = inotify_init1(IN_CLOEXEC | IN_NONBLOCK);
	if (s->notify < 0) {
		int rc = -errno;

		free(s);
		return why_set(why, rc,
		    "inotify: %s: raise "
		    "fs.inotify.max_user_instances",
		    strerror(-rc));
	}
	s->last_event_ms = clock_monotonic_ms();
	scan_watch(s);
	*scan = s;
	return 0;
}

void dbscan_close(struct dbscan *s)
{
	if (!s)
		return;
	close(s->notify);
	free(s);
}

int dbscan_fd(const struct dbscan *s)
{
	return s->notify;
}

static void take_event(struct dbscan *s, const struct inotify_event *ev)
{
	size_t len = strlen(s->name);

	if (ev->mask & IN_IGNORED)
		s->watch = -1;
	if (ev->mask & (IN_Q_OVERFLOW | IN_IGNORED)) {
		s->disturbed++;
	} else if (ev->len == 0 || strncmp(ev->name, s->name, len) != 0) {
		return;
	} else if (strcmp(ev->name + len, "-journal") == 0) {
		s->disturbed++;
	} else if (ev->name[len] != '\0' &&
	           strcmp(ev->name + len, "-wal") != 0) {
		return;
	}
	s->changed = true;
	s->last_event_ms = clock_monotonic_ms();
}

static void read_events(struct dbscan *s)
{
	char buf[16384] __attribute__((aligned(8)));
	const struct inotify_event *ev;
	ssize_t n, at;

	while ((n = read(s->notify, buf, sizeof(buf))) > 0)
		for (at = 0; at < n; at += (ssize_t)(sizeof(*ev) + ev->len)) {
			ev = (const struct inotify_event *)(buf + at);
			take_event(s, ev);
		}
}

bool dbscan_drain(struct dbscan *s)
{
	bool changed;

	scan_watch(s);
	read_events(s);
	changed = s->changed;
	s->changed = false;
	return changed;
}

int64_t dbscan_quiet_ms(const struct dbscan *s)
{
	return clock_monotonic_ms() - s->last_event_ms;
}

static uint32_t be32(const uint8_t *p)
{
	return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 |
	       (uint32_t)p[2] << 8 | p[3];
}

/* 1: a journal with a header, 0: none, or an empty or zeroed one. */
static int journal_state(const struct dbscan *s)
{
	char path[PATH_MAX + 16];
	CLEANUP_CLOSE int fd = -1;
	uint8_t first = 0;

	snprintf(path, sizeof(path), "%s-journal", s->path);
	fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
	if (fd < 0)
		return errno == ENOENT ? 0 : -errno;
	if (read(fd, &first, 1) < 0)
		return -errno;
	return first != 0;
}

/* 0 when the pages may be read now. */
static int check_journal(
    const struct dbscan *s, int fd, bool locked, struct why *why)
{
	int journal = journal_state(s);
	int reserved = dblock_is_reserved(fd);

	if (journal < 0 || reserved < 0)
		return why_set(why, journal < 0 ? journal : reserved,
		    "cannot look at the journal of %s: %s", s->path,
		    strerror(journal < 0 ? -journal : -reserved));
	if (journal && !reserved && journal_state(s) == 1 &&
	    dblock_is_reserved(fd) == 0)
		return why_set(why, -EUCLEAN,
		    "%s has a hot journal: a writer died in a transaction; "
		    "it is rolled back once the enforcer is surely dead, or by "
		    "its next start",
		    s->path);
	/* Under SHARED a RESERVED writer has not touched a page yet. */
	if (locked || (!journal && !reserved))
		return 0;
	return why_set(why, -EAGAIN, "%s is being written", s->path);
}

static int check_wal(
    const struct dbscan *s, const uint8_t *head, struct why *why)
{
	char path[PATH_MAX + 16];
	struct stat st;

	snprintf(path, sizeof(path), "%s-wal", s->path);
	if (head[DB_VERSIONS] == 1 && head[DB_VERSIONS + 1] == 1 &&
	    (stat(path, &st) < 0 || st.st_size == 0))
		return 0;
	return why_set(why, -EOPNOTSUPP,
	    "%s is in WAL mode, which cannot be "
	    "replicated: with the enforcer stopped run sqlite3 %s "
	    "'PRAGMA journal_mode=DELETE'",
	    s->path, s->path);
}

static int read_head(
    const struct dbscan *s, int fd, uint8_t *head, struct why *why)
{
	ssize_t n = pread(fd, head, DB_HEADER_LEN, 0);

	if (n == 0)
		return why_set(why, -ENOENT, "%s is empty", s->path);
	if (n < 0)
		return why_set(why, -errno, "cannot read %s: %s", s->path,
		    strerror(errno));
	if (n != DB_HEADER_LEN || memcmp(head, "SQLite format 3", 16) != 0)
		return why_set(
		    why, -EBADMSG, "%s is not a SQLite 3 database", s->path);
	return check_wal(s, head, why);
}

static uint32_t page_size(const uint8_t *head)
{
	uint32_t size =
	    (uint32_t)head[DB_PAGE_SIZE] << 8 | head[DB_PAGE_SIZE + 1];

	return size == 1 ? PAGE_SIZE_MAX : size;
}

/* Page size x page count must be the size of the file; the count in the
 * header is void where an old library has written last. */
static int check_size(const struct dbscan *s, const uint8_t *head,
    const struct stat *st, struct why *why)
{
	uint64_t page = page_size(head), size = (uint64_t)st->st_size;

	if (!page_size_sound((uint32_t)page) || size % page != 0 ||
	    size / page > UINT32_MAX ||
	    (be32(head + DB_COUNTER) == be32(head + DB_VALID_FOR) &&
	        be32(head + DB_PAGES) * page != size))
		return why_set(why, -EBADMSG,
		    "%s is %llu bytes long, not what "
		    "its header says: restore it",
		    s->path, (unsigned long long)size);
	return 0;
}

static int check_inode(
    const struct dbscan *s, const struct stat *st, struct why *why)
{
	struct stat now;

	if (stat(s->path, &now) == 0 && now.st_dev == st->st_dev &&
	    now.st_ino == st->st_ino && now.st_size == st->st_size)
		return 0;
	return why_set(why, -EAGAIN, "%s was replaced meanwhile", s->path);
}

/* The pages of one scan on their way to the step. */
struct reading {
	int fd;
	struct dbscan_step *step;
	struct page_table *now;
	struct deltawriter delta;
};

static int take_page(struct reading *r, uint32_t i, const uint8_t *page)
{
	const struct page_table *base = r->step->base;
	uint8_t *hash = r->now->hash[i];

	page_hash(i + 1, page, r->now->size, hash);
	if (r->step->whole || (i < base->count && memcmp(hash, base->hash[i],
	                                              PAGE_HASH_LEN) == 0))
		return 0;
	return deltawriter_add(&r->delta, i + 1, page);
}

static int read_pages(struct reading *r, const struct tick *t)
{
	CLEANUP_FREE uint8_t *buf = malloc(CONTENT_BUFFER);
	struct dbscan_step *step = r->step;
	uint32_t size = r->now->size, done = 0, n, i;
	int rc = buf ? 0 : -ENOMEM;

	while (rc == 0 && done < r->now->count) {
		uint64_t at = (uint64_t)done * size;

		n = CONTENT_BUFFER / size;
		if (n > r->now->count - done)
			n = r->now->count - done;
		rc = content_read(r->fd, buf, (size_t)n * size, at);
		for (i = 0; rc == 0 && i < n; i++)
			rc = take_page(r, done + i, buf + (size_t)i * size);
		if (rc == 0 && step->whole)
			rc = content_write(
			    step->to, buf, (size_t)n * size, step->to_at + at);
		if (rc == 0)
			rc = tick(t);
		done += n;
	}
	return rc;
}

static int finish_step(struct reading *r)
{
	struct dbscan_step *step = r->step;

	pages_seal(r->now);
	step->len = 0;
	if (step->whole)
		step->len = (uint64_t)r->now->count * r->now->size;
	else if (memcmp(r->now->sum, step->base->sum, SHA_LEN) != 0)
		return deltawriter_end(&r->delta, r->now->count, &step->len);
	return 0;
}

/* A header that is not sound is judged when it has proven to be no passing
 * state: there is nothing to read until then. */
static int take_pages(
    struct reading *r, const uint8_t *head, const struct tick *t)
{
	struct dbscan_step *step = r->step;
	uint64_t size = (uint64_t)step->st.st_size;
	uint32_t page = page_size(head);

	if (!page_size_sound(page) || size / page > UINT32_MAX)
		return 0;
	r->now = pages_new(page, (uint32_t)(size / page));
	if (!r->now)
		return -ENOMEM;
	step->whole = !step->base || step->base->size != page;
	if (!step->whole)
		deltawriter_begin(&r->delta, step->to, step->to_at, step->base);
	return read_pages(r, t);
}

/* The order is the rule of acceptance (dbscan.h). */
static int read_between(struct dbscan *s, struct reading *r, bool locked,
    const struct tick *t, struct why *why)
{
	uint8_t head[DB_HEADER_LEN], after[DB_HEADER_LEN];
	struct stat *st = &r->step->st;
	unsigned disturbed;
	int rc;

	read_events(s);
	s->changed = false; /* from here on it is news */
	disturbed = s->disturbed;
	rc = read_head(s, r->fd, head, why);
	if (rc == 0)
		rc = check_journal(s, r->fd, locked, why);
	if (rc == 0 && fstat(r->fd, st) < 0)
		rc = why_set(why, -errno, "cannot stat %s", s->path);
	if (rc < 0)
		return rc;
	rc = take_pages(r, head, t);
	if (rc == -ESTALE)
		return why_set(why, -EAGAIN, "%s shrank meanwhile", s->path);
	if (rc < 0)
		return why_set(
		    why, rc, "cannot copy %s: %s", s->path, strerror(-rc));
	rc = check_journal(s, r->fd, locked, why);
	if (rc == 0)
		rc = read_head(s, r->fd, after, why);
	if (rc == 0)
		rc = check_inode(s, st, why);
	if (rc < 0)
		return rc;
	read_events(s);
	if (memcmp(head, after, sizeof(head)) != 0 ||
	    (!locked && disturbed != s->disturbed))
		return why_set(
		    why, -EAGAIN, "%s was written meanwhile", s->path);
	r->step->counter = be32(head + DB_COUNTER);
	return check_size(s, head, st, why);
}

static int read_step(struct dbscan *s, int fd, bool locked,
    struct dbscan_step *step, const struct tick *t, struct why *why)
{
	struct reading r = {.fd = fd, .step = step};
	int rc = read_between(s, &r, locked, t, why);

	if (rc == 0) {
		rc = finish_step(&r);
		if (rc < 0)
			why_set(why, rc, "cannot copy %s: %s", s->path,
			    strerror(-rc));
	}
	if (rc < 0) {
		s->changed = true;
		pages_unref(r.now);
	} else {
		step->now = r.now;
	}
	return rc;
}

int dbscan_read(struct dbscan *s, bool locked, struct dbscan_step *step,
    const struct tick *t, struct why *why)
{
	CLEANUP_CLOSE int fd = open(s->path, O_RDONLY | O_CLOEXEC);
	int rc;

	step->now = NULL;
	if (fd < 0)
		return why_set(why, -errno, "cannot open %s: %s", s->path,
		    strerror(errno));
	rc = scan_watch(s);
	if (rc == -ENOSPC) /* of watches: no full disk */
		return why_set(why, -EIO,
		    "cannot watch %s: raise fs.inotify.max_user_watches",
		    s->dir);
	if (rc < 0)
		return why_set(
		    why, rc, "cannot watch %s: %s", s->dir, strerror(-rc));
	rc = locked ? dblock_shared(fd) : 0;
	if (rc == -EAGAIN)
		return why_set(why, rc, "%s is locked by a writer", s->path);
	if (rc < 0)
		return why_set(
		    why, rc, "cannot lock %s: %s", s->path, strerror(-rc));
	return read_step(s, fd, locked, step, t, why);
}
