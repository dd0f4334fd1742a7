/* SPDX-License-Identifier: GPL-2.0-or-later
 * Copyright (C) The ocf-ods contributors */
#ifndef ODS_VERIFIER_H
#define ODS_VERIFIER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "backup2.h"
#include "judgement.h"
#include "why.h"
#include "zonepast.h"
#include "zones.h"

/* ods-verify, run on one zone file. */

struct dsview;
struct keybook;

/* What it is told of the zone (docs/verify.md, "Facts"). */
struct verify_facts {
	const char *past; /* of the ledger's row, "" = nothing is known */
	const char *ds;   /* dsview_zone(); NULL = it is not known */
	const struct signconf *signconf; /* NULL = it is not known */
	const struct keybook *keys;      /* NULL = none are on record */
};

/* Pure.  -ENOSPC. */
int verifier_facts(
    const struct verify_facts *f, int64_t now, char *text, size_t size);

#define VERIFIER_KEYS_MAX 3072 /* octets of that text, with its end */

/* Pure: the keys that S publishes, a "key" line each, with the digests that
 * KEYS has (NULL = none); "" when it has one that cannot be told so. */
void verifier_keys(const struct signconf *s, const struct keybook *keys,
    char *text, size_t size);

#define VERIFIER_FACTS_MAX (ZONE_PAST_MAX + 8192)

/* The facts of a zone as this node has them, without a pointer to what is
 * given. */
struct verify_known {
	bool has_signconf;
	struct signconf signconf;
	const char *facts; /* TEXT, NULL = they are too long */
	char text[VERIFIER_FACTS_MAX];
};
void verifier_gather(struct verify_known *known, const struct zone_entry *zone,
    const char *past, const struct dsview *ds, const struct keybook *keys);

struct verify_job {
	const char *zone;
	int fd;                    /* of the zone file */
	const char *served;        /* path, "" = nothing is served */
	const char *served_digest; /* SHA-256, hex, as the ledger has it */
	const char *unsigned_zone; /* path, "" = there is none */
	const char *facts;         /* verifier_facts(); NULL = there are none */
	const volatile bool *cancel; /* may be NULL */
};

/* Blocks for two minutes, and 10 s for each MB of the zone, at most; what
 * takes longer is JUDGED_FAILED.  TEXT, when it is not NULL, gets all that was
 * said, the caller's to free(); NULL when there is nothing. */
void verifier_run(
    const struct verify_job *job, struct judgement *j, char **text);

#endif
