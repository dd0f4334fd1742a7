/* SPDX-License-Identifier: GPL-2.0-or-later
 * Copyright (C) The ocf-ods contributors */
#ifndef ODS_ZONEENTRY_H
#define ODS_ZONEENTRY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* What stands in an entry of a master file (zoneline.h), without a look at
 * its rdata: a tenth of the cost of ldns_rr_new_frm_str(), which the judge
 * needs only for what has changed.  All pointers are into the entry. */

struct zoneentry {
	const char *owner; /* as written */
	size_t owner_len;  /* 0: that of the entry before */
	const char *rdata; /* to the end of the entry, no blank in front */
	uint32_t ttl;
	bool has_ttl;
	uint16_t type;  /* 0: a mnemonic that ldns does not know */
	uint16_t class; /* 0: none was written */
};

/* 0, or -EBADMSG: no entry of an RR. */
int zoneentry_parse(const char *text, struct zoneentry *e);

/* The next word of *AT, which moves behind it; its length, 0 at the end.
 * Quotes are not looked at: for fields that have none. */
size_t zoneentry_word(const char **at, const char **word);

/* The type of a mnemonic or of TYPEn; 0 when there is none. */
uint16_t zoneentry_type(const char *word, size_t len);

/* RRSIG's rdata (RFC 4034 3.2). */
struct zonesig {
	uint16_t covers, tag;
	uint8_t algorithm, labels;
	uint32_t ttl, expires, begins;
	const char *signer; /* a name, as written */
	size_t signer_len;
	const char *signature; /* Base64, blanks in between */
};

int zonesig_parse(const char *rdata, struct zonesig *sig);

/* A stamp of RRSIG as a time near NOW (RFC 4034 3.1.5: serial number
 * arithmetic). */
int64_t zonesig_time(uint32_t stamp, int64_t now);

/* Words to numbers, -EBADMSG when they are none. */
int zoneentry_number(const char *word, size_t len, uint32_t *number);

#endif
