/* SPDX-License-Identifier: GPL-2.0-or-later
 * Copyright (C) The ocf-ods contributors */
#include <errno.h>
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>
#include <cmocka.h>

#include "file.h"
#include "proc.h"

static pid_t sleeper(void)
{
	pid_t pid = fork();

	if (pid == 0) {
		execlp("sleep", "sleep", "600", NULL);
		_exit(127);
	}
	while (!proc_is(pid, "sleep"))
		usleep(1000);
	return pid;
}

static void alive_zombie_gone(void **state)
{
	pid_t pid = sleeper();

	(void)state;
	assert_true(proc_is(pid, "/usr/bin/sleep"));
	assert_false(proc_is(pid, "slee"));
	assert_false(proc_is(pid, "sleeps"));
	assert_false(proc_is(0, "sleep"));
	assert_false(proc_is(-1, "sleep"));
	kill(pid, SIGKILL);
	/* Not reaped: a zombie runs nothing any more. */
	assert_int_equal(proc_wait_gone(pid, "sleep", deadline_in_ms(5000)), 0);
	assert_int_equal(kill(pid, 0), 0);
	assert_false(proc_is(pid, "sleep"));
	assert_int_equal(proc_kill(pid, SIGKILL, deadline_in_ms(1000)), 0);
	waitpid(pid, NULL, 0);
	assert_false(proc_is(pid, "sleep"));
	assert_int_equal(proc_kill(pid, SIGKILL, deadline_in_ms(1000)), 0);
}

static void *sleep_on(void *arg)
{
	pause();
	return arg;
}

static bool leader_is_zombie(pid_t pid)
{
	char path[64], stat[256] = "";
	FILE *file;

	snprintf(path, sizeof(path), "/proc/%ld/stat", (long)pid);
	file = fopen(path, "re");
	assert_non_null(file);
	assert_non_null(fgets(stat, sizeof(stat), file));
	fclose(file);
	return strstr(stat, ") Z ") != NULL;
}

/* State Z and no exe, but a thread lives. */
static void main_thread_has_ended(void **state)
{
	pid_t pid = fork();

	(void)state;
	if (pid == 0) {
		pthread_t thread;

		prctl(PR_SET_NAME, "ods-half-dead");
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		if (pthread_create(&thread, NULL, sleep_on, NULL) != 0)
			_exit(1);
		pthread_exit(NULL);
	}
	while (!leader_is_zombie(pid))
		usleep(1000);
	assert_true(proc_is(pid, "ods-half-dead"));
	assert_int_equal(
	    proc_wait_gone(pid, "ods-half-dead", deadline_in_ms(50)),
	    -ETIMEDOUT);
	assert_int_equal(
	    proc_kill(pid, SIGCONT, deadline_in_ms(50)), -ETIMEDOUT);
	assert_int_equal(proc_kill(pid, SIGKILL, deadline_in_ms(5000)), 0);
	assert_false(proc_is(pid, "ods-half-dead"));
	waitpid(pid, NULL, 0);
}

static void found_without_a_pid_file(void **state)
{
	pid_t pids[64], pid = sleeper();
	int i, n = proc_find("sleep", pids, 64), seen = 0;

	(void)state;
	for (i = 0; i < n && i < 64; i++)
		seen += pids[i] == pid;
	assert_int_equal(seen, 1);
	assert_true(proc_find("sleep", NULL, 0) >= 1);
	proc_kill(pid, SIGKILL, deadline_in_ms(5000));
	waitpid(pid, NULL, 0);
	assert_int_equal(proc_find("no-such-program-here", pids, 64), 0);
}

static void wait_has_a_deadline(void **state)
{
	pid_t pid = sleeper();

	(void)state;
	assert_int_equal(
	    proc_wait_gone(pid, "sleep", deadline_in_ms(50)), -ETIMEDOUT);
	assert_int_equal(
	    proc_kill(pid, SIGCONT, deadline_in_ms(50)), -ETIMEDOUT);
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
}

/* A pid file lies: it is stale, cut, or points at a stranger. */
static void pid_files(void **state)
{
	static const struct {
		const char *text;
		pid_t want;
	} table[] = {
	    {"1234\n", 1234},
	    {"1234", 1234},
	    {"", 0},
	    {"x", 0},
	    {"0\n", 0},
	    {"1\n", 0},
	    {"-5\n", 0},
	    {"99999999999999999999\n", 0},
	};
	char path[] = "/tmp/ods-pid.XXXXXX";
	struct why why;
	size_t i;

	(void)state;
	close(mkstemp(path));
	for (i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		assert_int_equal(file_replace(path, table[i].text,
		                     strlen(table[i].text), 0600, false, &why),
		    0);
		assert_int_equal(proc_pidfile(path), table[i].want);
	}
	unlink(path);
	assert_int_equal(proc_pidfile(path), 0);
	assert_false(proc_is(getpid(), "ods-signerd")); /* a stranger */
}

static void which(void **state)
{
	char path[256];

	(void)state;
	assert_int_equal(proc_which("sh", path, sizeof(path)), 0);
	assert_int_equal(path[0], '/');
	assert_int_equal(proc_which("/bin/sh", path, sizeof(path)), 0);
	assert_int_equal(proc_which("/no/such", path, sizeof(path)), -ENOENT);
	assert_int_equal(
	    proc_which("no-such-program-here", path, sizeof(path)), -ENOENT);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(alive_zombie_gone),
	    cmocka_unit_test(main_thread_has_ended),
	    cmocka_unit_test(found_without_a_pid_file),
	    cmocka_unit_test(wait_has_a_deadline),
	    cmocka_unit_test(pid_files),
	    cmocka_unit_test(which),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
