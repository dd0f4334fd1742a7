/* SPDX-License-Identifier: GPL-2.0-or-later
 * Copyright (C) The ocf-ods contributors */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <cmocka.h>

#include "record.h"

static struct record record_of(uint64_t term, char id, uint64_t revision)
{
	struct record r = {.term = term, .revision = revision};

	memset(r.term_id.byte, id, ID_LEN);
	return r;
}

static void order(void **state)
{
	static const struct {
		uint64_t term, revision;
		char id;
		enum record_order want; /* against term 5, id x, revision 3 */
	} table[] = {
	    {5, 3, 'x', RECORD_SAME},
	    {5, 4, 'x', RECORD_NEWER},
	    {5, 2, 'x', RECORD_OLDER},
	    {6, 1, 'y', RECORD_NEWER},
	    {6, 1, 'x', RECORD_NEWER},
	    {4, 9, 'w', RECORD_OLDER},
	    {5, 3, 'y', RECORD_FORK},
	    {5, 9, 'y', RECORD_FORK},
	    {5, 1, 'y', RECORD_FORK},
	    {UINT64_MAX, 0, 'z', RECORD_NEWER},
	    {0, UINT64_MAX, 'x', RECORD_OLDER},
	};
	struct record base = record_of(5, 'x', 3);
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		struct record r =
		    record_of(table[i].term, table[i].id, table[i].revision);

		assert_int_equal(record_compare(&r, &base), table[i].want);
	}
}

/* One is newer, or both are the same, or both say fork. */
static void both_agree(void **state)
{
	static const enum record_order mirror[] = {
	    [RECORD_OLDER] = RECORD_NEWER,
	    [RECORD_SAME] = RECORD_SAME,
	    [RECORD_NEWER] = RECORD_OLDER,
	    [RECORD_FORK] = RECORD_FORK,
	};
	unsigned a, b;

	(void)state;
	for (a = 0; a < 27; a++)
		for (b = 0; b < 27; b++) {
			struct record x =
			    record_of(a / 9, (char)('a' + a / 3 % 3), a % 3);
			struct record y =
			    record_of(b / 9, (char)('a' + b / 3 % 3), b % 3);

			assert_int_equal(record_compare(&y, &x),
			    mirror[record_compare(&x, &y)]);
		}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(order),
	    cmocka_unit_test(both_agree),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
