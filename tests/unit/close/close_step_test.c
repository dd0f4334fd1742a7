/* SPDX-License-Identifier: GPL-2.0-or-later
 * Copyright (C) The ocf-ods contributors */
#include "../terms/cluster.h"
#include "close.h"

/* ods-syncd --close: a node that was source says that it is none any more. */

/* Of close_run(), which is not run here. */
int group_join(struct syncd *s, struct why *why)
{
	(void)s, (void)why;
	return -ENOTCONN;
}

void group_leave(struct syncd *s)
{
	(void)s;
}

int ledger_open(const char *state_dir, struct ledger **ledger, struct why *why)
{
	(void)state_dir, (void)ledger, (void)why;
	return -ENOENT;
}

int ledger_node_id(
    struct ledger *l, struct id *id, bool *fresh, struct why *why)
{
	(void)l, (void)id, (void)fresh, (void)why;
	return -ENOENT;
}

/* The daemon of the source is dead, its node begins to close the record. */
static struct syncd *closing(void)
{
	worker_end(0, LEFT_PROCDOWN);
	run_ms(500);
	worker_start(0, false);
	as(0)->s.opt.close = true;
	world.node[0].s.starts = 0; /* nothing of it is in the ledger */
	return &as(0)->s;
}

/* Its HELLO is no start of a worker: neither is its ledger older than it was,
 * nor is what the fencing history has told of the node past. */
static void closing_is_no_start(void **state)
{
	const struct member *m = &world.node[1].s.member[0];

	(void)state;
	closing();
	deliver();
	assert_true(m->has_hello && m->hello.closing);
	assert_false(m->outdated);
	assert_false(m->fence_due);
	assert_int_equal(as(0)->s.state, STATE_LEDGER);
}

static void not_before_the_group_is_seen(void **state)
{
	struct syncd *s = closing();

	(void)state;
	assert_false(close_step(s, false));
	assert_false(close_step(s, true));
	assert_false(s->proposing);
	s->proposal = s->record;
	assert_false(terms_in_force(s));
	deliver(); /* the first confchg, and the HELLOs after it */
	as(0);
	assert_false(close_step(s, false));
	assert_true(s->proposing);
	deliver();
	assert_true(close_step(s, false));
	assert_false(world.node[0].disk.record.open);
	assert_false(world.node[1].disk.record.open);
}

static void a_member_that_does_not_agree(void **state)
{
	struct syncd *s;

	(void)state;
	world.node[1].paused = true;
	s = closing();
	deliver();
	as(0);
	assert_false(close_step(s, false));
	assert_false(s->proposing);
	assert_false(close_step(s, true));
	assert_true(s->proposing);
	assert_false(close_step(s, true));
}

static void the_last_node(void **state)
{
	struct syncd *s;

	(void)state;
	worker_end(1, LEFT_LEAVE);
	worker_end(2, LEFT_LEAVE);
	s = closing();
	deliver();
	as(0);
	assert_false(close_step(s, false));
	assert_true(close_step(s, true));
	assert_false(world.node[0].disk.record.open);
}

/* Another node has gone on meanwhile. */
static void somebody_knows_more(void **state)
{
	(void)state;
	fence(0);
	run_ms(500);
	promote(1, 20000);
	run_ms(1000);
	assert_promoted(1);
	worker_start(0, false);
	deliver();
	as(0);
	assert_true(close_step(&world.node[0].s, false));
	assert_false(world.node[0].s.proposing);
	assert_true(world.node[1].s.record.open);
}

/* Our disk is full: the others store it. */
static void full_disk(void **state)
{
	struct syncd *s;

	(void)state;
	worker_end(2, LEFT_LEAVE); /* so that two of three are here */
	run_ms(500);
	s = closing();
	world.node[0].disk.full = true;
	deliver();
	as(0);
	assert_false(close_step(s, false));
	assert_true(s->proposing);
	deliver();
	as(0);
	assert_true(close_step(s, false));
	assert_true(world.node[0].disk.record.open);
	assert_false(world.node[1].disk.record.open);
	/* The other one takes over without a fencing. */
	worker_end(0, LEFT_LEAVE);
	world.node[0].signer = false;
	worker_start(2, false);
	run_ms(1000);
	promote(1, 20000);
	run_ms(3000);
	assert_promoted(1);
}

static void full_disk_and_no_agreement(void **state)
{
	struct syncd *s;

	(void)state;
	world.node[1].paused = true;
	s = closing();
	world.node[0].disk.full = true;
	deliver();
	as(0);
	assert_false(close_step(s, true));
	assert_true(s->proposing);
	deliver();
	as(0);
	assert_false(close_step(s, true));
}

static void full_disk_of_the_last_node(void **state)
{
	struct syncd *s;

	(void)state;
	worker_end(1, LEFT_LEAVE);
	s = closing();
	world.node[0].disk.full = true;
	deliver();
	as(0);
	assert_false(close_step(s, false));
	assert_true(close_step(s, true));
	assert_true(world.node[0].disk.record.open);
}

/* The other one has stored more than our disk can take. */
static void full_disk_and_later_revision(void **state)
{
	struct syncd *s;

	(void)state;
	s = closing();
	world.node[1].s.record.revision += 2;
	world.node[1].disk.record = world.node[1].s.record;
	world.node[0].disk.full = true;
	deliver();
	as(0);
	assert_false(close_step(s, false));
	deliver();
	as(0);
	assert_true(close_step(s, false));
	assert_false(world.node[1].disk.record.open);
}

static void full_disk_and_later_term(void **state)
{
	(void)state;
	fence(0);
	run_ms(500);
	promote(1, 20000);
	run_ms(1000);
	assert_promoted(1);
	world.node[0].disk.full = true;
	worker_start(0, false);
	deliver();
	as(0);
	assert_int_equal(world.node[0].s.record.term, 1);
	assert_true(close_step(&world.node[0].s, false));
	assert_false(world.node[0].s.proposing);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup_teardown(
	        not_before_the_group_is_seen, cluster2, end),
	    cmocka_unit_test_setup_teardown(
	        a_member_that_does_not_agree, cluster2, end),
	    cmocka_unit_test_setup_teardown(the_last_node, cluster3, end),
	    cmocka_unit_test_setup_teardown(somebody_knows_more, cluster2, end),
	    cmocka_unit_test_setup_teardown(closing_is_no_start, cluster2, end),
	    cmocka_unit_test_setup_teardown(full_disk, cluster3, end),
	    cmocka_unit_test_setup_teardown(
	        full_disk_and_no_agreement, cluster2, end),
	    cmocka_unit_test_setup_teardown(
	        full_disk_of_the_last_node, cluster2, end),
	    cmocka_unit_test_setup_teardown(
	        full_disk_and_later_revision, cluster2, end),
	    cmocka_unit_test_setup_teardown(
	        full_disk_and_later_term, cluster2, end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
