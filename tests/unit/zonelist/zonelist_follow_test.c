/* SPDX-License-Identifier: GPL-2.0-or-later
 * Copyright (C) The ocf-ods contributors */
#include <fcntl.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>
#include <cmocka.h>

#include "zonelist.h"

/* A signer that has ZONES_TEXT, and counts what it is told. */
static char dir[] = "/tmp/zonelist_XXXXXX";
static char sock[64], zones_xml[64];
static const char *zones_text;
static int asked, updated;
static int listener;
static pthread_t thread;

static void answer(int fd)
{
	char request[256] = "", frame[1024];
	const char *text = zones_text;
	size_t len;

	if (recv(fd, request, sizeof(request) - 1, 0) < 4)
		return;
	if (strcmp(request + 3, "update --all\n") == 0) {
		updated++;
		text = "Zone list updated: 0 removed, 1 added, 0 updated.\n";
	} else {
		asked++;
	}
	len = strlen(text);
	frame[0] = 0;
	frame[1] = (char)(len >> 8);
	frame[2] = (char)len;
	memcpy(frame + 3, text, len);
	memcpy(frame + 3 + len, "\4\0\1\0", 4);
	send(fd, frame, len + 7, MSG_NOSIGNAL);
}

static void *serve(void *arg)
{
	int fd;

	(void)arg;
	while ((fd = accept(listener, NULL, NULL)) >= 0) {
		answer(fd);
		close(fd);
	}
	return NULL;
}

static int setup(void **state)
{
	struct sockaddr_un sa = {.sun_family = AF_UNIX};

	(void)state;
	if (!mkdtemp(dir))
		return -1;
	snprintf(sock, sizeof(sock), "%s/s", dir);
	snprintf(zones_xml, sizeof(zones_xml), "%s/zones.xml", dir);
	memcpy(sa.sun_path, sock, sizeof(sock));
	listener = socket(AF_UNIX, SOCK_STREAM, 0);
	if (bind(listener, (struct sockaddr *)&sa, sizeof(sa)) < 0 ||
	    listen(listener, 5) < 0)
		return -1;
	return pthread_create(&thread, NULL, serve, NULL);
}

static int teardown(void **state)
{
	(void)state;
	shutdown(listener, SHUT_RDWR);
	pthread_join(thread, NULL);
	close(listener);
	unlink(sock);
	unlink(zones_xml);
	return rmdir(dir);
}

/* zones.xml with these two, last written at that time. */
static void zones_are(const char *a, const char *b, time_t mtime)
{
	struct timespec at[2] = {{.tv_sec = mtime}, {.tv_sec = mtime}};
	FILE *f = fopen(zones_xml, "w");

	assert_non_null(f);
	fprintf(f,
	    "<ZoneList><Zone name=\"%s\"/><Zone name=\"%s\"/></ZoneList>", a,
	    b);
	fclose(f);
	assert_int_equal(utimensat(AT_FDCWD, zones_xml, at, 0), 0);
	asked = updated = 0;
}

static time_t mtime_now(void)
{
	struct stat st;

	assert_int_equal(stat(zones_xml, &st), 0);
	return st.st_mtime;
}

#define TWO "There are 2 zones configured\n- b\n- a\n"
#define ONE "There are 1 zones configured\n- a\n"

static int follow(struct zonelist *zl, time_t now)
{
	struct why why = {0};
	int rc = zonelist_follow(zl, zones_xml, sock, now, &why);

	if (rc < 0)
		print_error("%s\n", why.text);
	return rc;
}

static void same_names_are_asked_for_once(void **state)
{
	struct zonelist zl = {0};

	(void)state;
	zones_are("a", "b", 1000);
	zones_text = TWO;
	assert_int_equal(follow(&zl, 1002), 0);
	assert_int_equal(follow(&zl, 1004), 0);
	assert_int_equal(asked, 1);
	assert_int_equal(updated, 0);
	assert_int_equal(mtime_now(), 1000);
}

static void fresh_change_is_left_to_the_enforcer(void **state)
{
	struct zonelist zl = {0};

	(void)state;
	zones_are("a", "b", 1000);
	zones_text = ONE;
	assert_int_equal(follow(&zl, 1001), 0);
	assert_int_equal(asked, 0);
}

static void missed_zone_gets_a_new_time_and_an_update(void **state)
{
	struct zonelist zl = {0};

	(void)state;
	zones_are("a", "b", 1000);
	zones_text = ONE;
	assert_int_equal(follow(&zl, 1002), 1);
	assert_int_equal(updated, 1);
	assert_int_equal(mtime_now(), 1002);
	/* It is compared again, and then left alone. */
	zones_text = TWO;
	assert_int_equal(follow(&zl, 1004), 0);
	assert_int_equal(follow(&zl, 1006), 0);
	assert_int_equal(asked, 2);
	assert_int_equal(updated, 1);
}

/* It does not take the list: it is not told for ever. */
static void signer_that_does_not_take_it(void **state)
{
	struct zonelist zl = {0};
	int i;

	(void)state;
	zones_are("a", "b", 1000);
	zones_text = ONE;
	for (i = 0; i < 3; i++)
		assert_int_equal(follow(&zl, 2000 + 10 * i), 1);
	assert_true(follow(&zl, 2050) < 0);
	assert_int_equal(follow(&zl, 2060), 0);
	assert_int_equal(updated, 3);
	/* Until it changes. */
	zones_are("a", "c", 3000);
	assert_int_equal(follow(&zl, 3010), 1);
}

static void one_zone_for_another_is_noticed(void **state)
{
	struct zonelist zl = {0};

	(void)state;
	zones_are("a", "c", 1000);
	zones_text = TWO;
	assert_int_equal(follow(&zl, 1002), 1);
	assert_int_equal(updated, 1);
}

static void time_of_the_future_only_rises(void **state)
{
	struct zonelist zl = {0};

	(void)state;
	zones_are("a", "b", 5000);
	zones_text = ONE;
	assert_int_equal(follow(&zl, 1000), 1);
	assert_int_equal(mtime_now(), 5001);
}

static void no_answer_is_an_error_and_changes_nothing(void **state)
{
	struct zonelist zl = {0};

	(void)state;
	zones_are("a", "b", 1000);
	zones_text = "Unknown command\n";
	assert_true(follow(&zl, 1002) < 0);
	assert_int_equal(updated, 0);
	assert_int_equal(mtime_now(), 1000);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(same_names_are_asked_for_once),
	    cmocka_unit_test(fresh_change_is_left_to_the_enforcer),
	    cmocka_unit_test(missed_zone_gets_a_new_time_and_an_update),
	    cmocka_unit_test(signer_that_does_not_take_it),
	    cmocka_unit_test(one_zone_for_another_is_noticed),
	    cmocka_unit_test(time_of_the_future_only_rises),
	    cmocka_unit_test(no_answer_is_an_error_and_changes_nothing),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
