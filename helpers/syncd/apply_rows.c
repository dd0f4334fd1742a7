/* SPDX-License-Identifier: GPL-2.0-or-later
 * Copyright (C) The ocf-ods contributors */
#include "apply_rows.h"

#include <errno.h>
#include <unistd.h>

#include "inventory.h"
#include "walk.h"

struct rows {
	struct ledger *ledger;
	int fd;
	const struct gen *gen;
	struct quarantine *quarantine;
	struct name_list surplus;
};

static int put_row(struct rows *r, const struct change *c, struct why *why)
{
	char text[ROW_TEXT_MAX];
	struct zone_row row;
	ssize_t n;
	int rc;

	if (c->kind == CHANGE_GONE)
		return ledger_zone_drop(r->ledger, c->entry->path, why);
	if (c->kind != CHANGE_WHOLE)
		return 0;
	if (c->len >= sizeof(text))
		return why_set(
		    why, -EBADMSG, "ledger row of %s too long", c->entry->path);
	n = pread(r->fd, text, (size_t)c->len, (off_t)c->at);
	if (n != (ssize_t)c->len)
		return why_set(
		    why, -EIO, "cannot read the row of %s", c->entry->path);
	text[n] = '\0';
	if (zone_row_parse(c->entry->path, text, &row) < 0)
		return why_set(why, -EBADMSG, "the ledger row of %s is none",
		    c->entry->path);
	rc = ledger_zone_put(r->ledger, &row, why);
	return rc < 0 ? rc
	              : ledger_clock_put(r->ledger, row.zone, &row.clock, why);
}

static int find_surplus(const struct zone_row *row, void *arg)
{
	struct rows *r = arg;
	char text[ROW_TEXT_MAX];
	int rc;

	if (gen_names(r->gen, SET_LEDGER, row->zone))
		return 0;
	rc = zone_row_text(row, text, sizeof(text));
	if (rc == 0)
		rc =
		    quarantine_note(r->quarantine, SET_LEDGER, row->zone, text);
	return rc < 0 ? rc : names_add(&r->surplus, row->zone);
}

static int drop_surplus(struct rows *r, struct why *why)
{
	size_t i;
	int rc;

	if (!(r->gen->header.flags & GEN_FULL))
		return 0;
	rc = ledger_zone_each(r->ledger, find_surplus, r, why);
	for (i = 0; rc == 0 && i < r->surplus.count; i++)
		rc = ledger_zone_drop(r->ledger, r->surplus.name[i], why);
	names_free(&r->surplus);
	return rc;
}

int apply_rows(struct ledger *ledger, int fd, const struct gen *gen,
    struct quarantine *q, struct why *why)
{
	struct rows r = {
	    .ledger = ledger, .fd = fd, .gen = gen, .quarantine = q};
	const struct change_list *list = &gen->list;
	size_t i = list->count;
	int rc;

	while (i > 0 && list->change[i - 1].entry->set == SET_LEDGER)
		i--;
	if (i == list->count && !(gen->header.flags & GEN_FULL))
		return 0;
	rc = ledger_begin(ledger, why);
	if (rc < 0)
		return rc;
	rc = drop_surplus(&r, why);
	for (; rc == 0 && i < list->count; i++)
		rc = put_row(&r, &list->change[i], why);
	if (rc == 0)
		return ledger_commit(ledger, why);
	ledger_rollback(ledger);
	return rc;
}
