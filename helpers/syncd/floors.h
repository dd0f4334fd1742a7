/* SPDX-License-Identifier: GPL-2.0-or-later
 * Copyright (C) The ocf-ods contributors */
#ifndef ODS_FLOORS_H
#define ODS_FLOORS_H

#include <stdbool.h>
#include "conf.h"
#include "ledger.h"
#include "why.h"

/* The floors of all zones (floor.h), for a term that begins without all that
 * was published. */

#define FLOORS_LOSS "loss" /* the note with what was typed */

/* By what the ledger says; with a note that the servers have to be asked, and
 * LOSS, what is to be remembered of it.  All of it is durable, or nothing. */
int floors_begin(
    struct ledger *l, const char *loss, int64_t now, struct why *why);

/* Only such a note, of all zones, or of those of which what is served has
 * little time left: their last version may have gone out alone. */
int floors_wanted(struct ledger *l, bool urgent, struct why *why);

/* Where there is a note: ask the servers of each zone what they serve (ods-soa,
 * half a minute at most), raise what is too low, and take the note away.  It
 * stays when the ledger cannot be written, or CANCEL becomes true. */
void floors_ask(struct ledger *l, const struct conf *conf,
    const char *state_dir, const volatile bool *cancel);

/* The pure parts.  floors_server(): the target of a line of zone file TEXT
 * that is an NS record of ZONE, as the signer writes it: 1; 0 for another
 * record of ZONE, -ENOENT for one of another name.  floors_answer(): one line
 * of what ods-soa says; -EBADMSG. */
int floors_server(const char *zone, const char *line, char *name, size_t size);
int floors_answer(const char *line, char *zone, size_t size, uint32_t *serial);

#endif
