/* SPDX-License-Identifier: GPL-2.0-or-later
 * Copyright (C) The ocf-ods contributors */
#ifndef ODS_KEYNEWS_H
#define ODS_KEYNEWS_H

#include <stdint.h>

#include "keyview.h"

/* What users are told of the keys in this node's token.  No I/O. */

enum keynews_level {
	KEYNEWS_NONE,    /* no key is on record */
	KEYNEWS_OK,      /* each key in use is here, and has signed */
	KEYNEWS_PENDING, /* nothing speaks against it yet */
	KEYNEWS_WARN,
	KEYNEWS_REFUSE, /* a key in use is another one: no promotion */
};

#define KEYNEWS_UNBACKED_MAX 16 /* that are named */

struct keynews_token {
	char repository[KEYRECORD_NAME_MAX];
	long extra; /* private keys that are not on record, -1 = not known */
	long used, max;
};

struct keynews {
	enum keynews_level level;
	bool source;                    /* of the node that signs */
	long in_use[KEYTRUTH_VERDICTS]; /* keys, by verdict */
	long pool[KEYTRUTH_VERDICTS];
	struct keyrecord worst; /* a key of that level; "" when there is none */
	bool two_keys;          /* ... which is several under one name here */
	char sentence[WHY_MAX]; /* of it, "" when all is well */
	char fix[WHY_MAX];
	char pin_refused[KEYRECORD_NAME_MAX]; /* a repository of keys in use */
	int64_t looked_s;      /* a whole look at the token, epoch; 0 = none */
	int64_t trouble_ms;    /* since when, CLOCK_MONOTONIC */
	char trouble[WHY_MAX]; /* why there is no newer one, "" = there is */
	struct keynews_token token[CONF_REPOSITORY_MAX];
	int tokens;
	/* Keys in use that no backup covers, as the database says; the source
	 * alone reads it */
	bool unbacked_known;
	long unbacked;
	int unbacked_named;
	char unbacked_key[KEYNEWS_UNBACKED_MAX][KEYRECORD_LINE_MAX];
};

/* Is a key of the view still unread? */
bool keynews_whole(const struct keyview *view);

/* What a look that failed or was slow did not say stays what it was: OLD goes
 * on in VIEW, for keys that were not read and for tokens that did not answer;
 * and what speaks for or against a private half, as long as key and token are
 * the same.  A proof that failed, or spoke against it, is kept with FAILED
 * only: it is tried again. */
void keynews_carry(
    struct keyview *view, const struct keyview *old, bool failed);

/* Counts, level, sentence, tokens.  SOURCE: the private halves are proven by
 * what the signer does. */
void keynews_judge(
    struct keynews *news, const struct keyview *view, bool source);

/* The output of "ods-kasp unbacked".  -EBADMSG when it is none. */
int keynews_unbacked(struct keynews *news, const char *text);

/* On the node that signs KEY is said to be wrong in other words: its own token
 * is what does not fit the record. */
void keynews_reword(const struct keyview_key *key, struct keytruth *truth);

const char *keynews_level_name(enum keynews_level level);

#endif
