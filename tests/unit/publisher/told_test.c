/* SPDX-License-Identifier: GPL-2.0-or-later
 * Copyright (C) The ocf-ods contributors */
#include "versions.h"

#include "told.h"

/* publish_command fails until the file "ready" is there. */

static char words[PATH_MAX];

static void told_by(const char *arguments)
{
	char script[PATH_MAX + 64];

	snprintf(
	    script, sizeof(script), "#!/bin/sh\ntest -f %s\n", at("ready"));
	put("script", script);
	assert_int_equal(chmod(at("script"), 0755), 0);
	snprintf(words, sizeof(words), "%s%s", at("script"), arguments);
	command = words;
}

static bool is_told(void)
{
	return !zonepast_has(row_of("z0").past, "untold ");
}

/* What caches get from a name server that was not told is not over. */
static void fails_then_works(const char *arguments)
{
	int64_t from;

	told_by(arguments);
	put("ready", "");
	zones_are(1);
	put("signed/z0", "serial=12 keys=13:1:aa");
	start();
	until(row_of("z0").state == ZONE_SERVED && is_told());
	unlink(at("ready"));
	put("signed/z0", "serial=13 keys=13:2:bb");
	until(row_of("z0").served_serial == 13);
	assert_true(zonepast_has(row_of("z0").past, "untold set 60 13:1:aa"));
	put("signed/z0", "serial=14 keys=13:2:bb");
	until(row_of("z0").served_serial == 14);
	assert_true(zonepast_has(row_of("z0").past, "untold set 60 13:1:aa"));
	usleep(1500000);
	control();
	assert_false(is_told());
	from = time(NULL);
	put("ready", "");
	until(is_told());
	/* an hour for secondaries, where no policy says it */
	assert_true(zonepast_has(row_of("z0").past, "history set "));
	assert_in_range(
	    strtoll(strstr(row_of("z0").past, "history set ") + 12, NULL, 10),
	    from + 60 + SAFETY_DELAY_S, time(NULL) + 60 + SAFETY_DELAY_S);
	assert_false(zonepast_has(row_of("z0").past, "served set 60 13:1:aa"));
}

static void a_command_for_each_zone(void **state)
{
	(void)state;
	fails_then_works(" %zone");
}

static void a_command_for_all(void **state)
{
	(void)state;
	fails_then_works("");
}

/* No command any more: who takes over is told of by nobody. */
static void command_was_taken_away(void **state)
{
	(void)state;
	told_by(" %zone");
	begin();
	put("signed/z0", "serial=13 keys=13:1:aa");
	until(row_of("z0").served_serial == 13);
	assert_false(is_told());
	stop();
	command = "";
	start();
	publisher_tell_all(publisher);
	until(is_told());
}

/* It stays so over a restart, until the command has run there. */
static void a_successor_tells(void **state)
{
	(void)state;
	told_by(" %zone");
	begin();
	put("signed/z0", "serial=13 keys=13:1:aa");
	until(row_of("z0").served_serial == 13);
	stop();
	assert_false(is_told());
	start();
	publisher_tell_all(publisher);
	usleep(300000);
	control();
	assert_false(is_told());
	put("ready", "");
	until(is_told());
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    T(a_command_for_each_zone),
	    T(a_command_for_all),
	    T(command_was_taken_away),
	    T(a_successor_tells),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
