/* SPDX-License-Identifier: GPL-2.0-or-later
 * Copyright (C) The ocf-ods contributors */
#include "sample.h"

#include <errno.h>
#include <fcntl.h>

/* Only the two numbers change: no other byte, no mtime, no mode. */
static void all_else_stays(void **state)
{
	static const struct timespec old[2] = {
	    {1234567890, 123456789}, {1234567891, 987654321}};
	static const char before[] = "internal 3 outbound 3\n";
	struct backup2 b;
	struct stat st;
	struct why why;
	size_t len, new_len;
	char *text = sample_real(REAL_BACKUP2, &len), *after, *at;

	(void)state;
	sample_write(text, len);
	assert_int_equal(utimensat(AT_FDCWD, sample_path, old, 0), 0);
	assert_int_equal(
	    backup2_set_serial(sample_path, UINT32_C(4000000000), &why), 0);
	assert_int_equal(backup2_load(sample_path, &b, &why), 0);
	assert_int_equal(b.inbound, 1);
	assert_true(b.internal == UINT32_C(4000000000));
	assert_true(b.outbound == UINT32_C(4000000000));
	assert_int_equal(b.keys, 2);
	assert_int_equal(stat(sample_path, &st), 0);
	assert_int_equal(st.st_mtim.tv_sec, old[1].tv_sec);
	assert_int_equal(st.st_mtim.tv_nsec, old[1].tv_nsec);
	assert_int_equal(st.st_mode & 07777, 0640);
	assert_int_equal(backup2_set_serial(sample_path, 3, &why), 0);
	after = sample_real(sample_path, &new_len);
	at = strstr(text, before);
	assert_non_null(at);
	assert_int_equal(new_len, len);
	assert_memory_equal(after, text, len);
	free(after);
	free(text);
}

/* The words of the header are names, too. */
static void zone_named_internal(void **state)
{
	static const char name[] = "name example.org";
	struct backup2 b;
	struct why why;
	char spoilt[8192];
	size_t len;
	char *text = sample_real(REAL_BACKUP2, &len);
	char *at = strstr(text, name);

	(void)state;
	assert_non_null(at);
	snprintf(spoilt, sizeof(spoilt), "%.*sname internal%s",
	    (int)(at - text), text, at + strlen(name));
	sample_write(spoilt, strlen(spoilt));
	assert_int_equal(backup2_set_serial(sample_path, 7, &why), 0);
	assert_int_equal(backup2_load(sample_path, &b, &why), 0);
	assert_int_equal(b.inbound, 1);
	assert_int_equal(b.internal, 7);
	assert_int_equal(b.outbound, 7);
	free(text);
}

static void not_there(void **state)
{
	struct why why;

	(void)state;
	assert_int_equal(
	    backup2_set_serial("/nonexistent/zone", 1, &why), -ENOENT);
	assert_true(why.text[0] != '\0');
}

static void nothing_is_left_behind(void **state)
{
	char tmp[128];
	struct why why;
	size_t len;
	char *text = sample_real(REAL_BACKUP2, &len);

	(void)state;
	sample_write(text, len);
	assert_int_equal(backup2_set_serial(sample_path, 9, &why), 0);
	snprintf(tmp, sizeof(tmp), "%s.ods-new", sample_path);
	assert_int_equal(access(tmp, F_OK), -1);
	free(text);
}

#define T(t) cmocka_unit_test_setup_teardown(t, sample_setup, sample_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
	    T(all_else_stays),
	    T(nothing_is_left_behind),
	    T(zone_named_internal),
	    cmocka_unit_test(not_there),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
