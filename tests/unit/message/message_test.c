/* SPDX-License-Identifier: GPL-2.0-or-later
 * Copyright (C) The ocf-ods contributors */
#include "message.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

static uint8_t buf[8192];
static struct wire_writer w;

static void put(const char *path)
{
	struct entry *e = entry_new(SET_UNSIGNED, path);

	assert_non_null(e);
	entry_put(&w, e);
	entry_unref(e);
}

static int setup(void **state)
{
	(void)state;
	wire_write_begin(&w, buf, sizeof(buf));
	return 0;
}

static void a_list_and_its_sum(void **state)
{
	struct change_list list = {0};
	struct manifest *has = NULL;
	uint8_t sum[SHA_LEN] = {0};

	(void)state;
	put("b");
	put("a");
	assert_int_equal(join_list_get(buf, w.used, &list), 0);
	assert_int_equal(list.count, 2);
	assert_int_equal(join_end_get(sum, sizeof(sum), &list, &has), -EBADMSG);
	assert_null(has);
	assert_int_equal(list.count, 0);
}

static void a_name_twice(void **state)
{
	struct change_list list = {0};
	struct manifest *has = NULL;
	uint8_t sum[SHA_LEN] = {0};

	(void)state;
	put("a");
	put("a");
	assert_int_equal(join_list_get(buf, w.used, &list), 0);
	assert_int_equal(join_end_get(sum, sizeof(sum), &list, &has), -EEXIST);
	assert_null(has);
}

static void no_way_out_of_the_root(void **state)
{
	static const char *const paths[] = {"..", "../a", "a/../b", "/a", ""};
	struct change_list list = {0};
	size_t i;

	for (i = 0; i < sizeof(paths) / sizeof(paths[0]); i++) {
		setup(state);
		put(paths[i]);
		assert_int_equal(join_list_get(buf, w.used, &list), -EXDEV);
		assert_int_equal(list.count, 0);
	}
}

/* A manifest of a million entries: refused before it takes memory. */
static void too_many_entries(void **state)
{
	struct change_list full = {.count = MANIFEST_ENTRIES_MAX};

	(void)state;
	put("a");
	assert_int_equal(join_list_get(buf, w.used, &full), -E2BIG);
	assert_int_equal(full.count, MANIFEST_ENTRIES_MAX);
	assert_null(full.change);
}

static void answers(void **state)
{
	const struct answer no = {.seq = 5, .text = "no space"};
	struct answer a;

	(void)state;
	answer_put(&w, NET_NACK, &no);
	assert_int_equal(answer_get(NET_NACK, buf, w.used, &a), 0);
	assert_int_equal(a.seq, 5);
	assert_string_equal(a.text, "no space");
	assert_int_equal(answer_get(NET_ACK, buf, w.used, &a), -EBADMSG);
	assert_int_equal(answer_get(NET_ACK, buf, 8, &a), 0);
	assert_string_equal(a.text, "");
	assert_int_equal(answer_get(NET_NACK, buf, 8, &a), -EBADMSG);
	assert_int_equal(answer_get(NET_GEN, buf, 8, &a), -EBADMSG);
}

#define T(t) cmocka_unit_test_setup(t, setup)

int main(void)
{
	const struct CMUnitTest tests[] = {
	    T(a_list_and_its_sum),
	    T(a_name_twice),
	    T(no_way_out_of_the_root),
	    T(too_many_entries),
	    T(answers),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
