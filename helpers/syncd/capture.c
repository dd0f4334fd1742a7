/* SPDX-License-Identifier: GPL-2.0-or-later
 * Copyright (C) The ocf-ods contributors */
#include "capture_core.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define XXH_INLINE_ALL
#include <xxhash.h>

#include "deadline.h"
#include "filescan.h"
#include "inventory.h"
#include "log.h"

#define IDLE_MS 100
#define DB_AGAIN_MS 1000 /* while it is failing */

int capture_open(const struct capture_setup *setup, struct capture **capture,
    struct why *why)
{
	struct capture *c = calloc(1, sizeof(*c));
	const char *db = sets_database(setup->sets);
	int rc;

	if (!c)
		return why_set(why, -ENOMEM, "out of memory");
	c->setup = *setup;
	rc = watch_open(setup->sets, &c->watch, why);
	if (rc == 0 && db)
		rc = dbscan_open(db, &c->db, why);
	if (rc < 0) {
		capture_close(c);
		return rc;
	}
	capture_rescan(c);
	c->rescan_ms = clock_monotonic_ms() + RESCAN_MS;
	c->audit_ms = clock_monotonic_ms() + AUDIT_MS;
	*capture = c;
	return 0;
}

void capture_close(struct capture *c)
{
	if (!c)
		return;
	watch_close(c->watch);
	dbscan_close(c->db);
	dirty_free(&c->dirty);
	manifest_unref(c->now);
	manifest_unref(c->next);
	pages_unref(c->pages);
	pages_unref(c->pages_next);
	free(c);
}

void capture_wait(struct capture *c, int fd, int ms)
{
	struct pollfd p[3] = {
	    {.fd = fd, .events = POLLIN},
	    {.fd = watch_fd(c->watch), .events = POLLIN},
	    {.fd = c->db ? dbscan_fd(c->db) : -1, .events = POLLIN},
	};

	poll(p, 3, ms);
}

bool capture_idle_owed(const struct capture *c)
{
	return c->idle_owed;
}

void capture_rescan(struct capture *c)
{
	dirty_all(&c->dirty);
	c->db_due = true;
}

void capture_audit(struct capture *c)
{
	c->audit = c->db_due = true;
}

bool capture_turn(struct capture *c, int64_t now_ms)
{
	if (now_ms >= c->audit_ms) {
		capture_audit(c);
		c->audit_ms = now_ms + AUDIT_MS;
	}
	if (now_ms < c->rescan_ms)
		return false;
	dirty_all(&c->dirty);
	c->rescan_ms = now_ms + RESCAN_MS;
	return true;
}

void capture_db_whole(struct capture *c)
{
	c->whole = c->db_due = true;
}

bool capture_dirty(struct capture *c)
{
	if (watch_drain(c->watch, &c->dirty) < 0)
		dirty_all(&c->dirty);
	if (c->db && dbscan_drain(c->db))
		c->db_due = true;
	if (dirty_any(&c->dirty))
		return true;
	return c->db_due &&
	       (!c->db_failing_ms ||
	           clock_monotonic_ms() - c->db_tried_ms >= DB_AGAIN_MS);
}

static bool is_idle(const struct capture *c)
{
	return !c->db || (!c->db_due && dbscan_quiet_ms(c->db) >= IDLE_MS);
}

bool capture_idle_due(struct capture *c)
{
	return c->idle_owed && is_idle(c);
}

bool capture_fatal(int rc)
{
	return rc == -ENOMEM || rc == -ENOSPC || rc == -EDQUOT ||
	       rc == -ECANCELED || rc == -EMFILE || rc == -ENFILE;
}

int pass_add(
    struct pass *p, enum change_kind kind, struct entry *e, uint64_t len)
{
	uint64_t at = e ? genwriter_content(&p->w, e) : 0;
	int rc = e ? 0 : -ENOMEM;

	if (rc == 0 && kind != CHANGE_LOCAL) {
		rc = genwriter_add(&p->w, kind, e, len);
		p->travels = true;
	}
	if (rc < 0) {
		entry_unref(e);
		return rc;
	}
	return changes_add(&p->list, kind, e, at, len);
}

static int add_gone(struct pass *p, enum set set, const char *path)
{
	return pass_add(p, CHANGE_GONE, entry_new(set, path), 0);
}

/* E was read and is the caller's reference; OLD is what it was. */
static int add_read(struct pass *p, struct entry *e, const struct entry *old)
{
	if (old && entry_same(old, e))
		return pass_add(p, CHANGE_LOCAL, e, 0);
	if (!p->c->now || (old && !old->kept && entry_same_content(old, e)))
		return pass_add(p, CHANGE_META, e, 0);
	return pass_add(p, CHANGE_WHOLE, e, e->size);
}

int pass_kept(struct pass *p, const struct entry *old)
{
	struct entry *e;

	if (!old || old->kept)
		return 0;
	e = entry_copy(old);
	if (e) {
		e->kept = true;
		e->settled = false;
	}
	return pass_add(p, CHANGE_LOCAL, e, 0);
}

static int again_later(struct pass *p, enum set set, const char *path)
{
	return names_add(&p->c->dirty.names[set], path);
}

/* The database of this generation was read before, and may still need a key
 * that has gone since: the next one says so. */
static int take_gone_file(
    struct pass *p, enum set set, const char *path, const struct entry *old)
{
	int rc = 0;

	if (!old)
		return 0;
	if (set != SET_TOKENS)
		return add_gone(p, set, path);
	if (p->cut->header.flags & GEN_STALE_DB)
		return pass_kept(p, old);
	if (old->kept)
		return add_gone(p, set, path);
	rc = again_later(p, set, path);
	return rc < 0 ? rc : pass_kept(p, old);
}

static int damaged(
    struct pass *p, enum set set, const char *path, const struct entry *old)
{
	if (!old || !old->kept)
		log_warn("%s/%s is cut short or empty: %s", set_name(set), path,
		    old ? "the standbys keep the last good one"
		        : "it is not replicated");
	return pass_kept(p, old);
}

static int take_file(struct pass *p, enum set set, const char *path)
{
	struct entry *old = manifest_find(p->c->now, set, path);
	struct entry *e = NULL;
	struct why why = {0};
	int rc = filescan_look(
	    &p->fs, set, path, old, p->c->now ? &p->w : NULL, &e, &why);

	if (rc < 0) {
		if (capture_fatal(rc))
			return rc;
		if (rc != -ENOENT || old)
			p->cut->file_why = why;
		return pass_kept(p, old);
	}
	switch ((enum look)rc) {
	case LOOK_SAME:
		return 0;
	case LOOK_NEW:
		return add_read(p, e, old);
	case LOOK_GONE:
		return take_gone_file(p, set, path, old);
	case LOOK_DAMAGED:
		return damaged(p, set, path, old);
	case LOOK_MOVING:
		return again_later(p, set, path);
	}
	return -EINVAL;
}

static void on_dir(void *arg, int index, const char *path, const char *absolute)
{
	const struct walk *w = arg;
	struct capture *c = w->arg;

	watch_dir(c->watch, w->set, index, path, absolute);
}

/* What the manifest has of SET and NAMES (sorted) has not, is looked at as
 * well: it has gone. */
static int take_gone(
    struct pass *p, enum set set, const struct name_list *names)
{
	const struct manifest *m = p->c->now;
	size_t i = m ? manifest_first(m, set) : 0, j = 0;
	int rc = 0;

	for (; m && rc == 0 && i < m->count && m->entry[i]->set == set; i++) {
		const char *path = m->entry[i]->path;

		while (j < names->count && strcmp(names->name[j], path) < 0)
			j++;
		if (j < names->count && strcmp(names->name[j], path) == 0)
			continue;
		/* One that is there is none of the set any more. */
		rc = sets_accept(p->c->setup.sets, set, path)
		         ? take_file(p, set, path)
		         : add_gone(p, set, path);
	}
	return rc;
}

static int take_names(struct pass *p, enum set set, struct name_list *names)
{
	size_t i;
	int rc = 0;

	names_sort(names);
	for (i = 0; rc == 0 && i < names->count; i++) {
		rc = take_file(p, set, names->name[i]);
		if (rc == 0)
			rc = tick(p->fs.tick);
	}
	return rc;
}

/* Not there from the first: nothing of ours is in it, but for what there is
 * wherever a database is.  Gone since: a file system that is not mounted is no
 * deletion. */
static int no_dir(struct pass *p, enum set set, int rc, const struct why *why)
{
	if (p->c->now || rc != -ENOENT) {
		p->cut->file_why = *why;
		return 0;
	}
	if (!p->c->setup.had_db || (set != SET_SIGNCONF && set != SET_BACKUP))
		return 0;
	return why_set(&p->cut->db_why, -ENOMEDIUM, "%s: mount its file system",
	    why->text);
}

static int rescan_set(struct pass *p, enum set set)
{
	struct walk inner = {.set = set, .arg = p->c};
	const struct walk w = {
	    .sets = p->c->setup.sets, .set = set, .dir = on_dir, .arg = &inner};
	struct name_list names = {0};
	struct why why = {0};
	int rc = walk_names(&w, &names, &why);

	if (rc < 0 && !capture_fatal(rc)) {
		names_free(&names);
		return no_dir(p, set, rc, &why);
	}
	if (rc == 0)
		rc = take_names(p, set, &names);
	if (rc == 0)
		rc = take_gone(p, set, &names);
	names_free(&names);
	return rc;
}

static int take_set(struct pass *p, enum set set)
{
	if (!sets_active(p->c->setup.sets, set))
		return 0;
	if (p->dirty.rescan[set])
		return rescan_set(p, set);
	return take_names(p, set, &p->dirty.names[set]);
}

/* Rows and the manifest's entries of them come in the order of names. */
struct rows {
	struct pass *pass;
	size_t at; /* the next one of the manifest */
};

static struct entry *next_known(const struct rows *r)
{
	const struct manifest *m = r->pass->c->now;

	return m && r->at < m->count && m->entry[r->at]->set == SET_LEDGER
	           ? m->entry[r->at]
	           : NULL;
}

/* Those before NAME, NULL = all, are no rows any more. */
static int rows_gone(struct rows *r, const char *name)
{
	const struct entry *e;
	int rc = 0;

	while (rc == 0 && (e = next_known(r)) &&
	       (!name || strcmp(e->path, name) < 0)) {
		rc = add_gone(r->pass, SET_LEDGER, e->path);
		r->at++;
	}
	return rc;
}

static int take_text(
    struct pass *p, const struct entry *old, struct entry *e, const char *text)
{
	int rc;

	if (!e)
		return -ENOMEM;
	if (old && entry_same(old, e))
		return changes_add(&p->list, CHANGE_LOCAL, e, 0, 0);
	rc = genwriter_text(&p->w, e, text, (size_t)e->size);
	p->travels = true;
	if (rc < 0) {
		entry_unref(e);
		return rc;
	}
	return changes_add(&p->list, CHANGE_WHOLE, e, 0, e->size);
}

/* Of a name, the two make one row. */
static uint64_t sum_of(const struct ledger_raw *row)
{
	return XXH3_64bits_withSeed(row->clock, strlen(row->clock),
	    XXH3_64bits(row->line, strlen(row->line)));
}

static int take_row(const struct ledger_raw *row, void *arg, struct why *why)
{
	struct rows *r = arg;
	struct entry *old, *e;
	uint64_t sum = sum_of(row);
	char text[ROW_TEXT_MAX];
	int rc = rows_gone(r, row->name);

	if (rc < 0)
		return rc;
	old = next_known(r);
	if (old && strcmp(old->path, row->name) != 0)
		old = NULL;
	r->at += old != NULL;
	if (old && old->raw == sum)
		return 0;
	rc = ledger_raw_text(row, text, why);
	if (rc < 0)
		return rc;
	e = inventory_row(row->name, text);
	if (e)
		e->raw = sum;
	return take_text(r->pass, old, e, text);
}

/* Asked for before the rows are read: a row that changes meanwhile is read
 * again the next time. */
static int rows_changed(struct pass *p, struct why *why)
{
	struct capture *c = p->c;
	uint64_t version = 0, before = c->rows_version;
	int rc = ledger_zone_version(c->setup.ledger, &version, why);

	c->rows_version = version;
	if (rc < 0)
		return rc;
	return !c->now || p->dirty.rescan[SET_LEDGER] || version != before;
}

static int take_rows(struct pass *p)
{
	const struct manifest *m = p->c->now;
	struct rows r = {
	    .pass = p, .at = m ? manifest_first(m, SET_LEDGER) : 0};
	struct why why = {0};
	int rc = rows_changed(p, &why);

	if (rc == 0)
		return 0;
	if (rc > 0)
		rc = ledger_raw_each(p->c->setup.ledger, take_row, &r, &why);
	if (rc == 0)
		rc = rows_gone(&r, NULL);
	if (rc < 0)
		log_err("%s", why.text[0] ? why.text : strerror(-rc));
	return rc;
}

static int take_all(struct pass *p)
{
	static const enum set rest[] = {SET_ZONES, SET_BACKUP, SET_PENDING,
	    SET_PUBLISHED, SET_UNSIGNED, SET_CONFIG};
	size_t i;
	int rc = take_set(p, SET_SIGNCONF);

	if (rc == 0)
		rc = capture_db(p);
	if (rc == 0)
		rc = take_set(p, SET_TOKENS);
	if (rc == 0)
		rc = take_rows(p);
	for (i = 0; rc == 0 && i < sizeof(rest) / sizeof(rest[0]); i++)
		rc = take_set(p, rest[i]);
	return rc;
}

/* The manifest is what it is now, whether or not that makes a generation. */
static int finish(struct pass *p)
{
	struct capture *c = p->c;
	struct cut *cut = p->cut;
	struct manifest *next = NULL;
	bool stale = cut->header.flags & GEN_STALE_DB;
	bool idle = is_idle(c) && !stale;
	int rc = changes_sort(&p->list);

	if (rc == 0)
		rc = manifest_next(c->now, &p->list, &next);
	if (rc < 0)
		return rc;
	if (p->travels || cut->force || (c->stale && !stale)) {
		if (idle)
			cut->header.flags |= GEN_IDLE;
		c->idle_owed = !idle;
		if (c->now)
			memcpy(cut->header.prev_sum, c->now->sum, SHA_LEN);
		memcpy(cut->header.sum, next->sum, SHA_LEN);
		cut->header.entries = (uint32_t)next->count;
		rc = genwriter_end(&p->w, &cut->header);
		cut->made = rc == 0;
		cut->pages = c->pages_next;
		c->stale_next = stale;
	}
	if (rc < 0) {
		manifest_unref(next);
		return rc;
	}
	if (cut->made) {
		c->next = next;
		cut->manifest = next;
	} else {
		manifest_unref(c->now);
		c->now = next;
	}
	return 0;
}

void capture_settle(struct capture *c, bool durable)
{
	if (durable) {
		manifest_unref(c->now);
		c->now = c->next;
		c->stale = c->stale_next;
		if (c->pages_next) {
			pages_unref(c->pages);
			c->pages = c->pages_next;
			c->counter = c->counter_next;
		}
	} else {
		manifest_unref(c->next);
		pages_unref(c->pages_next);
		capture_rescan(c);
	}
	c->next = NULL;
	c->pages_next = NULL;
	c->whole = false;
}

int capture_cut(struct capture *c, struct cut *cut, struct why *why)
{
	struct pass p = {.c = c, .cut = cut};
	bool first = !c->now;
	int rc;

	if (first)
		cut->force = true;
	capture_dirty(c);
	p.dirty = c->dirty;
	memset(&c->dirty, 0, sizeof(c->dirty));
	cut->whole_look = p.dirty.rescan[SET_LEDGER];
	if (c->signconf_held)
		p.dirty.rescan[SET_SIGNCONF] = true;
	filescan_begin(&p.fs, c->setup.sets, true, c->setup.tick);
	genwriter_begin(&p.w, cut->fd);
	rc = take_all(&p);
	if (rc == 0)
		rc = finish(&p);
	if (rc < 0) {
		why_set(why, rc, "cannot capture: %s%s",
		    rc == -ENOMEDIUM ? cut->db_why.text : manifest_error(rc),
		    rc == -ENOSPC ? ": free space in the state directory" : "");
		pages_unref(c->pages_next);
		c->pages_next = NULL;
		c->whole = false; /* what has changed may fit */
		capture_rescan(c);
	}
	if (rc == 0 && p.audited)
		c->audit = false;
	if (rc < 0 || !cut->made)
		genwriter_abort(&p.w);
	filescan_end(&p.fs);
	dirty_free(&p.dirty);
	changes_free(&p.list);
	return rc;
}
