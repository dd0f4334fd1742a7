/* SPDX-License-Identifier: GPL-2.0-or-later
 * Copyright (C) The ocf-ods contributors */
#include "../terms/cluster.h"

/* A term that was minted and never began. */

static void hear(
    int i, int from, enum control_type type, const struct control *what)
{
	struct control c = *what;
	struct vnode *n = as(i);

	c.type = type;
	terms_receive(&n->s, &n->s.member[from], &c);
}

static void closed_by_n1(void)
{
	demote(0, 20000, false);
	run_ms(1000);
	world.node[0].signer = false;
	run_ms(1000);
}

/* N1 mints, and n2 does not answer. */
static void n1_mints(void)
{
	closed_by_n1();
	world.node[1].paused = true;
	promote(0, 60000);
	run_ms(300);
	assert_int_equal(world.node[0].s.role, ROLE_MINTING);
	/* A fencing may be what it waits for. */
	assert_true(world.node[0].urgent);
}

/* Who mints in vain has what it had, and another number the next time. */
static void minter_keeps_its_record(void **state)
{
	(void)state;
	n1_mints();
	assert_int_equal(world.node[0].disk.record.term, 1);
	assert_false(world.node[0].disk.record.open);
	power_off(0);
	world.node[1].items = 0;
	world.node[1].paused = false;
	worker_start(0, false);
	run_ms(2000);
	assert_int_equal(world.node[0].s.record.term, 1);
	promote(0, 20000);
	run_ms(2000);
	assert_promoted(0);
	assert_int_equal(world.node[0].s.record.term, 3);
}

/* N3 has stored it, and takes back what it had when n1 gives it up; also
 * after a restart in between. */
static void who_stored_it_forgets_it(void **state)
{
	struct control c = {0};

	(void)state;
	n1_mints();
	assert_int_equal(world.node[2].disk.record.term, 2);
	worker_end(2, LEFT_PROCDOWN);
	worker_start(2, false);
	run_ms(300);
	assert_int_equal(world.node[2].s.record.term, 2);
	c.hello = world.node[2].s.member[0].hello;
	c.hello.record = world.node[2].disk.before;
	c.hello.record.revision--;
	hear(2, 0, CONTROL_HELLO, &c);
	assert_int_equal(world.node[2].disk.record.term, 1);
	assert_false(world.node[2].disk.record.open);
	assert_int_equal(world.node[2].s.record.revision,
	    world.node[2].disk.before.revision);
}

/* N3's disk goes back to before its mint, and n1 knows of no start of n3: that
 * n3 has the term before is no word of a mint in vain. */
static void disk_that_forgot_a_mint(void **state)
{
	struct control c = {0};
	struct vnode *n1 = &world.node[0], *n3 = &world.node[2];
	struct ledger before;

	(void)state;
	closed_by_n1();
	before = n3->disk;
	n1->slow = world.node[1].slow = true;
	promote(2, 20000);
	run_ms(1000);
	assert_true(is_source(2));
	assert_true(n1->disk.record.revision > MINT_REVISION);
	n1->disk.record.revision = n1->s.record.revision = MINT_REVISION;
	c.hello = n1->s.member[2].hello;
	c.hello.source = false;
	c.hello.record = before.record;
	c.hello.minted = before.minted;
	hear(0, 2, CONTROL_HELLO, &c);
	assert_int_equal(n1->disk.record.term, 2);
	/* It hears of it, and still knows of no mint of its own. */
	power_off(2);
	n3->disk = before;
	worker_start(2, false);
	run_ms(200);
	assert_int_equal(n3->disk.heard, 2);
	assert_int_equal(n3->disk.minted, before.minted);
}

/* N3 steps back, and does not know it any more: it mints. */
static void dropped_node_mints(void **state)
{
	struct control c = {0};

	(void)state;
	c.record = world.node[2].s.record;
	world.node[2].slow = true;
	publish(0);
	run_ms(7000);
	assert_false(holder(0, 2));
	closed_by_n1();
	c.record.term++;
	c.record.revision = 1;
	c.record.source = world.node[2].id;
	id_random(&c.record.term_id);
	hear(1, 2, CONTROL_RECORD, &c);
	assert_int_equal(world.node[1].s.record.term, 1);
	assert_int_equal(world.node[1].disk.record.term, 1);
	/* Its term has begun all the same: others know better. */
	c.hello = world.node[1].s.member[2].hello;
	c.hello.source = true;
	c.hello.record = c.record;
	hear(1, 2, CONTROL_HELLO, &c);
	hear(1, 2, CONTROL_RECORD, &c);
	assert_int_equal(world.node[1].s.record.term, 2);
}

/* N3 is no holder as n1 knows it, which has heard nothing since. */
static void n3_is_no_holder_for_n1(struct control *c)
{
	struct syncd *s = &world.node[0].s;

	closed_by_n1();
	nodes_remove(&s->record.holders, &world.node[2].id);
	c->hello = s->member[2].hello;
	c->hello.record = s->record;
	c->hello.record.term++;
	c->hello.record.source = world.node[2].id;
	c->hello.minted = c->hello.record.term;
	id_random(&c->hello.record.term_id);
}

/* A term that was closed without a generation had begun. */
static void closed_without_a_generation(void **state)
{
	struct control c = {0};

	(void)state;
	n3_is_no_holder_for_n1(&c);
	c.hello.record.revision = MINT_REVISION;
	hear(0, 2, CONTROL_HELLO, &c);
	assert_int_equal(world.node[0].s.record.term, 1);
	c.hello.record.revision = MINT_REVISION + 1;
	hear(0, 2, CONTROL_HELLO, &c);
	assert_int_equal(world.node[0].s.record.term, 2);
}

/* Whom an admin has chosen need not be a holder. */
static void init_is_no_mint_in_vain(void **state)
{
	struct control c = {0};

	(void)state;
	n3_is_no_holder_for_n1(&c);
	c.hello.record.revision = MINT_REVISION;
	c.record = c.hello.record;
	hear(0, 2, CONTROL_RECORD, &c);
	assert_int_equal(world.node[0].s.record.term, 1);
	c.record.term += RECORD_INIT_STEP;
	hear(0, 2, CONTROL_RECORD, &c);
	assert_int_equal(world.node[0].s.record.term, 2 + RECORD_INIT_STEP);
}

/* The node that mints hears that it had been dropped. */
static void minter_was_dropped(void **state)
{
	struct control c = {0};
	struct syncd *s = &world.node[0].s;

	(void)state;
	n1_mints();
	c.hello = s->member[2].hello;
	c.hello.record = s->record;
	c.hello.record.revision += 2;
	nodes_remove(&c.hello.record.holders, &world.node[0].id);
	hear(0, 2, CONTROL_HELLO, &c);
	assert_int_equal(s->role, ROLE_UNPROMOTED);
	assert_int_equal(s->record.revision, c.hello.record.revision);
	assert_false(nodes_has(&s->record.holders, &world.node[0].id));
}

/* Two voters, fencing off: the other one is cut off while this one mints, and
 * drops it at once. */
static void cut_off_while_minting(void **state)
{
	(void)state;
	world.fencing = false;
	run_ms(40000);
	assert_false(world.node[1].s.record.fencing);
	closed_by_n1();
	world.node[0].paused = true;
	promote(1, 60000);
	run_ms(500);
	assert_int_equal(world.node[1].s.role, ROLE_MINTING);
	partition(0, 1);
	run_ms(5000);
	assert_false(is_source(1));
}

#define ON2(t) cmocka_unit_test_setup_teardown(t, cluster2, end)
#define ON3(t) cmocka_unit_test_setup_teardown(t, cluster3, end)

int main(void)
{
	const struct CMUnitTest tests[] = {
	    ON3(minter_keeps_its_record),
	    ON3(who_stored_it_forgets_it),
	    ON3(disk_that_forgot_a_mint),
	    ON3(dropped_node_mints),
	    ON3(closed_without_a_generation),
	    ON3(init_is_no_mint_in_vain),
	    ON3(minter_was_dropped),
	    ON2(cut_off_while_minting),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
