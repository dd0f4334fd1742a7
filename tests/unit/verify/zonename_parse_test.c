/* SPDX-License-Identifier: GPL-2.0-or-later
 * Copyright (C) The ocf-ods contributors */
#include "zonename.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

static struct zonename name(const char *text)
{
	struct zonename origin, n;

	assert_int_equal(zonename_parse(&origin, "example.", 8, NULL), 0);
	if (zonename_parse(&n, text, strlen(text), &origin) < 0)
		fail_msg("%s", text);
	return n;
}

/* RFC 4034 6.1, and bytes that a key has to escape. */
static void canonical_order(void **state)
{
	static const char *const sorted[] = {"example.", "a.example.",
	    "yljkjljk.a.example.", "Z.a.example.", "zABC.a.EXAMPLE.",
	    "z.example.", "\\000.z.example.", "\\001.z.example.",
	    "\\001\\000.z.example.", "\\001a.z.example.", "*.z.example.",
	    "\\200.z.example."};
	size_t i, k;

	(void)state;
	for (i = 0; i < sizeof(sorted) / sizeof(sorted[0]); i++)
		for (k = 0; k < sizeof(sorted) / sizeof(sorted[0]); k++) {
			struct zonename a = name(sorted[i]);
			struct zonename b = name(sorted[k]);
			int cmp = zonename_compare(&a, &b);

			assert_int_equal(
			    (cmp > 0) - (cmp < 0), (i > k) - (i < k));
		}
}

static void text_and_back(void **state)
{
	static const char *const rows[][2] = {{"a", "a.example."},
	    {"@", "example."}, {"A.B", "a.b.example."}, {".", "."},
	    {"a\\.b.c.", "a\\.b.c."}, {"x\\032y", "x\\032y.example."},
	    {"\\097", "a.example."}, {"x\\.", "x\\..example."},
	    {"\\@", "\\@.example."}};
	char text[1024];
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct zonename n = name(rows[i][0]);

		zonename_text(&n, text, sizeof(text));
		assert_string_equal(text, rows[i][1]);
	}
}

static void no_names(void **state)
{
	static const char *const rows[] = {
	    "", "..", "a..b", ".a", "\\", "\\25", "\\256", "\\2x5"};
	char text[600] = "";
	struct zonename n, origin = name("@");
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		assert_int_equal(
		    zonename_parse(&n, rows[i], strlen(rows[i]), &origin),
		    -EINVAL);
	memset(text, 'a', 64);
	assert_int_equal(zonename_parse(&n, text, 63, &origin), 0);
	assert_int_equal(zonename_parse(&n, text, 64, &origin), -EINVAL);
	/* 255 bytes are a name, 256 are none */
	for (i = 0; i < 300; i += 2)
		memcpy(text + i, "a.", 2);
	assert_int_equal(zonename_parse(&n, text, 254, NULL), 0);
	assert_int_equal(n.wire_len, 255);
	assert_int_equal(n.labels, 127);
	assert_int_equal(zonename_parse(&n, text, 256, NULL), -EINVAL);
	assert_int_equal(zonename_parse(&n, text, 247, &origin), -EINVAL);
}

static void family(void **state)
{
	struct zonename a = name("x.y.z"), b = name("w.y.z"), z = name("z");
	struct zonename zz = name("zz"), wild = name("*.z");
	size_t len;
	const uint8_t *wire = zonename_ancestor(&a, 2, &len);

	(void)state;
	assert_true(zonename_within(&a, &z));
	assert_true(zonename_within(&z, &z));
	assert_false(zonename_within(&z, &a));
	assert_false(zonename_within(&zz, &z));
	assert_int_equal(zonename_common(&a, &b), 3);
	assert_int_equal(zonename_common(&a, &z), 2);
	assert_int_equal(zonename_common(&zz, &z), 1);
	assert_int_equal(len, z.wire_len);
	assert_memory_equal(wire, z.wire, len);
	assert_int_equal(zonename_sig_labels(&wild), 2);
	assert_int_equal(zonename_sig_labels(&a), 4);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(canonical_order),
	    cmocka_unit_test(text_and_back),
	    cmocka_unit_test(no_names),
	    cmocka_unit_test(family),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
