/* SPDX-License-Identifier: GPL-2.0-or-later
 * Copyright (C) The ocf-ods contributors */
#include "../terms/cluster.h"

/* failover --accept-loss, with whole daemons: what it opens, and what it does
 * not. */

static int typed(int where, const char *node)
{
	struct why why = {0};
	int rc = loss_typed(&as(where)->s, node, "root on there", &why);

	if (rc < 0)
		print_message("# %s\n", why.text);
	run_ms(500);
	return rc;
}

static const char *refused(int where, const char *node)
{
	static struct why why;

	memset(&why, 0, sizeof(why));
	assert_true(loss_typed(&as(where)->s, node, "me", &why) < 0);
	return why.text;
}

#define assert_says(text, part)                         \
	do {                                            \
		const char *said_ = text;               \
		if (!strstr(said_, part))               \
			fail_msg("it says: %s", said_); \
	} while (0)

/* n2 was dropped, n1 has published without it, and burns. */
static void only_holder_burns(void)
{
	world.node[1].slow = true;
	publish(0);
	run_ms(20000);
	assert_false(holder(0, 1));
	assert_int_equal(world.published, world.version);
	power_off(0);
	run_ms(5000);
	world.may_lose = true;
	promote(1, 5000);
	run_ms(6000);
	assert_int_equal(sources(), 0);
}

static void it_goes_on_with_less(void **state)
{
	uint64_t term = world.node[0].disk.record.term;
	struct vnode *n = &world.node[1];

	(void)state;
	only_holder_burns();
	assert_says(n->s.plan.why, "failover --to n2 --accept-loss");
	world.fenced[0]++;
	run_ms(31000);
	assert_int_equal(typed(1, "n2"), 0);
	assert_true(n->s.accept_here);
	assert_int_equal(n->s.plan.verdict, PLAN_GO);
	n->slow = false;
	promote(1, 20000);
	run_ms(3000);
	assert_promoted(1);
	/* alone, in a history of its own, above all that n1 may have begun */
	assert_int_equal(n->disk.record.holders.count, 1);
	assert_true(n->disk.record.term > term + RECORD_INIT_STEP - 1);
	assert_true(
	    id_equal(&n->disk.record.origin.line, &n->disk.record.term_id));
	assert_true(id_equal(
	    &n->disk.record.cluster, &world.node[0].disk.record.cluster));
	assert_false(n->s.accept_here);
	assert_int_equal(n->disk.floors, 1);
	assert_says(n->disk.loss, " n2 root on there");
}

static void the_lost_one_returns(void **state)
{
	(void)state;
	it_goes_on_with_less(NULL);
	world.node[0].signer = false;
	worker_start(0, false);
	run_ms(40000);
	assert_promoted(1);
	assert_true(holder(1, 0));
	publish(1);
	run_ms(1000);
	assert_int_equal(world.published, world.version);
}

/* Two publishers would be worse than none. */
static void not_before_it_is_fenced(void **state)
{
	(void)state;
	only_holder_burns();
	assert_says(refused(1, "n2"), "pcs stonith confirm n1");
	assert_false(world.node[1].s.accept_here);
	world.fencing = false;
	run_ms(31000);
	assert_says(refused(1, "n2"), "pcs stonith confirm n1");
	world.fencing = true;
	world.fenced[0]++;
	/* it looks at the fencing history, and again a moment later */
	assert_says(refused(1, "n2"), "pcs stonith confirm n1");
	run_ms(1000);
	assert_int_equal(typed(1, "n2"), 0);
	assert_true(world.node[1].s.accept_here);
}

/* The message is under way for some time: what was true then is judged again
 * where it arrives, and once more inside promote. */
static void judged_again_where_it_arrives(void **state)
{
	struct control c = {.type = CONTROL_ACCEPT, .by = "me"};

	(void)state;
	only_holder_burns();
	c.node = world.node[1].id;
	group_send(&as(1)->s, &c);
	run_ms(500);
	assert_false(world.node[1].s.accept_here);
	world.fenced[0]++;
	run_ms(31000);
	assert_int_equal(typed(1, "n2"), 0);
	world.node[1].s.member[0].fence_before =
	    world.node[1].s.member[0].fence_last; /* that was long ago */
	promote(1, 3000);
	run_ms(4000);
	assert_int_equal(sources(), 0);
	assert_says(world.node[1].conn.why, "pcs stonith confirm n1");
}

static void not_beside_a_source(void **state)
{
	(void)state;
	assert_says(refused(1, "n2"), "n1 is still the source");
	assert_says(refused(0, "n1"), "n1 is the source");
	assert_says(refused(1, "n9"), "no node of that name");
	assert_promoted(0);
}

static void not_where_nothing_is_lost(void **state)
{
	(void)state;
	fence(0);
	run_ms(2000);
	assert_says(refused(1, "n2"), "can be promoted as it is");
}

static void not_for_a_seed(void **state)
{
	(void)state;
	only_holder_burns();
	world.fenced[0]++;
	worker_end(1, LEFT_LEAVE);
	snprintf(world.node[1].disk.state, sizeof(world.node[1].disk.state),
	    "seeding");
	worker_start(1, false);
	run_ms(31000);
	assert_says(refused(1, "n2"), "ods-cluster init --source n2");
}

/* Three nodes, the source and sole holder burns; typed on one for another. */
static void sole_source_of_three_burns(void)
{
	int i;

	for (i = 1; i < 3; i++)
		worker_end(i, LEFT_LEAVE);
	run_ms(1000);
	for (i = 1; i < 3; i++)
		world.node[i].slow = true;
	worker_start(1, false);
	worker_start(2, false);
	run_ms(3000);
	publish(0);
	run_ms(20000);
	assert_int_equal(world.published, world.version);
	fence(0);
	run_ms(31000);
	world.may_lose = true;
	assert_int_equal(world.node[1].s.plan.verdict, PLAN_NOT_YET);
}

static void typed_on_another_node(void **state)
{
	(void)state;
	sole_source_of_three_burns();
	assert_int_equal(typed(1, "n3"), 0);
	assert_true(world.node[2].s.accept_here);
	assert_false(world.node[1].s.accept_here);
	promote(1, 3000);
	run_ms(4000);
	assert_int_equal(sources(), 0);
	world.node[1].slow = world.node[2].slow = false;
	promote(2, 20000);
	run_ms(40000);
	assert_promoted(2);
	assert_true(holder(2, 1));
	assert_int_equal(world.node[2].disk.floors, 1);
	assert_int_equal(world.node[1].disk.floors, 0);
	assert_says(world.node[1].disk.loss, " n3 root on there");
}

static void the_last_word_counts(void **state)
{
	struct control c = {.type = CONTROL_INIT};

	(void)state;
	sole_source_of_three_burns();
	assert_int_equal(typed(1, "n3"), 0);
	assert_int_equal(typed(1, "n2"), 0);
	assert_true(world.node[1].s.accept_here);
	assert_false(world.node[2].s.accept_here);
	c.node = world.node[2].id;
	group_send(&as(1)->s, &c);
	run_ms(500);
	assert_false(world.node[1].s.accept_here);
	assert_true(world.node[2].s.init_here);
	assert_int_equal(typed(1, "n3"), 0);
	assert_false(world.node[2].s.init_here);
}

/* One that begins a term in another way makes it void. */
static void void_with_a_later_term(void **state)
{
	struct record r;

	(void)state;
	sole_source_of_three_burns();
	assert_int_equal(typed(1, "n3"), 0);
	r = world.node[1].s.record;
	r.term++;
	id_random(&r.term_id);
	r.source = world.node[1].id;
	nodes_add(&r.holders, &world.node[1].id);
	r.revision = 2;
	terms_send_record(&as(1)->s, &r);
	run_ms(500);
	assert_false(world.node[2].s.accept_here);
	assert_string_equal(world.node[2].disk.loss, "");
}

/* Nothing of the new term is on the disk when this one dies in between. */
static void the_floors_come_first(void **state)
{
	struct vnode *n = &world.node[1];

	(void)state;
	only_holder_burns();
	world.fenced[0]++;
	run_ms(31000);
	assert_int_equal(typed(1, "n2"), 0);
	n->disk.no_floors = true;
	promote(1, 3000);
	run_ms(4000);
	assert_int_equal(sources(), 0);
	assert_true(n->disk.record.term < RECORD_INIT_STEP);
}

static void what_is_lost_is_said(void **state)
{
	char text[8192];
	struct why why = {0};

	(void)state;
	only_holder_burns();
	assert_true(
	    loss_explain(&as(1)->s, "n2", text, sizeof(text), &why) < 0);
	assert_says(why.text, "pcs stonith confirm n1");
	world.fenced[0]++;
	run_ms(31000);
	assert_int_equal(
	    loss_explain(&as(1)->s, "n2", text, sizeof(text), &why), 0);
	assert_says(text, "line.0=n2 has generation ");
	assert_says(text, " min ");
	assert_says(text, "source n1\n");
	assert_says(text, "n2 is not named there");
	assert_says(text, "n1 is named there and not here");
	world.node[1].s.witness = (struct witness){.term = 9,
	    .cluster = world.node[1].s.record.cluster,
	    .source = "n1"};
	loss_explain(&as(1)->s, "n2", text, sizeof(text), &why);
	assert_says(text, "the CIB knows term 9 of n1");
	/* it fits, or is left out */
	loss_explain(&as(1)->s, "n2", text, 60, &why);
	assert_true(strlen(text) < 60);
}

#define CASE(n, fn) cmocka_unit_test_setup_teardown(fn, cluster##n, end)

int main(void)
{
	const struct CMUnitTest tests[] = {
	    CASE(2, it_goes_on_with_less),
	    CASE(2, the_lost_one_returns),
	    CASE(2, not_before_it_is_fenced),
	    CASE(2, judged_again_where_it_arrives),
	    CASE(2, not_beside_a_source),
	    CASE(2, not_where_nothing_is_lost),
	    CASE(2, not_for_a_seed),
	    CASE(3, typed_on_another_node),
	    CASE(3, the_last_word_counts),
	    CASE(3, void_with_a_later_term),
	    CASE(2, the_floors_come_first),
	    CASE(2, what_is_lost_is_said),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
