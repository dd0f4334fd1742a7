/* SPDX-License-Identifier: GPL-2.0-or-later
 * Copyright (C) The ocf-ods contributors */
#include <errno.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>
#include <cmocka.h>

/* The modules with a run directory below the working directory. */
#undef ODS_RUNDIR
#define ODS_RUNDIR "run"
#include "client.c"
#include "statefile.c"

static char dir[64];
static pid_t server;

static int setup(void **state)
{
	(void)state;
	snprintf(dir, sizeof(dir), "/tmp/ods-client.XXXXXX");
	if (!mkdtemp(dir) || chdir(dir) < 0)
		return -1;
	return mkdir("run", 0755);
}

static int teardown(void **state)
{
	(void)state;
	if (server > 0) {
		kill(server, SIGKILL);
		waitpid(server, NULL, 0);
	}
	server = 0;
	unlink("run/r.sock");
	rmdir("run");
	return chdir("/") + rmdir(dir);
}

/* Answers one request with REPLY, NULL = closes without a word, "" = never
 * answers. */
static void serve(const char *reply)
{
	struct sockaddr_un sa = {
	    .sun_family = AF_UNIX, .sun_path = "run/r.sock"};
	int fd = socket(AF_UNIX, SOCK_SEQPACKET, 0), conn;
	char request[256];

	assert_int_equal(bind(fd, (struct sockaddr *)&sa, sizeof(sa)), 0);
	assert_int_equal(listen(fd, 1), 0);
	server = fork();
	if (server == 0) {
		conn = accept(fd, NULL, NULL);
		if (recv(conn, request, sizeof(request), 0) > 0 && reply &&
		    *reply && send(conn, reply, strlen(reply), 0) < 0)
			_exit(1);
		if (reply && !*reply)
			pause();
		_exit(0);
	}
	close(fd);
}

static int ask(int64_t ms, char *reply, size_t size, struct why *why)
{
	memset(why, 0, sizeof(*why));
	return client_ask(
	    "r", "status\n", reply, size, deadline_in_ms(ms), why);
}

static void content(void **state)
{
	char reply[256], value[32];
	struct why why;

	(void)state;
	serve("rc=0\nwhy=\nrole=source\nodd==x\n\nrc=document\n");
	assert_int_equal(ask(20000, reply, sizeof(reply), &why), 0);
	assert_int_equal(client_value(reply, "role", value, sizeof(value)), 0);
	assert_string_equal(value, "source");
	assert_int_equal(client_value(reply, "odd", value, sizeof(value)), 0);
	assert_string_equal(value, "=x");
	assert_int_equal(
	    client_value(reply, "ro", value, sizeof(value)), -ENOENT);
}

static void refused(void **state)
{
	char reply[256];
	struct why why;

	(void)state;
	serve("rc=-1\nwhy=n2 is the source\n");
	assert_int_equal(ask(20000, reply, sizeof(reply), &why), -EPERM);
	assert_string_equal(why.text, "n2 is the source");
}

static void no_daemon(void **state)
{
	struct why why;
	char reply[64];

	(void)state;
	assert_int_equal(ask(20000, reply, sizeof(reply), &why), -ENOENT);
	assert_non_null(strstr(why.text, "is the resource started here"));
	serve(NULL);
	kill(server, SIGKILL);
	waitpid(server, NULL, 0);
	server = 0;
	assert_int_equal(ask(20000, reply, sizeof(reply), &why), -ECONNREFUSED);
}

static void hung_daemon(void **state)
{
	int64_t begun = clock_monotonic_ms();
	struct why why;
	char reply[64];

	(void)state;
	serve("");
	assert_int_equal(ask(200, reply, sizeof(reply), &why), -ETIMEDOUT);
	assert_in_range(clock_monotonic_ms() - begun, 190, 10000);
	assert_true(why.text[0] != '\0');
}

static void fill_backlog(int *fd, int max)
{
	struct sockaddr_un sa = {
	    .sun_family = AF_UNIX, .sun_path = "run/r.sock"};
	int i;

	for (i = 0; i < max; i++) {
		fd[i] = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_NONBLOCK, 0);
		if (connect(fd[i], (struct sockaddr *)&sa, sizeof(sa)) < 0) {
			assert_int_equal(errno, EAGAIN);
			return;
		}
	}
	fail();
}

/* It does not accept for a while: that is no daemon which is not started. */
static void busy_daemon(void **state)
{
	int64_t begun = clock_monotonic_ms();
	int fd[16], i;
	struct why why;
	char reply[64];

	(void)state;
	serve("rc=0\nwhy=\n");
	kill(server, SIGSTOP);
	fill_backlog(fd, 16);
	assert_int_equal(ask(100, reply, sizeof(reply), &why), -ETIMEDOUT);
	assert_in_range(clock_monotonic_ms() - begun, 90, 10000);
	assert_non_null(strstr(why.text, "did not answer in time"));
	for (i = 0; i < 16; i++)
		close(fd[i]);
}

static void dies_in_between(void **state)
{
	struct why why;
	char reply[64];

	(void)state;
	serve(NULL);
	assert_int_equal(ask(20000, reply, sizeof(reply), &why), -ECONNRESET);
}

static void no_answer_in_it(void **state)
{
	struct why why;
	char reply[64];

	(void)state;
	serve("hello");
	assert_int_equal(ask(20000, reply, sizeof(reply), &why), -EPROTO);
}

#define T(t) cmocka_unit_test_setup_teardown(t, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
	    T(content),
	    T(refused),
	    T(no_daemon),
	    T(hung_daemon),
	    T(busy_daemon),
	    T(dies_in_between),
	    T(no_answer_in_it),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
