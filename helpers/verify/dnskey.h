/* SPDX-License-Identifier: GPL-2.0-or-later
 * Copyright (C) The ocf-ods contributors */
#ifndef ODS_DNSKEY_H
#define ODS_DNSKEY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <openssl/evp.h>
#include "zonename.h"

/* One DNSKEY (RFC 4034 2), ready to verify with: made once, where ldns makes
 * libcrypto's key for each signature anew. */

#define DNSKEY_SHA 32
#define DNSKEY_ZONE 0x0100
#define DNSKEY_REVOKE 0x0080 /* RFC 5011 */
#define DNSKEY_SEP 0x0001

struct dnskey {
	uint8_t *rdata; /* NULL: the digest alone is known */
	size_t len;
	uint16_t flags, tag;
	uint8_t protocol, algorithm;
	uint8_t sha[DNSKEY_SHA];        /* of the rdata */
	uint8_t public_sha[DNSKEY_SHA]; /* of the public key in it */
	EVP_PKEY *pkey; /* NULL: an algorithm that libcrypto lacks here, or
	                 * rdata that is no key of it */
};

/* 0, -EBADMSG (too short), -ENOMEM. */
int dnskey_open(struct dnskey *key, const uint8_t *rdata, size_t len);
void dnskey_close(struct dnskey *key);

/* May it sign RRsets of a zone (RFC 4034 2.1, RFC 5011 2.1)? */
bool dnskey_is_for_zones(const struct dnskey *key);

/* 1 good, 0 not good, -ENOTSUP: no libcrypto here can tell. */
int dnskey_verify(const struct dnskey *key, const uint8_t *data, size_t len,
    const uint8_t *signature, size_t signature_len);

/* Is it what a DS of OWNER points to?  1, 0, -ENOTSUP: an unknown DIGEST_TYPE
 * (and algorithm and tag are those of the key). */
int dnskey_matches_ds(const struct dnskey *key, const struct zonename *owner,
    uint8_t algorithm, uint16_t tag, uint8_t digest_type, const uint8_t *digest,
    size_t digest_len);

/* Have libcrypto read its configuration and load what it needs: before the
 * sandbox closes. */
void dnskey_warm_up(void);

#endif
