/* SPDX-License-Identifier: GPL-2.0-or-later
 * Copyright (C) The ocf-ods contributors */
#ifndef ODS_OUTGOING_H
#define ODS_OUTGOING_H

#include <limits.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/stat.h>
#include "candidate.h"
#include "conf.h"
#include "dsview.h"
#include "expiry.h"
#include "keybook.h"
#include "keylack.h"
#include "ledger.h"
#include "safety.h"
#include "why.h"
#include "zones.h"

/* The zones of zones.xml as the publisher knows them; of its thread only. */

struct pub_zone {
	struct zone_entry entry;
	struct stat seen; /* of the signed file that was dealt with */
	struct stat now;  /* of the signed file that is there */
	bool settled;     /* nothing to do while seen stays the same */
	int64_t retry_ms;
	int64_t waiting_since_ms;
	int64_t fresher_since_ms; /* signed, and not published; 0 = nothing */
	enum candidate_verdict verdict;
	char trouble[WHY_MAX];
	bool asked;  /* the signer was told to sign a refused one again */
	bool forced; /* an admin wants what is refused to go out: */
	struct stat forced_file; /* ... this version */
	bool escaped;       /* what is served went out in spite of a refusal */
	int64_t backoff_ms; /* of a refusal that time may lift */
	bool stuck; /* TROUBLE says that its owner has to raise the serial */
	int64_t raise_ms; /* ... or we do, not before that; 0 = now */
	int failures;     /* of the verifier, one after the other */
	bool in_batch;    /* it waits for the barrier */
	bool barred;      /* its file in published/ is another zone's */
	const struct keylack_key *lacks; /* of LACK: what it needs; or NULL */
	struct expiry expiry;
	/* Of the name server (told.h); times are realtime s, 0 = not. */
	uint64_t ticket;      /* it is to be told (tell.h); 0 = it is not */
	uint64_t keys_ticket; /* ... of the keys that are served */
	int64_t untold_since; /* ... and that has failed */
	int64_t told_at;      /* it was; the ledger does not know */
};

struct outgoing {
	const struct conf *conf;
	struct ledger *ledger;
	int notify_fd; /* inotify: gets the directories of what is signed */
	struct stat seen;
	struct dsview ds;
	struct keybook keys;
	struct safeties policies;
	struct keylack lack;
	struct zone_list list; /* holds the texts of ZONE */
	struct pub_zone *zone;
	struct pub_zone **due; /* outgoing_due(), room for COUNT */
	size_t count;
	int colliding;
	char collision[WHY_MAX];
};

/* Follow zones.xml; what is known of a zone that stays is kept. */
void outgoing_load(struct outgoing *o);
void outgoing_close(struct outgoing *o);

/* Fill DUE with the zones that have to be looked at, and return how many: the
 * one that was signed first before the others, those in trouble behind. */
size_t outgoing_due(struct outgoing *o);

/* What the ledger says of Z; an empty row only when it says nothing: a row
 * that cannot be read must not let a lower serial through. */
int outgoing_row(const struct outgoing *o, const struct pub_zone *z,
    struct zone_row *row, struct why *why);

/* NULL when it is no zone of zones.xml. */
struct pub_zone *outgoing_find(const struct outgoing *o, const char *name);

/* Which keys of LACK does each zone need?  After it has changed, and now and
 * then, since signconfs change. */
void outgoing_lacking(struct outgoing *o);

/* Z is held for TEXT, which the log gets once; "" = it is not. */
void outgoing_trouble(struct pub_zone *z, const char *text);
#endif
