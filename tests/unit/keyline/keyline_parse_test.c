/* SPDX-License-Identifier: GPL-2.0-or-later
 * Copyright (C) The ocf-ods contributors */
#include "keyline.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#define SHA                                \
	"0123456789abcdef0123456789abcdef" \
	"0123456789abcdef0123456789abcdef"

static void there_and_back(void **state)
{
	static const char *const lines[] = {
	    "key R 0a present " SHA " public\n",
	    "key R 0a present " SHA "\n",
	    "key R 0a missing -\n",
	    "key R 0a twin - halves-differ\n",
	    "key R 0a unproven-public - no-public-half\n",
	    "proof R 0a proven 12\n",
	    "proof R 0a failed - CKR_DEVICE_ERROR\n",
	    "proof R 0a different 3 private-key\n",
	    "proof R 0a skipped - always-authenticate\n",
	    "extra R 0\n",
	    "capacity R 12 -\n",
	    "capacity R 0 1000\n",
	    "token R 1234abcd\n",
	    "token R -\n",
	    "stat R 10 1 20 0\n",
	    "stat R 10 1 20 3 CKR_A=1 CKR_B=2\n",
	};
	struct keyline k;
	char again[KEYLINE_MAX];
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
		if (keyline_parse(lines[i], &k) != 0)
			fail_msg("not taken: %s", lines[i]);
		keyline_print(&k, again, sizeof(again));
		assert_string_equal(again, lines[i]);
	}
}

static void fields(void **state)
{
	struct keyline k;

	(void)state;
	assert_int_equal(
	    keyline_parse("key R 0a present " SHA " public", &k), 0);
	assert_int_equal(k.kind, KEYLINE_KEY);
	assert_int_equal(k.state, KEY_PRESENT);
	assert_string_equal(k.sha256, SHA);
	assert_string_equal(k.detail, "public");
	assert_int_equal(keyline_parse("proof R 0a skipped - x", &k), 0);
	assert_int_equal(k.ms, -1);
	assert_int_equal(keyline_parse("capacity R 12 -", &k), 0);
	assert_int_equal(k.count, 12);
	assert_int_equal(k.max, 0);
}

static void other_lines(void **state)
{
	static const char *const lines[] = {"", "\n", "keys R 0a",
	    "key=", "repository=R verdict=ok detail=CKR_OK ms=1",
	    " key R 0a missing -"};
	struct keyline k;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(lines) / sizeof(lines[0]); i++)
		assert_int_equal(keyline_parse(lines[i], &k), -ENOENT);
}

/* Half a line is no line: what it lacks may be what matters. */
static void broken(void **state)
{
	static const char *const lines[] = {"key", "key R", "key R 0a",
	    "key R 0a present", "key R 0a present -", "key R 0a missing " SHA,
	    "key R 0a unread -", "key R 0a there " SHA, "key R 0a missing - ",
	    "key R 0a missing - a b", "proof R 0a none -", "proof R 0a proven",
	    "proof R 0a proven x", "proof R 0a proven -1", "extra R",
	    "extra R -", "extra R 01", "extra R 1 2", "capacity R 1 0",
	    "capacity R 99999999999999999999 -", "token R", "token R a b",
	    "stat R 1 2 3", "stat R 1 2 3 4 ", "key R 0x missing -"};
	struct keyline k;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(lines) / sizeof(lines[0]); i++)
		if (keyline_parse(lines[i], &k) != -EBADMSG)
			fail_msg("taken: \"%s\"", lines[i]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(there_and_back),
	    cmocka_unit_test(fields),
	    cmocka_unit_test(other_lines),
	    cmocka_unit_test(broken),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
