/* SPDX-License-Identifier: GPL-2.0-or-later
 * Copyright (C) The ocf-ods contributors */
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>
#include <cmocka.h>

#include "odsctl.h"

/* A signer that answers "zones" and "queue" with what the test has set. */
static char dir[] = "/tmp/odsctl_watch_XXXXXX";
static char sock[64], zones_xml[64];
static const char *answer_zones, *answer_queue;
static int listener;
static pthread_t thread;

static void answer(int fd)
{
	char request[256], frame[1024];
	ssize_t n = recv(fd, request, sizeof(request) - 1, 0);
	const char *text;
	size_t len;

	if (n < 4)
		return;
	request[n] = '\0';
	text =
	    strcmp(request + 3, "zones\n") == 0 ? answer_zones : answer_queue;
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
	FILE *f;

	(void)state;
	if (!mkdtemp(dir))
		return -1;
	snprintf(sock, sizeof(sock), "%s/s", dir);
	snprintf(zones_xml, sizeof(zones_xml), "%s/zones.xml", dir);
	f = fopen(zones_xml, "w");
	if (!f)
		return -1;
	fputs("<ZoneList><Zone name='a'/><Zone name='0/25.x'/></ZoneList>", f);
	fclose(f);
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

#define TWO "There are 2 zones configured\n- a\n- 0/25.x\n"
#define QUEUE(lines) "It is now X\n\nThere are 1 tasks scheduled.\n" lines
#define TASK(zone) "On X I will [sign] zone " zone "\n"

static struct odsctl_watch *watch_new(void)
{
	return odsctl_watch_new(sock, zones_xml, dir, (long)time(NULL) - 100);
}

static int look(struct odsctl_watch *w, struct why *why)
{
	return odsctl_watch_look(w, deadline_in_ms(2000), why);
}

static void zones_before_recovery_is_not_ready(void **state)
{
	struct odsctl_watch *w = watch_new();
	struct why why = {0};

	(void)state;
	answer_queue = QUEUE("");
	answer_zones = "There are 0 zones configured\n";
	assert_int_equal(look(w, &why), 0);
	assert_string_equal(why.text, "the signer has 0 of 2 zones");
	answer_zones = TWO;
	assert_int_equal(look(w, &why), 0);
	assert_string_equal(why.text, "the signer has recovered 0 of 2 zones");
	odsctl_watch_free(w);
}

static void each_zone_in_queue_is_ready(void **state)
{
	struct odsctl_watch *w = watch_new();

	(void)state;
	answer_zones = TWO;
	answer_queue = QUEUE(TASK("a") TASK("0/25.x"));
	assert_int_equal(look(w, NULL), 1);
	odsctl_watch_free(w);
	assert_int_equal(odsctl_signer_ready(sock, zones_xml, dir,
	                     (long)time(NULL), deadline_in_ms(2000), NULL),
	    1);
}

/* A task in work is not listed: what was seen once counts. */
static void zones_seen_in_different_looks(void **state)
{
	struct odsctl_watch *w = watch_new();

	(void)state;
	answer_zones = TWO;
	answer_queue = QUEUE(TASK("a"));
	assert_int_equal(look(w, NULL), 0);
	assert_int_equal(look(w, NULL), 0);
	answer_queue = QUEUE(TASK("0/25.x"));
	assert_int_equal(look(w, NULL), 1);
	odsctl_watch_free(w);
}

static void same_zone_twice_is_not_two(void **state)
{
	struct odsctl_watch *w = watch_new();

	(void)state;
	answer_zones = TWO;
	answer_queue = QUEUE(TASK("a") TASK("a") TASK("other"));
	assert_int_equal(look(w, NULL), 0);
	odsctl_watch_free(w);
}

static void backup_counts_when_it_is_new(void **state)
{
	struct odsctl_watch *w = watch_new();
	struct timespec old[2] = {
	    {.tv_sec = time(NULL) - 3600}, {.tv_sec = time(NULL) - 3600}};
	char path[96];
	FILE *f;

	(void)state;
	snprintf(path, sizeof(path), "%s/0-25.x.backup2", dir);
	f = fopen(path, "w");
	assert_non_null(f);
	fclose(f);
	assert_int_equal(utimensat(AT_FDCWD, path, old, 0), 0);
	answer_zones = TWO;
	answer_queue = QUEUE(TASK("a"));
	assert_int_equal(look(w, NULL), 0);
	assert_int_equal(utimensat(AT_FDCWD, path, NULL, 0), 0);
	assert_int_equal(look(w, NULL), 1);
	unlink(path);
	odsctl_watch_free(w);
}

static void list_shorter_than_it_says(void **state)
{
	struct odsctl_watch *w = watch_new();

	(void)state;
	answer_zones = "There are 2 zones configured\n- a\n";
	assert_int_equal(look(w, NULL), -EPROTO);
	answer_zones = TWO;
	answer_queue = QUEUE(TASK("a") TASK("0/25.x"));
	assert_int_equal(look(w, NULL), 1);
	odsctl_watch_free(w);
}

static void no_zones_file_and_no_zones(void **state)
{
	struct odsctl_watch *w =
	    odsctl_watch_new(sock, "/nowhere/zones.xml", dir, 0);

	(void)state;
	answer_zones = "There are no zones configured\n";
	answer_queue = QUEUE("");
	assert_int_equal(look(w, NULL), 1);
	odsctl_watch_free(w);
}

static void no_daemon(void **state)
{
	struct odsctl_watch *w =
	    odsctl_watch_new("/nowhere/sock", zones_xml, dir, 0);

	(void)state;
	assert_int_equal(look(w, NULL), -ENOENT);
	odsctl_watch_free(w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(zones_before_recovery_is_not_ready),
	    cmocka_unit_test(each_zone_in_queue_is_ready),
	    cmocka_unit_test(zones_seen_in_different_looks),
	    cmocka_unit_test(same_zone_twice_is_not_two),
	    cmocka_unit_test(backup_counts_when_it_is_new),
	    cmocka_unit_test(list_shorter_than_it_says),
	    cmocka_unit_test(no_zones_file_and_no_zones),
	    cmocka_unit_test(no_daemon),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
