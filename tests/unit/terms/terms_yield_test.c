/* SPDX-License-Identifier: GPL-2.0-or-later
 * Copyright (C) The ocf-ods contributors */
#include "cluster.h"

/* A source hears of a newer record from a node that is no source. */

static struct control hello_of(int at, int from)
{
	struct control c = {.type = CONTROL_HELLO};

	c.hello = world.node[at].s.member[from].hello;
	c.hello.record = world.node[at].s.record;
	return c;
}

/* N3 has minted a term, n2 has stored it, and n3 is not here to ask. */
static struct control succeeded(void)
{
	struct control c = hello_of(0, 1);

	worker_end(2, LEFT_NODEDOWN);
	run_ms(500);
	assert_true(is_source(0));
	c.hello.record.term++;
	c.hello.record.revision = 1;
	c.hello.record.source = world.node[2].id;
	id_random(&c.hello.record.term_id);
	return c;
}

static void newer_term_in_hello(void **state)
{
	struct control c = succeeded();
	struct vnode *n = as(0);

	(void)state;
	terms_receive(&n->s, &n->s.member[1], &c);
	assert_int_equal(n->s.role, ROLE_UNPROMOTED);
	assert_false(n->publisher_on);
	assert_int_equal(n->disk.record.term, c.hello.record.term);
}

static void newer_term_while_demoting(void **state)
{
	struct control c = succeeded();
	struct vnode *n = as(0);

	(void)state;
	world.node[1].slow = true;
	publish(0);
	demote(0, 20000, false);
	assert_int_equal(n->s.role, ROLE_DEMOTING);
	terms_receive(&n->s, &n->s.member[1], &c);
	assert_int_equal(n->s.role, ROLE_UNPROMOTED);
	assert_int_equal(n->disk.record.term, c.hello.record.term);
}

/* N2 has stored what this source asks for, and more have to. */
static void our_own_proposal(void **state)
{
	struct control c = hello_of(0, 1);
	struct vnode *n = as(0);
	uint64_t revision = n->s.record.revision;

	(void)state;
	c.hello.record.revision += 3;
	terms_receive(&n->s, &n->s.member[1], &c);
	assert_true(is_source(0));
	assert_int_equal(n->s.record.revision, revision);
}

/* N3 is here and has told that nothing came of it. */
static void minted_in_vain(void **state)
{
	struct control c = hello_of(0, 1);
	struct vnode *n = as(0);

	(void)state;
	n->s.member[2].hello.minted = ++c.hello.record.term;
	c.hello.record.revision = MINT_REVISION;
	c.hello.record.source = world.node[2].id;
	id_random(&c.hello.record.term_id);
	terms_receive(&n->s, &n->s.member[1], &c);
	assert_true(is_source(0));
}

/* A later one of our own that is not on our disk: that went back in time, and
 * nobody has noticed. */
static void a_term_that_we_have_forgotten(void **state)
{
	struct control c = hello_of(0, 1);
	struct vnode *n = as(0);

	(void)state;
	c.hello.record.term++;
	id_random(&c.hello.record.term_id);
	terms_receive(&n->s, &n->s.member[1], &c);
	assert_int_equal(n->s.role, ROLE_UNPROMOTED);
	assert_false(n->publisher_on);
	assert_int_equal(n->disk.record.term, c.hello.record.term);
}

#define ON3(t) cmocka_unit_test_setup_teardown(t, cluster3, end)

int main(void)
{
	const struct CMUnitTest tests[] = {
	    ON3(newer_term_in_hello),
	    ON3(newer_term_while_demoting),
	    ON3(our_own_proposal),
	    ON3(minted_in_vain),
	    ON3(a_term_that_we_have_forgotten),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
