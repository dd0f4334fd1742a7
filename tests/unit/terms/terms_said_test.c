/* SPDX-License-Identifier: GPL-2.0-or-later
 * Copyright (C) The ocf-ods contributors */
#include "cluster.h"

/* What lasts for hours is a line when it begins and one an hour: a replica
 * that is refused, a fault, a key that is not there. */

#define HOUR_S 3600

/* Every five seconds for two hours: how many lines, and the last one. */
static int lines_of(int node, enum engine_event_type type, const char *text)
{
	struct engine_event ev = {.type = type};
	struct vnode *n = as(node);
	int i, lines = 0;

	snprintf(ev.text, sizeof(ev.text), "%s", text);
	ev.node = world.node[1 - node].id;
	for (i = 0; i < 2 * HOUR_S / 5; i++) {
		n->engine.event[n->engine.events++] = ev;
		logged.lines = 0;
		events_run(&n->s);
		lines += logged.lines;
		world.now_ms += 5000;
	}
	return lines;
}

static void a_replica_that_is_refused(void **state)
{
	(void)state;
	assert_int_equal(
	    lines_of(0, ENGINE_LOST, "it cannot take more: generation 9"), 2);
	assert_non_null(strstr(logged.last, "data connection with n2 ended: "
	                                    "it cannot take more: "
	                                    "generation 9 (720 times"));
}

static void a_source_that_refuses(void **state)
{
	(void)state;
	assert_int_equal(lines_of(1, ENGINE_FAULT, "TLS handshake refused"), 2);
	assert_string_equal(logged.last,
	    "TLS handshake refused (720 times since it was said last)");
	assert_string_equal(world.node[1].s.fault, "TLS handshake refused");
	/* The end of its session says the same once more. */
	assert_int_equal(lines_of(1, ENGINE_LOST, "TLS handshake refused"), 0);
}

static void what_was_over_is_news(void **state)
{
	struct vnode *n = as(1);
	const struct engine_event fault = {.type = ENGINE_FAULT, .text = "x"};
	const struct engine_event over = {.type = ENGINE_FAULT_OVER};

	(void)state;
	logged.lines = 0;
	n->engine.event[n->engine.events++] = fault;
	n->engine.event[n->engine.events++] = fault;
	n->engine.event[n->engine.events++] = over;
	n->engine.event[n->engine.events++] = fault;
	events_run(&n->s);
	assert_int_equal(logged.lines, 2);
}

/* On a replica, too: the source that it has lost is known by its name. */
static void a_session_that_was_good_is_news(void **state)
{
	struct vnode *n = as(1);
	const struct engine_event lost = {.type = ENGINE_LOST,
	    .node = world.node[0].id,
	    .text = "the peer has closed the connection"};
	const struct engine_event received = {
	    .type = ENGINE_RECEIVED, .seq = 1};

	(void)state;
	logged.lines = 0;
	n->engine.event[n->engine.events++] = lost;
	n->engine.event[n->engine.events++] = lost;
	events_run(&n->s);
	assert_int_equal(logged.lines, 1);
	n->engine.event[n->engine.events++] = received;
	n->engine.event[n->engine.events++] = lost;
	events_run(&n->s);
	assert_int_equal(logged.lines, 2);
	assert_string_equal(logged.last,
	    "data connection with n1 ended: the peer has closed the "
	    "connection");
}

/* Corosync does not encrypt, and there is no file: no session, and why. */
static void no_crypto_and_no_key_file(void **state)
{
	struct syncd *s = &as(1)->s;
	int i;

	(void)state;
	strcpy(s->opt.res, "none-of-that-name");
	s->encrypted = false;
	s->replicating = false;
	memset(&s->psk_term, 0, sizeof(s->psk_term));
	logged.lines = 0;
	for (i = 0; i < 1000; i++)
		terms_follow(s);
	assert_false(s->replicating);
	assert_int_equal(logged.lines, 1);
	assert_string_equal(logged.last,
	    "Corosync does not encrypt and "
	    "/etc/ocf-ods/none-of-that-name.key is missing: pcs cluster "
	    "config update crypto cipher=aes256 hash=sha256");
	world.now_ms += HOUR_S * 1000;
	terms_follow(s);
	assert_int_equal(logged.lines, 2);
	/* One that Corosync brings is waited for in silence. */
	s->encrypted = true;
	terms_follow(s);
	assert_int_equal(logged.lines, 2);
	assert_false(s->replicating);
}

/* The worker of a source starts again on a full disk. */
static void cannot_go_on_as_source(void **state)
{
	struct syncd *s = &as(0)->s;
	int i;

	(void)state;
	worker_end(0, LEFT_PROCDOWN);
	run_ms(500);
	world.node[0].disk.full = true;
	worker_start(0, true);
	run_ms(500);
	as(0);
	assert_true(s->restarting);
	logged.lines = 0;
	for (i = 0; i < HOUR_S; i++) {
		world.now_ms += 1000;
		restart_tick(s);
	}
	assert_int_equal(logged.lines, 1); /* the first one was before */
	assert_non_null(
	    strstr(logged.last, "cannot go on as source: disk full ("));
	world.node[0].disk.full = false;
	run_ms(2000);
	assert_promoted(0);
}

/* Nobody is the source of the record that did not fit. */
static void closed_while_the_disk_was_full(void **state)
{
	(void)state;
	world.node[1].disk.full = true;
	demote(0, 3000, false);
	run_ms(5000);
	assert_false(world.node[0].disk.record.open);
	assert_true(world.node[1].disk.record.open);
	world.node[1].disk.full = false;
	run_ms(3000);
	assert_false(world.node[1].disk.record.open);
}

#define T(t) cmocka_unit_test_setup_teardown(t, cluster2, end)

int main(void)
{
	const struct CMUnitTest tests[] = {
	    T(a_replica_that_is_refused),
	    T(a_source_that_refuses),
	    T(what_was_over_is_news),
	    T(a_session_that_was_good_is_news),
	    T(no_crypto_and_no_key_file),
	    T(cannot_go_on_as_source),
	    T(closed_while_the_disk_was_full),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
