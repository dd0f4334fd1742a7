/* SPDX-License-Identifier: GPL-2.0-or-later
 * Copyright (C) The ocf-ods contributors */
#include "install.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "candidate.h"
#include "cleanup.h"
#include "file.h"
#include "log.h"

static int install_file(
    const char *pending, const char *published, struct why *why)
{
	int rc = file_mkdirs_for(published, 0755, why);

	if (rc < 0)
		return rc;
	return rename(pending, published) < 0 ? -errno
	                                      : file_sync_parent(published);
}

int install_zone(const struct conf *conf, const char *state_dir,
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

int install_served(struct ledger *l, const char *zone, struct why *why)
{
	struct zone_row row;
	int rc = ledger_zone_get(l, zone, &row, why);

	if (rc < 0)
		return rc;
	row.state = ZONE_SERVED;
	row.served_serial = row.serial;
	memcpy(row.served_digest, row.digest, sizeof(row.served_digest));
	return ledger_zone_put(l, &row, why);
}

struct pending_work {
	const struct conf *conf;
	const char *state_dir;
	const struct zone_list *list;
	struct zone_row *row;
	size_t rows, room;
};

static int collect_intent(const struct zone_row *row, void *arg)
{
	struct pending_work *w = arg;

	if (row->state != ZONE_INTENT)
		return 0;
	if (w->rows == w->room) {
		size_t room = w->room ? w->room * 2 : 16;
		void *more = realloc(w->row, room * sizeof(*w->row));

		if (!more)
			return -ENOMEM;
		w->row = more;
		w->room = room;
	}
	w->row[w->rows++] = *row;
	return 0;
}

static int install_intent(const struct pending_work *w,
    const struct zone_row *row, struct ledger *ledger, struct why *why)
{
	const struct zone_entry *z = zones_find(w->list, row->zone);
	char pending[PATH_MAX], digest[65];
	CLEANUP_CLOSE int fd = -1;

	if (!z || zone_pending_path(
	              w->conf, w->state_dir, z, pending, sizeof(pending)) < 0)
		return 0;
	fd = open(pending, O_RDONLY | O_CLOEXEC);
	if (fd < 0 || candidate_digest(fd, digest) < 0 ||
	    strcmp(digest, row->digest) != 0)
		return 0;
	log_notice("zone %s: serial %" PRIu32 " was on its way out: installed",
	    z->name, row->serial);
	if (install_zone(w->conf, w->state_dir, z, why) < 0)
		return why->err;
	return install_served(ledger, z->name, why);
}

int install_pending(const struct conf *conf, const char *state_dir,
    struct ledger *ledger, struct why *why)
{
	struct zone_list list;
	struct pending_work w = {
	    .conf = conf, .state_dir = state_dir, .list = &list};
	size_t i;
	int rc = zones_load(conf->zones_file, &list, why);

	if (rc < 0)
		return rc;
	rc = ledger_zone_each(ledger, collect_intent, &w, why);
	for (i = 0; rc == 0 && i < w.rows; i++)
		rc = install_intent(&w, &w.row[i], ledger, why);
	zones_free(&list);
	free(w.row);
	return rc;
}
