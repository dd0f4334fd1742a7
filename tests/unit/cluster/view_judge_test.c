/* SPDX-License-Identifier: GPL-2.0-or-later
 * Copyright (C) The ocf-ods contributors */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "fixture.h"

#define expect(v, code_, what_, do_)                 \
	do {                                         \
		struct headline h_;                  \
                                                     \
		view_judge(&(v), &h_);               \
		assert_string_equal(h_.what, what_); \
		assert_string_equal(h_.do_now, do_); \
		assert_int_equal(h_.code, code_);    \
	} while (0)

static void trouble(struct view *v, int verdict, const char *why)
{
	view_source(v);
	v->verdict = verdict;
	snprintf(v->verdict_why, sizeof(v->verdict_why), "%s", why);
}

static void reads_the_reply(void **state)
{
	struct view v = {0};

	(void)state;
	assert_int_equal(view_from_reply(reply_source, &v), 0);
	assert_int_equal(v.nodes, 2);
	assert_string_equal(v.node[1].name, "n2");
	assert_int_equal(v.node[1].lag_ms, 1250);
	assert_int_equal(v.seq, 1207);
	assert_int_equal(v.served, 10);
	assert_true(view_from_reply("rc=0\nwhy=\n", &v) < 0);
	assert_int_equal(view_from_reply("rc=0\nverdict=1\nzones_colliding=2\n"
	                                 "collision=a and b: remove one\n",
	                     &v),
	    0);
	assert_int_equal(v.colliding, 2);
	assert_string_equal(v.collision, "a and b: remove one");
}

static void a_standby_knows_no_lag(void **state)
{
	struct view v = {0};

	(void)state;
	assert_int_equal(view_from_reply("rc=0\nverdict=0\nnodes=1\n"
	                                 "node.0.self=1\nnode.0.role=holder\n"
	                                 "node.0.lag_ms=0\n",
	                     &v),
	    0);
	assert_int_equal(v.node[0].lag_ms, -1);
}

static void too_many_nodes_are_cut(void **state)
{
	struct view v = {0};

	(void)state;
	assert_int_equal(
	    view_from_reply("rc=0\nverdict=0\nnodes=1000\n", &v), 0);
	assert_int_equal(v.nodes, VIEW_NODES_MAX);
}

static void all_is_well(void **state)
{
	struct view v;

	(void)state;
	view_source(&v);
	expect(v, VIEW_OK, "n1 signs, 1 node can take over", "nothing");
}

static void never_ok_without_a_source(void **state)
{
	struct view v;

	(void)state;
	view_source(&v);
	snprintf(v.node[0].role, sizeof(v.node[0].role), "holder");
	expect(v, VIEW_CRITICAL, "no node signs",
	    "wait for the takeover; if it does not come, see pcs status "
	    "--full");
	v.verdict = VIEW_WARNING;
	snprintf(v.verdict_why, sizeof(v.verdict_why),
	    "waiting for the first copy of the state");
	expect(v, VIEW_CRITICAL,
	    "no node signs; waiting for the first copy of the state",
	    "wait for the first copy of the state");
}

/* It says so itself, and the source is asked. */
static void a_successor_without_its_keys(void **state)
{
	struct view v;

	(void)state;
	view_source(&v);
	snprintf(v.node[1].why, sizeof(v.node[1].why),
	    "ready, but key 0a of R is not in this node's token: mend it");
	expect(v, VIEW_WARNING,
	    "n1 signs; on n2 key 0a of R is not in this node's token",
	    "mend it");
	snprintf(v.node[1].why, sizeof(v.node[1].why), "ready to take over");
	expect(v, VIEW_OK, "n1 signs, 1 node can take over", "nothing");
}

static void never_ok_without_a_successor(void **state)
{
	struct view v;

	(void)state;
	view_source(&v);
	v.node[1].promotable = VIEW_NO;
	snprintf(v.node[1].why, sizeof(v.node[1].why), "disk full");
	expect(v, VIEW_WARNING, "n1 signs, no node can take over",
	    "see n2: disk full");
	v.node[1].promotable = VIEW_DONT_KNOW;
	snprintf(v.node[1].role, sizeof(v.node[1].role), "foreign");
	expect(v, VIEW_WARNING, "n1 signs, no node can take over",
	    "see n2: disk full");
	v.node[1].present = false;
	expect(v, VIEW_WARNING, "n1 signs, no node can take over", "start n2");
	v.nodes = 1;
	expect(v, VIEW_WARNING, "n1 signs, no node can take over",
	    "add a second node");
}

static void the_daemons_sentence_is_split(void **state)
{
	struct view v;

	(void)state;
	trouble(&v, 1, "no second holder: start the other node");
	expect(v, VIEW_WARNING, "no second holder", "start the other node");
	trouble(&v, 2,
	    "publishing held: waiting for fencing of n2, or pcs stonith "
	    "confirm n2 once it is surely off");
	expect(v, VIEW_CRITICAL, "publishing held",
	    "wait for fencing of n2, or pcs stonith confirm n2 once it is "
	    "surely off");
	trouble(&v, 1, "something odd");
	expect(v, VIEW_WARNING, "something odd", "see pcs status");
}

/* What is wrong may have colons of its own, and so may what is to do. */
static void no_sentence_is_cut(void **state)
{
	struct view v;

	(void)state;
	trouble(&v, 1, "zone z: refused line 7: see.z A: no RRSIG validates");
	expect(v, VIEW_WARNING,
	    "zone z: refused line 7: see.z A: no RRSIG validates",
	    "mend what it names; what is published stays");
	trouble(&v, 1,
	    "zone z: refused line 7: z SOA: it has no signatures: "
	    "ods-cluster ack z insecure");
	expect(v, VIEW_WARNING,
	    "zone z: refused line 7: z SOA: it has no signatures",
	    "ods-cluster ack z insecure");
	trouble(&v, 1,
	    "zone z: publish_command has failed since T: see the "
	    "log of ods-syncd");
	expect(v, VIEW_WARNING, "zone z: publish_command has failed since T",
	    "see the log of ods-syncd");
	trouble(&v, 2,
	    "cold start: n2 also held this: start it; if lost for "
	    "ever: ods-cluster init --source n1");
	expect(v, VIEW_CRITICAL, "cold start: n2 also held this",
	    "start it; if lost for ever: ods-cluster init --source n1");
	trouble(&v, 1,
	    "publishing held: waiting for a second holder: start "
	    "the other node, or set barrier=degrade");
	expect(v, VIEW_WARNING, "publishing held",
	    "wait for a second holder: start the other node, or set "
	    "barrier=degrade");
	trouble(&v, 1, "/x/kasp.xml: Permission denied, since T: see the log");
	expect(v, VIEW_WARNING, "/x/kasp.xml: Permission denied, since T",
	    "see the log");
	trouble(&v, 1, "kasp.db: startled");
	expect(v, VIEW_WARNING, "kasp.db: startled", "see pcs status");
}

static void no_quorum_comes_first(void **state)
{
	struct view v;

	(void)state;
	trouble(&v, 0, "signing");
	v.quorate = false;
	expect(v, VIEW_CRITICAL, "this partition has no quorum",
	    "start the other nodes; pcs quorum unblock only if they are "
	    "surely off");
}

static void what_one_node_cannot_see(void **state)
{
	struct view v;

	(void)state;
	view_source(&v);
	snprintf(v.node[0].hsm, sizeof(v.node[0].hsm), "lost");
	expect(v, VIEW_WARNING, "n1 signs, the HSM of n1 does not answer",
	    "mend the HSM; what is signed stays published");
	view_source(&v);
	snprintf(v.node[1].hsm, sizeof(v.node[1].hsm), "lost");
	expect(v, VIEW_WARNING, "n1 signs, the HSM of n2 does not answer",
	    "mend the HSM; what is signed stays published");
	view_source(&v);
	v.fencing = false;
	expect(v, VIEW_WARNING, "fencing is off",
	    "set it up: without it a lost node is never replaced by itself");
	view_source(&v);
	v.refused = 2;
	expect(v, VIEW_WARNING, "2 of 10 zones are refused",
	    "see the log of ods-syncd on n1");
}

/* Asked on n2: the trouble of n1 is in its attribute. */
static void the_sources_trouble_is_seen_from_a_standby(void **state)
{
	struct view v;

	(void)state;
	view_source(&v);
	snprintf(v.node[0].why, sizeof(v.node[0].why), "signing");
	expect(v, VIEW_OK, "n1 signs, 1 node can take over", "nothing");
	snprintf(v.node[0].why, sizeof(v.node[0].why),
	    "zones a and b have one backup2: remove one of them");
	expect(v, VIEW_WARNING, "zones a and b have one backup2",
	    "remove one of them");
}

/* Stands in line 1 whatever else does, and is never ok. */
static void solo_is_always_told(void **state)
{
	struct view v;

	(void)state;
	view_source(&v);
	v.solo = true;
	snprintf(v.barrier, sizeof(v.barrier), "off");
	expect(v, VIEW_WARNING,
	    "n1 signs, 1 node can take over; asynchronous, losses possible",
	    "set barrier=degrade, unless that is wanted");
	/* Asked on n2: the same, once. */
	snprintf(v.node[0].why, sizeof(v.node[0].why),
	    "signing; asynchronous, losses possible");
	expect(v, VIEW_WARNING,
	    "n1 signs, 1 node can take over; asynchronous, losses possible",
	    "set barrier=degrade, unless that is wanted");
	snprintf(v.barrier, sizeof(v.barrier), "degrade");
	expect(v, VIEW_WARNING,
	    "n1 signs, 1 node can take over; asynchronous, losses possible",
	    "wait until the other nodes have all of it");
	trouble(&v, 2, "publishing held: waiting for quorum");
	v.solo = true;
	expect(v, VIEW_CRITICAL,
	    "publishing held; asynchronous, losses possible",
	    "wait for quorum");
}

static void without_the_daemon(void **state)
{
	struct view v = {.from = VIEW_LEDGER, .res = "state"};

	(void)state;
	expect(v, VIEW_UNKNOWN,
	    "ods-syncd does not run here, nor does Pacemaker; this is what it "
	    "left",
	    "pcs cluster start; if the other nodes are surely off, also pcs "
	    "quorum unblock");
	v.pacemaker = true;
	expect(v, VIEW_UNKNOWN,
	    "ods-syncd does not run here; this is what it left",
	    "start the other nodes: there is no quorum; pcs quorum unblock "
	    "only if they are surely off");
	v.quorate = true;
	expect(v, VIEW_UNKNOWN,
	    "ods-syncd does not run here; this is what it left",
	    "see pcs status; then pcs resource cleanup state");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(reads_the_reply),
	    cmocka_unit_test(a_standby_knows_no_lag),
	    cmocka_unit_test(too_many_nodes_are_cut),
	    cmocka_unit_test(all_is_well),
	    cmocka_unit_test(never_ok_without_a_source),
	    cmocka_unit_test(a_successor_without_its_keys),
	    cmocka_unit_test(never_ok_without_a_successor),
	    cmocka_unit_test(the_daemons_sentence_is_split),
	    cmocka_unit_test(no_sentence_is_cut),
	    cmocka_unit_test(no_quorum_comes_first),
	    cmocka_unit_test(what_one_node_cannot_see),
	    cmocka_unit_test(the_sources_trouble_is_seen_from_a_standby),
	    cmocka_unit_test(solo_is_always_told),
	    cmocka_unit_test(without_the_daemon),
	};

	return cmocka_run_group_tests_name("view_judge", tests, NULL, NULL);
}
