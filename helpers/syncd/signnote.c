/* SPDX-License-Identifier: GPL-2.0-or-later
 * Copyright (C) The ocf-ods contributors */
#include "signnote.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "backup2.h"

bool sign_note_reached(const struct sign_note *note, uint32_t last)
{
	return note->raise ? !serial_above(note->serial, last)
	                   : last != note->serial;
}

void sign_note_text(const struct sign_note *note, char text[SIGN_NOTE_TEXT])
{
	snprintf(text, SIGN_NOTE_TEXT, "%s %" PRIu32 " asked %ld",
	    note->raise ? "serial" : "sign", note->serial, note->asked);
}

int sign_note_parse(const char *text, struct sign_note *note)
{
	char word[8];
	int end = 0;

	*note = (struct sign_note){0};
	if (sscanf(text, "%7s %" SCNu32 " asked %ld%n", word, &note->serial,
	        &note->asked, &end) != 3 ||
	    text[end] != '\0')
		return -EBADMSG;
	note->raise = strcmp(word, "serial") == 0;
	return note->raise || strcmp(word, "sign") == 0 ? 0 : -EBADMSG;
}

static void note_key(const char *zone, char key[300])
{
	snprintf(key, 300, "sign.%s", zone);
}

int sign_note_get(struct ledger *l, const char *zone, struct sign_note *note)
{
	char key[300], text[SIGN_NOTE_TEXT];

	note_key(zone, key);
	if (ledger_note_get(l, key, text, sizeof(text)) < 0 ||
	    sign_note_parse(text, note) < 0)
		return -ENOENT;
	return 0;
}

int sign_note_put(struct ledger *l, const char *zone,
    const struct sign_note *note, struct why *why)
{
	char key[300], text[SIGN_NOTE_TEXT];

	note_key(zone, key);
	sign_note_text(note, text);
	return ledger_note_put(l, key, text, why);
}

int sign_note_drop(struct ledger *l, const char *zone, struct why *why)
{
	char key[300];

	note_key(zone, key);
	return ledger_note_put(l, key, "", why);
}
