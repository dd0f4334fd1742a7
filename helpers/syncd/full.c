/* SPDX-License-Identifier: GPL-2.0-or-later
 * Copyright (C) The ocf-ods contributors */
#include "session.h"

#include <errno.h>
#include <string.h>

#include "filescan.h"
#include "inventory.h"
#include "ledger.h"

struct full {
	const struct full_setup *setup;
	struct filescan fs;
	struct ledger *ledger;
	struct genwriter w;
};

static int add_row(struct full *f, const struct entry *e, struct why *why)
{
	char text[ROW_TEXT_MAX];
	struct entry *now;
	bool same;
	int rc = ledger_row_get(f->ledger, e->path, text, why);

	if (rc < 0)
		return rc == -ENOENT ? -ESTALE : rc;
	now = inventory_row(e->path, text);
	if (!now)
		return -ENOMEM;
	same = entry_same_content(now, e);
	entry_unref(now);
	if (!same)
		return -ESTALE;
	return genwriter_text(&f->w, e, text, (size_t)e->size);
}

/* Not captured in this term yet, so that nothing is published: who has the one
 * of the term before keeps it. */
static bool may_be_owed(const struct full *f, const struct entry *e)
{
	return e->size == 0 &&
	       manifest_find(f->setup->has, SET_DB, SET_DB_NAME);
}

/* Who acks is a holder: a node that lacks the database must not come to. */
static int add_db(struct full *f, const struct entry *e, struct why *why)
{
	const struct full_setup *s = f->setup;
	int rc;

	if (may_be_owed(f, e))
		return genwriter_add(&f->w, CHANGE_OWED, e, 0);
	if (s->db_fd < 0 || !s->pages ||
	    memcmp(s->pages->sum, e->sha, SHA_LEN) != 0)
		return why_set(why, -ENODATA,
		    "the source has no copy of its database to give: see its "
		    "log");
	rc = shadow_take(s->copy, s->db_fd, s->pages, s->theirs, s->tick);
	if (rc == 0)
		rc =
		    shadow_put(s->copy, s->pages, s->theirs, &f->w, e, s->tick);
	if (rc < 0 && rc != -ESTALE)
		why_set(why, rc, "cannot read the captured database: %s",
		    strerror(-rc));
	return rc;
}

static int add_file(struct full *f, const struct entry *e, struct why *why)
{
	struct entry *now = NULL;
	bool same;
	int rc = filescan_look(&f->fs, e->set, e->path, NULL, &f->w, &now, why);

	if (rc < 0)
		return rc == -ENOENT ? -ESTALE : rc;
	if (rc != LOOK_NEW)
		return -ESTALE;
	same = entry_same(now, e);
	entry_unref(now);
	return same ? genwriter_add(&f->w, CHANGE_WHOLE, e, e->size) : -ESTALE;
}

static int add_entry(struct full *f, const struct entry *e, struct why *why)
{
	const struct entry *theirs =
	    manifest_find(f->setup->has, e->set, e->path);

	if (theirs && entry_same_content(theirs, e))
		return genwriter_add(&f->w, CHANGE_META, e, 0);
	if (e->set == SET_LEDGER)
		return add_row(f, e, why);
	if (e->set == SET_DB)
		return add_db(f, e, why);
	/* The only good copies are those that somebody has already. */
	if (e->kept)
		return genwriter_add(&f->w, CHANGE_OWED, e, 0);
	return add_file(f, e, why);
}

int full_write(const struct full_setup *setup, int fd, struct gen_header *h,
    struct why *why)
{
	const struct engine *engine = setup->source->engine;
	struct full f = {.setup = setup};
	size_t i;
	int rc = ledger_open(engine->state_dir, &f.ledger, why);

	if (rc < 0)
		return rc;
	filescan_begin(&f.fs, engine->sets, true, setup->tick);
	genwriter_begin(&f.w, fd);
	for (i = 0; rc == 0 && i < setup->tip->count; i++) {
		rc = add_entry(&f, setup->tip->entry[i], why);
		if (rc == 0)
			rc = tick(setup->tick);
	}
	h->flags |= GEN_FULL;
	h->entries = (uint32_t)setup->tip->count;
	memcpy(h->sum, setup->tip->sum, SHA_LEN);
	if (rc == 0)
		rc = genwriter_end(&f.w, h);
	else
		genwriter_abort(&f.w);
	filescan_end(&f.fs);
	ledger_close(f.ledger);
	if (rc < 0 && !why->text[0])
		why_set(why, rc, "cannot make a full generation: %s",
		    strerror(-rc));
	return rc;
}
