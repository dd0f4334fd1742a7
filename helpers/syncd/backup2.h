/* SPDX-License-Identifier: GPL-2.0-or-later
 * Copyright (C) The ocf-ods contributors */
#ifndef ODS_BACKUP2_H
#define ODS_BACKUP2_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include "why.h"

/* The signer's own memory of a zone (OpenDNSSEC signer/src/signer/
 * backup.c, zone.c: zone_backup2).  It accepts a file cut at a line end, so
 * we look at it first. */

#define BACKUP2_KEYS_MAX 64
#define SETTINGS_TEXT 1024

struct backup2 {
	uint32_t inbound, internal, outbound;
	uint32_t soa; /* in its SOA RR: backup2_set_serial() leaves it */
	bool has_soa;
	long lastmod;  /* mtime (s) of the signconf it was made with */
	char mode[16]; /* never in the file: filled by the caller */
	int keys;
	char key[BACKUP2_KEYS_MAX][160]; /* "locator algorithm flags publish
	                                     ksk zsk", sorted */
	char settings[SETTINGS_TEXT];    /* of its signconf but for the keys */
};

/* 0 when PATH is whole: magic line at both ends, three ";" lines, a header
 * that parses.  -ENOENT, or -EBADMSG with what is wrong. */
int backup2_load(const char *path, struct backup2 *b, struct why *why);

/* Only what stands before the RRs; whether the rest is whole is not looked
 * at.  The same returns. */
int backup2_head(const char *path, struct backup2 *b, struct why *why);

/* Write SERIAL into internal and outbound of the header line, the rest and
 * the mtime as they were.  Temporary file and rename. */
int backup2_set_serial(const char *path, uint32_t serial, struct why *why);

/* The pure parts: -EBADMSG when IN is not whole; -EIO. */
int backup2_read(FILE *in, struct backup2 *b);
int backup2_copy(FILE *in, FILE *out, uint32_t serial);

/* What signconf XML asks for, in the same words as struct backup2 key[]. */
struct signconf {
	char serial_mode[16]; /* unixtime, counter, datecounter, keep */
	char refresh[32], resign[32],
	    validity[32];  /* durations as they stand there */
	bool passthrough;  /* the signer makes nothing */
	bool bridged;      /* some keys are published for longer (bridge.h) */
	char keys_ttl[32]; /* of the DNSKEY set */
	long mtime;
	int keys;
	char key[BACKUP2_KEYS_MAX][160];
	char settings[SETTINGS_TEXT]; /* in the words of struct backup2 */
};
int signconf_load(const char *path, struct signconf *s, struct why *why);

/* The pure part: the LEN bytes at TEXT are what PATH holds. */
int signconf_parse(const char *path, const char *text, size_t len,
    struct signconf *s, struct why *why);

bool backup2_keys_match(const struct backup2 *b, const struct signconf *s);
bool backup2_settings_match(const struct backup2 *b, const struct signconf *s);

/* S says something else than what the signer has read, B, and it will never
 * read it: it takes one for unchanged whose time, in whole seconds, is not
 * above that of the one before (OpenDNSSEC signer zone.c). */
bool backup2_misses(const struct backup2 *b, const struct signconf *s);

/* SOA serials, RFC 1982: is A above B?  Distance 2^31 is not above. */
bool serial_above(uint32_t a, uint32_t b);

#endif
