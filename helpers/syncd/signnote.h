/* SPDX-License-Identifier: GPL-2.0-or-later
 * Copyright (C) The ocf-ods contributors */
#ifndef ODS_SIGNNOTE_H
#define ODS_SIGNNOTE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "ledger.h"

/* What the signer is to be told of a zone once it is ready, in the local part
 * of the ledger.  A note stays until the ledger shows a version that came of
 * it: signer and worker may end at any step before that. */

struct sign_note {
	bool raise;      /* sign ZONE --serial SERIAL; else sign ZONE, */
	uint32_t serial; /* ... and SERIAL is the last one published */
	long asked;      /* the signer (pid) that took it, 0 = none */
};

#define SIGN_NOTE_TEXT 64

/* -ENOENT when there is none. */
int sign_note_get(struct ledger *l, const char *zone, struct sign_note *note);
int sign_note_put(struct ledger *l, const char *zone,
    const struct sign_note *note, struct why *why);
int sign_note_drop(struct ledger *l, const char *zone, struct why *why);

/* Pure: is LAST, which is published or on its way, what it asked for? */
bool sign_note_reached(const struct sign_note *note, uint32_t last);

/* Pure: as it lies in the ledger, and back.  -EBADMSG when it is none. */
void sign_note_text(const struct sign_note *note, char text[SIGN_NOTE_TEXT]);
int sign_note_parse(const char *text, struct sign_note *note);

#endif
