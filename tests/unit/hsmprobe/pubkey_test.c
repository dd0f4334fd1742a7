/* SPDX-License-Identifier: GPL-2.0-or-later
 * Copyright (C) The ocf-ods contributors */
#include "pubkey.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

/* The DNSKEYs of the examples in RFC 5702 6.1, RFC 6605 6.1 and RFC 8080 6.1,
 * and what sha256sum says of their public key fields. */
static const uint8_t rfc5702_modulus[] = {0xc1, 0x5c, 0x1a, 0xc6, 0xb1, 0xc5,
    0xd8, 0x22, 0xba, 0xe1, 0xa6, 0x0a, 0x45, 0x48, 0x9b, 0x2e, 0x21, 0xf7,
    0xd0, 0xaa, 0x4f, 0xb8, 0xf0, 0x63, 0x7a, 0x5e, 0xc4, 0xf1, 0x9c, 0x9d,
    0x41, 0x6d, 0x47, 0x61, 0x61, 0xdf, 0xa0, 0x69, 0xa2, 0x77, 0x30, 0xb6,
    0x46, 0x78, 0x70, 0x08, 0x2d, 0xbd, 0xde, 0x10, 0xb3, 0xc3, 0xe4, 0xc5,
    0x47, 0x69, 0xea, 0x9f, 0xc3, 0x95, 0x49, 0x8e, 0x6d, 0xd9};
static const uint8_t rfc6605_point[] = {0x04, 0x1a, 0x88, 0xc8, 0x86, 0x15,
    0xd4, 0x37, 0xfb, 0xb8, 0xbf, 0x9e, 0x19, 0x42, 0xa1, 0x92, 0x9f, 0x28,
    0x56, 0x27, 0x06, 0xae, 0x6c, 0x2b, 0xd3, 0x99, 0xe7, 0xb1, 0xbf, 0xb6,
    0xd1, 0xe9, 0xe7, 0x5b, 0x92, 0xb4, 0xaa, 0x42, 0x91, 0x7a, 0xe1, 0xc6,
    0x1b, 0x70, 0x1e, 0xf0, 0x35, 0xc3, 0xfe, 0x7b, 0xe3, 0x00, 0x9c, 0xba,
    0xfe, 0x5a, 0x2f, 0x71, 0x31, 0x6c, 0x90, 0x2d, 0xcf, 0x0d, 0x00};
static const uint8_t rfc8080_point[] = {0x97, 0x4d, 0x96, 0xa2, 0x2d, 0x22,
    0x4b, 0xc0, 0x1a, 0xdb, 0x91, 0x50, 0x91, 0x47, 0x7d, 0x44, 0xcc, 0xd9,
    0x1c, 0x9a, 0x41, 0xa1, 0x14, 0x30, 0x01, 0x01, 0x17, 0xd5, 0x2c, 0x59,
    0x24, 0x0e};
static const uint8_t f4[] = {1, 0, 1};

static void digest_is(const struct pubkey *key, const char *want)
{
	char hex[PUBKEY_HEX_MAX];

	assert_int_equal(pubkey_digest(key->field, key->len, hex), 0);
	assert_string_equal(hex, want);
}

static void rsa(void **state)
{
	uint8_t padded[70] = {0};
	struct pubkey key;

	(void)state;
	assert_int_equal(pubkey_rsa(&key, rfc5702_modulus,
	                     sizeof(rfc5702_modulus), f4, sizeof(f4)),
	    0);
	assert_int_equal(key.len, 68);
	digest_is(&key, "1433320c2830a752a51a8584d1d08b1c"
	                "0cacc66bb797193bde0e19f0b4344a56");
	/* As a DER integer, and as some tokens give it. */
	memcpy(padded + 6, rfc5702_modulus, 64);
	assert_int_equal(
	    pubkey_rsa(&key, padded, 70, (const uint8_t *)"\0\0\1\0\1", 5), 0);
	digest_is(&key, "1433320c2830a752a51a8584d1d08b1c"
	                "0cacc66bb797193bde0e19f0b4344a56");
}

/* RFC 3110: an exponent of more than 255 bytes has two bytes of length. */
static void rsa_long_exponent(void **state)
{
	uint8_t modulus[256], exponent[256];
	const uint8_t *m, *e;
	size_t m_len, e_len;
	struct pubkey key;

	(void)state;
	memset(modulus, 0xaa, sizeof(modulus));
	memset(exponent, 0x55, sizeof(exponent));
	assert_int_equal(pubkey_rsa(&key, modulus, 256, exponent, 255), 0);
	assert_int_equal(key.len, 1 + 255 + 256);
	pubkey_rsa_parts(&key, &m, &m_len, &e, &e_len);
	assert_int_equal(m_len, 256);
	assert_int_equal(e_len, 255);
	assert_int_equal(pubkey_rsa(&key, modulus, 256, exponent, 256), 0);
	assert_int_equal(key.len, 3 + 256 + 256);
	assert_memory_equal(key.field, "\0\1\0\x55", 4);
	pubkey_rsa_parts(&key, &m, &m_len, &e, &e_len);
	assert_int_equal(e_len, 256);
	assert_memory_equal(m, modulus, 256);
	assert_memory_equal(e, exponent, 256);
}

static void no_rsa(void **state)
{
	static uint8_t large[PUBKEY_NUMBER_MAX + 1] = {1};
	struct pubkey key;

	(void)state;
	assert_int_equal(pubkey_rsa(&key, large, 0, f4, 3), -EINVAL);
	assert_int_equal(pubkey_rsa(&key, large, 9, f4, 0), -EINVAL);
	assert_int_equal(pubkey_rsa(&key, large + 1, 9, f4, 3), -EINVAL);
	assert_int_equal(
	    pubkey_rsa(&key, large, sizeof(large), f4, 3), -EINVAL);
	assert_int_equal(
	    pubkey_rsa(&key, large, 9, large, sizeof(large)), -EINVAL);
}

static void ecdsa(void **state)
{
	uint8_t wrapped[67] = {0x04, 0x41}, long_point[97] = {0x04};
	struct pubkey key, same;

	(void)state;
	assert_int_equal(pubkey_ecdsa(&key, rfc6605_point, 65), 0);
	assert_int_equal(key.kind, PUBKEY_P256);
	digest_is(&key, "d0ae1a6f2401cf850e34b2b1c9440fec"
	                "ee58b4c1f293f11595ea7eed0c311dad");
	memcpy(wrapped + 2, rfc6605_point, 65);
	assert_int_equal(pubkey_ecdsa(&same, wrapped, 67), 0);
	assert_true(pubkey_same(&key, &same));
	same.field[63] ^= 1;
	assert_false(pubkey_same(&key, &same));
	assert_int_equal(pubkey_ecdsa(&key, long_point, 97), 0);
	assert_int_equal(key.kind, PUBKEY_P384);
	assert_int_equal(key.len, 96);
}

static void no_ecdsa(void **state)
{
	uint8_t point[99] = {0x04, 0x41, 0x04};
	struct pubkey key;
	size_t len;

	(void)state;
	for (len = 0; len <= sizeof(point); len++)
		assert_int_equal(pubkey_ecdsa(&key, point, len),
		    len == 65 || len == 67 || len == 97 ? 0 : -EINVAL);
	point[1] = 0x40; /* another length */
	assert_int_equal(pubkey_ecdsa(&key, point, 67), -EINVAL);
	point[1] = 0x41;
	point[2] = 0x02; /* compressed */
	assert_int_equal(pubkey_ecdsa(&key, point, 67), -EINVAL);
	point[0] = 0x03;
	assert_int_equal(pubkey_ecdsa(&key, point, 65), -EINVAL);
}

static void eddsa(void **state)
{
	uint8_t wrapped[59] = {0x04, 0x20};
	struct pubkey key, same;

	(void)state;
	assert_int_equal(pubkey_eddsa(&key, rfc8080_point, 32), 0);
	assert_int_equal(key.kind, PUBKEY_ED25519);
	digest_is(&key, "4f5c3376bc776ab9ad2b1b53d99b542c"
	                "48ac0b67c4b671857b12b5208b0a3fc4");
	memcpy(wrapped + 2, rfc8080_point, 32);
	assert_int_equal(pubkey_eddsa(&same, wrapped, 34), 0);
	assert_true(pubkey_same(&key, &same));
	assert_int_equal(pubkey_eddsa(&key, wrapped, 33), -EINVAL);
	wrapped[1] = 57;
	assert_int_equal(pubkey_eddsa(&key, wrapped, 59), 0);
	assert_int_equal(key.kind, PUBKEY_ED448);
	assert_int_equal(key.len, 57);
}

static void fits(void **state)
{
	(void)state;
	assert_true(pubkey_fits(PUBKEY_RSA, 8));
	assert_true(pubkey_fits(PUBKEY_RSA, 10));
	assert_true(pubkey_fits(PUBKEY_P256, 13));
	assert_true(pubkey_fits(PUBKEY_P384, 14));
	assert_true(pubkey_fits(PUBKEY_ED25519, 15));
	assert_true(pubkey_fits(PUBKEY_ED448, 16));
	assert_false(pubkey_fits(PUBKEY_RSA, 13));
	assert_false(pubkey_fits(PUBKEY_P256, 14));
	assert_false(pubkey_fits(PUBKEY_ED25519, 13));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(rsa),
	    cmocka_unit_test(rsa_long_exponent),
	    cmocka_unit_test(no_rsa),
	    cmocka_unit_test(ecdsa),
	    cmocka_unit_test(no_ecdsa),
	    cmocka_unit_test(eddsa),
	    cmocka_unit_test(fits),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
