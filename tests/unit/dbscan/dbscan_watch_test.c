/* SPDX-License-Identifier: GPL-2.0-or-later
 * Copyright (C) The ocf-ods contributors */
#include "dblab.h"

#include <sys/inotify.h>
#include <sys/syscall.h>

#include "capture_core.h"

/* The user's watches are used up. */

static bool used_up;

int inotify_add_watch(int fd, const char *path, uint32_t mask)
{
	if (!used_up)
		return (int)syscall(SYS_inotify_add_watch, fd, path, mask);
	errno = ENOSPC;
	return -1;
}

static int without_watches(void **state)
{
	used_up = true;
	return setup(state);
}

/* No disk is full: signing goes on meanwhile. */
static void limit_is_named(void **state)
{
	struct lab *l = *state;
	struct why why = {0};
	int rc = copy(l, false, &why);

	assert_true(rc < 0);
	assert_false(capture_fatal(rc));
	assert_non_null(strstr(why.text, "fs.inotify.max_user_watches"));
	used_up = false;
	assert_int_equal(copy(l, false, &why), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup_teardown(
	        limit_is_named, without_watches, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
