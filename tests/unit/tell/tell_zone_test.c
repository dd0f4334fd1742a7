/* SPDX-License-Identifier: GPL-2.0-or-later
 * Copyright (C) The ocf-ods contributors */
#include "tell.h"

#include <poll.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>
#include <cmocka.h>

#include "deadline.h"
#include "file.h"

/* publish_command is a script that says when it begins and ends. */

static char dir[] = "/tmp/ods-tell.XXXXXX", script[64], said[64], command[96];

static int setup(void **state)
{
	char text[256];

	(void)state;
	strcpy(dir, "/tmp/ods-tell.XXXXXX");
	if (!mkdtemp(dir))
		return -1;
	snprintf(script, sizeof(script), "%s/script", dir);
	snprintf(said, sizeof(said), "%s/said", dir);
	snprintf(text, sizeof(text),
	    "#!/bin/sh\necho \"+ $1\" >>%s\nsleep 0.3\necho \"- $1\" >>%s\n",
	    said, said);
	return file_replace(script, text, strlen(text), 0755, false, NULL);
}

static int teardown(void **state)
{
	(void)state;
	unlink(script);
	unlink(said);
	return rmdir(dir);
}

/* What the script has said, once it has ended COUNT times. */
static char *after(int count)
{
	struct deadline limit = deadline_in_ms(30000);
	char *text = NULL, *at;
	size_t len;
	int ends;

	do {
		free(text);
		text = NULL;
		assert_false(deadline_passed(limit));
		deadline_sleep_ms(limit, 50);
		ends = 0;
		if (file_read(said, 65536, &text, &len, NULL) < 0)
			continue;
		for (at = text; (at = strchr(at, '-')); at++)
			ends++;
	} while (ends < count);
	return text;
}

static void begun(const char *line)
{
	struct deadline limit = deadline_in_ms(30000);
	bool found = false;
	char *text;
	size_t len;

	while (!found) {
		assert_false(deadline_passed(limit));
		deadline_sleep_ms(limit, 10);
		if (file_read(said, 65536, &text, &len, NULL) < 0)
			continue;
		found = strstr(text, line) != NULL;
		free(text);
	}
}

static uint64_t tell(struct tell *t, int zone)
{
	char name[8];

	snprintf(name, sizeof(name), "z%d", zone);
	return tell_zone(t, name, name);
}

/* The next command that ends. */
static struct tell_end ended(struct tell *t)
{
	struct pollfd pfd = {.fd = tell_fd(t), .events = POLLIN};
	struct tell_end end;

	while (!tell_ended(t, &end))
		assert_int_equal(poll(&pfd, 1, 30000), 1);
	return end;
}

static struct tell *start(const char *words)
{
	struct tell *t;

	snprintf(command, sizeof(command), "%s%s", script, words);
	t = tell_start(command, NULL);
	assert_non_null(t);
	return t;
}

/* The zone was told of twice, the second time while the first one ran. */
static void four_zones_at_a_time(void **state)
{
	struct tell *t = start(" %zone");
	int i, running = 0, most = 0;
	bool busy[8] = {false};
	char *text, *at;

	(void)state;
	for (i = 0; i < 8; i++)
		tell(t, i);
	begun("+ z0\n");
	tell(t, 0);
	text = after(9);
	tell_stop(t);
	assert_int_equal(strncmp(text, "+ z", 3), 0);
	for (at = text; *at; at = strchr(at, '\n') + 1) {
		int zone = at[3] - '0';

		if (*at == '+') {
			assert_false(busy[zone]);
			running++;
		} else {
			running--;
		}
		busy[zone] = *at == '+';
		most = running > most ? running : most;
	}
	assert_in_range(most, 2, 4);
	/* first told, first run: one of the first four, also within a ms */
	assert_in_range(text[3], '0', '3');
	free(text);
}

static void one_run_for_all(void **state)
{
	struct tell *t = start(" all");
	int i;
	char *text;

	(void)state;
	tell(t, 0);
	deadline_sleep_ms(deadline_in_ms(1000), 100);
	for (i = 0; i < 8; i++)
		tell(t, i);
	free(after(2));
	deadline_sleep_ms(deadline_in_ms(1000), 500); /* for a third one */
	text = after(2);
	tell_stop(t);
	assert_string_equal(text, "+ all\n- all\n+ all\n- all\n");
	free(text);
}

/* Each says of which zone, and of which install. */
static void what_has_become_of_it(void **state)
{
	struct tell *t = start(" %zone");
	uint64_t first = tell(t, 0), second;
	int64_t from = time(NULL);
	struct tell_end end;

	(void)state;
	assert_true(first > 0);
	begun("+ z0\n");
	second = tell(t, 0); /* behind the one that runs */
	assert_true(second > first);
	end = ended(t);
	assert_string_equal(end.zone, "z0");
	assert_int_equal(end.ticket, first);
	assert_false(end.failed);
	assert_in_range(end.at, from, time(NULL));
	end = ended(t);
	assert_int_equal(end.ticket, second);
	assert_false(tell_ended(t, &end));
	tell_stop(t);
}

/* A run is for all that was told before it, and not for what came since. */
static void of_all_zones(void **state)
{
	struct tell *t = start(" all");
	uint64_t first = tell(t, 0), last;
	struct tell_end end;

	(void)state;
	begun("+ all\n");
	tell(t, 1);
	last = tell(t, 2);
	end = ended(t);
	assert_string_equal(end.zone, "");
	assert_int_equal(end.ticket, first);
	end = ended(t);
	assert_int_equal(end.ticket, last);
	assert_false(end.failed);
	tell_stop(t);
}

/* One that fails is told, and run again. */
static void it_fails(void **state)
{
	struct tell *t = tell_start("/bin/false %zone", NULL);
	uint64_t ticket = tell(t, 0);
	struct tell_end end = ended(t);

	(void)state;
	assert_true(end.failed);
	assert_int_equal(end.ticket, ticket);
	end = ended(t);
	assert_true(end.failed);
	tell_stop(t);
}

static void nobody_has_to_be_told(void **state)
{
	struct tell *t = tell_start("", NULL);
	struct tell_end end;

	(void)state;
	assert_int_equal(tell(t, 0), 0);
	assert_false(tell_ended(t, &end));
	tell_stop(t);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup_teardown(
	        four_zones_at_a_time, setup, teardown),
	    cmocka_unit_test_setup_teardown(one_run_for_all, setup, teardown),
	    cmocka_unit_test_setup_teardown(
	        what_has_become_of_it, setup, teardown),
	    cmocka_unit_test_setup_teardown(of_all_zones, setup, teardown),
	    cmocka_unit_test(it_fails),
	    cmocka_unit_test(nobody_has_to_be_told),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
