/* SPDX-License-Identifier: GPL-2.0-or-later
 * Copyright (C) The ocf-ods contributors */

/* With the program that was built beside this test. */
#undef ODS_LIBEXECDIR
#define ODS_LIBEXECDIR "."
#include "verifier.c"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

static char zone[PATH_MAX], unsigned_zone[PATH_MAX];

/* Its signatures have run out long ago. */
static enum judged judged(const char *served, const char *digest)
{
	struct verify_job job = {.zone = "example",
	    .served = served,
	    .served_digest = digest,
	    .unsigned_zone = unsigned_zone,
	    .facts = ""};
	CLEANUP_CLOSE int fd = open(zone, O_RDONLY | O_CLOEXEC);
	CLEANUP_FREE char *said = NULL;
	struct judgement j;

	assert_true(fd >= 0);
	job.fd = fd;
	lseek(fd, 100, SEEK_SET); /* somebody has read of it */
	verifier_run(&job, &j, &said);
	assert_non_null(said);
	assert_true(j.is_read);
	assert_true(j.serial > 0);
	assert_non_null(strstr(said, "\nhistory set "));
	return j.judged;
}

static void beside_what_is_served(void **state)
{
	(void)state;
	assert_int_equal(judged("", ""), JUDGED_HARD);
	/* no worse than what is served */
	assert_int_equal(judged(zone, ""), JUDGED_OK);
	assert_int_equal(judged(zone, "00112233445566778899aabbccddeeff"
	                              "00112233445566778899aabbccddeeff"),
	    JUDGED_OK);
	assert_int_equal(judged("/no/such/file", ""), JUDGED_HARD);
}

static void a_name_like_an_option(void **state)
{
	struct verify_job job = {.zone = "--help",
	    .served = "",
	    .served_digest = "",
	    .unsigned_zone = "",
	    .facts = ""};
	CLEANUP_CLOSE int fd = open(zone, O_RDONLY | O_CLOEXEC);
	struct judgement j;

	(void)state;
	job.fd = fd;
	verifier_run(&job, &j, NULL);
	assert_int_equal(j.judged, JUDGED_HARD);
	assert_false(j.is_read);
}

static void told_to_end(void **state)
{
	static const volatile bool cancel = true;
	struct verify_job job = {.zone = "example",
	    .served = "",
	    .served_digest = "",
	    .unsigned_zone = "",
	    .facts = "",
	    .cancel = &cancel};
	CLEANUP_CLOSE int fd = open(zone, O_RDONLY | O_CLOEXEC);
	struct judgement j;

	(void)state;
	job.fd = fd;
	verifier_run(&job, &j, NULL);
	assert_int_equal(j.judged, JUDGED_FAILED);
	assert_non_null(strstr(j.sentence, "the verifier failed"));
}

/* Beside the program. */
static int setup(void **state)
{
	char here[PATH_MAX], *slash;
	ssize_t n = readlink("/proc/self/exe", here, sizeof(here) - 1);
	int i;

	(void)state;
	/* no child of ours may look for leaks behind its filter */
	setenv("ASAN_OPTIONS", "detect_leaks=0", 1);
	if (n < 0 || !realpath(TEST_DATA "/verify/nsec.zone", zone) ||
	    !realpath(TEST_DATA "/verify/unsigned.zone", unsigned_zone))
		return -1;
	here[n] = '\0';
	for (i = 0; i < 3; i++) { /* B/unit/verifier/NAME */
		slash = strrchr(here, '/');
		if (!slash)
			return -1;
		*slash = '\0';
	}
	return chdir(here);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(beside_what_is_served),
	    cmocka_unit_test(a_name_like_an_option),
	    cmocka_unit_test(told_to_end),
	};

	return cmocka_run_group_tests(tests, setup, NULL);
}
