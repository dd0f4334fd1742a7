/* SPDX-License-Identifier: GPL-2.0-or-later
 * Copyright (C) The ocf-ods contributors */
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>

#include "proc.h"

static int sh(const char *script, int64_t ms, struct proc_result *result)
{
	const char *argv[] = {"sh", "-c", script, NULL};
	struct why why;

	return proc_run(argv, NULL, deadline_in_ms(ms), result, &why);
}

static void how_it_ended(void **state)
{
	struct proc_result r;

	(void)state;
	assert_int_equal(sh("echo out; echo err >&2; exit 3", 20000, &r), 0);
	assert_int_equal(r.code, 3);
	assert_false(r.timed_out);
	assert_string_equal(r.out, "out\nerr\n");
	assert_int_equal(sh("kill -TERM $$", 20000, &r), 0);
	assert_int_equal(r.code, -1);
	assert_int_equal(r.signal, SIGTERM);
	assert_int_equal(sh("read x && exit 1; exit 0", 20000, &r), 0);
	assert_int_equal(r.code, 0); /* stdin is /dev/null */
}

static void output_is_cut(void **state)
{
	struct proc_result r;

	(void)state;
	assert_int_equal(
	    sh("i=0; while [ $i -lt 3000 ]; do echo 0123456789; i=$((i+1)); "
	       "done; exit 7",
	        20000, &r),
	    0);
	assert_int_equal(r.code, 7);
	assert_int_equal(strlen(r.out), sizeof(r.out) - 1);
}

/* The whole group: the child of a child that hangs, too. */
static void deadline_kills_the_group(void **state)
{
	int64_t begun = clock_monotonic_ms();
	struct proc_result r;
	pid_t grandchild;

	(void)state;
	assert_int_equal(
	    sh("trap '' TERM; sleep 600 & echo $!; wait; sleep 600", 300, &r),
	    0);
	assert_true(r.timed_out);
	assert_int_equal(r.signal, SIGKILL);
	assert_in_range(clock_monotonic_ms() - begun, 290, 10000);
	grandchild = atoi(r.out);
	assert_true(grandchild > 1);
	assert_int_equal(
	    proc_wait_gone(grandchild, "sleep", deadline_in_ms(5000)), 0);
}

/* The pipe stays open in a daemon; the end of the child counts. */
static void daemon_behind_it(void **state)
{
	int64_t begun = clock_monotonic_ms();
	struct proc_result r;

	(void)state;
	assert_int_equal(
	    sh("setsid sleep 600 & echo $!; exit 0", 20000, &r), 0);
	assert_int_equal(r.code, 0);
	assert_false(r.timed_out);
	assert_true(clock_monotonic_ms() - begun < 10000);
	assert_int_equal(
	    proc_kill(atoi(r.out), SIGKILL, deadline_in_ms(5000)), 0);
}

static void cancelled(void **state)
{
	static const char *const argv[] = {"sleep", "600", NULL};
	volatile bool cancel = true;
	struct proc_job job = {.argv = argv, .stdin_fd = -1, .cancel = &cancel};
	struct proc_result r;
	struct why why;

	(void)state;
	assert_int_equal(
	    proc_run_job(&job, deadline_in_ms(60000), &r, &why), 0);
	assert_true(r.timed_out);
	assert_int_equal(r.signal, SIGKILL);
}

static void stdin_of_the_job(void **state)
{
	static const char *const argv[] = {"cat", NULL};
	int fd = open("/proc/self/comm", O_RDONLY);
	struct proc_job job = {.argv = argv, .stdin_fd = fd};
	struct proc_result r;
	struct why why;

	(void)state;
	assert_int_equal(
	    proc_run_job(&job, deadline_in_ms(20000), &r, &why), 0);
	assert_true(strlen(r.out) > 1);
	close(fd);
}

/* All of it, whatever its size; the errors apart; and another descriptor. */
static void whole_text(void **state)
{
	static const char script[] =
	    "seq 1 20000; echo wrong >&2; cat <&$0; test ! -e /proc/self/fd/$1";
	char number[16], closed[16];
	int fd = open("/proc/self/comm", O_RDONLY | O_CLOEXEC);
	int other = open("/proc/self/comm", O_RDONLY | O_CLOEXEC);
	const char *const argv[] = {"bash", "-c", script, number, closed, NULL};
	struct proc_job job = {.argv = argv, .stdin_fd = -1, .keep_fd = {fd}};
	struct proc_result r;
	struct why why = {0};
	char *text;

	(void)state;
	snprintf(number, sizeof(number), "%d", fd);
	snprintf(closed, sizeof(closed), "%d", other);
	assert_int_equal(
	    proc_run_text(&job, 200000, deadline_in_ms(20000), &r, &text, &why),
	    0);
	assert_int_equal(r.code, 0);
	assert_string_equal(r.out, "wrong\n");
	assert_non_null(strstr(text, "\n20000\nproc_run"));
	free(text);
	lseek(fd, 0, SEEK_SET);
	assert_int_equal(
	    proc_run_text(&job, 1000, deadline_in_ms(20000), &r, &text, &why),
	    -EFBIG);
	close(fd);
	close(other);
}

static void not_installed(void **state)
{
	static const char *const argv[] = {"no-such-program-here", NULL};
	struct proc_result r;
	struct why why;

	(void)state;
	assert_int_equal(
	    proc_run(argv, NULL, deadline_in_ms(1000), &r, &why), -ENOENT);
	assert_string_equal(why.text, "no-such-program-here is not installed");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(how_it_ended),
	    cmocka_unit_test(output_is_cut),
	    cmocka_unit_test(deadline_kills_the_group),
	    cmocka_unit_test(daemon_behind_it),
	    cmocka_unit_test(cancelled),
	    cmocka_unit_test(stdin_of_the_job),
	    cmocka_unit_test(whole_text),
	    cmocka_unit_test(not_installed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
