/* SPDX-License-Identifier: GPL-2.0-or-later
 * Copyright (C) The ocf-ods contributors */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <cmocka.h>

#include "daemon.c"

static int cleared;

/* In place of the library's. */
int pinguard_clear(void)
{
	return cleared++;
}

static const struct param params[] = {
    {.name = "binary", .dflt = "no-such-daemon"},
    {.name = "conf", .dflt = "/no/such/conf.xml"},
    {.name = "pidfile", .dflt = "/no/such/pid"},
    {.name = "socket", .dflt = "/no/such/socket"},
    {.name = NULL},
};
static const struct daemon_kind kind = {
    .name = "test", .binary = "no-such-daemon"};
static const struct agent agent = {
    .name = "test", .params = params, .kind = &kind};

static int monitor(bool probe)
{
	struct call call = {.agent = &agent,
	    .action = "monitor",
	    .instance = "ods-unit-test",
	    .probe = probe,
	    .deadline = deadline_in_ms(5000)};

	assert_int_equal(param_parse(params, call.values, &call.why), 0);
	return daemon_monitor(&call);
}

/* pcs resource cleanup makes Pacemaker probe. */
static void probe_lifts_the_pin_guard(void **state)
{
	(void)state;
	cleared = 0;
	assert_int_equal(monitor(true), PCMK_OCF_NOT_RUNNING);
	assert_int_equal(cleared, 1);
}

static void recurring_monitor_does_not(void **state)
{
	(void)state;
	cleared = 0;
	assert_int_equal(monitor(false), PCMK_OCF_NOT_RUNNING);
	assert_int_equal(cleared, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(probe_lifts_the_pin_guard),
	    cmocka_unit_test(recurring_monitor_does_not),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
