/* SPDX-License-Identifier: GPL-2.0-or-later
 * Copyright (C) The ocf-ods contributors */
#include "watch.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>
#include <unistd.h>

#include "log.h"

#define EVENTS                                                  \
	(IN_CLOSE_WRITE | IN_CREATE | IN_DELETE | IN_MOVED_TO | \
	    IN_MOVED_FROM | IN_ATTRIB | IN_ONLYDIR)

/* One directory of one set; several sets may share a directory, which then
 * is one watch of the kernel. */
struct place {
	int wd;
	enum set set;
	int index;
	char *path;
};

struct watch {
	const struct sets *sets;
	int fd;
	struct place *place;
	size_t count, room;
	bool warned;
};

bool dirty_any(const struct dirty *d)
{
	int i;

	for (i = 1; i < SET_END; i++)
		if (d->rescan[i] || d->names[i].count > 0)
			return true;
	return false;
}

void dirty_all(struct dirty *d)
{
	int i;

	for (i = 1; i < SET_END; i++)
		d->rescan[i] = true;
}

void dirty_free(struct dirty *d)
{
	int i;

	for (i = 1; i < SET_END; i++)
		names_free(&d->names[i]);
	memset(d, 0, sizeof(*d));
}

int watch_open(const struct sets *sets, struct watch **watch, struct why *why)
{
	struct watch *w = calloc(1, sizeof(*w));
	int rc;

	if (!w)
		return why_set(why, -ENOMEM, "out of memory");
	w->sets = sets;
	w->fd = inotify_init1(IN_CLOEXEC | IN_NONBLOCK);
	if (w->fd < 0) {
		rc = -errno;
		free(w);
		return why_set(why, rc,
		    "inotify: %s: raise fs.inotify.max_user_instances",
		    strerror(-rc));
	}
	*watch = w;
	return 0;
}

void watch_close(struct watch *w)
{
	if (!w)
		return;
	while (w->count > 0)
		free(w->place[--w->count].path);
	free(w->place);
	close(w->fd);
	free(w);
}

int watch_fd(const struct watch *w)
{
	return w->fd;
}

static bool is_known(
    const struct watch *w, const struct place *p, const char *path)
{
	size_t i;

	for (i = 0; i < w->count; i++)
		if (w->place[i].wd == p->wd && w->place[i].set == p->set &&
		    w->place[i].index == p->index &&
		    strcmp(w->place[i].path, path) == 0)
			return true;
	return false;
}

static int place_add(struct watch *w, const struct place *p, const char *path)
{
	if (w->count == w->room) {
		size_t room = w->room ? w->room * 2 : 32;
		struct place *bigger =
		    reallocarray(w->place, room, sizeof(*bigger));

		if (!bigger)
			return -ENOMEM;
		w->place = bigger;
		w->room = room;
	}
	w->place[w->count] = *p;
	if (asprintf(&w->place[w->count].path, "%s", path) < 0)
		return -ENOMEM;
	w->count++;
	return 0;
}

void watch_dir(struct watch *w, enum set set, int index, const char *path,
    const char *absolute)
{
	int wd = inotify_add_watch(w->fd, absolute, EVENTS);
	struct place p = {.wd = wd, .set = set, .index = index};

	if (wd < 0) {
		if (!w->warned && errno != ENOENT)
			log_warn(
			    "cannot watch %s: %s: changes there are seen "
			    "once a minute; raise fs.inotify.max_user_watches",
			    absolute, strerror(errno));
		w->warned = true;
		return;
	}
	if (is_known(w, &p, path))
		return;
	if (place_add(w, &p, path) < 0)
		log_err(
		    "out of memory: %s is looked at once a minute", absolute);
}

static void place_event(struct watch *w, const struct place *p,
    const struct inotify_event *ev, struct dirty *dirty)
{
	char path[SET_PATH_MAX];
	const char *name = ev->name;

	if (ev->mask & (IN_IGNORED | IN_ISDIR)) {
		if (!set_is_files(p->set) || ev->mask & IN_IGNORED)
			dirty->rescan[p->set] = true;
		return;
	}
	if (ev->len == 0)
		return;
	if (set_is_files(p->set)) {
		name = sets_fixed_name(w->sets, p->set, p->index, name);
		if (!name)
			return;
	}
	if (snprintf(path, sizeof(path), "%s%s%s", p->path, *p->path ? "/" : "",
	        name) >= (int)sizeof(path))
		return;
	if (sets_accept(w->sets, p->set, path) &&
	    names_add(&dirty->names[p->set], path) < 0)
		dirty->rescan[p->set] = true;
}

static void forget(struct watch *w, int wd)
{
	size_t i, n = 0;

	for (i = 0; i < w->count; i++) {
		if (w->place[i].wd == wd)
			free(w->place[i].path);
		else
			w->place[n++] = w->place[i];
	}
	w->count = n;
}

static void take_event(
    struct watch *w, const struct inotify_event *ev, struct dirty *dirty)
{
	size_t i;

	if (ev->mask & IN_Q_OVERFLOW) {
		dirty_all(dirty);
		return;
	}
	for (i = 0; i < w->count; i++)
		if (w->place[i].wd == ev->wd)
			place_event(w, &w->place[i], ev, dirty);
	if (ev->mask & IN_IGNORED)
		forget(w, ev->wd);
}

int watch_drain(struct watch *w, struct dirty *dirty)
{
	char buf[65536] __attribute__((aligned(8)));
	const struct inotify_event *ev;
	ssize_t n, at;

	while ((n = read(w->fd, buf, sizeof(buf))) > 0)
		for (at = 0; at < n; at += (ssize_t)(sizeof(*ev) + ev->len)) {
			ev = (const struct inotify_event *)(buf + at);
			take_event(w, ev, dirty);
		}
	return n < 0 && errno != EAGAIN && errno != EINTR ? -errno : 0;
}
