/* SPDX-License-Identifier: GPL-2.0-or-later
 * Copyright (C) The ocf-ods contributors */
#include "intent.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "candidate.h"
#include "cleanup.h"
#include "content.h"
#include "file.h"
#include "floor.h"
#include "log.h"
#include "safety.h"

bool intent_is_here(const struct conf *conf, const char *state_dir,
    const struct zone_entry *z, const struct zone_row *row,
    const struct tick *t)
{
	char pending[PATH_MAX], digest[65];
	CLEANUP_CLOSE int fd = -1;

	if (row->state != ZONE_INTENT ||
	    zone_pending_path(conf, state_dir, z, pending, sizeof(pending)) < 0)
		return false;
	fd = open(pending, O_RDONLY | O_CLOEXEC);
	return fd >= 0 && candidate_digest_with(fd, t, digest) == 0 &&
	       strcmp(digest, row->digest) == 0;
}

static int install_file(
    const char *pending, const char *published, struct why *why)
{
	int rc = file_mkdirs_for(published, 0755, why);

	if (rc == 0 && rename(pending, published) < 0)
		rc = -errno;
	if (rc < 0)
		return rc;
	/* A rename onto another name of the same file does nothing. */
	unlink(pending);
	return file_sync_parent(published);
}

int intent_install(const struct conf *conf, const char *state_dir,
    const struct zone_entry *z, struct why *why)
{
	char pending[PATH_MAX], published[PATH_MAX];
	int rc =
	    zone_pending_path(conf, state_dir, z, pending, sizeof(pending));

	if (rc == 0)
		rc = zone_published_path(
		    conf, state_dir, z, published, sizeof(published));
	if (rc == 0)
		rc = install_file(pending, published, why);
	if (rc < 0)
		why_set(why, rc, "cannot install zone %s: %s", z->name,
		    strerror(-rc));
	return rc;
}

int intent_served(struct ledger *l, const char *zone,
    const struct zone_reach *reach, struct zone_row *row, struct why *why)
{
	int rc = ledger_zone_get(l, zone, row, why);
	bool changed;

	if (rc < 0)
		return rc;
	row->state = ZONE_SERVED;
	row->served_serial = row->serial;
	memcpy(row->served_digest, row->digest, sizeof(row->served_digest));
	row->served_expires = row->expires;
	changed = zonepast_served(row->past, time(NULL), reach);
	floor_served(row);
	rc = ledger_zone_put(l, row, why);
	return rc < 0 ? rc : changed;
}

struct rows {
	struct zone_row *row;
	size_t count, room;
	struct zone_list list;
};

static int collect_intent(const struct zone_row *row, void *arg)
{
	struct rows *r = arg;

	if (row->state != ZONE_INTENT)
		return 0;
	if (r->count == r->room) {
		size_t room = r->room ? r->room * 2 : 16;
		void *more = realloc(r->row, room * sizeof(*r->row));

		if (!more)
			return -ENOMEM;
		r->row = more;
		r->room = room;
	}
	r->row[r->count++] = *row;
	return 0;
}

/* The rows whose files are installed are what is left of ROWS.  A file that
 * cannot be stays an intent, and the publisher tries it again: one zone must
 * not keep all the others from being served. */
static int install_rows(const struct conf *conf, const char *state_dir,
    struct rows *rows, const struct tick *t, struct why *why)
{
	struct why failed;
	size_t i, done = 0;
	int rc = zones_load(conf->zones_file, &rows->list, why);

	if (rc < 0)
		return rc;
	for (i = 0; rc == 0 && i < rows->count; i++) {
		const struct zone_row *row = &rows->row[i];
		const struct zone_entry *z = zones_find(&rows->list, row->zone);

		rc = tick(t);
		if (rc < 0 || !z || !intent_is_here(conf, state_dir, z, row, t))
			continue;
		if (intent_install(conf, state_dir, z, &failed) < 0) {
			log_err(
			    "%s: the promote goes on without it", failed.text);
			continue;
		}
		log_notice("zone %s: serial %" PRIu32
		           " was on its way out: installed",
		    z->name, row->serial);
		rows->row[done++] = *row;
	}
	rows->count = done;
	return rc;
}

/* One transaction: each has a sync of its own. */
static int rows_served(struct ledger *l, const struct rows *rows, bool told,
    const struct safeties *policies, struct why *why)
{
	struct zone_row served;
	size_t i;
	int rc = ledger_begin(l, why);

	if (rc < 0)
		return rc;
	for (i = 0; rc >= 0 && i < rows->count; i++) {
		const char *zone = rows->row[i].zone;
		const struct zone_entry *z = zones_find(&rows->list, zone);
		struct zone_reach reach = {.told = told,
		    .delay = safety_delay_of(policies, z ? z->policy : "")};

		rc = intent_served(l, zone, &reach, &served, why);
	}
	if (rc >= 0)
		return ledger_commit(l, why);
	ledger_rollback(l);
	return rc;
}

int intent_install_all(const struct conf *conf, const char *state_dir,
    struct ledger *l, bool told, const struct tick *t, struct why *why)
{
	struct safeties policies = {0};
	struct rows rows = {0};
	int rc = ledger_zone_each(l, collect_intent, &rows, why);

	if (rc == 0)
		rc = install_rows(conf, state_dir, &rows, t, why);
	safeties_follow(&policies, conf->policy_file);
	if (rc == 0 && rows.count > 0)
		rc = rows_served(l, &rows, told, &policies, why);
	safeties_free(&policies);
	zones_free(&rows.list);
	free(rows.row);
	return rc;
}
