/* SPDX-License-Identifier: GPL-2.0-or-later
 * Copyright (C) The ocf-ods contributors */
#include "keyfacts.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

/* What an object tells: nothing, the modulus of RSA key 1 or 2 alone, all of
 * it, or the point of EC key 1 or 2. */
enum tells { NOTHING, MODULUS_1, MODULUS_2, ALL_1, ALL_2, POINT_1, POINT_2 };

static void add(struct keyfacts *f, enum key_half half, enum tells tells)
{
	static const char *const modulus[] = {
	    "", "m1", "m2", "m1", "m2", "", ""};
	struct pubkey key = {.len = 4};

	key.kind = tells >= POINT_1 ? PUBKEY_P256 : PUBKEY_RSA;
	key.field[3] = tells == ALL_1 || tells == POINT_1 ? 1 : 2;
	assert_int_equal(keyfacts_add(f, half, 7, tells >= ALL_1 ? &key : NULL,
	                     modulus[tells]),
	    0);
}

#define PUB HALF_PUBLIC
#define PRIV HALF_PRIVATE

static void objects(void **state)
{
	static const struct {
		struct {
			enum key_half half;
			enum tells tells;
		} object[3];
		int count;
		enum key_state want;
		const char *detail;
	} table[] = {
	    {{{0}}, 0, KEY_MISSING, ""},
	    {{{PUB, ALL_1}}, 1, KEY_MISSING, "public-half-only"},
	    {{{PRIV, ALL_1}}, 1, KEY_PRESENT, "private"},
	    {{{PRIV, NOTHING}}, 1, KEY_UNPROVEN_PUBLIC, "no-public-half"},
	    {{{PRIV, MODULUS_1}}, 1, KEY_UNPROVEN_PUBLIC, "no-public-half"},
	    {{{PRIV, NOTHING}, {PUB, NOTHING}}, 2, KEY_UNPROVEN_PUBLIC,
	        "public-half-not-readable"},
	    {{{PRIV, NOTHING}, {PUB, ALL_1}}, 2, KEY_PRESENT, "public"},
	    {{{PRIV, MODULUS_1}, {PUB, ALL_1}}, 2, KEY_PRESENT, "public"},
	    {{{PRIV, ALL_1}, {PUB, ALL_1}}, 2, KEY_PRESENT, "public"},
	    {{{PRIV, MODULUS_2}, {PUB, ALL_1}}, 2, KEY_TWIN, "halves-differ"},
	    {{{PRIV, ALL_2}, {PUB, ALL_1}}, 2, KEY_TWIN, "halves-differ"},
	    {{{PRIV, NOTHING}, {PUB, ALL_1}, {PUB, ALL_1}}, 3, KEY_PRESENT,
	        "public-several-objects"},
	    {{{PRIV, NOTHING}, {PUB, ALL_1}, {PUB, ALL_2}}, 3, KEY_TWIN,
	        "public-keys-differ"},
	    {{{PRIV, NOTHING}, {PRIV, NOTHING}, {PUB, ALL_1}}, 3, KEY_PRESENT,
	        "public-several-objects"},
	    {{{PRIV, ALL_1}, {PRIV, ALL_2}}, 2, KEY_TWIN,
	        "private-keys-differ"},
	    {{{PRIV, MODULUS_1}, {PRIV, MODULUS_2}}, 2, KEY_TWIN,
	        "private-keys-differ"},
	    {{{PUB, ALL_1}, {PUB, ALL_2}}, 2, KEY_TWIN, "public-keys-differ"},
	    {{{PRIV, NOTHING}, {PUB, POINT_1}, {PUB, POINT_1}}, 3, KEY_PRESENT,
	        "public-several-objects"},
	    {{{PRIV, NOTHING}, {PUB, POINT_1}, {PUB, POINT_2}}, 3, KEY_TWIN,
	        "public-keys-differ"},
	    {{{PRIV, POINT_2}, {PUB, POINT_1}}, 2, KEY_TWIN, "halves-differ"},
	    {{{PRIV, ALL_1}, {PUB, POINT_1}}, 2, KEY_TWIN, "halves-differ"},
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		int order, n = table[i].count;

		for (order = 0; order < 2; order++) {
			struct keyfacts f = {0};
			char detail[64];
			int k;

			for (k = 0; k < n; k++) {
				int at = order ? n - 1 - k : k;

				add(&f, table[i].object[at].half,
				    table[i].object[at].tells);
			}
			if (keyfacts_state(&f, detail, sizeof(detail)) !=
			        table[i].want ||
			    strcmp(detail, table[i].detail) != 0)
				fail_msg("row %zu: %s", i, detail);
			keyfacts_free(&f);
		}
	}
}

static void handles(void **state)
{
	struct keyfacts f = {0};
	unsigned long i;

	(void)state;
	for (i = 0; i < 10; i++)
		keyfacts_add(&f, HALF_PRIVATE, i, NULL, "");
	keyfacts_add(&f, HALF_PUBLIC, 77, NULL, "");
	assert_int_equal(f.count[HALF_PRIVATE], 10);
	for (i = 0; i < KEYFACTS_PRIVATE_MAX; i++)
		assert_int_equal(f.private_handle[i], i);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(objects),
	    cmocka_unit_test(handles),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
