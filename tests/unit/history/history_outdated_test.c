/* SPDX-License-Identifier: GPL-2.0-or-later
 * Copyright (C) The ocf-ods contributors */
#include "../terms/cluster.h"

/* A node's disk goes back to an earlier state: a snapshot of its virtual
 * machine, a backup of its state_dir. */

static struct ledger snapshot;
static uint64_t starts;

static void take(int i)
{
	snapshot = world.node[i].disk;
	starts = world.node[i].starts;
}

static void restore(int i)
{
	world.node[i].disk = snapshot;
	world.node[i].starts = (int)starts;
}

/* n2 comes back from a snapshot beside its source: it gets a new copy, and
 * until then it is nobody that could take over. */
static void standby_restored(void **state)
{
	(void)state;
	take(1);
	worker_end(1, LEFT_LEAVE);
	run_ms(500);
	worker_start(1, false);
	run_ms(40000);
	publish(0);
	run_ms(500);
	power_off(1);
	world.fenced[1]++;
	run_ms(2000);
	restore(1);                /* the start that follows was there before */
	world.node[1].slow = true; /* nothing gets through yet */
	worker_start(1, false);
	run_ms(500);
	assert_string_equal(world.node[1].disk.state, "seeding");
	assert_int_equal(world.node[1].s.plan.verdict, PLAN_NOT_YET);
	world.node[1].slow = false;
	run_ms(40000);
	assert_string_equal(world.node[1].disk.state, "ledger");
	assert_true(holder(0, 1));
	/* It is heard as before, and a next start is no suspicion. */
	worker_end(1, LEFT_LEAVE);
	run_ms(500);
	worker_start(1, false);
	run_ms(40000);
	assert_string_equal(world.node[1].disk.state, "ledger");
	assert_true(holder(0, 1));
}

/* It was not started since the snapshot: what it has acked tells. */
static void standby_restored_same_start(void **state)
{
	(void)state;
	publish(0);
	run_ms(500);
	take(1);
	publish(0);
	run_ms(500);
	power_off(1);
	run_ms(500);
	restore(1);
	world.node[1].slow = true;
	worker_start(1, false);
	run_ms(500);
	assert_string_equal(world.node[1].disk.state, "seeding");
}

/* Who was away has seen starts that the disk has forgotten.  It knows them
 * from none of those that follow. */
static void counts_anew(void **state)
{
	(void)state;
	standby_restored(state);
	assert_true(world.node[1].disk.counted > 1000000);
	assert_true(world.node[1].disk.counted != starts);
}

/* A term of its own and a whole copy, once in each session: no snapshot of
 * before comes to that count by starting. */
static void copies_and_terms_count(void **state)
{
	uint64_t was = world.node[1].s.starts;

	(void)state;
	assert_true(world.node[0].disk.counted >= 2);
	assert_int_equal(world.node[0].s.starts, world.node[0].disk.counted);
	assert_int_equal(was, world.node[1].disk.counted);
	publish(0);
	run_ms(500);
	assert_int_equal(world.node[1].s.starts, was);
	worker_end(1, LEFT_PROCDOWN);
	run_ms(500);
	worker_start(1, false);
	run_ms(2000);
	assert_true(world.node[1].disk.counted > was + 1);
}

/* What is not on its disk any more has begun all the same. */
static void its_silence_proves_nothing(void **state)
{
	struct syncd *s = &as(1)->s;
	struct member *m = &s->member[0];
	struct record r = s->record;

	(void)state;
	m->hello.source = false;
	memset(&m->hello.tip, 0, sizeof(m->hello.tip));
	memset(&s->member[1].hello.tip, 0, sizeof(m->hello.tip));
	memset(&s->tip, 0, sizeof(s->tip));
	id_random(&m->hello.record.term_id);
	m->hello.minted = r.term;
	r.revision = MINT_REVISION;
	assert_true(fork_never_begun(m, &r));
	assert_true(fork_given_up(s, &r));
	r.revision++; /* which nobody makes before it has begun */
	assert_false(fork_given_up(s, &r));
	r.revision = MINT_REVISION;
	m->outdated = true;
	assert_false(fork_never_begun(m, &r));
	assert_false(fork_given_up(s, &r));
	m->outdated = false;
	m->hello.state = STATE_SEEDING;
	assert_false(fork_never_begun(m, &r));
	assert_false(fork_given_up(s, &r));
}

/* It was promoted before it heard of that. */
static void its_mint_is_given_up(void **state)
{
	struct control c = {.type = CONTROL_OUTDATED};
	struct vnode *n = as(1);

	(void)state;
	n->s.role = ROLE_MINTING;
	n->s.proposal = n->s.record;
	n->s.proposing = true;
	c.node = n->s.self;
	terms_receive(&n->s, &n->s.member[0], &c);
	assert_int_equal(n->s.role, ROLE_UNPROMOTED);
	assert_false(n->s.proposing);
	assert_string_equal(n->disk.state, "seeding");
}

/* ... and by those who have stored it: nobody else is its holder. */
static void its_mint_leaves_no_trace(void **state)
{
	struct control c = {.type = CONTROL_OUTDATED};
	struct vnode *n = &world.node[1];

	(void)state;
	demote(0, 20000, false);
	run_ms(1000);
	world.node[0].signer = false;
	run_ms(1000);
	world.node[0].paused = true;
	promote(1, 60000);
	run_ms(300);
	assert_int_equal(n->s.role, ROLE_MINTING);
	assert_int_equal(world.node[2].disk.record.term, 2);
	c.node = n->s.self;
	terms_receive(&as(1)->s, &n->s.member[0], &c);
	run_ms(300);
	assert_string_equal(n->disk.state, "seeding");
	assert_int_equal(world.node[2].disk.record.term, 1);
}

/* An admin has looked, and what went back is what counts. */
static void chosen_all_the_same(void **state)
{
	struct syncd *s = &as(1)->s;
	struct member *m = &s->member[0];

	(void)state;
	m->hello.worker.byte[0] ^= 1; /* another, with a start seen before */
	history_starts(s, m, &m->hello);
	assert_true(m->outdated);
	history_init(s, &m->hello.node);
	assert_false(m->outdated);
	history_starts(s, m, &m->hello);
	assert_false(m->outdated);
}

/* A plain restart, and one after a power cut, are none of that. */
static void plain_restarts(void **state)
{
	int i;

	(void)state;
	for (i = 0; i < 3; i++) {
		publish(0);
		run_ms(500);
		if (i == 1)
			power_off(1);
		else
			worker_end(1, LEFT_PROCDOWN);
		run_ms(500);
		worker_start(1, false);
		run_ms(500);
		assert_string_equal(world.node[1].disk.state, "ledger");
		run_ms(40000);
		assert_true(holder(0, 1));
	}
}

/* Both were down, the former source is an older one: it is not promoted, and
 * what it has gone on to publish alone it has forgotten, if there was any.  A
 * human decides. */
static void source_restored(void **state)
{
	int version;

	(void)state;
	take(0);
	worker_end(0, LEFT_PROCDOWN);
	worker_start(0, true);
	run_ms(2000);
	assert_promoted(0);
	version = publish(0);
	run_ms(500);
	assert_int_equal(world.published, version);
	power_off(0);
	power_off(1);
	run_ms(500);
	restore(0);
	world.node[0].signer = false;
	worker_start(0, false);
	worker_start(1, false);
	run_ms(1000);
	assert_string_equal(world.node[0].disk.state, "seeding");
	promote(0, 5000);
	run_ms(6000);
	assert_int_equal(sources(), 0);
	promote(1, 5000);
	run_ms(6000);
	assert_int_equal(sources(), 0);
	assert_non_null(strstr(world.node[1].conn.why, "failover --to n2"));
	history_init(&as(0)->s, &world.node[1].id);
	history_init(&as(1)->s, &world.node[1].id);
	promote(1, 20000);
	run_ms(2000);
	assert_promoted(1);
	run_ms(40000);
	assert_true(holder(1, 0));
}

/* What it mints before it has heard of that is nobody's. */
static void its_record_is_not_stored(void **state)
{
	struct control c = {.type = CONTROL_RECORD};
	struct vnode *n = as(0);

	(void)state;
	n->s.member[1].outdated = true;
	c.record = n->s.record;
	c.record.term++;
	c.record.source = world.node[1].id;
	terms_receive(&n->s, &n->s.member[1], &c);
	assert_int_equal(n->disk.record.term, c.record.term - 1);
	assert_promoted(0);
}

/* Nor what it says in HELLO, when it comes and later. */
static void its_hello_is_not_believed(void **state)
{
	struct control c = {.type = CONTROL_HELLO};
	struct syncd *s = &as(1)->s;
	struct member *m = &s->member[2];

	(void)state;
	c.hello = m->hello;
	c.hello.record.term++;
	id_random(&c.hello.record.term_id);
	c.hello.record.source = world.node[2].id;
	c.hello.minted = c.hello.record.term;
	nodes_add(&c.hello.record.holders, &world.node[2].id);
	c.hello.tip.term_id = c.hello.record.term_id;
	id_random(&c.hello.worker); /* with a start that was seen */
	terms_receive(s, m, &c);
	assert_true(m->outdated);
	assert_int_equal(s->record.term, 1);
	s->taken_up_ms = 0;
	terms_take_up(s);
	assert_int_equal(s->record.term, 1);
	m->outdated = false;
	s->taken_up_ms = 0;
	terms_take_up(s);
	assert_int_equal(s->record.term, 2);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup_teardown(standby_restored, cluster2, end),
	    cmocka_unit_test_setup_teardown(
	        standby_restored_same_start, cluster2, end),
	    cmocka_unit_test_setup_teardown(counts_anew, cluster2, end),
	    cmocka_unit_test_setup_teardown(
	        copies_and_terms_count, cluster2, end),
	    cmocka_unit_test_setup_teardown(
	        its_silence_proves_nothing, cluster2, end),
	    cmocka_unit_test_setup_teardown(
	        its_mint_is_given_up, cluster2, end),
	    cmocka_unit_test_setup_teardown(
	        its_mint_leaves_no_trace, cluster3, end),
	    cmocka_unit_test_setup_teardown(chosen_all_the_same, cluster2, end),
	    cmocka_unit_test_setup_teardown(plain_restarts, cluster2, end),
	    cmocka_unit_test_setup_teardown(source_restored, cluster2, end),
	    cmocka_unit_test_setup_teardown(
	        its_record_is_not_stored, cluster2, end),
	    cmocka_unit_test_setup_teardown(
	        its_hello_is_not_believed, cluster3, end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
