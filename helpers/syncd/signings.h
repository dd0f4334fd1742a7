/* SPDX-License-Identifier: GPL-2.0-or-later
 * Copyright (C) The ocf-ods contributors */
#ifndef ODS_SIGNINGS_H
#define ODS_SIGNINGS_H

#include <stdbool.h>
#include <sys/types.h>
#include "conf.h"
#include "ledger.h"
#include "signnote.h"
#include "zones.h"

/* Near the end of a takeover: the signer is told to sign what needs it, the
 * zone whose served signatures run out first before the others. */

struct signings {
	const struct conf *conf;
	struct ledger *ledger;
	const char *socket; /* of the signer */
	pid_t signer;       /* it is asked once for each note */
	const volatile bool *stop;
};

/* FIRST: look for edits that are not in what is served, too.  False when a
 * zone is left: call it again. */
bool signings_round(const struct signings *s, bool first);

/* A zone and when what is served of it runs out; 0 = never, or nothing is. */
struct signing {
	const struct zone_entry *zone;
	int64_t expires;
	bool noted, changed; /* the note below: there is one; store that */
	struct sign_note note;
};

/* For qsort(), pure. */
int signing_order(const void *a, const void *b);

#endif
