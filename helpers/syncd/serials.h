/* SPDX-License-Identifier: GPL-2.0-or-later
 * Copyright (C) The ocf-ods contributors */
#ifndef ODS_SERIALS_H
#define ODS_SERIALS_H

#include <stdbool.h>
#include "backup2.h"
#include "conf.h"
#include "ledger.h"
#include "why.h"

struct tick; /* content.h */

/* Serials at every signer start (DESIGN 5, gate 6): the next one is above
 * the last that was published or intended, in each mode, whatever the state
 * of backup2. */

enum serial_action {
	SERIAL_LEAVE,   /* backup2 is sound and says the last serial */
	SERIAL_EDIT,    /* write the last serial into it, sign when ready */
	SERIAL_FORCE,   /* sign ZONE --serial last+1 when ready */
	SERIAL_DISCARD, /* set backup2 aside, then as SERIAL_FORCE */
	SERIAL_OWNER,   /* the same, but its next serial is the owner's */
	SERIAL_NOTHING, /* never published: nothing to keep */
};

struct serial_facts {
	bool published;  /* the ledger has a last serial */
	uint32_t serial; /* published or intended, */
	uint32_t last;   /* ... or its floor (floor.h) */
	bool sound;      /* backup2 is whole */
	bool present;    /* there is a backup2 */
	uint32_t outbound, internal;
	bool keys_match;  /* its key list is that of the signconf */
	bool resign;      /* signatures=resign: none is gone by */
	const char *mode; /* Serial of the signconf, "" = unknown */
};

/* Pure. */
enum serial_action serial_decide(const struct serial_facts *f);

struct serials_setup {
	const struct conf *conf;
	const char *state_dir;
	struct ledger *ledger;
	const struct tick *tick; /* asked for each zone and block of a file:
	                            there can be thousands */
	bool resign;             /* signatures=resign */
};

/* Before the signer starts: repair each backup2, make signed/ equal to
 * published/, leave a note in the ledger (signnote.h) for each zone that is to
 * be signed once the signer is ready.  With RESIGN the first time after a
 * takeover: remove them all, and what is in signed/.  Zones with trouble are
 * logged, never fatal.  It may be ended at any step, and begun anew. */
int serials_prepare(const struct serials_setup *setup, struct why *why);

/* A note of the ledger: "1" from a promote until a signer was prepared. */
#define SERIALS_TAKEOVER "takeover"

#endif
