/* SPDX-License-Identifier: GPL-2.0-or-later
 * Copyright (C) The ocf-ods contributors */
#include <arpa/inet.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>
#include <cmocka.h>

#include "asking.h"
#include "question.h"

/* A name server at 127.0.0.1 that has each zone whose name begins with z: its
 * serial is what follows.  It is deaf to the first DEAF questions. */

static int server, port, deaf, heard;
static bool wrong_first;
static pthread_t thread;

static size_t answer(uint8_t *msg, size_t len)
{
	static const uint8_t rr[] = {
	    0xc0, 12, 0, 6, 0, 1, 0, 0, 0, 0, 0, 22, 0, 0, 0, 0, 0, 0};
	uint32_t serial = (uint32_t)atoi((const char *)msg + 14);

	msg[2] = 0x84;
	msg[7] = 1;
	memcpy(msg + len, rr, sizeof(rr));
	len += sizeof(rr) - 4;
	msg[len++] = (uint8_t)(serial >> 24);
	msg[len++] = (uint8_t)(serial >> 16);
	msg[len++] = (uint8_t)(serial >> 8);
	msg[len++] = (uint8_t)serial;
	return len;
}

static void *serve(void *arg)
{
	struct sockaddr_in from;
	socklen_t size = sizeof(from);
	uint8_t msg[512] = {0};
	ssize_t n;

	(void)arg;
	while ((n = recvfrom(server, msg, 300, 0, (struct sockaddr *)&from,
	            &size)) > 4) {
		size_t len;

		if (heard++ < deaf || msg[13] != 'z')
			continue;
		len = answer(msg, (size_t)n);
		if (wrong_first) { /* somebody guesses */
			msg[1] ^= 1;
			sendto(server, msg, len, 0, (struct sockaddr *)&from,
			    size);
			msg[1] ^= 1;
		}
		sendto(server, msg, len, 0, (struct sockaddr *)&from, size);
	}
	return NULL;
}

static int setup(void **state)
{
	struct sockaddr_in at = {.sin_family = AF_INET};
	socklen_t size = sizeof(at);

	(void)state;
	at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	server = socket(AF_INET, SOCK_DGRAM, 0);
	assert_int_equal(bind(server, (struct sockaddr *)&at, size), 0);
	getsockname(server, (struct sockaddr *)&at, &size);
	port = ntohs(at.sin_port);
	deaf = heard = 0;
	wrong_first = false;
	return pthread_create(&thread, NULL, serve, NULL);
}

static int teardown(void **state)
{
	struct sockaddr_in at = {
	    .sin_family = AF_INET, .sin_port = htons((uint16_t)port)};

	(void)state;
	at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	sendto(server, "end", 3, 0, (struct sockaddr *)&at, sizeof(at));
	pthread_join(thread, NULL);
	return close(server);
}

/* What is said when these zones are asked for; the caller's to free(). */
static char *said(const char *const *zones, const char *where)
{
	struct asking *a = asking_new();
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	assert_non_null(a);
	asking_port(a, port);
	for (; *zones; zones++)
		asking_add(a, *zones, where);
	assert_int_equal(asking_run(a, out), 0);
	fclose(out);
	asking_free(a);
	return text;
}

static void each_zone_is_asked_for(void **state)
{
	static const char *const zones[] = {"z7", "z2000000001", NULL};
	char *text = said(zones, "127.0.0.1");

	(void)state;
	assert_non_null(strstr(text, "z7 7 127.0.0.1\n"));
	assert_non_null(strstr(text, "z2000000001 2000000001 127.0.0.1\n"));
	free(text);
	assert_int_equal(heard, 2);
}

static void a_name_is_looked_up(void **state)
{
	static const char *const zones[] = {"z7", NULL};
	char *text = said(zones, "localhost");

	(void)state;
	assert_non_null(strstr(text, "z7 7 127.0.0.1\n"));
	free(text);
}

static void a_question_that_is_lost(void **state)
{
	static const char *const zones[] = {"z7", NULL};
	char *text;

	(void)state;
	deaf = 1;
	text = said(zones, "127.0.0.1");
	assert_string_equal(text, "z7 7 127.0.0.1\n");
	free(text);
	assert_int_equal(heard, 2);
}

static void what_is_guessed_is_no_answer(void **state)
{
	static const char *const zones[] = {"z7", NULL};
	char *text;

	(void)state;
	wrong_first = true;
	text = said(zones, "127.0.0.1");
	assert_string_equal(text, "z7 7 127.0.0.1\n");
	free(text);
}

/* Thousands of zones must not wait for it. */
static void a_silent_server_is_asked_no_more(void **state)
{
	static const char *zones[301];
	char name[300][8], *text;
	int i;

	(void)state;
	for (i = 0; i < 300; i++) {
		snprintf(name[i], sizeof(name[i]), "a%d", i);
		zones[i] = name[i];
	}
	text = said(zones, "127.0.0.1");
	assert_string_equal(text, "");
	free(text);
	assert_in_range(heard, 1, 128); /* one batch, twice */
}

static void what_cannot_be_asked(void **state)
{
	struct asking *a = asking_new();

	(void)state;
	assert_true(asking_add(a, "a..b", "127.0.0.1") < 0);
	assert_int_equal(asking_add(a, "z1", "no-such-host.invalid"), 0);
	assert_int_equal(asking_run(a, stdout), 0);
	asking_free(a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup_teardown(
	        each_zone_is_asked_for, setup, teardown),
	    cmocka_unit_test_setup_teardown(
	        a_name_is_looked_up, setup, teardown),
	    cmocka_unit_test_setup_teardown(
	        a_question_that_is_lost, setup, teardown),
	    cmocka_unit_test_setup_teardown(
	        what_is_guessed_is_no_answer, setup, teardown),
	    cmocka_unit_test_setup_teardown(
	        a_silent_server_is_asked_no_more, setup, teardown),
	    cmocka_unit_test(what_cannot_be_asked),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
