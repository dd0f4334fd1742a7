/* SPDX-License-Identifier: GPL-2.0-or-later
 * Copyright (C) The ocf-ods contributors */
#include "cluster.h"

/* A barrier that is held, and a zone whose signatures run out: what may go
 * without it, and what the record says before it does. */

static bool let_out(int i)
{
	struct vnode *n = as(i);
	int before = n->publisher.escaped;

	barrier_escape(&n->s, NULL);
	return n->publisher.escaped > before;
}

/* n2 is cut off, and its fencing does not come. */
static void fencing_fails(void)
{
	partition(1, 1);
	publish(0);
	run_ms(10000);
	assert_int_equal(world.published, world.version - 1);
	assert_non_null(strstr(world.node[0].s.held_why, "fencing of n2"));
}

static void solo_before_it_goes_out(void **state)
{
	struct vnode *n = &world.node[0];
	uint64_t revision = n->disk.record.revision;

	(void)state;
	fencing_fails();
	assert_false(n->disk.record.solo);
	assert_true(let_out(0));
	assert_true(n->disk.record.solo && n->s.record.solo);
	assert_true(n->disk.record.revision > revision);
	assert_true(holder(0, 1)); /* which can still promote */
	run_ms(20000);
	assert_true(n->s.record.solo);
	/* of the batch all but that is asked for anew, in vain */
	publish(0);
	run_ms(3000);
	assert_int_equal(world.published, world.version - 2);
	assert_true(let_out(0));
	/* it comes back, and has all of it */
	partition(1, 0);
	run_ms(45000); /* it was late, and is named again */
	assert_false(n->s.record.solo || n->disk.record.solo);
	assert_true(holder(0, 1));
	publish(0);
	run_ms(1000);
	assert_int_equal(world.published, world.version);
}

/* Its disk is full: nothing goes out that a successor could not know of. */
static void not_when_it_cannot_be_stored(void **state)
{
	struct vnode *n = &world.node[0];

	(void)state;
	fencing_fails();
	n->disk.full = true;
	assert_false(let_out(0));
	assert_false(n->s.record.solo);
	assert_int_equal(n->publisher.refused, 1);
	n->disk.full = false;
	publish(0);
	run_ms(1000);
	assert_true(let_out(0));
	assert_true(n->disk.record.solo);
}

static void not_while_it_ends_by_itself(void **state)
{
	struct vnode *n = &world.node[0];

	(void)state;
	n = &world.node[1];
	n->slow = true;
	publish(0);
	run_ms(1000);
	assert_false(let_out(0)); /* it is late: dropped soon */
	assert_false(world.node[0].s.record.solo);
	publish(0);
	run_ms(10000);
	assert_int_equal(world.published, world.version);
	/* an answer that came before the question */
	publish(0);
	run_ms(1000);
	assert_int_equal(world.published, world.version);
	assert_false(let_out(0));
	assert_int_equal(world.node[0].publisher.refused, 1);
}

/* Of three: n3 goes on with n1, n2 is lost; n3 has to have it. */
static void who_is_here_has_it_first(void **state)
{
	(void)state;
	partition(1, 1);
	world.node[2].slow = true;
	publish(0);
	run_ms(1000);
	assert_false(let_out(0));
	world.node[2].slow = false;
	publish(0);
	run_ms(1000);
	assert_true(let_out(0));
	run_ms(1000);
	assert_true(world.node[2].disk.record.solo);
}

static void not_without_quorum(void **state)
{
	(void)state;
	partition(0, 1);
	publish(0);
	run_ms(5000);
	assert_false(world.node[0].s.quorate);
	assert_false(let_out(0));
	assert_false(world.node[0].disk.record.solo);
}

static void not_by_who_is_no_source(void **state)
{
	(void)state;
	fencing_fails();
	demote(0, 5000, false);
	barrier_escape(&as(0)->s, NULL);
	barrier_regather(&as(0)->s, NULL);
	assert_int_equal(world.node[0].publisher.escaped, 0);
	assert_int_equal(world.node[0].publisher.refused, 0);
	assert_false(world.node[0].disk.record.solo);
}

/* Nobody else is named: there is nobody who had to know. */
static void no_second_holder(void **state)
{
	struct vnode *n = &world.node[0];

	(void)state;
	n->s.opt.barrier = BARRIER_REQUIRE;
	fence(1);
	run_ms(3000);
	assert_false(holder(0, 1));
	publish(0);
	run_ms(10000);
	assert_int_equal(world.published, world.version - 1);
	assert_true(let_out(0));
	assert_false(n->s.record.solo || n->disk.record.solo);
}

/* An admin switches fencing off since it fails: that change cannot be in force
 * while n2 is away, and is not lost. */
static void beside_a_change_that_hangs(void **state)
{
	struct vnode *n = &world.node[0];

	(void)state;
	fencing_fails();
	world.fencing = false;
	run_ms(40000);
	assert_true(n->s.proposing);
	assert_true(let_out(0));
	assert_true(n->disk.record.solo && n->disk.record.fencing);
	assert_true(n->s.proposal.solo && !n->s.proposal.fencing);
	assert_true(n->s.proposal.revision > n->disk.record.revision);
	partition(1, 0);
	run_ms(10000);
	assert_false(n->s.record.fencing || n->s.proposing);
	assert_false(n->s.record.solo);
}

/* The daemon dies behind it: the next one knows. */
static void a_worker_dies(void **state)
{
	struct vnode *n = &world.node[0];

	(void)state;
	fencing_fails();
	assert_true(let_out(0));
	worker_end(0, LEFT_PROCDOWN);
	worker_start(0, true);
	assert_true(n->s.record.solo);
	world.fenced[1]++;
	power_off(1);
	run_ms(40000);
	assert_promoted(0);
}

/* n1 has let a version out, and burns; n2 could not be told. */
static void escape_then_burnt(void **state)
{
	struct vnode *n = &world.node[1];

	(void)state;
	fencing_fails();
	assert_true(let_out(0));
	assert_false(n->disk.record.solo);
	fence(0);
	partition(1, 0);
	run_ms(2000);
	promote(1, 20000);
	run_ms(5000);
	assert_promoted(1);
	assert_int_equal(n->disk.wanted_urgent, 1);
	assert_int_equal(n->disk.wanted_all, 0);
}

/* n3 knows that the record is solo: whatever it may lack. */
static void escape_then_another_one(void **state)
{
	struct vnode *n = &world.node[2];

	(void)state;
	partition(1, 1);
	publish(0);
	run_ms(3000);
	assert_true(let_out(0));
	run_ms(1000);
	assert_true(n->disk.record.solo);
	fence(0);
	fence(1);
	run_ms(2000);
	world.node[1].side = 0;
	worker_start(1, false); /* a majority */
	run_ms(5000);
	promote(2, 20000);
	run_ms(5000);
	assert_promoted(2);
	assert_int_equal(n->disk.wanted_all, 1);
	assert_true(
	    id_equal(&n->disk.record.origin.line, &n->disk.record.term_id));
}

static void no_floor_after_a_demote(void **state)
{
	(void)state;
	demote(0, 20000, false);
	run_ms(3000);
	world.node[0].signer = false;
	promote(1, 20000);
	run_ms(3000);
	assert_promoted(1);
	assert_int_equal(world.node[1].disk.wanted_urgent, 0);
	assert_int_equal(world.node[1].disk.wanted_all, 0);
}

#define CASE(n, fn) cmocka_unit_test_setup_teardown(fn, cluster##n, end)

int main(void)
{
	const struct CMUnitTest tests[] = {
	    CASE(2, solo_before_it_goes_out),
	    CASE(2, not_when_it_cannot_be_stored),
	    CASE(2, not_while_it_ends_by_itself),
	    CASE(3, who_is_here_has_it_first),
	    CASE(3, not_without_quorum),
	    CASE(2, not_by_who_is_no_source),
	    CASE(2, no_second_holder),
	    CASE(2, beside_a_change_that_hangs),
	    CASE(2, a_worker_dies),
	    CASE(2, escape_then_burnt),
	    CASE(3, escape_then_another_one),
	    CASE(2, no_floor_after_a_demote),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
