/* SPDX-License-Identifier: GPL-2.0-or-later
 * Copyright (C) The ocf-ods contributors */
#include "denial.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

static const uint8_t key[SIPHASH_KEY] = {1, 2, 3};

/* "ab bc ca": each step from its first letter to its second. */
static int whole(const char *steps, const char **reason)
{
	struct denial d;
	int rc;

	denial_open(&d, key);
	for (; *steps; steps += 2) {
		denial_step(&d, DENIAL_NSEC, steps, 1, steps + 1, 1,
		    steps[1] <= steps[0]);
		if (steps[2] != ' ')
			break;
		steps++;
	}
	rc = denial_whole(&d, DENIAL_NSEC, reason);
	denial_close(&d);
	return rc;
}

static void one_circle(void **state)
{
	const char *reason;

	(void)state;
	assert_int_equal(whole("aa", &reason), 0);
	assert_int_equal(whole("ab bc ca", &reason), 0);
	/* in any order */
	assert_int_equal(whole("ca ab bc", &reason), 0);
}

static void broken(void **state)
{
	static const char *const rows[] = {
	    "ab", "ab bc", "ab ca", "ab bd ca", "ab bc ca ab", "ab ac ba"};
	const char *reason;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		assert_int_equal(whole(rows[i], &reason), -EBADMSG);
		assert_non_null(strstr(reason, "broken"));
	}
}

/* Each owner is next once, but from one name not all are reached. */
static void two_circles(void **state)
{
	const char *reason;

	(void)state;
	assert_int_equal(whole("ab ba cd dc", &reason), -EBADMSG);
	assert_non_null(strstr(reason, "more than once"));
	assert_int_equal(whole("ab ba cc", &reason), -EBADMSG);
	/* the same one twice */
	assert_int_equal(whole("ab ba ab ba", &reason), -EBADMSG);
	/* all steps but the last go forward, and yet not in order */
	assert_int_equal(whole("ac cb ba", &reason), -EBADMSG);
}

static void empty(void **state)
{
	const char *reason;

	(void)state;
	assert_int_equal(whole("", &reason), -EBADMSG);
	assert_non_null(strstr(reason, "no record"));
}

static void hashes_from_text(void **state)
{
	uint8_t hash[DENIAL_HASH_MAX];

	(void)state;
	/* RFC 4648 10 */
	assert_int_equal(denial_hash_of("CPNMUOJ1E8", 10, hash), 6);
	assert_memory_equal(hash, "foobar", 6);
	assert_int_equal(denial_hash_of("cpnmuog", 7, hash), 4);
	assert_memory_equal(hash, "foob", 4);
	assert_int_equal(denial_hash_of("cpnw", 4, hash), -EBADMSG);
	assert_int_equal(denial_hash_of("cpnmuoh", 7, hash), -EBADMSG);
	assert_int_equal(denial_hash_of("", 0, hash), -EBADMSG);
}

static void parameters(void **state)
{
	struct denial_params p;
	unsigned int flags;
	const char *rest;
	struct denial d;

	(void)state;
	assert_int_equal(
	    denial_params("1 1 5 a815F3  x y", &p, &flags, &rest), 0);
	assert_int_equal(p.iterations, 5);
	assert_int_equal(p.salt_len, 3);
	assert_int_equal(p.salt[2], 0xf3);
	assert_int_equal(flags, 1);
	assert_string_equal(rest, "  x y");
	denial_open(&d, key);
	assert_int_equal(denial_find(&d, &p), -ENOENT);
	assert_int_equal(denial_begin(&d, &p), 1);
	assert_int_equal(denial_begin(&d, &p), 1);
	assert_int_equal(denial_params("1 0 0 -", &p, &flags, &rest), 0);
	assert_int_equal(p.salt_len, 0);
	assert_int_equal(denial_find(&d, &p), -ENOENT);
	assert_int_equal(denial_begin(&d, &p), 2);
	assert_int_equal(
	    denial_params("1 0 2501 -", &p, &flags, &rest), -EBADMSG);
	assert_int_equal(
	    denial_params("1 0 0 abc", &p, &flags, &rest), -EBADMSG);
	assert_int_equal(denial_params("1 0", &p, &flags, &rest), -EBADMSG);
	denial_close(&d);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(one_circle),
	    cmocka_unit_test(broken),
	    cmocka_unit_test(two_circles),
	    cmocka_unit_test(empty),
	    cmocka_unit_test(hashes_from_text),
	    cmocka_unit_test(parameters),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
