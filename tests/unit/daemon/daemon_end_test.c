/* SPDX-License-Identifier: GPL-2.0-or-later
 * Copyright (C) The ocf-ods contributors */
#include <poll.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <cmocka.h>

#include "daemon.c"

/* A daemon with a child, such as "ods-signer update" of the enforcer.  ALIVE
 * reads end of file once both are gone. */
static pid_t daemon_with_child(bool leader, int *alive, pid_t *child)
{
	int fds[2];
	pid_t pid;

	assert_int_equal(pipe(fds), 0);
	pid = fork();
	assert_true(pid >= 0);
	if (pid == 0) {
		if (leader)
			setsid();
		if (fork() == 0) {
			pid = getpid();
			if (write(fds[1], &pid, sizeof(pid)) < 0)
				_exit(1);
		}
		alarm(30); /* whatever becomes of the test */
		for (;;)
			pause();
	}
	close(fds[1]);
	assert_int_equal(read(fds[0], child, sizeof(*child)), sizeof(*child));
	*alive = fds[0];
	return pid;
}

static void abandoned_child_is_killed_too(void **state)
{
	struct pollfd pfd = {.events = POLLIN};
	pid_t child, pid = daemon_with_child(true, &pfd.fd, &child);

	(void)state;
	assert_int_equal(kill_hard(pid, deadline_in_ms(5000)), 0);
	assert_int_equal(waitpid(pid, NULL, 0), pid);
	assert_int_equal(poll(&pfd, 1, 5000), 1);
	assert_int_equal(pfd.revents, POLLHUP);
	close(pfd.fd);
}

/* One that does not lead its group: that is somebody else's, here ours. */
static void foreign_group_is_spared(void **state)
{
	struct pollfd pfd = {.events = POLLIN};
	pid_t child, pid = daemon_with_child(false, &pfd.fd, &child);

	(void)state;
	assert_int_equal(kill_hard(pid, deadline_in_ms(5000)), 0);
	assert_int_equal(waitpid(pid, NULL, 0), pid);
	assert_int_equal(poll(&pfd, 1, 50), 0);
	close(pfd.fd);
	kill(child, SIGKILL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(abandoned_child_is_killed_too),
	    cmocka_unit_test(foreign_group_is_spared),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
