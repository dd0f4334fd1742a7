/* SPDX-License-Identifier: GPL-2.0-or-later
 * Copyright (C) The ocf-ods contributors */
#ifndef TEST_DISK_H
#define TEST_DISK_H

/* The ledger of a node of fakes.h, which includes this in its middle. */

int ledger_record_put(struct ledger *l, const struct record *r, struct why *why)
{
	if (l->full)
		return why_set(why, -ENOSPC, "disk full");
	l->record = *r;
	return 0;
}

int ledger_before_put(struct ledger *l, const struct record *r, struct why *why)
{
	if (l->full)
		return why_set(why, -ENOSPC, "disk full");
	l->before = *r;
	return 0;
}

int ledger_record_get(struct ledger *l, struct record *r, struct why *why)
{
	(void)why;
	*r = l->record;
	return r->term ? 0 : -ENOENT;
}

int ledger_before_get(struct ledger *l, struct record *r, struct why *why)
{
	(void)why;
	*r = l->before;
	return r->term ? 0 : -ENOENT;
}

int ledger_term_put(
    struct ledger *l, const struct ancestor *term, struct why *why)
{
	if (l->full)
		return why_set(why, -ENOSPC, "disk full");
	l->began = *term;
	return 0;
}

int ledger_position_get(struct ledger *l, struct position *tip,
    struct position *applied, struct why *why)
{
	*tip = *applied = l->tip;
	return l->broken ? why_set(why, -EIO, "cannot be read") : 0;
}

int64_t ledger_tip_time(struct ledger *l)
{
	(void)l;
	return 1000000000;
}

int floors_begin(
    struct ledger *l, const char *loss, int64_t now, struct why *why)
{
	(void)now;
	if (l->full || l->no_floors)
		return why_set(why, -ENOSPC, "disk full");
	l->floors++;
	snprintf(l->loss, sizeof(l->loss), "%s", loss);
	return 0;
}

int floors_wanted(struct ledger *l, bool urgent, struct why *why)
{
	(void)why;
	l->wanted_urgent += urgent;
	l->wanted_all += !urgent;
	return 0;
}

int ledger_note_put(
    struct ledger *l, const char *key, const char *value, struct why *why)
{
	char id[ID_TEXT];
	int i;

	if (l->full)
		return why_set(why, -ENOSPC, "disk full");
	if (strcmp(key, FLOORS_LOSS) == 0)
		snprintf(l->loss, sizeof(l->loss), "%s", value);
	if (strcmp(key, "state") == 0)
		snprintf(l->state, sizeof(l->state), "%s", value);
	if (strncmp(key, "was.", 4) == 0)
		snprintf(l->was, sizeof(l->was), "%s", value);
	if (strcmp(key, "degraded") == 0)
		snprintf(l->degraded, sizeof(l->degraded), "%s", value);
	if (strcmp(key, "foreign") == 0)
		snprintf(l->foreign, sizeof(l->foreign), "%s", value);
	if (strcmp(key, "minted") == 0)
		l->minted = strtoull(value, NULL, 10);
	if (strcmp(key, "heard") == 0)
		l->heard = strtoull(value, NULL, 10);
	if (strcmp(key, "starts") == 0)
		l->counted = strtoull(value, NULL, 10);
	if (strcmp(key, "engine.unsaved") == 0)
		l->unsaved = strcmp(value, "1") == 0;
	if (strcmp(key, "engine.database") == 0)
		l->had_db = strcmp(value, "1") == 0;
	for (i = 0; i < world.nodes; i++) {
		id_text(&world.node[i].id, id);
		if (strncmp(key, "peer.", 5) == 0 && strcmp(value, id) == 0)
			l->knows[i] = true;
		if (strncmp(key, FENCE_NOTE, 9) == 0 &&
		    strcmp(key + 9, id) == 0)
			snprintf(l->fence[i], sizeof(l->fence[i]), "%s", value);
		if (strncmp(key, "starts.", 7) == 0 && strcmp(key + 7, id) == 0)
			snprintf(
			    l->starts[i], sizeof(l->starts[i]), "%s", value);
	}
	return 0;
}

int ledger_note_get(struct ledger *l, const char *key, char *value, size_t size)
{
	const char *note =
	    strncmp(key, "was.", 4) == 0                       ? l->was
	    : strcmp(key, "degraded") == 0                     ? l->degraded
	    : strcmp(key, "foreign") == 0                      ? l->foreign
	    : l->had_db && strcmp(key, "engine.database") == 0 ? "1"
	    : l->unsaved && strcmp(key, "engine.unsaved") == 0 ? "1"
	                                                       : "";
	char id[ID_TEXT], number[24];
	int i;

	for (i = 0; i < world.nodes; i++) {
		id_text(&world.node[i].id, id);
		if (strncmp(key, "starts.", 7) == 0 && strcmp(key + 7, id) == 0)
			note = l->starts[i];
	}
	snprintf(number, sizeof(number), "%llu",
	    (unsigned long long)(key[0] == 'm' ? l->minted : l->heard));
	if (strcmp(key, "minted") == 0 || strcmp(key, "heard") == 0)
		note = number;
	if (!note[0])
		return -ENOENT;
	snprintf(value, size, "%s", note);
	return 0;
}

#endif
