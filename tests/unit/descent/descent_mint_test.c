/* SPDX-License-Identifier: GPL-2.0-or-later
 * Copyright (C) The ocf-ods contributors */
#include "../terms/cluster.h"

/* Where terms come from, and what becomes of a node of another history. */

static const struct origin *origin(int i)
{
	return &world.node[i].disk.record.origin;
}

static void move(int from, int to)
{
	world.node[from].signer = false;
	demote(from, 20000, false);
	run_ms(1000);
	promote(to, 20000);
	run_ms(1000);
	assert_promoted(to);
}

/* The first term begins a line with nothing; what follows is of that line. */
static void a_line(void **state)
{
	struct record first = world.node[0].disk.record;
	struct position tip;

	(void)state;
	assert_true(id_equal(&first.origin.line, &first.term_id));
	assert_int_equal(first.origin.base.seq, 0);
	world.node[0].signer = false;
	demote(0, 20000, false);
	run_ms(1000);
	tip = world.node[1].disk.tip;
	promote(1, 20000);
	run_ms(1000);
	assert_promoted(1);
	assert_true(id_equal(&origin(1)->line, &first.term_id));
	assert_memory_equal(&origin(1)->base, &tip, sizeof(tip));
	assert_memory_equal(origin(0), origin(1), sizeof(*origin(0)));
	assert_memory_equal(
	    &world.node[1].disk.began.origin, origin(1), sizeof(*origin(1)));
	assert_true(id_equal(&world.node[1].disk.began.term_id,
	    &world.node[1].disk.record.term_id));
}

static void init_begins_a_line(void **state)
{
	struct control c = {.type = CONTROL_INIT, .node = world.node[1].id};
	struct position tip = world.node[1].disk.tip;

	(void)state;
	world.may_lose = true;
	power_off(0);
	world.fenced[0]++;
	run_ms(500);
	group_send(&as(1)->s, &c);
	run_ms(500);
	promote(1, 20000);
	run_ms(1000);
	assert_promoted(1);
	assert_true(
	    id_equal(&origin(1)->line, &world.node[1].disk.record.term_id));
	assert_memory_equal(&origin(1)->base, &tip, sizeof(tip));
}

static void solo_ends_a_line(void **state)
{
	(void)state;
	world.may_lose = true;
	world.node[1].s.record.solo = true;
	world.node[0].s.record.solo = true;
	move(0, 1);
	assert_true(
	    id_equal(&origin(1)->line, &world.node[1].disk.record.term_id));
}

/* A record of an earlier version has no origin: a line may begin with it. */
static void untold(void **state)
{
	struct id before = world.node[0].disk.record.term_id;

	(void)state;
	memset(&world.node[0].s.record.origin, 0, sizeof(struct origin));
	memset(&world.node[1].s.record.origin, 0, sizeof(struct origin));
	move(0, 1);
	assert_true(id_equal(&origin(1)->line, &before));
}

static void judged(int i, enum ancestry a)
{
	const struct engine_event ev = {.type = ENGINE_JUDGED, .ancestry = a};

	descent_judged(&as(i)->s, NULL, &ev);
}

/* Until the copy is here. */
static void diverged(void **state)
{
	struct syncd *s = &world.node[1].s;

	(void)state;
	judged(1, ANCESTRY_DIVERGED);
	assert_int_equal(s->ancestry, ANCESTRY_DIVERGED);
	publish(0);
	run_ms(1000);
	assert_int_equal(s->ancestry, ANCESTRY_BEHIND);
}

/* An admin chooses the running source: what lies on the other is given up. */
static void unrelated_until_init(void **state)
{
	struct control c = {.type = CONTROL_INIT, .node = world.node[0].id};
	struct syncd *s = &world.node[1].s;

	(void)state;
	group_send(&as(0)->s, &c);
	run_ms(500);
	assert_int_equal(s->state, STATE_LEDGER);
	judged(1, ANCESTRY_UNRELATED);
	world.node[1].slow = true;
	group_send(&as(0)->s, &c);
	run_ms(500);
	assert_string_equal(world.node[1].disk.state, "seeding");
	world.node[1].slow = false;
	run_ms(40000);
	assert_int_equal(s->state, STATE_LEDGER);
	assert_int_equal(s->ancestry, ANCESTRY_BEHIND);
	assert_true(holder(0, 1));
	assert_promoted(0);
}

/* The source knows until that node has acked. */
static void a_joiner(void **state)
{
	struct syncd *s = &world.node[0].s;
	struct member *m = member_by_nodeid(s, 2);
	const struct engine_event ev = {
	    .type = ENGINE_JUDGED, .ancestry = ANCESTRY_DIVERGED};

	(void)state;
	descent_judged(&as(0)->s, m, &ev);
	assert_int_equal(m->ancestry, ANCESTRY_DIVERGED);
	assert_int_equal(s->ancestry, ANCESTRY_BEHIND);
	publish(0);
	run_ms(1000);
	assert_int_equal(m->ancestry, ANCESTRY_BEHIND);
}

#define T(t) cmocka_unit_test_setup_teardown(t, cluster2, end)

int main(void)
{
	const struct CMUnitTest tests[] = {
	    T(a_line),
	    T(init_begins_a_line),
	    T(solo_ends_a_line),
	    T(untold),
	    T(diverged),
	    T(unrelated_until_init),
	    T(a_joiner),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
