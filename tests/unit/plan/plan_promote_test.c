/* SPDX-License-Identifier: GPL-2.0-or-later
 * Copyright (C) The ocf-ods contributors */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include "facts.h"

/* Pacemaker shows that many bytes of an exit reason. */
#define REASON_MAX 128
#define LONG_NAME "node-1234567890-abcd" /* 20 bytes */

/* ---- the table --------------------------------------------------------- */

/* One bit each; a combination is a number. */
enum bit {
	QUORATE,
	FENCING,
	MINTED_FENCING,
	IN_PROMOTE,
	FORK,
	WARM,
	DRAINED,
	HOLDER,
	OPEN,
	SOURCE_IS_SELF,
	DEAD_HERE,
	PRESENT,
	UNPROMOTED,
	DEAD_THERE,
	FENCED,
	GONE,
	PEER_RECORD,
	PEER_NEWER,
	PEER_HOLDER,
	THREE_VOTERS,
	SOLO_PEER_AHEAD, /* of a record that is solo */
	MISSING,         /* the database, here */
	BITS
};

static bool has(unsigned combination, enum bit bit)
{
	return combination >> bit & 1;
}

static void facts_of(unsigned c, struct plan_facts *f)
{
	struct plan_node *p = &f->peer[0];
	struct record *r = &f->self.record;

	*f = after_a_kill();
	f->quorate = has(c, QUORATE);
	f->fencing = has(c, FENCING);
	f->in_promote = has(c, IN_PROMOTE);
	f->fork = has(c, FORK);
	f->warm = has(c, WARM);
	f->drained = has(c, DRAINED);
	f->missing = has(c, MISSING) ? "/var/lib/opendnssec/db/kasp.db" : NULL;
	f->self.daemons_dead = has(c, DEAD_HERE);
	r->fencing = has(c, MINTED_FENCING);
	r->open = has(c, OPEN);
	r->voters = has(c, THREE_VOTERS) ? 3 : 2;
	r->source = has(c, SOURCE_IS_SELF) ? f->self.id : p->id;
	r->holders.count = 0;
	if (has(c, HOLDER))
		nodes_add(&r->holders, &f->self.id);
	if (has(c, PEER_HOLDER))
		nodes_add(&r->holders, &p->id);
	p->present = has(c, PRESENT);
	p->unpromoted = has(c, UNPROMOTED);
	p->daemons_dead = has(c, DEAD_THERE);
	p->fenced = has(c, FENCED);
	p->gone = has(c, GONE);
	p->has_record = has(c, PEER_RECORD);
	r->solo = has(c, SOLO_PEER_AHEAD);
	p->tip.seq = has(c, SOLO_PEER_AHEAD);
	p->record = *r;
	p->record.revision += has(c, PEER_NEWER);
}

/* DESIGN 4 and 5 in other words. */
static bool may_promote(unsigned c)
{
	bool harmless, custody, accounted;

	if (!has(c, QUORATE) || has(c, FORK) || !has(c, HOLDER) ||
	    !has(c, DRAINED) || has(c, MISSING))
		return false;
	if (has(c, PRESENT) && has(c, PEER_RECORD) && has(c, PEER_NEWER))
		return false;
	if (has(c, SOLO_PEER_AHEAD) && has(c, PRESENT) && has(c, PEER_RECORD) &&
	    has(c, PEER_HOLDER))
		return false;
	custody = has(c, WARM) || !has(c, PEER_HOLDER) || has(c, PRESENT);
	if (has(c, SOURCE_IS_SELF))
		harmless = has(c, DEAD_HERE);
	else
		harmless =
		    has(c, FENCED) || (has(c, PRESENT) && has(c, UNPROMOTED) &&
		                          has(c, DEAD_THERE));
	/* Pacemaker fences before it promotes. */
	if (has(c, FENCING) && has(c, MINTED_FENCING) && !has(c, IN_PROMOTE))
		harmless = true;
	accounted = (has(c, FENCING) && has(c, MINTED_FENCING)) ||
	            !has(c, PEER_HOLDER) || has(c, PRESENT) || has(c, GONE);
	return custody && (harmless || !has(c, OPEN)) && accounted;
}

static void truth_table(void **state)
{
	unsigned c, gone = 0;

	(void)state;
	for (c = 0; c < 1U << BITS; c++) {
		struct plan_facts f;
		struct plan plan;

		facts_of(c, &f);
		plan = plan_promote(&f);
		if ((plan.verdict == PLAN_GO) != may_promote(c))
			fail_msg("combination %#x: verdict %d: %s", c,
			    plan.verdict, plan.why);
		assert_true(plan.why[0] != '\0');
		gone += plan.verdict == PLAN_GO;
	}
	assert_true(gone > 0);
}

/* ---- named sequences ---------------------------------------------------- */

static void fenced_source(void **state)
{
	struct plan_facts f = after_a_kill();

	(void)state;
	expect(&f, PLAN_GO);
	assert_true(plan_promote(&f).preferred);
}

/* Pacemaker fences before it promotes: the score must not wait for it. */
static void score_before_the_fence(void **state)
{
	struct plan_facts f = after_a_kill();

	(void)state;
	f.peer[0].fenced = false;
	expect(&f, PLAN_GO);
}

static void in_promote_waits_for_fence(void **state)
{
	struct plan_facts f = after_a_kill();

	(void)state;
	f.peer[0].fenced = false;
	f.in_promote = true;
	expect_why(&f, PLAN_NOT_YET, "pcs stonith confirm peer");
}

static void fencing_off(void **state)
{
	struct plan_facts f = after_a_kill();

	(void)state;
	f.peer[0].fenced = false;
	f.fencing = false;
	expect_why(&f, PLAN_REFUSE, "fencing is off");
	f.fencing = true;
	f.self.record.fencing = false; /* it was off when it was minted */
	expect(&f, PLAN_REFUSE);
}

static void fencing_off_closed_record(void **state)
{
	struct plan_facts f = after_a_kill();

	(void)state;
	f.fencing = f.self.record.fencing = f.peer[0].fenced = false;
	f.self.record.open = false;
	expect_why(&f, PLAN_REFUSE, "out of sight");
	f.peer[0].gone = true;
	expect(&f, PLAN_GO);
}

/* A5: maintenance, a clean leave, no DEMOTE. */
static void leave_without_demote(void **state)
{
	struct plan_facts f = after_a_kill();

	(void)state;
	f.peer[0].fenced = false;
	f.peer[0].gone = true;
	f.in_promote = true;
	expect(&f, PLAN_NOT_YET);
	f.fencing = false;
	expect(&f, PLAN_REFUSE);
}

static void former_source_with_daemons_alive(void **state)
{
	struct plan_facts f = after_a_kill();

	(void)state;
	peer_returns(&f);
	f.in_promote = true;
	f.peer[0].daemons_dead = false;
	expect_why(&f, PLAN_NOT_YET, "still runs on peer");
	f.peer[0].daemons_dead = true;
	expect(&f, PLAN_GO);
	f.peer[0].unpromoted = false;
	expect_why(&f, PLAN_NOT_YET, "peer is the source");
}

static void former_source_is_here(void **state)
{
	struct plan_facts f = after_a_kill();

	(void)state;
	peer_returns(&f);
	f.warm = false;
	f.self.record.source = f.self.id;
	expect(&f, PLAN_GO);
	f.self.daemons_dead = false;
	f.in_promote = true;
	expect_why(&f, PLAN_NOT_YET, "still runs on here");
}

/* A5 (i): both boot, nobody was fenced, nobody sent a DEMOTE. */
static void power_cut_both(void **state)
{
	struct plan_facts f = after_a_kill();

	(void)state;
	peer_returns(&f);
	f.warm = false;
	f.in_promote = true;
	expect(&f, PLAN_GO);
}

/* A4 */
static void reboot_is_not_synced(void **state)
{
	struct plan_facts f = after_a_kill();

	(void)state;
	f.warm = false;
	expect_why(&f, PLAN_NOT_YET, "cold start: peer also held");
}

static void last_holder_restarts_alone(void **state)
{
	struct plan_facts f = after_a_kill();

	(void)state;
	f.warm = false;
	f.self.record.source = f.self.id;
	f.self.record.holders.count = 1;
	expect(&f, PLAN_GO);
}

static void cold_start_2of3(void **state)
{
	struct plan_facts f = three();

	(void)state;
	expect(&f, PLAN_GO);
	f.peer[1].present = false;
	expect(&f, PLAN_NOT_YET);
}

/* A node that has lost its ledger is no voter. */
static void reinstalled_node_is_no_voter(void **state)
{
	struct plan_facts f = three();

	(void)state;
	f.peer[1].state = STATE_EMPTY; /* it has our record from our HELLO */
	expect(&f, PLAN_NOT_YET);
	f.peer[1].has_record = false; /* the ledger of another cluster */
	f.peer[1].state = STATE_LEDGER;
	expect(&f, PLAN_NOT_YET);
}

/* It goes by an older one, and has not taken ours. */
static void another_record_is_no_vote(void **state)
{
	struct plan_facts f = three();

	(void)state;
	f.peer[1].record.term--;
	f.peer[1].record.term_id = id_of('u');
	expect(&f, PLAN_NOT_YET);
}

/* Two voters: the one that came back from an image proves nothing. */
static void reinstalled_node_is_no_second_voter(void **state)
{
	struct plan_facts f = three();

	(void)state;
	f.self.record.open = false;
	f.self.record.voters = 2;
	f.self.record.holders.count = 2;
	f.peer[1].state = STATE_EMPTY;
	expect(&f, PLAN_NOT_YET);
	f.peer[1].state = STATE_LEDGER;
	expect(&f, PLAN_GO);
}

/* A1: the source went on alone; its last record does not name us, or is not
 * known to us. */
static void alone_then_dead(void **state)
{
	struct plan_facts f = after_a_kill();

	(void)state;
	f.self.record.holders.count = 0;
	nodes_add(&f.self.record.holders, &f.peer[0].id);
	expect_why(&f, PLAN_NOT_YET, "not a holder of term 4");
	expect_why(&f, PLAN_NOT_YET, ", else ods-cluster failover --to");
	peer_returns(&f);
	f.self.record.holders.count = 0;
	expect_why(&f, PLAN_NOT_YET, "to bring this node up to date");
	/* It cannot, when its own disk went back: it waits for a copy. */
	f.peer[0].state = STATE_SEEDING;
	expect_why(
	    &f, PLAN_REFUSE, "peer has lost its copy: ods-cluster failover");
	f = three();
	f.peer[1].record.revision++;
	expect_why(&f, PLAN_NOT_YET, "third knows a newer term");
}

/* A6 */
static void fork_both_minted(void **state)
{
	struct plan_facts f = after_a_kill();

	(void)state;
	f.fork = true;
	expect_why(&f, PLAN_REFUSE, "two histories of term 4");
}

static void preferences(void **state)
{
	struct plan_facts f = three();

	(void)state;
	f.hsm_lost = true;
	expect(&f, PLAN_GO);
	assert_false(plan_promote(&f).preferred);
	f.hsm_lost = false;
	f.self.tip.term = f.peer[1].tip.term = 4;
	f.self.tip.seq = 10;
	f.peer[1].tip.seq = 11;
	expect_why(&f, PLAN_GO, "another node has more");
	assert_false(plan_promote(&f).preferred);
	f.peer[1].tip.seq = 10;
	assert_true(plan_promote(&f).preferred);
}

/* ---- AM13: the first source --------------------------------------------- */

static struct plan_facts fresh(void)
{
	struct plan_facts f = after_a_kill();

	peer_returns(&f);
	f.self.has_record = f.peer[0].has_record = false;
	memset(&f.self.record, 0, sizeof(f.self.record));
	f.peer[0].record = f.self.record;
	f.self.state = f.peer[0].state = STATE_EMPTY;
	f.warm = false;
	return f;
}

static void fresh_cluster(void **state)
{
	struct plan_facts f = fresh();

	(void)state;
	expect(&f, PLAN_GO);
	assert_true(plan_promote(&f).first);
	f.low_id = false;
	expect(&f, PLAN_NOT_YET);
	f.self.zones = 1;
	f.self.state = STATE_UNKNOWN;
	expect(&f, PLAN_GO);
	f.self.zones = 0;
	f.low_id = true;
	f.peer[0].zones = 3;
	expect_why(&f, PLAN_NOT_YET, "peer has the zones");
}

static void fresh_cluster_not_complete(void **state)
{
	struct plan_facts f = fresh();

	(void)state;
	f.peer[0].present = false;
	expect_why(&f, PLAN_NOT_YET, "waiting for all 2 nodes");
	f.init_here = true;
	expect(&f, PLAN_GO);
	f.quorate = false;
	expect_why(&f, PLAN_NOT_YET, "no quorum");
}

static void two_histories_refuse(void **state)
{
	struct plan_facts f = fresh();

	(void)state;
	f.self.zones = 2;
	f.peer[0].zones = 5;
	expect_why(&f, PLAN_REFUSE, "ods-cluster init --source");
	f.init_here = true;
	expect(&f, PLAN_GO);
}

static void state_of_no_known_history(void **state)
{
	struct plan_facts f = fresh();

	(void)state;
	f.peer[0].has_record = true;
	f.peer[0].record.term = 3;
	f.self.state = STATE_UNKNOWN;
	f.self.zones = 2;
	expect_why(&f, PLAN_REFUSE, "no known history");
	f.self.state = STATE_SEEDING;
	expect(&f, PLAN_NOT_YET);
	f.self.state = STATE_EMPTY;
	expect(&f, PLAN_NOT_YET);
}

static void init_beside_a_source(void **state)
{
	struct plan_facts f = after_a_kill();

	(void)state;
	peer_returns(&f);
	f.peer[0].unpromoted = false;
	f.init_here = true;
	expect_why(&f, PLAN_REFUSE, "peer is still the source");
}

/* ---- sentences ----------------------------------------------------------- */

static void name_long(struct plan_facts *f)
{
	int i;

	snprintf(f->self.name, sizeof(f->self.name), "%s", LONG_NAME);
	for (i = 0; i < f->peers; i++)
		snprintf(
		    f->peer[i].name, sizeof(f->peer[i].name), "%s", LONG_NAME);
	f->self.zones = f->self.zones ? 100000 : 0;
	f->self.keys = 1000000;
	f->peer[0].zones = f->peer[0].zones ? 100000 : 0;
	f->peer[0].keys = 1000000;
	f->self.record.term = UINT32_MAX;
}

static void expect_short(struct plan_facts *f)
{
	struct plan plan;

	name_long(f);
	plan = plan_promote(f);
	if (strlen(plan.why) > REASON_MAX)
		fail_msg("%zu bytes: %s", strlen(plan.why), plan.why);
	/* Whoever is refused is told what to do, or what is waited for. */
	if (plan.verdict == PLAN_REFUSE && !strstr(plan.why, "ods-cluster") &&
	    !strstr(plan.why, "demote it first") &&
	    !strstr(plan.why, "stop it"))
		fail_msg("no way out: %s", plan.why);
	if (plan.verdict == PLAN_REFUSE && strstr(plan.why, "init --source") &&
	    !strstr(plan.why, "NODE") && !strstr(plan.why, LONG_NAME))
		fail_msg("the command is cut: %s", plan.why);
}

static void sentences_fit(void **state)
{
	struct plan_facts f;
	unsigned c, i;

	(void)state;
	for (c = 0; c < 1U << BITS; c += 1) {
		facts_of(c, &f);
		expect_short(&f);
	}
	for (i = 0; i < 64; i++) {
		f = fresh();
		f.init_here = i & 1;
		f.peer[0].present = i & 2;
		f.self.zones = i & 4;
		f.peer[0].zones = i & 8;
		f.peer[0].unpromoted = i & 16;
		f.peer[0].has_record = i & 32;
		f.low_id = i & 4;
		f.self.state = i & 4 ? STATE_UNKNOWN : STATE_EMPTY;
		expect_short(&f);
	}
	f = after_a_kill();
	f.hsm_lost = true;
	expect_short(&f);
	f.self.foreign = true;
	expect_short(&f);
	peer_returns(&f);
	f.peer[0].unpromoted = false;
	expect_short(&f);
	f.stranger = "ods-enforcerd (pid 4194304)";
	expect_short(&f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(truth_table),
	    cmocka_unit_test(fenced_source),
	    cmocka_unit_test(score_before_the_fence),
	    cmocka_unit_test(in_promote_waits_for_fence),
	    cmocka_unit_test(fencing_off),
	    cmocka_unit_test(fencing_off_closed_record),
	    cmocka_unit_test(leave_without_demote),
	    cmocka_unit_test(former_source_with_daemons_alive),
	    cmocka_unit_test(former_source_is_here),
	    cmocka_unit_test(power_cut_both),
	    cmocka_unit_test(reboot_is_not_synced),
	    cmocka_unit_test(last_holder_restarts_alone),
	    cmocka_unit_test(cold_start_2of3),
	    cmocka_unit_test(reinstalled_node_is_no_second_voter),
	    cmocka_unit_test(another_record_is_no_vote),
	    cmocka_unit_test(reinstalled_node_is_no_voter),
	    cmocka_unit_test(alone_then_dead),
	    cmocka_unit_test(fork_both_minted),
	    cmocka_unit_test(preferences),
	    cmocka_unit_test(fresh_cluster),
	    cmocka_unit_test(fresh_cluster_not_complete),
	    cmocka_unit_test(two_histories_refuse),
	    cmocka_unit_test(state_of_no_known_history),
	    cmocka_unit_test(init_beside_a_source),
	    cmocka_unit_test(sentences_fit),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
