/* SPDX-License-Identifier: GPL-2.0-or-later
 * Copyright (C) The ocf-ods contributors */
#include "../terms/cluster.h"

/* Two records of one term number, and what comes late of an earlier one. */

static void hear(
    int i, int from, enum control_type type, const struct record *record)
{
	struct control c = {.type = type, .record = *record};
	struct vnode *n = as(i);

	terms_receive(&n->s, &n->s.member[from], &c);
}

/* What a former source has still to say of the term before is no reason to
 * give up a mint, and not to be stored over it. */
static void word_of_the_term_before(void **state)
{
	struct record old;

	(void)state;
	demote(0, 20000, false);
	run_ms(1000);
	world.node[0].signer = false;
	run_ms(1000);
	old = world.node[0].s.record;
	old.revision++;
	world.node[2].paused = true;
	promote(1, 20000);
	run_ms(500);
	assert_int_equal(world.node[1].s.role, ROLE_MINTING);
	hear(1, 0, CONTROL_RECORD, &old);
	assert_int_equal(world.node[1].s.role, ROLE_MINTING);
	assert_int_equal(world.node[1].disk.minted, 2);
	world.node[2].paused = false;
	run_ms(1000);
	assert_promoted(1);
}

/* Another record of our number from a node that minted it and no more: at the
 * node that mints, at the source, and at a node that has stored ours. */
static void late_mint(void **state)
{
	struct record late;

	(void)state;
	demote(0, 20000, false);
	run_ms(1000);
	world.node[0].signer = false;
	run_ms(1000);
	late = world.node[0].s.record;
	late.term++;
	late.revision = 1;
	late.open = true;
	id_random(&late.term_id);
	world.node[2].paused = true;
	promote(1, 20000);
	run_ms(500);
	hear(1, 0, CONTROL_RECORD, &late);
	assert_int_equal(world.node[1].s.role, ROLE_MINTING);
	assert_false(world.node[1].s.fork);
	world.node[2].paused = false;
	run_ms(1000);
	assert_promoted(1);
	hear(1, 0, CONTROL_RECORD, &late);
	hear(2, 0, CONTROL_RECORD, &late);
	assert_false(world.node[1].s.fork);
	assert_false(world.node[2].s.fork);
	assert_promoted(1);
	assert_true(holder(1, 2));
}

/* N3 has stored a mint that was given up, then comes another one of that
 * number. */
static void given_up_mint_yields(void **state)
{
	struct record given_up;

	(void)state;
	demote(0, 20000, false);
	run_ms(1000);
	world.node[0].signer = false;
	world.node[1].paused = true;
	run_ms(1000);
	promote(0, 20000);
	run_ms(300);
	assert_int_equal(world.node[2].disk.record.term, 2);
	given_up = world.node[2].disk.record;
	world.node[1].items = 0;
	demote(0, 20000, false);
	run_ms(300);
	world.node[1].items = 0; /* n2 has heard nothing of it */
	world.node[1].s.member[0].hello.record = world.node[1].s.record;
	world.node[1].s.member[2].hello.record = world.node[1].s.record;
	world.node[1].paused = false;
	promote(1, 20000);
	run_ms(1000);
	assert_promoted(1);
	assert_int_equal(world.node[1].s.record.term, given_up.term);
	assert_false(
	    id_equal(&world.node[2].s.record.term_id, &given_up.term_id));
	run_ms(40000);
	assert_false(world.node[2].s.fork || world.node[0].s.fork);
	assert_true(holder(1, 0));
	assert_true(holder(1, 2));
}

/* N3 had stored a mint that n1 gave up, said so, and yields. */
static void who_had_stored_a_mint_yields(void **state)
{
	struct control c = {.type = CONTROL_HELLO};
	struct syncd *s = &as(1)->s;

	(void)state;
	c.hello = s->member[2].hello;
	c.hello.record = s->record;
	id_random(&c.hello.record.term_id);
	terms_receive(s, &s->member[2], &c);
	assert_true(s->fork);
	c.hello.record = s->record;
	terms_receive(s, &s->member[2], &c);
	assert_false(s->fork);
}

static void closed_by_n1(void)
{
	demote(0, 20000, false);
	run_ms(1000);
	world.node[0].signer = false;
	run_ms(1000);
}

/* It may know a newer term, or mint one. */
static void who_has_not_said_hello(void **state)
{
	(void)state;
	fence(2);
	run_ms(1000);
	closed_by_n1();
	worker_start(2, false);
	world.node[2].paused = true;
	run_ms(500);
	promote(1, 20000);
	run_ms(500);
	assert_int_equal(world.node[1].s.role, ROLE_UNPROMOTED);
	world.node[2].paused = false;
	run_ms(1000);
	assert_promoted(1);
}

/* With two voters no majority tells which of the two mints: the other one is
 * waited for until it is gone for sure. */
static void both_sides_of_a_cut_mint(void **state)
{
	(void)state;
	closed_by_n1();
	partition(0, 1);
	run_ms(500);
	promote(0, 60000);
	promote(1, 60000);
	run_ms(5000);
	assert_int_equal(sources(), 0);
	fence(0);
	run_ms(1000);
	assert_promoted(1);
	publish(1);
	run_ms(1000);
	assert_int_equal(world.published, world.version);
	partition(0, 0);
	worker_start(0, false);
	run_ms(40000);
	assert_false(world.node[0].s.fork || world.node[1].s.fork);
	assert_true(holder(1, 0));
}

/* Each of the two has cut a generation in its term. */
static void two_terms(uint64_t term)
{
	int i;

	for (i = 0; i < 2; i++) {
		struct ledger *l = &world.node[i].disk;

		l->record.term = term;
		id_random(&l->record.term_id);
		l->tip.term_id = l->record.term_id;
		power_off(i);
	}
	worker_start(0, false);
	worker_start(1, false);
	run_ms(2000);
	assert_true(world.node[0].s.fork && world.node[1].s.fork);
}

static void init(int source)
{
	struct control c = {
	    .type = CONTROL_INIT, .node = world.node[source].id};

	world.may_lose = true;
	group_send(&as(source)->s, &c);
	run_ms(500);
}

/* Two histories of one number; a human chooses, and all follow. */
static void two_terms_then_init(void **state)
{
	(void)state;
	two_terms(7);
	init(0);
	promote(0, 20000);
	run_ms(2000);
	assert_promoted(0);
	run_ms(40000);
	assert_false(world.node[0].s.fork || world.node[1].s.fork);
	assert_true(holder(0, 1));
}

/* The other one was down when that was typed. */
static void init_while_down(bool same)
{
	two_terms(7);
	if (!same)
		world.node[1].disk.record.term++; /* minted in vain */
	power_off(1);
	run_ms(500);
	init(0);
	worker_start(1, false);
	run_ms(500);
	assert_true(world.node[0].s.fork == same);
	promote(0, 20000);
	run_ms(2000);
	assert_promoted(0);
	assert_int_equal(
	    world.node[0].s.record.term, (same ? 8 : 9) + RECORD_INIT_STEP);
	assert_false(world.node[0].s.fork);
	run_ms(40000);
	assert_false(world.node[1].s.fork);
	assert_true(holder(0, 1));
}

static void init_while_one_is_down(void **state)
{
	(void)state;
	init_while_down(true);
}

static void init_while_a_later_one_is_down(void **state)
{
	(void)state;
	init_while_down(false);
}

/* The other one says nothing more: the term of ours that has begun counts. */
static void later_term_ends_it(void **state)
{
	struct syncd *s = &as(0)->s;

	(void)state;
	s->fork = s->member[1].fork = true;
	s->fork_term = s->record.term;
	fork_passed(s);
	assert_true(s->fork);
	s->record.term++;
	fork_passed(s);
	assert_false(s->fork || s->member[1].fork);
}

#define ON2(t) cmocka_unit_test_setup_teardown(t, cluster2, end)
#define ON3(t) cmocka_unit_test_setup_teardown(t, cluster3, end)

/* A term of ours was in force and has ended before anything was cut; another
 * node runs one of that number. */
static void in_force_for_nothing(void **state)
{
	struct ledger *l = &world.node[0].disk;

	(void)state;
	demote(0, 20000, false);
	run_ms(1000);
	world.node[0].signer = false;
	promote(1, 20000);
	run_ms(2000);
	assert_promoted(1);
	worker_end(0, LEFT_LEAVE);
	run_ms(500);
	l->before = l->record;
	l->record.source = world.node[0].id;
	id_random(&l->record.term_id);
	l->record.holders.count = 0;
	nodes_add(&l->record.holders, &world.node[0].id);
	memset(&l->tip, 0, sizeof(l->tip));
	worker_start(0, false);
	run_ms(40000);
	assert_false(world.node[0].s.fork);
	assert_true(
	    id_equal(&l->record.term_id, &world.node[1].s.record.term_id));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    ON3(in_force_for_nothing),
	    ON3(word_of_the_term_before),
	    ON3(late_mint),
	    ON3(given_up_mint_yields),
	    ON3(who_had_stored_a_mint_yields),
	    ON3(who_has_not_said_hello),
	    ON2(both_sides_of_a_cut_mint),
	    ON2(two_terms_then_init),
	    ON2(init_while_one_is_down),
	    ON2(init_while_a_later_one_is_down),
	    ON2(later_term_ends_it),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
