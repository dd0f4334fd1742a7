/* SPDX-License-Identifier: GPL-2.0-or-later
 * Copyright (C) The ocf-ods contributors */
#include "sim.h"

#include <errno.h>

#include "floors.h"

/* The disk of a node.  What a function here has returned from is on it for
 * ever; before and after each write the node may die. */

void disk_point(struct node *n, enum tally point)
{
	if (n->fuse == 0 ||
	    (n->fuse_point != TALLY_END && n->fuse_point != point) ||
	    --n->fuse > 0)
		return;
	count(point);
	trace("dies: %s", tally_text[point]);
	die(n, n->fuse_death);
}

static struct node *node_of_disk(const struct ledger *l)
{
	int i;

	for (i = 0; i < world->nodes; i++)
		if (&world->node[i].disk == l)
			return &world->node[i];
	abort();
}

/* Has anybody a generation of it? */
static bool begun(const struct record *r)
{
	int i;

	for (i = 0; i < world->nodes; i++)
		if (id_equal(&world->node[i].disk.tip.term_id, &r->term_id))
			return true;
	return false;
}

static void judge_record_put(
    const struct node *n, const struct record *old, const struct record *r)
{
	if (old->term > r->term && begun(old) && !image_excuses(n))
		sim_fail("n%d stores term %d over term %d", index_of(n) + 1,
		    (int)r->term, (int)old->term);
	if (id_equal(&old->term_id, &r->term_id) && old->revision > r->revision)
		sim_fail("n%d stores revision %d of term %d over %d",
		    index_of(n) + 1, (int)r->revision, (int)r->term,
		    (int)old->revision);
}

int ledger_record_put(struct ledger *l, const struct record *r, struct why *why)
{
	struct node *n = node_of_disk(l);

	if (l->full)
		return why_set(why, -ENOSPC, "disk full");
	disk_point(n, TALLY_AT_RECORD);
	if (!world->human)
		judge_record_put(n, &l->record, r);
	l->record = *r;
	disk_point(n, TALLY_AT_RECORD_DONE);
	return 0;
}

int ledger_before_put(struct ledger *l, const struct record *r, struct why *why)
{
	struct node *n = node_of_disk(l);

	if (l->full)
		return why_set(why, -ENOSPC, "disk full");
	disk_point(n, TALLY_AT_NOTE);
	l->before = *r;
	disk_point(n, TALLY_AT_NOTE_DONE);
	return 0;
}

static void note_put(struct ledger *l, const char *key, const char *value)
{
	char id[ID_TEXT];
	int i;

	if (strcmp(key, "state") == 0)
		snprintf(l->state, sizeof(l->state), "%s", value);
	if (strcmp(key, "minted") == 0)
		l->minted = strtoull(value, NULL, 10);
	if (strcmp(key, "heard") == 0)
		l->heard = strtoull(value, NULL, 10);
	if (strcmp(key, "starts") == 0)
		l->starts = strtoull(value, NULL, 10);
	if (strcmp(key, "engine.unsaved") == 0)
		l->unsaved = strcmp(value, "1") == 0;
	for (i = 0; i < world->nodes; i++) {
		id_text(&world->node[i].disk.id, id);
		if (strncmp(key, "peer.", 5) == 0 && strcmp(value, id) == 0)
			l->knows[i] = true;
		if (strncmp(key, FENCE_NOTE, 9) == 0 &&
		    strcmp(key + 9, id) == 0)
			snprintf(l->fence[i], sizeof(l->fence[i]), "%s", value);
		if (strncmp(key, "starts.", 7) == 0 && strcmp(key + 7, id) == 0)
			snprintf(l->starts_seen[i], sizeof(l->starts_seen[i]),
			    "%s", value);
	}
}

int64_t ledger_tip_time(struct ledger *l)
{
	(void)l;
	return 0;
}

/* Serials are not played here. */
int floors_begin(
    struct ledger *l, const char *loss, int64_t now, struct why *why)
{
	(void)loss, (void)now;
	return l->full ? why_set(why, -ENOSPC, "disk full") : 0;
}

int floors_wanted(struct ledger *l, bool urgent, struct why *why)
{
	(void)urgent;
	return l->full ? why_set(why, -ENOSPC, "disk full") : 0;
}

int ledger_note_put(
    struct ledger *l, const char *key, const char *value, struct why *why)
{
	struct node *n = node_of_disk(l);

	if (l->full)
		return why_set(why, -ENOSPC, "disk full");
	disk_point(n, TALLY_AT_NOTE);
	note_put(l, key, value);
	disk_point(n, TALLY_AT_NOTE_DONE);
	return 0;
}

int ledger_before_get(struct ledger *l, struct record *r, struct why *why)
{
	(void)why;
	*r = l->before;
	return r->term ? 0 : -ENOENT;
}

int ledger_note_get(struct ledger *l, const char *key, char *value, size_t size)
{
	char id[ID_TEXT];
	int i;

	if (strcmp(key, "minted") == 0 || strcmp(key, "heard") == 0) {
		snprintf(value, size, "%llu",
		    (unsigned long long)(key[0] == 'm' ? l->minted : l->heard));
		return 0;
	}
	if (strcmp(key, "engine.unsaved") == 0) {
		snprintf(value, size, "%s", l->unsaved ? "1" : "");
		return 0;
	}
	for (i = 0; i < world->nodes; i++) {
		id_text(&world->node[i].disk.id, id);
		if (strncmp(key, "starts.", 7) == 0 &&
		    strcmp(key + 7, id) == 0 && l->starts_seen[i][0]) {
			snprintf(value, size, "%s", l->starts_seen[i]);
			return 0;
		}
	}
	return -ENOENT;
}

/* What ods-syncd --close asks. */
int ledger_open(const char *state_dir, struct ledger **ledger, struct why *why)
{
	(void)state_dir, (void)why;
	*ledger = &current->disk;
	return 0;
}

void ledger_close(struct ledger *l)
{
	(void)l;
}

int ledger_node_id(
    struct ledger *l, struct id *id, bool *fresh, struct why *why)
{
	(void)why;
	*id = l->id;
	*fresh = false;
	return 0;
}

int ledger_position_get(struct ledger *l, struct position *tip,
    struct position *applied, struct why *why)
{
	(void)why;
	*tip = l->tip;
	*applied = l->applied;
	return 0;
}

int ledger_record_get(struct ledger *l, struct record *r, struct why *why)
{
	(void)why;
	*r = l->record;
	return l->record.term ? 0 : -ENOENT;
}

/* applier.c: an increment counts if nothing before it is missing, what is
 * beyond the tip was never acked; a source's log is on its disk already. */
void disk_recover(struct node *n)
{
	struct ledger *l = &n->disk;
	int i, kept = 0;

	for (i = 0; i < l->logged && !l->source; i++) {
		const struct generation *g = &l->log[i];

		if (!id_equal(&g->pos.term_id, &l->tip.term_id) ||
		    g->pos.seq > l->tip.seq)
			continue;
		if (g->full)
			kept = 0;
		l->log[kept++] = *g;
	}
	l->logged = kept;
}

int disk_version(const struct ledger *l)
{
	int i;

	if (!l->source)
		for (i = l->logged - 1; i >= 0; i--)
			if (id_equal(&l->log[i].pos.term_id, &l->tip.term_id) &&
			    l->log[i].pos.seq <= l->tip.seq)
				return l->log[i].content.version;
	return l->live.version;
}
