/* SPDX-License-Identifier: GPL-2.0-or-later
 * Copyright (C) The ocf-ods contributors */
#ifndef ODS_CANDIDATE_H
#define ODS_CANDIDATE_H

#include <stdbool.h>
#include <stdint.h>
#include "conf.h"
#include "ledger.h"
#include "why.h"
#include "zones.h"

struct tick; /* content.h */

/* One signed version on its way out: from signed/ to pending/. */

enum candidate_verdict {
	CANDIDATE_SAME,    /* it is what is served */
	CANDIDATE_READY,   /* in pending/, row filled */
	CANDIDATE_WAIT,    /* its backup2 is not written yet */
	CANDIDATE_REFUSED, /* why says it; lifted by the next version */
	CANDIDATE_LOW,     /* refused for its serial: sign above row->serial */
	CANDIDATE_NONE,    /* no signed file (yet) */
	CANDIDATE_ERROR,   /* disk, verifier: try again */
};

struct candidate_setup {
	const struct conf *conf;
	const char *state_dir;
	bool need_backup2;
	const volatile bool *cancel;
};

/* Take the file of ZONE, judge it, leave it in pending/ when it is ready.
 * ROW holds the ledger's row on entry (zeroed but for the name when there is
 * none) and the intent to be stored on CANDIDATE_READY. */
enum candidate_verdict candidate_take(const struct candidate_setup *setup,
    const struct zone_entry *zone, struct zone_row *row, struct why *why);

/* Pure: what the serial rule says (RFC 1982; equal serial and digest = the
 * same version once more). */
enum candidate_verdict candidate_serial(
    const struct zone_row *row, uint32_t serial, const char *digest);

/* SHA-256 of a file, hex. */
int candidate_digest(int fd, char hex[65]);
int candidate_digest_with(int fd, const struct tick *t, char hex[65]);

#endif
