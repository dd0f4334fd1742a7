/* SPDX-License-Identifier: GPL-2.0-or-later
 * Copyright (C) The ocf-ods contributors */
#include "pubkey.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <gnutls/gnutls.h>
#include <gnutls/crypto.h>

#define OCTET_STRING 0x04
#define UNCOMPRESSED 0x04
#define P256_SIZE 64 /* both coordinates */
#define P384_SIZE 96
#define ED25519_SIZE 32
#define ED448_SIZE 57
#define SHA256_SIZE 32
#define SHORT_EXPONENT 255 /* longer ones have two bytes of length */

static void strip_zeros(const uint8_t **number, size_t *len)
{
	while (*len > 0 && **number == 0) {
		(*number)++;
		(*len)--;
	}
}

int pubkey_rsa(struct pubkey *key, const uint8_t *modulus, size_t modulus_len,
    const uint8_t *exponent, size_t exponent_len)
{
	uint8_t *at = key->field;

	strip_zeros(&modulus, &modulus_len);
	strip_zeros(&exponent, &exponent_len);
	if (modulus_len == 0 || modulus_len > PUBKEY_NUMBER_MAX ||
	    exponent_len == 0 || exponent_len > PUBKEY_NUMBER_MAX)
		return -EINVAL;
	if (exponent_len > SHORT_EXPONENT) {
		*at++ = 0;
		*at++ = (uint8_t)(exponent_len >> 8);
	}
	*at++ = (uint8_t)exponent_len;
	memcpy(at, exponent, exponent_len);
	at += exponent_len;
	memcpy(at, modulus, modulus_len);
	key->kind = PUBKEY_RSA;
	key->len = (size_t)(at - key->field) + modulus_len;
	return 0;
}

void pubkey_rsa_parts(const struct pubkey *key, const uint8_t **modulus,
    size_t *modulus_len, const uint8_t **exponent, size_t *exponent_len)
{
	const uint8_t *at = key->field;

	*exponent_len = *at++;
	if (*exponent_len == 0) {
		*exponent_len = (size_t)at[0] << 8 | at[1];
		at += 2;
	}
	*exponent = at;
	*modulus = at + *exponent_len;
	*modulus_len = key->len - (size_t)(*modulus - key->field);
}

/* Take the OCTET STRING off whose content is as long as INNER.  The lengths
 * tell which form it is: no content is two bytes longer than another. */
static bool unwrap(const uint8_t **point, size_t *len, size_t inner)
{
	if (*len == inner)
		return true;
	if (*len != inner + 2 || (*point)[0] != OCTET_STRING ||
	    (*point)[1] != inner)
		return false;
	*point += 2;
	*len = inner;
	return true;
}

static int take(
    struct pubkey *key, enum pubkey_kind kind, const uint8_t *data, size_t len)
{
	key->kind = kind;
	key->len = len;
	memcpy(key->field, data, len);
	return 0;
}

int pubkey_ecdsa(struct pubkey *key, const uint8_t *point, size_t len)
{
	if (!unwrap(&point, &len, P256_SIZE + 1) &&
	    !unwrap(&point, &len, P384_SIZE + 1))
		return -EINVAL;
	if (point[0] != UNCOMPRESSED)
		return -EINVAL;
	return take(key, len == P256_SIZE + 1 ? PUBKEY_P256 : PUBKEY_P384,
	    point + 1, len - 1);
}

int pubkey_eddsa(struct pubkey *key, const uint8_t *point, size_t len)
{
	if (!unwrap(&point, &len, ED25519_SIZE) &&
	    !unwrap(&point, &len, ED448_SIZE))
		return -EINVAL;
	return take(key, len == ED25519_SIZE ? PUBKEY_ED25519 : PUBKEY_ED448,
	    point, len);
}

bool pubkey_same(const struct pubkey *a, const struct pubkey *b)
{
	return a->kind == b->kind && a->len == b->len &&
	       memcmp(a->field, b->field, a->len) == 0;
}

bool pubkey_fits(enum pubkey_kind kind, int algorithm)
{
	switch (kind) {
	case PUBKEY_RSA:
		return algorithm == 1 || algorithm == 5 || algorithm == 7 ||
		       algorithm == 8 || algorithm == 10;
	case PUBKEY_P256:
		return algorithm == 13;
	case PUBKEY_P384:
		return algorithm == 14;
	case PUBKEY_ED25519:
		return algorithm == 15;
	case PUBKEY_ED448:
		return algorithm == 16;
	}
	return false;
}

int pubkey_digest(const uint8_t *data, size_t len, char hex[PUBKEY_HEX_MAX])
{
	uint8_t sum[SHA256_SIZE];
	size_t i;

	if (gnutls_hash_fast(GNUTLS_DIG_SHA256, data, len, sum) < 0)
		return -EIO;
	for (i = 0; i < sizeof(sum); i++)
		snprintf(hex + 2 * i, 3, "%02x", sum[i]);
	return 0;
}
