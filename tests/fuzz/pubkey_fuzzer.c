/* SPDX-License-Identifier: GPL-2.0-or-later
 * Copyright (C) The ocf-ods contributors */

/* Public keys, as a PKCS#11 module gives them: the first byte is the length of
 * the first of two attributes. */
#include "fuzz.h"
#include "pubkey.h"

static void fuzz_rsa(
    const uint8_t *a, size_t a_len, const uint8_t *b, size_t b_len)
{
	const uint8_t *modulus, *exponent;
	size_t modulus_len, exponent_len;
	static struct pubkey key, again;

	if (pubkey_rsa(&key, a, a_len, b, b_len) < 0)
		return;
	must(key.len <= sizeof(key.field));
	pubkey_rsa_parts(
	    &key, &modulus, &modulus_len, &exponent, &exponent_len);
	must(modulus + modulus_len == key.field + key.len);
	must(modulus_len > 0 && modulus[0] != 0);
	must(exponent_len > 0 && exponent[0] != 0);
	must(pubkey_rsa(&again, modulus, modulus_len, exponent, exponent_len) ==
	     0);
	must(pubkey_same(&key, &again));
}

static void fuzz_point(const uint8_t *data, size_t len)
{
	static struct pubkey key;

	if (pubkey_ecdsa(&key, data, len) == 0)
		must(key.len == 64 || key.len == 96);
	if (pubkey_eddsa(&key, data, len) == 0)
		must(key.len == 32 || key.len == 57);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	size_t first = len > 0 ? data[0] : 0;

	if (len == 0)
		return 0;
	data++;
	len--;
	if (first > len)
		first = len;
	fuzz_rsa(data, first, data + first, len - first);
	fuzz_rsa(data + first, len - first, data, first);
	fuzz_point(data, len);
	return 0;
}

static void make_seeds(void)
{
	uint8_t buf[100];

	memset(buf, 0x41, sizeof(buf));
	buf[0] = 3;
	buf[1] = 0x04;
	fuzz_seed("p256", buf, 1 + 65);
	fuzz_seed("p384", buf, 1 + 97);
	fuzz_seed("ed25519", buf, 1 + 32);
	buf[3] = 0x04;
	fuzz_seed("p256-wrapped", buf, 1 + 67);
	buf[2] = 57;
	fuzz_seed("ed448-wrapped", buf, 1 + 59);
}

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
	(void)argc;
	(void)argv;
	return fuzz_seeds(make_seeds);
}
