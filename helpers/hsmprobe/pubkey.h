/* SPDX-License-Identifier: GPL-2.0-or-later
 * Copyright (C) The ocf-ods contributors */
#ifndef ODS_PUBKEY_H
#define ODS_PUBKEY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A public key as the public key field of a DNSKEY RR has it (RFC 3110 2 for
 * RSA, RFC 6605 4 for ECDSA, RFC 8080 3 for EdDSA), made from what a token
 * tells of it.  Two keys are one exactly when these bytes are. */

#define PUBKEY_NUMBER_MAX 1024 /* bytes of an RSA modulus */
#define PUBKEY_FIELD_MAX (3 + 2 * PUBKEY_NUMBER_MAX)
#define PUBKEY_HEX_MAX 65

enum pubkey_kind {
	PUBKEY_RSA,
	PUBKEY_P256,
	PUBKEY_P384,
	PUBKEY_ED25519,
	PUBKEY_ED448,
};

struct pubkey {
	enum pubkey_kind kind;
	size_t len;
	uint8_t field[PUBKEY_FIELD_MAX];
};

/* From CKA_MODULUS and CKA_PUBLIC_EXPONENT: big-endian, leading zeros do not
 * count.  0 or -EINVAL. */
int pubkey_rsa(struct pubkey *key, const uint8_t *modulus, size_t modulus_len,
    const uint8_t *exponent, size_t exponent_len);

/* From CKA_EC_POINT, with or without the OCTET STRING around it: an
 * uncompressed point of 256 or 384 bits.  0 or -EINVAL. */
int pubkey_ecdsa(struct pubkey *key, const uint8_t *point, size_t len);

/* The same of an Edwards curve. */
int pubkey_eddsa(struct pubkey *key, const uint8_t *point, size_t len);

/* The modulus and exponent of an RSA key, within KEY. */
void pubkey_rsa_parts(const struct pubkey *key, const uint8_t **modulus,
    size_t *modulus_len, const uint8_t **exponent, size_t *exponent_len);

bool pubkey_same(const struct pubkey *a, const struct pubkey *b);

/* Can a DNSKEY of that ALGORITHM hold such a key? */
bool pubkey_fits(enum pubkey_kind kind, int algorithm);

/* Lower-case hex of the SHA-256 of LEN bytes.  0 or -EIO. */
int pubkey_digest(const uint8_t *data, size_t len, char hex[PUBKEY_HEX_MAX]);

#endif
