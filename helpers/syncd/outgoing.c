/* SPDX-License-Identifier: GPL-2.0-or-later
 * Copyright (C) The ocf-ods contributors */
#include "outgoing.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>

#include "collision.h"
#include "deadline.h"
#include "file.h"
#include "log.h"

static void watch_dir_of(const struct outgoing *o, const char *path)
{
	char dir[PATH_MAX];
	char *slash;

	snprintf(dir, sizeof(dir), "%s", path);
	slash = strrchr(dir, '/');
	if (!slash)
		return;
	*slash = '\0';
	inotify_add_watch(o->notify_fd, dir, IN_MOVED_TO | IN_CLOSE_WRITE);
}

struct pub_zone *outgoing_find(const struct outgoing *o, const char *name)
{
	const struct zone_entry *e = zones_find(&o->list, name);

	return e ? &o->zone[e - o->list.zone] : NULL;
}

int outgoing_row(const struct outgoing *o, const struct pub_zone *z,
    struct zone_row *row, struct why *why)
{
	int rc = ledger_zone_get(o->ledger, z->entry.name, row, why);

	if (rc != -ENOENT)
		return rc;
	memset(row, 0, sizeof(*row));
	snprintf(row->zone, sizeof(row->zone), "%s", z->entry.name);
	return 0;
}

void outgoing_trouble(struct pub_zone *z, const char *text)
{
	if (strcmp(z->trouble, text) != 0 && text[0])
		log_err("held: %s", text);
	snprintf(z->trouble, sizeof(z->trouble), "%s", text);
}

static void recall(const struct outgoing *o, struct pub_zone *z)
{
	struct zone_row row;

	if (ledger_zone_get(o->ledger, z->entry.name, &row, NULL) < 0)
		return;
	z->expiry.at = row.served_expires;
	z->escaped = zonepast_is_escaped(row.past, row.served_serial);
}

static bool is_served(const struct outgoing *o, const struct pub_zone *z)
{
	struct zone_row row;

	return ledger_zone_get(o->ledger, z->entry.name, &row, NULL) == 0 &&
	       row.served_digest[0];
}

static void zones_forget(struct outgoing *o)
{
	free(o->zone);
	free(o->due);
	zones_free(&o->list);
}

struct finding {
	struct outgoing *o;
	const struct zone_list *list;
};

/* A file in published/ stays with the zone that is served from it. */
static void on_collision(const struct collision *c, void *arg)
{
	const struct finding *f = arg;
	struct outgoing *o = f->o;
	struct pub_zone *a = &o->zone[c->a], *b = &o->zone[c->b];
	char text[WHY_MAX];

	collision_text(c, f->list, text, sizeof(text));
	log_crit("%s", text);
	if (o->colliding++ == 0)
		snprintf(o->collision, sizeof(o->collision), "%s", text);
	if (c->kind != COLLISION_PUBLISHED)
		return;
	if (is_served(o, b) && !is_served(o, a))
		b = a;
	b->barred = true;
	outgoing_trouble(b, text);
}

static void find_collisions(struct outgoing *o, const struct zone_list *list)
{
	struct finding f = {o, list};

	o->colliding = 0;
	o->collision[0] = '\0';
	if (collisions_find(o->conf, list, on_collision, &f) < 0)
		log_err("out of memory");
}

void outgoing_load(struct outgoing *o)
{
	struct zone_list list;
	struct pub_zone *zone, **due;
	struct stat st = {0};
	struct why why;
	size_t i;

	safeties_follow(&o->policies, o->conf->policy_file);
	stat(o->conf->zones_file, &st);
	if (o->zone && file_same(&st, &o->seen))
		return;
	if (zones_load(o->conf->zones_file, &list, &why) < 0) {
		log_err("%s", why.text);
		return;
	}
	zone = calloc(list.count + 1, sizeof(*zone));
	due = calloc(list.count + 1, sizeof(struct pub_zone *));
	if (!zone || !due) {
		log_err("out of memory");
		free(zone);
		free(due);
		zones_free(&list);
		return;
	}
	for (i = 0; i < list.count; i++) {
		const struct pub_zone *old =
		    outgoing_find(o, list.zone[i].name);

		if (old && !old->barred)
			zone[i] = *old;
		zone[i].entry = list.zone[i];
		if (!old)
			recall(o, &zone[i]);
		if (zone_mkdirs(&zone[i].entry, &why) < 0)
			log_err("%s", why.text);
		watch_dir_of(o, zone[i].entry.output);
	}
	zones_forget(o);
	o->zone = zone;
	o->due = due;
	o->count = list.count;
	o->list = list;
	find_collisions(o, &o->list);
	o->seen = st;
	watch_dir_of(o, o->conf->zones_file);
}

/* Its file is new, or is to be tried again. */
static bool is_due(struct pub_zone *z, int64_t now_ms)
{
	if (z->barred || !z->entry.output[0] ||
	    stat(z->entry.output, &z->now) < 0) {
		z->retry_ms = 0;
		return false;
	}
	return !file_same(&z->now, &z->seen) || z->forced ||
	       (!z->settled && z->retry_ms <= now_ms);
}

static int due_order(const void *a, const void *b)
{
	const struct pub_zone *x = *(struct pub_zone *const *)a;
	const struct pub_zone *y = *(struct pub_zone *const *)b;
	const struct timespec *s = &x->now.st_mtim, *t = &y->now.st_mtim;

	if (!x->trouble[0] != !y->trouble[0])
		return x->trouble[0] ? 1 : -1;
	if (s->tv_sec != t->tv_sec)
		return s->tv_sec < t->tv_sec ? -1 : 1;
	if (s->tv_nsec != t->tv_nsec)
		return s->tv_nsec < t->tv_nsec ? -1 : 1;
	return x < y ? -1 : x > y;
}

size_t outgoing_due(struct outgoing *o)
{
	int64_t now_ms = clock_monotonic_ms();
	size_t i, due = 0;

	for (i = 0; i < o->count; i++)
		if (is_due(&o->zone[i], now_ms))
			o->due[due++] = &o->zone[i];
	qsort(o->due, due, sizeof(struct pub_zone *), due_order);
	return due;
}

static const struct keylack_key *lacking(
    const struct outgoing *o, const struct pub_zone *z)
{
	struct signconf s;

	if (o->lack.count == 0 ||
	    signconf_load(z->entry.signconf, &s, NULL) < 0)
		return NULL;
	return keylack_of(&o->lack, &s);
}

void outgoing_lacking(struct outgoing *o)
{
	size_t i;

	for (i = 0; i < o->count; i++) {
		struct pub_zone *z = &o->zone[i];
		bool lacked = z->lacks;

		z->lacks = lacking(o, z);
		/* What was refused for it is looked at again, now. */
		if (lacked && !z->lacks)
			z->retry_ms = z->backoff_ms = 0;
	}
}

void outgoing_close(struct outgoing *o)
{
	zones_forget(o);
	dsview_free(&o->ds);
	keybook_free(&o->keys);
	safeties_free(&o->policies);
	keylack_free(&o->lack);
}
