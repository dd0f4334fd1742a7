/* SPDX-License-Identifier: GPL-2.0-or-later
 * Copyright (C) The ocf-ods contributors */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <cmocka.h>

#include "daemon.h"

/* One set of actions serves several agents: each works on the daemon that its
 * own agent's .kind describes. */

/* clang-format off */
static const struct param params[] = {
	DAEMON_PARAMS("ods-no-such-d", "no-package"),
	{.name = NULL},
};

static const struct action actions[] = {
	DAEMON_ACTIONS(1),
	{.name = NULL},
};
/* clang-format on */

static const struct daemon_kind mine = {
    .name = "mine", .binary = "ods-mine", .dflt_socket = "/nowhere/mine.sock"};
static const struct daemon_kind other = {.name = "other",
    .binary = "ods-other",
    .dflt_socket = "/nowhere/other.sock"};
static const struct agent agents[] = {
    {.name = "mine", .params = params, .actions = actions, .kind = &mine},
    {.name = "other", .params = params, .actions = actions, .kind = &other},
};

static void call_of(struct call *call, const struct agent *agent)
{
	memset(call, 0, sizeof(*call));
	call->agent = agent;
	call->instance = "daemon-monitor-test";
	call->deadline = deadline_in_ms(5000);
	assert_int_equal(param_parse(params, call->values, &call->why), 0);
}

static void each_agent_has_its_daemon(void **state)
{
	static struct daemon d;
	struct call call;

	(void)state;
	call_of(&call, &agents[0]);
	daemon_init(&d, &call);
	assert_ptr_equal(d.kind, &mine);
	assert_string_equal(d.binary, "ods-no-such-d");
	call_of(&call, &agents[1]);
	daemon_init(&d, &call);
	assert_ptr_equal(d.kind, &other);
	assert_ptr_equal(d.call, &call);
}

static void nothing_runs(void **state)
{
	const struct action *a;
	struct call call;

	(void)state;
	for (a = actions; a->name; a++) {
		call_of(&call, &agents[0]);
		if (strcmp(a->name, "monitor") == 0)
			assert_int_equal(a->run(&call), PCMK_OCF_NOT_RUNNING);
		else if (strcmp(a->name, "start") != 0)
			assert_int_equal(a->run(&call), PCMK_OCF_OK);
	}
	call_of(&call, &agents[0]);
	assert_int_equal(daemon_validate(&call, 0), PCMK_OCF_OK);
	assert_int_equal(daemon_start(&call), PCMK_OCF_NOT_INSTALLED);
	assert_non_null(strstr(call.why.text, "ods-no-such-d"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(each_agent_has_its_daemon),
	    cmocka_unit_test(nothing_runs),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
