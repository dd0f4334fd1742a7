/* SPDX-License-Identifier: GPL-2.0-or-later
 * Copyright (C) The ocf-ods contributors */
#include <sys/wait.h>
#include <unistd.h>

#include "../terms/cluster.h"
#include "worker.h"

/* Somebody copied the state_dir of n1 to n3. */

static void hello_of_a_copy(struct syncd *s)
{
	struct control c = {.type = CONTROL_HELLO};

	c.hello.node = s->self;
	id_random(&c.hello.worker);
	terms_receive(s, member_by_nodeid(s, 3), &c);
}

static void ack_of_a_copy(struct syncd *s)
{
	struct control c = {.type = CONTROL_ACK, .node = s->self};

	c.term_id = s->proposal.term_id;
	c.revision = s->proposal.revision;
	terms_receive(s, member_by_nodeid(s, 3), &c);
}

static void the_source_goes_on(void **state)
{
	struct syncd *s = &as(0)->s;
	int version;

	(void)state;
	worker_end(2, LEFT_LEAVE);
	run_ms(1000);
	as(0);
	member_by_nodeid(s, 3)->left = LEFT_NOT;
	hello_of_a_copy(s);
	assert_true(member_by_nodeid(s, 3)->twin);
	assert_false(member_by_nodeid(s, 3)->has_hello);
	assert_true(promote_peers_known(s));
	version = publish(0);
	run_ms(1000);
	assert_promoted(0);
	assert_int_equal(world.published, version);
	/* A late standby is dropped with two of three: n1 and n2. */
	world.node[1].slow = true;
	version = publish(0);
	run_ms(8000);
	assert_int_equal(world.published, version);
}

/* Of three voters the copy must not be the second one. */
static void it_does_not_ack(void **state)
{
	struct syncd *s = &as(0)->s;

	(void)state;
	worker_end(1, LEFT_LEAVE);
	worker_end(2, LEFT_LEAVE);
	run_ms(200);
	as(0);
	member_by_nodeid(s, 3)->left = LEFT_NOT;
	hello_of_a_copy(s);
	assert_false(terms_in_force(s));
	ack_of_a_copy(s);
	assert_false(terms_in_force(s));
}

static void another_id_is_heard_again(void **state)
{
	struct syncd *s = &as(0)->s;
	struct control c = {.type = CONTROL_HELLO};

	(void)state;
	hello_of_a_copy(s);
	assert_true(member_by_nodeid(s, 3)->twin);
	c.hello.node = world.node[2].id;
	id_random(&c.hello.worker);
	terms_receive(s, member_by_nodeid(s, 3), &c);
	assert_false(member_by_nodeid(s, 3)->twin);
	assert_true(member_by_nodeid(s, 3)->has_hello);
}

static int exit_of_hello(int i, bool restarting)
{
	int status = 0;
	pid_t pid = fork();

	if (pid == 0) {
		world.node[i].s.restarting = restarting;
		as(i);
		hello_of_a_copy(&world.node[i].s);
		_exit(0);
	}
	waitpid(pid, &status, 0);
	return WEXITSTATUS(status);
}

static void who_has_no_part_in_signing_gives_way(void **state)
{
	(void)state;
	assert_int_equal(exit_of_hello(1, false), WORKER_UNFIT);
	assert_int_equal(exit_of_hello(1, true), 0);
	assert_int_equal(exit_of_hello(0, false), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup_teardown(the_source_goes_on, cluster3, end),
	    cmocka_unit_test_setup_teardown(it_does_not_ack, cluster3, end),
	    cmocka_unit_test_setup_teardown(
	        another_id_is_heard_again, cluster3, end),
	    cmocka_unit_test_setup_teardown(
	        who_has_no_part_in_signing_gives_way, cluster3, end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
