/* SPDX-License-Identifier: GPL-2.0-or-later
 * Copyright (C) The ocf-ods contributors */
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>
#include <cmocka.h>

#include "proc.h"

static pid_t sleeper(const char *seconds)
{
	pid_t pid = fork();

	if (pid == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		execlp("sleep", "sleep", "600", seconds, NULL);
		_exit(127);
	}
	while (!proc_is(pid, "sleep"))
		usleep(1000);
	return pid;
}

/* A whole word of the command line, and nothing less. */
static void by_its_argument(void **state)
{
	char seconds[32], longer[40], part[32];
	pid_t pid, other, found[4] = {0};

	(void)state;
	snprintf(seconds, sizeof(seconds), "61%ld7", (long)getpid());
	snprintf(longer, sizeof(longer), "%s1", seconds);
	snprintf(part, sizeof(part), "61%ld", (long)getpid());
	pid = sleeper(seconds);
	other = sleeper(longer);
	assert_int_equal(proc_find_arg("sleep", seconds, found, 4), 1);
	assert_int_equal(found[0], pid);
	assert_int_equal(proc_find_arg("sleep", part, found, 4), 0);
	assert_int_equal(proc_find_arg("slee", seconds, found, 4), 0);
	assert_true(proc_find_arg("sleep", "600", found, 1) >= 2);
	kill(pid, SIGKILL);
	kill(other, SIGKILL);
	waitpid(pid, NULL, 0);
	waitpid(other, NULL, 0);
	assert_int_equal(proc_find_arg("sleep", seconds, found, 4), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(by_its_argument),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
