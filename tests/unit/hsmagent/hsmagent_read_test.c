/* SPDX-License-Identifier: GPL-2.0-or-later
 * Copyright (C) The ocf-ods contributors */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <cmocka.h>

#define statefile_each files_each
#include "hsmagent.c"

static const char *files[3];

int files_each(
    int (*fn)(const char *resource, const struct statefile *sf, void *arg),
    void *arg)
{
	static struct statefile sf;
	int i, rc = 0;

	for (i = 0; rc == 0 && i < 3 && files[i]; i++) {
		snprintf(sf.text, sizeof(sf.text), "%s", files[i]);
		statefile_parse(&sf);
		rc = fn("hsm", &sf, arg);
	}
	return rc;
}

static struct hsmagent read_it(const char *a, const char *b)
{
	struct hsmagent agent;

	files[0] = a;
	files[1] = b;
	hsmagent_read(&agent, "/etc/opendnssec/conf.xml");
	return agent;
}

static void none(void **state)
{
	struct hsmagent agent = read_it(NULL, NULL);

	(void)state;
	assert_string_equal(agent.attr, "");
	assert_int_equal(agent.capacity_warn, 90);
	agent = read_it("agent=signer\nattr=ok\ncapacity_warn=5\n", NULL);
	assert_string_equal(agent.attr, "");
	assert_int_equal(agent.capacity_warn, 90);
}

static void that_of_this_conf(void **state)
{
	struct hsmagent agent = read_it(
	    "agent=hsm\nattr=ok\nconf=/other/conf.xml\ncapacity_warn=5\n",
	    "agent=hsm\nattr=lost\nconf=/etc/opendnssec/conf.xml\n"
	    "envfile=/etc/hsm\ncapacity_warn=70\n");

	(void)state;
	assert_string_equal(agent.attr, "lost");
	assert_string_equal(agent.envfile, "/etc/hsm");
	assert_int_equal(agent.capacity_warn, 70);
}

/* Of an agent that does not say so. */
static void an_earlier_one(void **state)
{
	struct hsmagent agent = read_it("agent=hsm\nattr=ok\nwhy=\n", NULL);

	(void)state;
	assert_string_equal(agent.attr, "ok");
	assert_string_equal(agent.envfile, "");
	assert_int_equal(agent.capacity_warn, 90);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(none),
	    cmocka_unit_test(that_of_this_conf),
	    cmocka_unit_test(an_earlier_one),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
