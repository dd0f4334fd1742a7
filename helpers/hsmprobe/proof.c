/* SPDX-License-Identifier: GPL-2.0-or-later
 * Copyright (C) The ocf-ods contributors */
#include "proof.h"

#include <errno.h>
#include <string.h>
#include <sys/random.h>
#include <gnutls/abstract.h>
#include <gnutls/crypto.h>
#include <gnutls/gnutls.h>

#include "cleanup.h"

#define SHA256_SIZE 32
#define SHA384_SIZE 48

/* RFC 8017 9.2: SHA-256, and the digest follows. */
static const uint8_t digest_info[] = {0x30, 0x31, 0x30, 0x0d, 0x06, 0x09, 0x60,
    0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x01, 0x05, 0x00, 0x04, 0x20};

int proof_text(uint8_t text[PROOF_TEXT_SIZE])
{
	size_t len = sizeof(PROOF_CONTEXT) - 1;

	memcpy(text, PROOF_CONTEXT, len);
	return getrandom(text + len, PROOF_NONCE_SIZE, 0) == PROOF_NONCE_SIZE
	           ? 0
	           : -EIO;
}

static int digest(gnutls_digest_algorithm_t algorithm,
    const uint8_t text[PROOF_TEXT_SIZE], uint8_t *out, int len)
{
	return gnutls_hash_fast(algorithm, text, PROOF_TEXT_SIZE, out) < 0
	           ? -EIO
	           : len;
}

int proof_input(enum pubkey_kind kind, const uint8_t text[PROOF_TEXT_SIZE],
    uint8_t input[PROOF_INPUT_MAX])
{
	switch (kind) {
	case PUBKEY_RSA:
		memcpy(input, digest_info, sizeof(digest_info));
		return digest(GNUTLS_DIG_SHA256, text,
		    input + sizeof(digest_info),
		    (int)sizeof(digest_info) + SHA256_SIZE);
	case PUBKEY_P256:
		return digest(GNUTLS_DIG_SHA256, text, input, SHA256_SIZE);
	case PUBKEY_P384:
		return digest(GNUTLS_DIG_SHA384, text, input, SHA384_SIZE);
	case PUBKEY_ED25519:
	case PUBKEY_ED448:
		memcpy(input, text, PROOF_TEXT_SIZE);
		return (int)PROOF_TEXT_SIZE;
	}
	return -EIO;
}

static gnutls_datum_t datum(const uint8_t *data, size_t len)
{
	gnutls_datum_t d = {.size = (unsigned int)len};

	memcpy(&d.data, &data, sizeof(data)); /* it has no const */
	return d;
}

static int import_ecc(gnutls_pubkey_t into, gnutls_ecc_curve_t curve,
    const struct pubkey *key, bool two)
{
	size_t half = two ? key->len / 2 : key->len;
	gnutls_datum_t x = datum(key->field, half);
	gnutls_datum_t y = datum(key->field + half, half);

	return gnutls_pubkey_import_ecc_raw(into, curve, &x, two ? &y : NULL);
}

static int import_rsa(gnutls_pubkey_t into, const struct pubkey *key)
{
	const uint8_t *modulus, *exponent;
	size_t modulus_len, exponent_len;
	gnutls_datum_t m, e;

	pubkey_rsa_parts(key, &modulus, &modulus_len, &exponent, &exponent_len);
	m = datum(modulus, modulus_len);
	e = datum(exponent, exponent_len);
	return gnutls_pubkey_import_rsa_raw(into, &m, &e);
}

static int import(gnutls_pubkey_t into, const struct pubkey *key,
    gnutls_sign_algorithm_t *algorithm)
{
	switch (key->kind) {
	case PUBKEY_RSA:
		*algorithm = GNUTLS_SIGN_RSA_SHA256;
		return import_rsa(into, key);
	case PUBKEY_P256:
		*algorithm = GNUTLS_SIGN_ECDSA_SHA256;
		return import_ecc(into, GNUTLS_ECC_CURVE_SECP256R1, key, true);
	case PUBKEY_P384:
		*algorithm = GNUTLS_SIGN_ECDSA_SHA384;
		return import_ecc(into, GNUTLS_ECC_CURVE_SECP384R1, key, true);
	case PUBKEY_ED25519:
		*algorithm = GNUTLS_SIGN_EDDSA_ED25519;
		return import_ecc(into, GNUTLS_ECC_CURVE_ED25519, key, false);
	case PUBKEY_ED448:
		*algorithm = GNUTLS_SIGN_EDDSA_ED448;
		return import_ecc(into, GNUTLS_ECC_CURVE_ED448, key, false);
	}
	return GNUTLS_E_INVALID_REQUEST;
}

/* PKCS#11 gives r and s one after the other, X.509 wants them in DER. */
static int signature_of(
    enum pubkey_kind kind, const uint8_t *data, size_t len, gnutls_datum_t *out)
{
	gnutls_datum_t r = datum(data, len / 2);
	gnutls_datum_t s = datum(data + len / 2, len / 2);

	if (kind == PUBKEY_P256 || kind == PUBKEY_P384)
		return len == 0 || len % 2 != 0
		           ? GNUTLS_E_INVALID_REQUEST
		           : gnutls_encode_rs_value(out, &r, &s);
	out->data = gnutls_malloc(len ? len : 1);
	if (!out->data)
		return GNUTLS_E_MEMORY_ERROR;
	memcpy(out->data, data, len);
	out->size = (unsigned int)len;
	return 0;
}

int proof_verify(const struct pubkey *key, const uint8_t text[PROOF_TEXT_SIZE],
    const uint8_t *signature, size_t len)
{
	gnutls_sign_algorithm_t algorithm = GNUTLS_SIGN_UNKNOWN;
	gnutls_datum_t sig = {0}, message = datum(text, PROOF_TEXT_SIZE);
	gnutls_pubkey_t pubkey;
	int rc;

	if (gnutls_pubkey_init(&pubkey) < 0)
		return -ENOTSUP;
	rc = import(pubkey, key, &algorithm) < 0 ? -ENOTSUP : 0;
	if (rc == 0 && signature_of(key->kind, signature, len, &sig) < 0)
		rc = -EKEYREJECTED;
	if (rc == 0) {
		rc = gnutls_pubkey_verify_data2(
		    pubkey, algorithm, 0, &message, &sig);
		rc = rc >= 0 ? 0
		     : rc == GNUTLS_E_PK_SIG_VERIFY_FAILED ||
		             rc == GNUTLS_E_ASN1_DER_ERROR
		         ? -EKEYREJECTED
		         : -ENOTSUP;
	}
	gnutls_free(sig.data);
	gnutls_pubkey_deinit(pubkey);
	return rc;
}
