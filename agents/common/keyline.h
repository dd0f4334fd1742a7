/* SPDX-License-Identifier: GPL-2.0-or-later
 * Copyright (C) The ocf-ods contributors */
#ifndef ODS_KEYLINE_H
#define ODS_KEYLINE_H

#include "keyrecord.h"

/* What ods-hsm-probe --keys and --prove print, beside the lines of
 * hsmreport.h; a word that is not known is "-", what is in [] may be absent:
 *
 *	key REPOSITORY LOCATOR STATE SHA256 [DETAIL]
 *	proof REPOSITORY LOCATOR PROOF MS [DETAIL]
 *	extra REPOSITORY COUNT		private keys that are not in the list
 *	capacity REPOSITORY USED MAX	private keys, <Capacity> of conf.xml
 *	token REPOSITORY SERIAL		serial number of the token
 *	stat REPOSITORY COUNT P50 P99 ERRORS [CKR=N...]	signatures; ms
 *
 * The line "repository=..." closes what is said of a repository; only when its
 * verdict is ok was that all. */

enum keyline_kind {
	KEYLINE_KEY,
	KEYLINE_PROOF,
	KEYLINE_EXTRA,
	KEYLINE_CAPACITY,
	KEYLINE_TOKEN,
	KEYLINE_STAT,
};

/* What the token has under a CKA_ID. */
enum key_state {
	KEY_UNREAD,          /* nothing is known: no line says it */
	KEY_PRESENT,         /* one key pair, whose public key is known */
	KEY_MISSING,         /* no private key */
	KEY_TWIN,            /* several different public keys */
	KEY_UNPROVEN_PUBLIC, /* a private key that does not tell its public
	                        one, and no public object */
};

/* Does the private half sign for that public key? */
enum key_proof {
	PROOF_NONE, /* was not tried: no line says it */
	PROOF_PROVEN,
	PROOF_FAILED,    /* the token gave no signature; detail is the CKR */
	PROOF_DIFFERENT, /* it is another key */
	PROOF_SKIPPED,   /* detail is the reason */
};

#define KEYLINE_MAX 640

struct keyline {
	enum keyline_kind kind;
	char repository[KEYRECORD_NAME_MAX];
	char locator[KEYRECORD_LOCATOR_MAX]; /* key, proof */
	enum key_state state;                /* key */
	char sha256[KEYRECORD_SHA256_MAX];   /* key; "" = not known */
	enum key_proof proof;                /* proof */
	long ms;          /* proof; of the signature, -1 = there was none */
	long count;       /* extra, capacity (used), stat */
	long max;         /* capacity; 0 = not given */
	long p50_ms;      /* stat */
	long p99_ms;      /* stat */
	long errors;      /* stat */
	char detail[256]; /* key, proof: a word; stat: words; "" = none */
	char serial[33];  /* token; "" = none */
};

const char *key_state_name(enum key_state state);
const char *key_proof_name(enum key_proof proof);

/* The line with its newline, cut at SIZE; KEYLINE_MAX is enough for any. */
void keyline_print(const struct keyline *k, char *buf, size_t size);

/* LINE ends with a newline or NUL.  0; -ENOENT when it is another kind of line;
 * -EBADMSG when it is one of these, and broken. */
int keyline_parse(const char *line, struct keyline *k);

#endif
