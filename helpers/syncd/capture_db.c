/* SPDX-License-Identifier: GPL-2.0-or-later
 * Copyright (C) The ocf-ods contributors */
#include "capture_core.h"

#include <errno.h>
#include <string.h>

#include "deadline.h"
#include "log.h"

#define DB_RETRY_MS 1

static struct entry *describe_db(struct pass *p, const struct stat *st)
{
	struct entry *e = entry_new(SET_DB, SET_DB_NAME);

	if (!e)
		return NULL;
	e->mode = st->st_mode & 0777;
	owner_name(&p->fs.owners, false, st->st_uid, e->owner);
	owner_name(&p->fs.owners, true, st->st_gid, e->group);
	return e;
}

/* The time of a database says nothing: a transaction that was rolled back
 * changes it. */
static bool same_db(const struct entry *a, const struct entry *b)
{
	return entry_same_content(a, b) && a->mode == b->mode &&
	       strcmp(a->owner, b->owner) == 0 &&
	       strcmp(a->group, b->group) == 0;
}

/* The same counter with other pages means that we had taken half of a commit,
 * or that somebody has written who is no SQLite. */
static void judge_audit(struct pass *p, const struct dbscan_step *step)
{
	struct capture *c = p->c;

	if (c->audit && c->pages && c->counter == step->counter &&
	    memcmp(c->pages->sum, step->now->sum, SHA_LEN) != 0) {
		p->cut->db_differed = true;
		log_err("%s is not what was captured, though its change "
		        "counter is the same: it is sent again",
		    sets_database(c->setup.sets));
	}
	p->audited = c->audit;
}

/* Takes over E and what is in STEP. */
static int add_db(struct pass *p, struct entry *e, struct dbscan_step *step)
{
	struct capture *c = p->c;
	struct entry *old = manifest_find(c->now, SET_DB, SET_DB_NAME);
	uint64_t at = genwriter_content(&p->w, e);
	int rc;

	if (old && same_db(old, e))
		e->mtime_ns = old->mtime_ns;
	if (step->len == 0) {
		pages_unref(step->now);
		return pass_add(
		    p, same_db(old, e) ? CHANGE_LOCAL : CHANGE_META, e, 0);
	}
	pages_unref(c->pages_next);
	c->pages_next = step->now;
	c->counter_next = step->counter;
	p->cut->db_at = at;
	p->cut->db_len = step->len;
	p->cut->db_whole = step->whole;
	if (step->whole)
		return pass_add(p, CHANGE_WHOLE, e, step->len);
	rc = genwriter_add(&p->w, CHANGE_PAGES, e, step->len);
	p->travels = true;
	if (rc < 0) {
		entry_unref(e);
		return rc;
	}
	return changes_add_pages(&p->list, e, at, step->len, c->pages->sum);
}

/* One try; 0 and a change added when the database was read.  Owner and mode
 * are needed beforehand, because the length of the record depends on them. */
static int try_db(struct pass *p, bool locked, struct why *why)
{
	struct capture *c = p->c;
	struct dbscan_step step = {
	    .base = c->whole ? NULL : c->pages, .to = p->w.fd};
	struct stat st;
	struct entry *e;
	int rc;

	if (stat(sets_database(c->setup.sets), &st) < 0)
		return why_set(why, -errno, "cannot find %s: %s",
		    sets_database(c->setup.sets), strerror(errno));
	e = describe_db(p, &st);
	if (!e)
		return -ENOMEM;
	step.to_at = genwriter_content(&p->w, e);
	rc = dbscan_read(c->db, locked, &step, p->fs.tick, why);
	if (rc < 0) {
		entry_unref(e);
		return rc;
	}
	judge_audit(p, &step);
	e->size = (uint64_t)step.st.st_size;
	e->tuple = tuple_of(&step.st);
	e->mtime_ns = e->tuple.mtime_ns;
	memcpy(e->sha, step.now->sum, SHA_LEN);
	return add_db(p, e, &step);
}

/* Of the signconfs, has any changed or not been readable?  Only they have been
 * looked at so far. */
static bool signconf_is_new(const struct pass *p)
{
	return !p->c->now || p->travels || p->cut->file_why.text[0] ||
	       p->c->dirty.names[SET_SIGNCONF].count > 0;
}

/* With signing to go on, the generation goes without the database: signconfs
 * newer than it must not go either (R 4.8).  They are the only ones written
 * so far. */
static int go_without_db(struct pass *p)
{
	struct capture *c = p->c;
	struct entry *old = manifest_find(c->now, SET_DB, SET_DB_NAME);
	struct entry *e;

	p->cut->header.flags |= GEN_STALE_DB;
	p->cut->withheld = signconf_is_new(p);
	if (c->now) {
		genwriter_abort(&p->w);
		genwriter_begin(&p->w, p->cut->fd);
		changes_free(&p->list);
		p->travels = false;
		c->signconf_held = true;
	}
	if (old)
		return pass_kept(p, old);
	if (c->now)
		return 0;
	e = entry_new(SET_DB, SET_DB_NAME);
	if (e)
		e->kept = true;
	return pass_add(p, CHANGE_OWED, e, 0);
}

/* Nothing but a rollback ends a hot journal, and nobody may come for long. */
static bool mend(struct capture *c)
{
	const char *database = sets_database(c->setup.sets);
	int64_t now = clock_monotonic_ms();
	struct why why;

	if (!c->setup.mend || (c->mend_ms && now - c->mend_ms < MEND_MS))
		return false;
	c->mend_ms = now;
	if (c->setup.mend(database, &why) < 0) {
		log_warn("the hot journal of %s is not rolled back: %s",
		    database, why.text);
		return false;
	}
	log_notice("the transaction that a writer of %s has left half done is "
	           "rolled back",
	    database);
	return true;
}

static int wait_a_little(struct pass *p)
{
	deadline_sleep_ms(deadline_in_ms(DB_RETRY_MS), DB_RETRY_MS);
	return tick(p->fs.tick);
}

/* Whoever took that generation would set aside all that is not in it. */
static int not_mounted(const struct capture *c, struct why *why)
{
	return why_set(why, -ENOMEDIUM, "%s is missing: mount its file system",
	    sets_database(c->setup.sets));
}

int capture_db(struct pass *p)
{
	struct capture *c = p->c;
	struct why *why = &p->cut->db_why;
	int64_t begun = clock_monotonic_ms(), stale = 0;
	int rc;

	if (!c->db || !c->db_due) {
		c->signconf_held = false;
		return 0;
	}
	if (c->db_failing_ms) {
		stale = begun - c->db_failing_ms;
		begun = c->db_failing_ms;
	}
	for (;;) {
		dbscan_drain(c->db);
		c->db_tried_ms = clock_monotonic_ms();
		rc = try_db(p, c->audit || stale > DB_STALE_MS, why);
		if (rc == 0)
			break;
		if (capture_fatal(rc))
			return rc;
		if (rc == -EUCLEAN && mend(c))
			continue;
		if (rc == -ENOENT &&
		    !manifest_find(c->now, SET_DB, SET_DB_NAME)) {
			if (!c->setup.had_db)
				break;
			return not_mounted(c, why);
		}
		stale = clock_monotonic_ms() - begun;
		if (stale > DB_PATIENCE_MS) {
			c->db_failing_ms = begun;
			return go_without_db(p);
		}
		rc = wait_a_little(p);
		if (rc < 0)
			return rc;
	}
	why->text[0] = '\0';
	c->db_due = false;
	c->db_failing_ms = 0;
	c->signconf_held = false;
	return 0;
}
