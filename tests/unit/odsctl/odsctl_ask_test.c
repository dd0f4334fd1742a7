/* SPDX-License-Identifier: GPL-2.0-or-later
 * Copyright (C) The ocf-ods contributors */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "fake_daemon.h"
#include "odsctl.h"

#define EXIT_0 "\4\0\1\0"

static struct fake_daemon fake;
static struct why why;
static char out[4096];
static int code;

static void script(const char *data, size_t len)
{
	fake.script[fake.pieces++] = (struct piece){data, len};
}
#define SEND(text) script(text, sizeof(text) - 1)

static int ask(int ms)
{
	int rc;

	memset(&why, 0, sizeof(why));
	fake_start(&fake);
	rc = odsctl_ask(fake.path, "running", deadline_in_ms(ms), &code, out,
	    sizeof(out), &why);
	fake_stop(&fake);
	return rc;
}

static void one_frame_and_exit(void **state)
{
	(void)state;
	fake_listen(&fake);
	SEND("\0\0\20Engine running.\n" EXIT_0);
	assert_int_equal(ask(2000), 0);
	assert_int_equal(code, 0);
	assert_string_equal(out, "Engine running.\n");
	assert_int_equal(fake.request_len, 11);
	assert_memory_equal(fake.request, "\2\0\10running\n", 11);
}

static void frames_split_anywhere(void **state)
{
	(void)state;
	fake_listen(&fake);
	fake.pause_ms = 5;
	SEND("\0");
	SEND("\0\3a");
	SEND("bc\1");
	SEND("\0\2de\4\0");
	SEND("\1");
	SEND("\7");
	assert_int_equal(ask(2000), 0);
	assert_int_equal(code, 7);
	assert_string_equal(out, "abcde");
}

static void exit_code_is_a_byte(void **state)
{
	(void)state;
	fake_listen(&fake);
	SEND("\4\0\1\377");
	assert_int_equal(ask(2000), 0);
	assert_int_equal(code, 255);
	assert_string_equal(out, "");
}

static void empty_frames(void **state)
{
	(void)state;
	fake_listen(&fake);
	SEND("\0\0\0\0\0\1x\1\0\0" EXIT_0);
	assert_int_equal(ask(2000), 0);
	assert_string_equal(out, "x");
}

static void output_larger_than_the_buffer_is_cut(void **state)
{
	static char big[3 + 60000];

	(void)state;
	fake_listen(&fake);
	memset(big, 'x', sizeof(big));
	memcpy(big, "\0\352\140", 3); /* 60000 */
	script(big, sizeof(big));
	SEND(EXIT_0);
	assert_int_equal(ask(2000), 0);
	assert_int_equal(strlen(out), sizeof(out) - 1);
	assert_int_equal(code, 0);
}

static void hang_ends_at_the_deadline(void **state)
{
	int64_t before = clock_monotonic_ms();

	(void)state;
	fake_listen(&fake);
	SEND("\0\0\20Engine");
	fake.hold_open = true;
	assert_int_equal(ask(200), -ETIMEDOUT);
	assert_in_range(clock_monotonic_ms() - before, 200, 1000);
	assert_non_null(strstr(why.text, "in time"));
}

/* A daemon that never stops talking must not hold a monitor. */
static void endless_answer_ends_at_the_deadline(void **state)
{
	int64_t before = clock_monotonic_ms();

	(void)state;
	fake_listen(&fake);
	SEND("\0\0\1x");
	fake.endless = true;
	assert_int_equal(ask(200), -ETIMEDOUT);
	assert_in_range(clock_monotonic_ms() - before, 200, 2000);
}

static void end_without_exit_frame(void **state)
{
	(void)state;
	fake_listen(&fake);
	SEND("\0\0\20Engine running.\n");
	assert_int_equal(ask(2000), -EPROTO);
	fake_listen(&fake);
	SEND("\0\0\20Eng");
	assert_int_equal(ask(2000), -EPROTO);
	fake_listen(&fake);
	assert_int_equal(ask(2000), -EPROTO);
}

static void wrong_opcode(void **state)
{
	(void)state;
	fake_listen(&fake);
	SEND("HTTP/1.1 400 Bad Request\r\n");
	fake.hold_open = false;
	assert_int_equal(ask(2000), -EPROTO);
	fake_listen(&fake);
	SEND("\3\0\0" EXIT_0); /* a prompt */
	assert_int_equal(ask(2000), -EPROTO);
	fake_listen(&fake);
	SEND("\4\0\2\0\0"); /* exit with two bytes */
	assert_int_equal(ask(2000), -EPROTO);
}

static void nobody_listens(void **state)
{
	(void)state;
	fake_listen(&fake);
	close(fake.listener);
	assert_int_equal(odsctl_ask(fake.path, "running", deadline_in_ms(500),
	                     &code, out, sizeof(out), &why),
	    -ECONNREFUSED);
	unlink(fake.path);
	assert_int_equal(odsctl_ask(fake.path, "running", deadline_in_ms(500),
	                     &code, out, sizeof(out), &why),
	    -ENOENT);
}

static void full_backlog_ends_at_the_deadline(void **state)
{
	struct sockaddr_un sa = {.sun_family = AF_UNIX};
	int fds[16], i;

	(void)state;
	fake_listen(&fake);
	memcpy(sa.sun_path, fake.path, sizeof(fake.path));
	for (i = 0; i < 16; i++) {
		fds[i] = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0);
		if (connect(fds[i], (struct sockaddr *)&sa, sizeof(sa)) < 0)
			assert_int_equal(errno, EAGAIN);
	}
	assert_int_equal(odsctl_ask(fake.path, "running", deadline_in_ms(200),
	                     &code, out, sizeof(out), &why),
	    -ETIMEDOUT);
	for (i = 0; i < 16; i++)
		close(fds[i]);
	close(fake.listener);
	unlink(fake.path);
}

static void command_too_long(void **state)
{
	char command[2000];

	(void)state;
	fake_listen(&fake);
	memset(command, 'x', sizeof(command) - 1);
	command[sizeof(command) - 1] = '\0';
	assert_int_equal(odsctl_ask(fake.path, command, deadline_in_ms(500),
	                     &code, out, sizeof(out), &why),
	    -E2BIG);
	close(fake.listener);
	unlink(fake.path);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(one_frame_and_exit),
	    cmocka_unit_test(frames_split_anywhere),
	    cmocka_unit_test(exit_code_is_a_byte),
	    cmocka_unit_test(empty_frames),
	    cmocka_unit_test(output_larger_than_the_buffer_is_cut),
	    cmocka_unit_test(hang_ends_at_the_deadline),
	    cmocka_unit_test(endless_answer_ends_at_the_deadline),
	    cmocka_unit_test(end_without_exit_frame),
	    cmocka_unit_test(wrong_opcode),
	    cmocka_unit_test(nobody_listens),
	    cmocka_unit_test(full_backlog_ends_at_the_deadline),
	    cmocka_unit_test(command_too_long),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
