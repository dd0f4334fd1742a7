/* SPDX-License-Identifier: GPL-2.0-or-later
 * Copyright (C) The ocf-ods contributors */
#include "../intent/workdir.h"

#include <signal.h>
#include <sys/resource.h>

#include "log.h"
#include "quarantine.h"

/* Copies of what is about to be replaced, one of each. */

static struct quarantine q;
static int dir_fd;

static int setup(void **state)
{
	struct id term = {{0}};
	int rc = workdir_make();

	(void)state;
	log_open("quarantine_test");
	dir_fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	quarantine_begin(&q, dir, &term);
	put("zone", "old");
	return rc;
}

static int teardown(void **state)
{
	(void)state;
	quarantine_end(&q);
	close(dir_fd);
	return workdir_end();
}

static int take(void)
{
	return quarantine_take(
	    &q, dir_fd, "zone", SET_UNSIGNED, "zone", true, "replaced");
}

static const char *taken(const char *name)
{
	static char text[PATH_MAX];

	snprintf(text, sizeof(text), "quarantine/%032d/unsigned/%s", 0, name);
	return at(text);
}

static void assert_taken(const char *name, const char *text)
{
	char *data;
	size_t len;

	assert_int_equal(file_read(taken(name), 100, &data, &len, NULL), 0);
	assert_string_equal(data, text);
	free(data);
}

static void once(void **state)
{
	(void)state;
	assert_int_equal(take(), 0);
	assert_int_equal(take(), 0);
	assert_taken("zone", "old");
	assert_int_equal(access(taken("zone.1"), F_OK), -1);
	assert_int_equal(access(at("zone"), F_OK), 0);
}

static void another_one_as_well(void **state)
{
	(void)state;
	assert_int_equal(take(), 0);
	put("zone", "newer"); /* two in one tick have one mtime */
	assert_int_equal(take(), 0);
	assert_int_equal(take(), 0);
	assert_taken("zone", "old");
	assert_taken("zone.1", "newer");
	assert_int_equal(access(taken("zone.2"), F_OK), -1);
}

/* What did not fit takes no space, and is no copy. */
static void half_a_copy_goes(void **state)
{
	struct rlimit limit, small;

	(void)state;
	signal(SIGXFSZ, SIG_IGN);
	assert_int_equal(getrlimit(RLIMIT_FSIZE, &limit), 0);
	small = limit;
	small.rlim_cur = 2;
	setrlimit(RLIMIT_FSIZE, &small);
	assert_int_equal(take(), -EFBIG);
	setrlimit(RLIMIT_FSIZE, &limit);
	assert_int_equal(access(taken("zone"), F_OK), -1);
	assert_int_equal(take(), 0);
	assert_taken("zone", "old");
}

#define T(t) cmocka_unit_test_setup_teardown(t, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
	    T(once),
	    T(another_one_as_well),
	    T(half_a_copy_goes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
