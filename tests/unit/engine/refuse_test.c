/* SPDX-License-Identifier: GPL-2.0-or-later
 * Copyright (C) The ocf-ods contributors */
#include "pair.h"

#include "kaspchild.h"

/* Who gets no session, and what stops one. */

static int setup(void **state)
{
	struct pair *p = pair_make();

	pair_open(p);
	pair_source(p);
	*state = p;
	return 0;
}

static void assert_refused(struct pair *p)
{
	wait_until(&p->a, &p->b, p->b.fault);
	assert_false(p->a.joined);
	assert_false(p->b.connected);
	assert_non_null(strstr(p->b.text, "handshake refused"));
	assert_null(node_read(&p->b, "signconf/example.com.xml"));
}

static void wrong_psk_is_refused(void **state)
{
	struct pair *p = *state;
	struct engine_term wrong = p->term;

	wrong.psk[5] ^= 1;
	node_replica(&p->b, &wrong, p->port, &p->a);
	assert_refused(p);
}

static void wrong_term_is_refused(void **state)
{
	struct pair *p = *state;
	struct engine_term wrong = p->term;

	wrong.term_id.byte[0] ^= 1;
	node_replica(&p->b, &wrong, p->port, &p->a);
	assert_refused(p);
}

static void stranger_is_refused(void **state)
{
	struct pair *p = *state;
	const struct node_list nobody = {0};

	engine_members(p->a.engine, &nobody);
	node_replica(&p->b, &p->term, p->port, &p->a);
	assert_refused(p);
}

static void removed_member_is_dropped(void **state)
{
	struct pair *p = *state;
	const struct node_list nobody = {0};

	pair_follow(p);
	engine_members(p->a.engine, &nobody);
	wait_until(&p->a, &p->b, p->a.lost && p->b.lost);
	assert_non_null(strstr(p->a.text, "no member"));
}

/* B12: from the freeze on nothing is acknowledged or applied; what was
 * durable before is applied by the drain. */
static void cpg_down_tcp_up(void **state)
{
	struct pair *p = *state;
	struct why why = {0};
	uint64_t request, acked;

	pair_follow(p);
	nodes_sync(&p->a, &p->b);
	engine_freeze(p->b.engine);
	acked = p->a.acked;
	node_signconf(&p->a, "after.example", 1);
	request = engine_cut(p->a.engine);
	wait_until(&p->a, &p->b, p->a.request >= request && p->a.lost);
	deadline_sleep_ms(deadline_in_ms(300), 300);
	node_poll(&p->a, 0);
	assert_int_equal(p->a.acked, acked);
	assert_int_equal(
	    engine_drain(p->b.engine, deadline_in_ms(5000), &why), 0);
	assert_null(node_read(&p->b, "signconf/after.example.xml"));
	/* The record has reached it: on with the same source. */
	pair_follow(p);
	nodes_sync(&p->a, &p->b);
	assert_alike(&p->a, &p->b);
}

static void idle_is_quick(void **state)
{
	struct pair *p = *state;
	int64_t begun;

	pair_follow(p);
	begun = clock_monotonic_ms();
	engine_idle(p->b.engine);
	engine_idle(p->a.engine);
	assert_true(clock_monotonic_ms() - begun < 2000);
}

/* kaspchild.c: nobody rolls it back. */
int kasp_rollback(const char *database, struct why *why)
{
	return why_set(why, -ENOSYS, "not %s", database);
}

int kasp_count(const struct conf *conf, long *zones, long *keys)
{
	(void)conf, (void)zones, (void)keys;
	return -ENOSYS;
}

static void hot_journal_is_a_fault(void **state)
{
	struct pair *p = *state;
	char *before, *after;

	node_sql(&p->a, "CREATE TABLE t(x)");
	pair_follow(p);
	nodes_sync(&p->a, &p->b);
	before = node_read(&p->b, "signconf/example.com.xml");
	node_write(&p->a, "db/kasp.db-journal", "\xd9\xd5\x05\xf9 half");
	node_signconf(&p->a, "example.com", 2);
	node_write(&p->a, "state/pending/example.com", "candidate\n");
	nodes_sync(&p->a, &p->b);
	assert_true(p->a.fault);
	assert_non_null(strstr(p->a.text, "hot journal"));
	/* Publishing goes on; signconfs wait for their database. */
	assert_file(&p->b, "state/pending/example.com", "candidate\n");
	after = node_read(&p->b, "signconf/example.com.xml");
	assert_string_equal(before, after);
	free(before);
	free(after);
	unlink(node_path(&p->a, "db/kasp.db-journal"));
	wait_until(&p->a, &p->b, !p->a.fault);
	nodes_sync(&p->a, &p->b);
	assert_alike(&p->a, &p->b);
}

static void lost_directory_deletes_nothing(void **state)
{
	struct pair *p = *state;

	pair_follow(p);
	nodes_sync(&p->a, &p->b);
	assert_int_equal(
	    rename(node_path(&p->a, "signconf"), node_path(&p->a, "moved")), 0);
	nodes_sync(&p->a, &p->b);
	assert_int_equal(assert_within(&p->b, &p->b, "signconf"), 1);
	rename(node_path(&p->a, "moved"), node_path(&p->a, "signconf"));
}

#define TEST(name) PAIR_TEST(name, setup)

int main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(wrong_psk_is_refused),
	    TEST(wrong_term_is_refused),
	    TEST(stranger_is_refused),
	    TEST(removed_member_is_dropped),
	    TEST(cpg_down_tcp_up),
	    TEST(idle_is_quick),
	    TEST(hot_journal_is_a_fault),
	    TEST(lost_directory_deletes_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
