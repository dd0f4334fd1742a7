/* SPDX-License-Identifier: GPL-2.0-or-later
 * Copyright (C) The ocf-ods contributors */
#include "dbnote.h"

#include <string.h>

#define NOTE_DATABASE "engine.database"

bool dbnote_has(struct ledger *l)
{
	char note[8] = "";

	ledger_note_get(l, NOTE_DATABASE, note, sizeof(note));
	return strcmp(note, "1") == 0;
}

static int put(struct ledger *l, bool has, struct why *why)
{
	return ledger_note_put(l, NOTE_DATABASE, has ? "1" : "", why);
}

int dbnote_forget(struct ledger *l, struct why *why)
{
	return put(l, false, why);
}

/* One of no size could not be read yet. */
int dbnote_cut(struct ledger *l, const struct manifest *m, struct why *why)
{
	const struct entry *e = manifest_find(m, SET_DB, SET_DB_NAME);

	return e && e->size > 0 ? put(l, true, why) : 0;
}

int dbnote_applied(struct ledger *l, const struct gen *gen, struct why *why)
{
	bool named = gen_names(gen, SET_DB, SET_DB_NAME);

	return named || gen->header.flags & GEN_FULL ? put(l, named, why) : 0;
}
