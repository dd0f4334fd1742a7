/* SPDX-License-Identifier: GPL-2.0-or-later
 * Copyright (C) The ocf-ods contributors */
#ifndef ODS_KEYRECORD_H
#define ODS_KEYRECORD_H

#include <stdbool.h>
#include <stddef.h>

/* What is known of one key object of an HSM, one line of text each:
 *
 *	REPOSITORY LOCATOR ALGORITHM SHA256 USE
 *
 *	REPOSITORY	its name in conf.xml; a blank in it is written _
 *	LOCATOR		CKA_ID in hex, as signconf and kasp.db have it
 *	ALGORITHM	DNSSEC algorithm number
 *	SHA256		of the public key field of its DNSKEY RR (RFC 3110,
 *			6605, 8080) in lower-case hex, - = not known
 *	USE		inuse (published or signing), pool (all others)
 *
 * ods-hsm-probe takes a list of such lines, in which the last two fields may
 * be left out; a source has its ledger hold them, whole. */

#define KEYRECORD_NAME_MAX 64
#define KEYRECORD_LOCATOR_MAX 129 /* of 64 bytes */
#define KEYRECORD_SHA256_MAX 65
#define KEYRECORD_LINE_MAX 320

struct keyrecord {
	char repository[KEYRECORD_NAME_MAX];
	char locator[KEYRECORD_LOCATOR_MAX];
	int algorithm;
	char sha256[KEYRECORD_SHA256_MAX]; /* "" = not known */
	bool in_use;
};

/* The line, without a newline.  Its length, or -EINVAL when RECORD has a field
 * that is none. */
int keyrecord_encode(const struct keyrecord *record, char *buf, size_t size);

/* LINE ends with a newline or NUL.  Takes what keyrecord_encode() gives, also
 * without its last one or two fields: no digest, and in use.  0 or -EBADMSG. */
int keyrecord_decode(const char *line, struct keyrecord *record);

/* Is it a name, a locator, a digest as above? */
bool keyrecord_is_name(const char *text);
bool keyrecord_is_locator(const char *text);
bool keyrecord_is_sha256(const char *text);

/* The next word of *AT: one blank before it unless FIRST, no blank or control
 * character in it, whole in BUF.  *AT is moved behind it. */
bool keyrecord_word(const char **at, bool first, char *buf, size_t size);

#endif
