/* SPDX-License-Identifier: GPL-2.0-or-later
 * Copyright (C) The ocf-ods contributors */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "../odsctl/fake_daemon.h"
#include "enforcerd.h"
#include "statefile.h"

static const char *resource_conf; /* of the state file, NULL = there is none */
static char resource_socket[128];

const char *statefile_get(const struct statefile *sf, const char *key)
{
	(void)sf;
	if (strcmp(key, "agent") == 0)
		return "enforcer";
	return strcmp(key, "conf") == 0 ? resource_conf : resource_socket;
}

int statefile_each(
    int (*fn)(const char *resource, const struct statefile *sf, void *arg),
    void *arg)
{
	static const struct statefile none;

	return resource_conf ? fn("enforcer", &none, arg) : 0;
}

static void minute_by_minute(void **state)
{
	static const struct {
		int64_t ms;
		bool allowed, stop;
	} steps[] = {
	    {1000, true, false},
	    {2000, false, false},
	    {61999, false, false},
	    {62000, false, true},
	    {62100, false, false},
	    {121999, false, false},
	    {122000, false, true},
	    {150000, true, false},
	    {190000, false, false},
	    {249999, false, false},
	    {250000, false, true},
	};
	struct enforcerd_watch w = {0};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(steps) / sizeof(steps[0]); i++)
		assert_int_equal(
		    enforcerd_overdue(&w, steps[i].allowed, steps[i].ms),
		    steps[i].stop);
}

static void answer(struct fake_daemon *f)
{
	static const unsigned char bye[] = {4, 0, 1, 0};

	fake_listen(f);
	f->script[0] = (struct piece){bye, sizeof(bye)};
	f->pieces = 1;
	fake_start(f);
}

static int stop(const char *conf_socket)
{
	static struct conf conf = {.path = "/etc/opendnssec/conf.xml"};
	struct why why = {0};

	snprintf(conf.enforcer_socket, sizeof(conf.enforcer_socket), "%s",
	    conf_socket);
	return enforcerd_stop(&conf, deadline_in_ms(2000), &why);
}

static void none_runs(void **state)
{
	(void)state;
	resource_conf = NULL;
	assert_int_equal(stop("/nonexistent"), 0);
	resource_conf = "/etc/opendnssec/conf.xml";
	snprintf(resource_socket, sizeof(resource_socket), "/nonexistent/2");
	assert_int_equal(stop("/nonexistent"), 0);
}

static void started_by_hand(void **state)
{
	struct fake_daemon f;

	(void)state;
	resource_conf = NULL;
	answer(&f);
	assert_int_equal(stop(f.path), 1);
	fake_stop(&f);
	assert_memory_equal(f.request + 3, "stop\n", 5);
}

static void with_a_socket_of_its_own(void **state)
{
	struct fake_daemon f;

	(void)state;
	resource_conf = "/etc/opendnssec/conf.xml";
	answer(&f);
	snprintf(resource_socket, sizeof(resource_socket), "%s", f.path);
	assert_int_equal(stop("/nonexistent"), 1);
	fake_stop(&f);
	assert_memory_equal(f.request + 3, "stop\n", 5);
}

/* That of another instance is not ours to stop. */
static void of_another_conf(void **state)
{
	struct fake_daemon f;

	(void)state;
	resource_conf = "/srv/other/conf.xml";
	answer(&f);
	snprintf(resource_socket, sizeof(resource_socket), "%s", f.path);
	assert_int_equal(stop("/nonexistent"), 0);
	assert_int_equal(f.request_len, 0);
	fake_stop(&f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(minute_by_minute),
	    cmocka_unit_test(none_runs),
	    cmocka_unit_test(started_by_hand),
	    cmocka_unit_test(with_a_socket_of_its_own),
	    cmocka_unit_test(of_another_conf),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
