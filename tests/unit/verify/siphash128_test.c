/* SPDX-License-Identifier: GPL-2.0-or-later
 * Copyright (C) The ocf-ods contributors */
#include "siphash.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>
#include <openssl/evp.h>
#include <openssl/core_names.h>

/* libcrypto has it too. */
static void reference(
    const uint8_t *key, const uint8_t *data, size_t len, uint8_t out[16])
{
	EVP_MAC *mac = EVP_MAC_fetch(NULL, "SIPHASH", NULL);
	EVP_MAC_CTX *ctx = EVP_MAC_CTX_new(mac);
	size_t size = 16;
	OSSL_PARAM params[] = {
	    OSSL_PARAM_construct_size_t(OSSL_MAC_PARAM_SIZE, &size),
	    OSSL_PARAM_construct_end()};

	assert_int_equal(EVP_MAC_init(ctx, key, 16, params), 1);
	assert_int_equal(EVP_MAC_update(ctx, data, len), 1);
	assert_int_equal(EVP_MAC_final(ctx, out, &size, 16), 1);
	EVP_MAC_CTX_free(ctx);
	EVP_MAC_free(mac);
}

static void as_libcrypto_has_it(void **state)
{
	uint8_t key[16], data[64], out[16];
	size_t len;
	int i;

	(void)state;
	for (i = 0; i < 16; i++)
		key[i] = (uint8_t)i;
	for (i = 0; i < 64; i++)
		data[i] = (uint8_t)(3 * i);
	for (len = 0; len <= sizeof(data); len++) {
		uint64_t h[2];

		siphash128(key, data, len, h);
		reference(key, data, len, out);
		for (i = 0; i < 16; i++)
			assert_int_equal(
			    out[i], (uint8_t)(h[i / 8] >> (8 * (i % 8))));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(as_libcrypto_has_it),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
