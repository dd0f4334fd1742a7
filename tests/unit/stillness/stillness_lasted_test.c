/* SPDX-License-Identifier: GPL-2.0-or-later
 * Copyright (C) The ocf-ods contributors */
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/wait.h>
#include <unistd.h>
#include <cmocka.h>

#include "deadline.h"
#include "stillness.h"

static pid_t child(void (*body)(void))
{
	pid_t pid = fork();

	if (pid == 0) {
		alarm(60);
		body();
		_exit(0);
	}
	assert_true(pid > 0);
	return pid;
}

static void end(pid_t pid)
{
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
}

/* How long until it is called still, ms; LIMIT_MS when it is not. */
static int still_after(pid_t pid, int ms, int limit_ms)
{
	struct stillness s = {0};
	int64_t begin = clock_monotonic_ms();

	while (clock_monotonic_ms() - begin < limit_ms) {
		if (stillness_lasted(&s, pid, ms))
			return (int)(clock_monotonic_ms() - begin);
		usleep(10000);
	}
	return limit_ms;
}

static void wait_for_ever(void)
{
	pause();
}

static void *tick(void *arg)
{
	for (;;)
		usleep(50000);
	return arg;
}

/* The first thread waits; another one goes on. */
static void one_thread_works(void)
{
	pthread_t t;

	pthread_create(&t, NULL, tick, NULL);
	pause();
}

static void spin(void)
{
	volatile unsigned n = 0;

	for (;;)
		n++;
}

static void deadlocked_process_is_still(void **state)
{
	pid_t pid = child(wait_for_ever);
	int ms = still_after(pid, 300, 3000);

	(void)state;
	end(pid);
	assert_in_range(ms, 300, 2000);
}

static void stopped_process_is_still(void **state)
{
	pid_t pid = child(spin);
	int ms;

	(void)state;
	kill(pid, SIGSTOP);
	ms = still_after(pid, 300, 3000);
	end(pid);
	assert_in_range(ms, 300, 2000);
}

static void one_thread_that_works_is_enough(void **state)
{
	pid_t pid = child(one_thread_works);
	int ms;

	(void)state;
	usleep(200000);
	ms = still_after(pid, 600, 1500);
	end(pid);
	assert_int_equal(ms, 1500);
}

static void spinning_process_is_not_still(void **state)
{
	pid_t pid = child(spin);
	int ms = still_after(pid, 300, 1000);

	(void)state;
	end(pid);
	assert_int_equal(ms, 1000);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(deadlocked_process_is_still),
	    cmocka_unit_test(stopped_process_is_still),
	    cmocka_unit_test(one_thread_that_works_is_enough),
	    cmocka_unit_test(spinning_process_is_not_still),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
