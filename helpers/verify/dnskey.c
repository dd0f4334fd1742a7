/* SPDX-License-Identifier: GPL-2.0-or-later
 * Copyright (C) The ocf-ods contributors */
#include "dnskey.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <ldns/ldns.h>
#include <openssl/crypto.h>
#include <openssl/x509.h>

#define FIXED 4 /* flags, protocol, algorithm */
#define POINT_MAX 48
#define RSA_MAX 512 /* bytes of a modulus of 4,096 bits */

/* SubjectPublicKeyInfo (RFC 5480) up to the coordinates of the point. */
static const uint8_t p256_head[] = {0x30, 0x59, 0x30, 0x13, 0x06, 0x07, 0x2a,
    0x86, 0x48, 0xce, 0x3d, 0x02, 0x01, 0x06, 0x08, 0x2a, 0x86, 0x48, 0xce,
    0x3d, 0x03, 0x01, 0x07, 0x03, 0x42, 0x00, 0x04};
static const uint8_t p384_head[] = {0x30, 0x76, 0x30, 0x10, 0x06, 0x07, 0x2a,
    0x86, 0x48, 0xce, 0x3d, 0x02, 0x01, 0x06, 0x05, 0x2b, 0x81, 0x04, 0x00,
    0x22, 0x03, 0x62, 0x00, 0x04};

static EVP_PKEY *point_key(const uint8_t *head, size_t head_len,
    const uint8_t *point, size_t len, size_t expected)
{
	uint8_t der[sizeof(p256_head) + 2 * POINT_MAX];
	const unsigned char *at = der;

	if (len != expected)
		return NULL;
	memcpy(der, head, head_len);
	memcpy(der + head_len, point, len);
	return d2i_PUBKEY(NULL, &at, (long)(head_len + len));
}

/* DER: TYPE, a length of two bytes, and where to go on. */
static uint8_t *der_head(uint8_t *at, uint8_t type, size_t len)
{
	*at++ = type;
	*at++ = 0x82;
	*at++ = (uint8_t)(len >> 8);
	*at++ = (uint8_t)len;
	return at;
}

/* An unsigned number gets a zero in front, needed or not, which libcrypto
 * takes; lengths of two bytes likewise. */
static uint8_t *der_number(uint8_t *at, const uint8_t *number, size_t len)
{
	at = der_head(at, 0x02, len + 1);
	*at++ = 0;
	memcpy(at, number, len);
	return at + len;
}

/* RFC 3110 to RSAPublicKey (RFC 8017). */
static EVP_PKEY *rsa_key(const uint8_t *data, size_t len)
{
	uint8_t der[2 * RSA_MAX + 32], *at;
	const unsigned char *from = der;
	const uint8_t *exponent, *modulus;
	size_t size, skip = 1, modulus_len;

	if (len < 3)
		return NULL;
	size = data[0];
	if (size == 0) {
		size = (size_t)data[1] << 8 | data[2];
		skip = 3;
	}
	if (size == 0 || size > RSA_MAX || skip + size >= len)
		return NULL;
	exponent = data + skip;
	modulus = exponent + size;
	modulus_len = len - skip - size;
	if (modulus_len > RSA_MAX)
		return NULL;
	at = der_head(der, 0x30, size + modulus_len + 10);
	at = der_number(at, modulus, modulus_len);
	at = der_number(at, exponent, size);
	return d2i_PublicKey(EVP_PKEY_RSA, NULL, &from, at - der);
}

static EVP_PKEY *make_pkey(uint8_t algorithm, const uint8_t *data, size_t len)
{
	switch (algorithm) {
	case LDNS_RSASHA1:
	case LDNS_RSASHA1_NSEC3:
	case LDNS_RSASHA256:
	case LDNS_RSASHA512:
		return rsa_key(data, len);
	case LDNS_ECDSAP256SHA256:
		return point_key(p256_head, sizeof(p256_head), data, len, 64);
	case LDNS_ECDSAP384SHA384:
		return point_key(p384_head, sizeof(p384_head), data, len, 96);
	case LDNS_ED25519:
		return EVP_PKEY_new_raw_public_key(
		    EVP_PKEY_ED25519, NULL, data, len);
	case LDNS_ED448:
		return EVP_PKEY_new_raw_public_key(
		    EVP_PKEY_ED448, NULL, data, len);
	default:
		return NULL;
	}
}

static const EVP_MD *digest_of(uint8_t algorithm)
{
	switch (algorithm) {
	case LDNS_RSASHA1:
	case LDNS_RSASHA1_NSEC3:
		return EVP_sha1();
	case LDNS_ECDSAP384SHA384:
		return EVP_sha384();
	case LDNS_RSASHA512:
		return EVP_sha512();
	case LDNS_ED25519:
	case LDNS_ED448:
		return NULL;
	default:
		return EVP_sha256();
	}
}

int dnskey_open(struct dnskey *key, const uint8_t *rdata, size_t len)
{
	memset(key, 0, sizeof(*key));
	if (len <= FIXED)
		return -EBADMSG;
	key->rdata = malloc(len);
	if (!key->rdata)
		return -ENOMEM;
	memcpy(key->rdata, rdata, len);
	key->len = len;
	key->flags = (uint16_t)(rdata[0] << 8 | rdata[1]);
	key->protocol = rdata[2];
	key->algorithm = rdata[3];
	key->tag = ldns_calc_keytag_raw(rdata, len);
	key->pkey = make_pkey(key->algorithm, rdata + FIXED, len - FIXED);
	EVP_Digest(rdata, len, key->sha, NULL, EVP_sha256(), NULL);
	EVP_Digest(rdata + FIXED, len - FIXED, key->public_sha, NULL,
	    EVP_sha256(), NULL);
	return 0;
}

void dnskey_close(struct dnskey *key)
{
	free(key->rdata);
	EVP_PKEY_free(key->pkey);
	memset(key, 0, sizeof(*key));
}

bool dnskey_is_for_zones(const struct dnskey *key)
{
	return key->protocol == 3 && (key->flags & DNSKEY_ZONE) &&
	       !(key->flags & DNSKEY_REVOKE);
}

/* A key of an algorithm that each libcrypto has: without a pkey its rdata is
 * broken. */
static bool is_known(const struct dnskey *key)
{
	switch (key->algorithm) {
	case LDNS_RSASHA1:
	case LDNS_RSASHA1_NSEC3:
	case LDNS_RSASHA256:
	case LDNS_RSASHA512:
	case LDNS_ECDSAP256SHA256:
	case LDNS_ECDSAP384SHA384:
		return true;
	default:
		return false;
	}
}

static uint8_t *der_coordinate(uint8_t *at, const uint8_t *number, size_t len)
{
	while (len > 1 && *number == 0) {
		number++;
		len--;
	}
	*at++ = 0x02;
	*at++ = (uint8_t)(len + (*number >> 7));
	if (*number >> 7)
		*at++ = 0;
	memcpy(at, number, len);
	return at + len;
}

/* RFC 6605 4: r and s side by side; libcrypto wants them in DER.  The size, 0
 * when it cannot be one. */
static size_t ecdsa_der(
    uint8_t *der, const uint8_t *signature, size_t len, uint8_t algorithm)
{
	size_t half = algorithm == LDNS_ECDSAP256SHA256 ? 32 : 48;
	uint8_t *at = der + 2;

	if (len != 2 * half)
		return 0;
	at = der_coordinate(at, signature, half);
	at = der_coordinate(at, signature + half, half);
	der[0] = 0x30;
	der[1] = (uint8_t)(at - der - 2);
	return (size_t)(at - der);
}

int dnskey_verify(const struct dnskey *key, const uint8_t *data, size_t len,
    const uint8_t *signature, size_t signature_len)
{
	uint8_t der[2 * POINT_MAX + 16];
	EVP_MD_CTX *ctx;
	int rc;

	if (!key->pkey)
		return is_known(key) ? 0 : -ENOTSUP;
	if (key->algorithm == LDNS_ECDSAP256SHA256 ||
	    key->algorithm == LDNS_ECDSAP384SHA384) {
		signature_len =
		    ecdsa_der(der, signature, signature_len, key->algorithm);
		signature = der;
		if (signature_len == 0)
			return 0;
	}
	ctx = EVP_MD_CTX_new();
	if (!ctx)
		return -ENOTSUP;
	/* Policies of distributions refuse SHA-1 here. */
	if (EVP_DigestVerifyInit(
	        ctx, NULL, digest_of(key->algorithm), NULL, key->pkey) != 1)
		rc = -ENOTSUP;
	else
		rc = EVP_DigestVerify(
		         ctx, signature, signature_len, data, len) == 1;
	EVP_MD_CTX_free(ctx);
	return rc;
}

int dnskey_matches_ds(const struct dnskey *key, const struct zonename *owner,
    uint8_t algorithm, uint16_t tag, uint8_t digest_type, const uint8_t *digest,
    size_t digest_len)
{
	const EVP_MD *md = digest_type == LDNS_SHA1     ? EVP_sha1()
	                   : digest_type == LDNS_SHA256 ? EVP_sha256()
	                   : digest_type == LDNS_SHA384 ? EVP_sha384()
	                                                : NULL;
	uint8_t sum[EVP_MAX_MD_SIZE];
	unsigned int sum_len = 0;
	EVP_MD_CTX *ctx;
	bool done;

	if (!key->rdata || key->algorithm != algorithm || key->tag != tag)
		return 0;
	if (!md)
		return -ENOTSUP;
	ctx = EVP_MD_CTX_new();
	done = ctx && EVP_DigestInit_ex(ctx, md, NULL) == 1 &&
	       EVP_DigestUpdate(ctx, owner->wire, owner->wire_len) == 1 &&
	       EVP_DigestUpdate(ctx, key->rdata, key->len) == 1 &&
	       EVP_DigestFinal_ex(ctx, sum, &sum_len) == 1;
	EVP_MD_CTX_free(ctx);
	if (!done)
		return -ENOTSUP;
	return sum_len == digest_len && memcmp(sum, digest, sum_len) == 0;
}

void dnskey_warm_up(void)
{
	static const uint8_t nothing[1];
	uint8_t sum[EVP_MAX_MD_SIZE];

	OPENSSL_init_crypto(OPENSSL_INIT_LOAD_CONFIG, NULL);
	EVP_Digest(nothing, 0, sum, NULL, EVP_sha256(), NULL);
	EVP_PKEY_free(point_key(
	    p256_head, sizeof(p256_head), (const uint8_t[64]){0}, 64, 64));
}
