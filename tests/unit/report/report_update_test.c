/* SPDX-License-Identifier: GPL-2.0-or-later
 * Copyright (C) The ocf-ods contributors */
#include <fcntl.h>
#include <limits.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>

#include "deadline.h"
#include "floors.h"
#include "pacemaker.h"
#include "statefile.h"
#include "syncd.h"
#include "worker.h"

/* What the parent, the agent and Pacemaker are told. */

static struct pacemaker_wish wish;
static char file[STATEFILE_MAX];
static int from_worker;

void pacemaker_wish(struct pacemaker *pm, const struct pacemaker_wish *w)
{
	(void)pm;
	wish = *w;
}

int statefile_write(const char *resource, const char *body, struct why *why)
{
	(void)resource, (void)why;
	snprintf(file, sizeof(file), "%s", body);
	return 0;
}

const char *barrier_mode_name(enum barrier_mode mode)
{
	return mode == BARRIER_OFF ? "off" : "degrade";
}

void barrier_hold(struct syncd *s, const char *fmt, ...)
{
	(void)s, (void)fmt;
}

const char *degraded_text(const struct syncd *s, char buf[DEGRADED_MAX])
{
	snprintf(buf, DEGRADED_MAX, "%s",
	    s->degraded_since_s ? "degraded since TIME" : "");
	return buf;
}

static struct syncd *syncd_of(enum role role)
{
	static struct syncd s;
	int beat[2];

	memset(&s, 0, sizeof(s));
	assert_int_equal(pipe2(beat, O_NONBLOCK), 0);
	from_worker = beat[0];
	s.parent_fd = beat[1];
	s.role = role;
	s.state = STATE_LEDGER;
	s.record.holders.count = 2;
	/* report.c hands it on and never looks inside. */
	s.pacemaker = (struct pacemaker *)&s;
	return &s;
}

static int end(void **state)
{
	(void)state;
	close(from_worker);
	return 0;
}

/* What the parent heard: the last byte, 0 for nothing. */
static char heard(void)
{
	char said[64];
	ssize_t n = read(from_worker, said, sizeof(said));

	return n > 0 ? said[n - 1] : 0;
}

/* A worker that dies right after its promote was answered is a source when it
 * comes back: the parent knows before the answer. */
static void parent_hears_of_a_new_role_at_once(void **state)
{
	struct syncd *s = syncd_of(ROLE_UNPROMOTED);

	(void)state;
	report_update(s);
	heard();
	s->role = ROLE_SOURCE;
	report_update(s);
	assert_int_equal(heard(), BEAT_SOURCE);
	report_update(s);
	report_beat(s);
	assert_int_equal(heard(), 0);
	s->role = ROLE_DEMOTING;
	report_update(s);
	assert_int_equal(heard(), 0);
	s->role = ROLE_UNPROMOTED;
	assert_int_equal(report_busy(s), 0);
	assert_int_equal(heard(), BEAT_PLAIN);
	s->restarting = true;
	report_beat(s);
	assert_int_equal(heard(), BEAT_SOURCE);
}

static void who_only_closes_tells_nobody(void **state)
{
	struct syncd *s = syncd_of(ROLE_SOURCE);

	(void)state;
	s->opt.close = true;
	wish.score = file[0] = 0;
	report_update(s);
	assert_int_equal(heard(), 0);
	assert_int_equal(wish.score, 0);
	assert_string_equal(file, "");
}

static void agent_and_pacemaker(void **state)
{
	struct syncd *s = syncd_of(ROLE_SOURCE);

	(void)state;
	report_update(s);
	assert_int_equal(wish.score, 1000);
	assert_string_equal(wish.role, "source");
	assert_string_equal(wish.why, "signing");
	assert_non_null(strstr(file, "role=promoted\nods-role=source\n"));
}

static void assert_status(struct syncd *s, const char *line)
{
	char reply[16384];

	report_status(s, reply, sizeof(reply));
	if (!strstr(reply, line))
		fail_msg("%s is not in %s", line, reply);
}

#define COLLISION "zones 0-25 and 0/25 have one backup2: remove one of them"

static void zones_that_collide_are_a_warning(void **state)
{
	struct syncd *s = syncd_of(ROLE_SOURCE);

	(void)state;
	assert_status(s, "verdict=0\nverdict_why=signing\n");
	assert_status(s, "zones_colliding=0\ncollision=\n");
	s->published.colliding = 1;
	snprintf(
	    s->published.collision, sizeof(s->published.collision), COLLISION);
	report_update(s);
	assert_string_equal(wish.why, COLLISION);
	assert_status(s, "verdict=1\nverdict_why=" COLLISION "\n");
	assert_status(s, "zones_colliding=1\ncollision=" COLLISION "\n");
	/* What cannot wait comes first. */
	s->record.holders.count = 1;
	report_update(s);
	assert_string_equal(wish.why, "no second holder: start the other node");
	assert_status(s, "zones_colliding=1\ncollision=" COLLISION "\n");
}

/* What the name server serves comes before who can take over. */
static void what_is_served_runs_out(void **state)
{
	struct syncd *s = syncd_of(ROLE_SOURCE);

	(void)state;
	s->published.bogus_at = time(NULL) + 100;
	snprintf(s->published.bogus_zone, sizeof(s->published.bogus_zone), "a");
	assert_status(s, "verdict=0\nverdict_why=signing\n");
	s->published.untold = 1;
	snprintf(s->published.untold_why, sizeof(s->published.untold_why),
	    "zone u: publish_command has failed since T");
	assert_status(s, "verdict=1\nverdict_why=zone u: publish_command has "
	                 "failed since T\n");
	assert_status(s, "zones_untold=1\n");
	s->published.untold = 0;
	snprintf(s->enforcing.trouble, sizeof(s->enforcing.trouble), "a");
	assert_status(s, "verdict=1\nverdict_why=a\n");
	s->enforcing.trouble[0] = '\0';
	snprintf(s->published.blind, sizeof(s->published.blind), "b");
	assert_status(s, "verdict=1\nverdict_why=b\n");
	s->published.blind[0] = '\0';
	s->published.late = 1;
	snprintf(s->published.late_zone, sizeof(s->published.late_zone), "b");
	assert_status(s, "verdict=1\nverdict_why=zone b is signed anew, but "
	                 "not published, for too long");
	s->record.holders.count = 1;
	s->published.bogus_at = time(NULL);
	assert_status(s, "verdict=2\nverdict_why=signatures of zone a have "
	                 "run out");
}

/* For the signer's monitor; a standby has nothing to say. */
static void least_is_in_the_state_file(void **state)
{
	struct syncd *s = syncd_of(ROLE_SOURCE);

	(void)state;
	report_update(s);
	assert_null(strstr(file, "least_"));
	s->published.least_percent = 49;
	snprintf(s->published.least_zone, sizeof(s->published.least_zone), "a");
	report_update(s);
	assert_non_null(strstr(file, "least_percent=49\nleast_zone=a\n"));
	s->role = ROLE_UNPROMOTED;
	report_update(s);
	assert_null(strstr(file, "least_"));
}

/* The attribute, and why it is 0. */
static void the_enforcer_waits(void **state)
{
	struct syncd *s = syncd_of(ROLE_SOURCE);
	struct enforce_verdict *v = &s->enforcing;

	(void)state;
	v->allow = s->enforce = true;
	report_update(s);
	assert_true(wish.enforce);
	assert_status(s, "enforce=1\nenforce_zones=0\nenforce_zone=\n");
	v->allow = s->enforce = false;
	v->zones = 2;
	v->since = 17;
	v->until = 99;
	snprintf(v->zone, sizeof(v->zone), "z");
	snprintf(v->why, sizeof(v->why), "it is late");
	report_update(s);
	assert_false(wish.enforce);
	assert_string_equal(wish.why, "signing");
	assert_status(s, "enforce=0\nenforce_zones=2\nenforce_zone=z\n"
	                 "enforce_since=17\nenforce_until=99\n"
	                 "enforce_why=it is late\nenforce_fix=\n");
	assert_status(s, "verdict=0\n");
	v->alarm = true;
	snprintf(v->fix, sizeof(v->fix), "mend it");
	report_update(s);
	assert_string_equal(
	    wish.why, "the enforcer waits for zone z for too long: mend it");
	assert_status(s, "verdict=1\nverdict_why=the enforcer waits");
	s->record.holders.count = 1;
	report_update(s);
	assert_string_equal(wish.why, "no second holder: start the other node");
}

#define T(t) cmocka_unit_test_teardown(t, end)

/* Since when, and that losses are possible, stands in every sentence. */
static void the_barrier_is_told(void **state)
{
	struct syncd *s = syncd_of(ROLE_SOURCE);

	(void)state;
	assert_status(s, "barrier=degrade\nsolo=0\n");
	s->opt.barrier = BARRIER_OFF;
	s->record.solo = true;
	assert_status(s, "barrier=off\nsolo=1\n");
	assert_status(
	    s, "verdict_why=signing; asynchronous, losses possible\n");
	s->record.holders.count = 1;
	s->degraded_since_s = 17;
	assert_status(s, "verdict=1\nverdict_why=no second holder, degraded "
	                 "since TIME: start the other node\n");
	s->held_since_ms = 1;
	snprintf(s->held_why, sizeof(s->held_why), "quorum");
	report_update(s);
	assert_string_equal(wish.why,
	    "publishing held, degraded since TIME: waiting for quorum");
}

static void an_accepted_loss_is_told(void **state)
{
	struct syncd *s = syncd_of(ROLE_SOURCE);
	char dir[] = "/tmp/ods-report.XXXXXX", path[64];

	(void)state;
	assert_non_null(mkdtemp(dir));
	assert_int_equal(ledger_open(dir, &s->ledger, NULL), 0);
	ledger_note_put(
	    s->ledger, FLOORS_LOSS, "17 100004 n2 root on n1", NULL);
	assert_status(s, "\nloss=17 100004 n2 root on n1\n");
	ledger_close(s->ledger);
	snprintf(path, sizeof(path), "%s/ledger.db", dir);
	unlink(path);
	rmdir(dir);
}

/* Pacemaker must not choose a node that has not looked at the others. */
static void no_score_before_a_verdict(void **state)
{
	struct syncd *s = syncd_of(ROLE_UNPROMOTED);

	(void)state;
	report_update(s);
	assert_int_equal(wish.score, INT_MIN);
	assert_string_equal(wish.why, "starting");
}

/* A standby that cannot lock its files may take over, and is not well. */
static void guard_in_trouble(void **state)
{
	struct syncd *s = syncd_of(ROLE_UNPROMOTED);

	(void)state;
	s->plan.verdict = PLAN_GO;
	snprintf(s->plan.why, sizeof(s->plan.why), "ready to take over");
	report_update(s);
	assert_string_equal(wish.why, "ready to take over");
	snprintf(s->foreign.trouble, sizeof(s->foreign.trouble),
	    "cannot lock kasp.db");
	report_update(s);
	assert_string_equal(wish.why, "cannot lock kasp.db");
}

static void diverged(void **state)
{
	static char text[65536];
	struct syncd *s = syncd_of(ROLE_UNPROMOTED);

	(void)state;
	s->ancestry = ANCESTRY_UNPUBLISHED;
	assert_string_equal(report_role(s), "holder");
	s->ancestry = ANCESTRY_UNRELATED;
	assert_string_equal(report_role(s), "diverged");
	s->ancestry = ANCESTRY_DIVERGED;
	report_update(s);
	assert_string_equal(wish.role, "diverged");
	assert_non_null(strstr(wish.why, "diverged: what only this node has"));
	snprintf(s->fault, sizeof(s->fault), "no space");
	report_update(s);
	assert_string_equal(wish.why, "no space");
	s->ancestry = ANCESTRY_BEHIND;
	s->nodeid = 1;
	s->members = 1;
	s->member[0].nodeid = 2;
	s->member[0].has_hello = true;
	s->member[0].ancestry = ANCESTRY_DIVERGED;
	report_status(s, text, sizeof(text));
	assert_non_null(strstr(text, "node.0.role=diverged\n"));
}

/* A source to be publishes nothing: what would be ready is not well. */
static void a_term_that_is_not_in_force(void **state)
{
	struct syncd *s = syncd_of(ROLE_UNPROMOTED);

	(void)state;
	s->plan.verdict = PLAN_GO;
	snprintf(s->plan.why, sizeof(s->plan.why), "ready to take over");
	assert_status(s, "verdict=0\n");
	s->restarting = true;
	assert_status(s, "verdict=1\nverdict_why=source restarting: the "
	                 "others have to store a new term\n");
	s->role = ROLE_MINTING;
	s->restarting = false;
	assert_status(s, "verdict=1\n");
	s->held_since_ms = clock_monotonic_ms() - 1000;
	snprintf(s->held_why, sizeof(s->held_why), "n2");
	assert_status(
	    s, "verdict=1\nverdict_why=publishing held: waiting for n2\n");
	s->held_since_ms -= 60000;
	assert_status(s, "verdict=2\n");
	s->role = ROLE_UNPROMOTED;
	s->restarting = true;
	assert_status(s, "verdict=2\nverdict_why=publishing held");
}

static void put_keys(struct syncd *s, enum keynews_level level)
{
	struct keynews *k = &s->keynews;

	memset(k, 0, sizeof(*k));
	k->level = level;
	k->in_use[KEYTRUTH_OK] = 3;
	k->in_use[KEYTRUTH_MISSING] = level == KEYNEWS_WARN;
	k->looked_s = 17;
	if (level <= KEYNEWS_OK)
		return;
	snprintf(k->sentence, sizeof(k->sentence), "key 0a of R is bad");
	snprintf(k->fix, sizeof(k->fix), "mend it");
}

/* Nobody knows which clock is wrong: both say it. */
static void clocks_that_are_apart(void **state)
{
	struct syncd *s = syncd_of(ROLE_SOURCE);

	(void)state;
	s->record.holders.count = 2;
	s->clocks.doubt = (struct clock_doubt){.ahead = 700, .of = "n2"};
	assert_status(s, "verdict=1\nverdict_why=the clock here is 700 s "
	                 "ahead of that of n2: set both right\n");
	s->clocks.doubt.ahead = 0;
	assert_status(s, "verdict=0\nverdict_why=signing\n");
	s = syncd_of(ROLE_UNPROMOTED);
	s->plan.verdict = PLAN_GO;
	s->clocks.doubt = (struct clock_doubt){.ahead = -700, .of = "n1"};
	assert_status(s, "verdict=1\n");
}

/* A standby that may take over, and what its token lacks. */
static void keys_of_a_standby(void **state)
{
	struct syncd *s = syncd_of(ROLE_UNPROMOTED);

	(void)state;
	s->plan.verdict = PLAN_GO;
	snprintf(s->plan.why, sizeof(s->plan.why), "ready to take over");
	put_keys(s, KEYNEWS_PENDING);
	assert_status(s, "verdict=0\nverdict_why=ready to take over\n");
	assert_status(s, "keys=pending\nkeys_ok=3\n");
	put_keys(s, KEYNEWS_WARN);
	snprintf(s->keynews.trouble, sizeof(s->keynews.trouble), "it hangs");
	assert_status(s,
	    "verdict=1\nverdict_why=ready, but key 0a of R is bad: mend it\n");
	assert_status(s, "keys_missing=1\nkeys_different=0\nkeys_extra=0\n"
	                 "keys_looked=17\nkeys_why=key 0a of R is bad\n"
	                 "keys_do=mend it\nkeys_trouble=it hangs\n");
	/* Why it may not comes first. */
	s->plan.verdict = PLAN_NOT_YET;
	assert_status(s, "verdict_why=ready to take over\n");
}

/* One look that fails is nothing; that there are none is. */
static void keys_that_nobody_looks_at(void **state)
{
	struct syncd *s = syncd_of(ROLE_UNPROMOTED);

	(void)state;
	s->plan.verdict = PLAN_GO;
	put_keys(s, KEYNEWS_PENDING);
	snprintf(s->keynews.trouble, sizeof(s->keynews.trouble), "it hangs");
	s->keynews.trouble_ms = clock_monotonic_ms() - 29 * 60000;
	assert_status(s, "verdict=0\n");
	s->keynews.trouble_ms -= 2 * 60000;
	assert_status(s,
	    "verdict=1\nverdict_why=ready, but the keys in the HSM "
	    "were not looked at for half an hour: it hangs\n");
	s->keynews.trouble[0] = '\0';
	assert_status(s, "verdict=0\n");
}

static void keys_of_a_source(void **state)
{
	struct syncd *s = syncd_of(ROLE_SOURCE);

	(void)state;
	put_keys(s, KEYNEWS_WARN);
	assert_status(
	    s, "verdict=1\nverdict_why=key 0a of R is bad: mend it\n");
	s->record.holders.count = 1;
	assert_status(s, "verdict=1\nverdict_why=no second holder");
	/* What it signs now is bogus. */
	put_keys(s, KEYNEWS_REFUSE);
	assert_status(
	    s, "verdict=2\nverdict_why=key 0a of R is bad: mend it\n");
}

static void only_what_was_seen_refuses(void **state)
{
	struct syncd *s = syncd_of(ROLE_UNPROMOTED);
	struct plan_facts f = {0};

	(void)state;
	put_keys(s, KEYNEWS_WARN);
	snprintf(s->keynews.worst.locator, 8, "0a");
	snprintf(s->keynews.worst.repository, 8, "R");
	keys_facts(s, &f);
	assert_null(f.twin_locator);
	s->keynews.level = KEYNEWS_REFUSE;
	s->keynews.two_keys = true;
	keys_facts(s, &f);
	assert_string_equal(f.twin_locator, "0a");
	assert_string_equal(f.twin_repository, "R");
	assert_true(f.twin_two);
}

/* OpenDNSSEC does not look at <Capacity>. */
static void an_hsm_that_fills_up(void **state)
{
	struct syncd *s = syncd_of(ROLE_SOURCE);
	struct keynews_token *t = s->keynews.token;

	(void)state;
	put_keys(s, KEYNEWS_OK);
	s->keynews.tokens = 2;
	snprintf(t[0].repository, sizeof(t[0].repository), "R");
	t[0].used = 89;
	t[0].max = 100;
	snprintf(t[1].repository, sizeof(t[1].repository), "S");
	t[1].used = -1; /* not known */
	t[1].max = 1;
	t[1].extra = 4;
	assert_status(s, "verdict=0\n");
	assert_status(s, "capacity_why=\n");
	assert_status(s, "keys_extra=4\n");
	t[0].used = 90; /* the default */
	assert_status(s, "verdict=1\nverdict_why=repository R holds 90 keys of "
	                 "100 (90 %): ");
	s->capacity_warn = 95;
	assert_status(s, "verdict=0\n");
	t[0].used = 96;
	t[1].used = 1; /* full is worse */
	assert_status(s, "capacity_why=repository S is full: 1 keys of 1: ");
}

static void keys_that_no_backup_covers(void **state)
{
	struct syncd *s = syncd_of(ROLE_SOURCE);

	(void)state;
	assert_status(s, "\nunbacked=-1\n");
	s->keynews.unbacked_known = true;
	assert_status(s, "\nunbacked=0\n");
	s->keynews.unbacked = 40;
	s->keynews.unbacked_named = 1;
	snprintf(s->keynews.unbacked_key[0], 32, "R 0a KSK required");
	assert_status(s, "\nunbacked=40\nunbacked.0=R 0a KSK required\nnodes=");
	assert_status(s, "verdict=0\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(guard_in_trouble),
	    T(no_score_before_a_verdict),
	    T(parent_hears_of_a_new_role_at_once),
	    T(who_only_closes_tells_nobody),
	    T(agent_and_pacemaker),
	    T(the_barrier_is_told),
	    T(an_accepted_loss_is_told),
	    T(zones_that_collide_are_a_warning),
	    T(what_is_served_runs_out),
	    T(least_is_in_the_state_file),
	    T(the_enforcer_waits),
	    T(diverged),
	    T(a_term_that_is_not_in_force),
	    T(clocks_that_are_apart),
	    T(keys_of_a_standby),
	    T(keys_that_nobody_looks_at),
	    T(keys_of_a_source),
	    T(only_what_was_seen_refuses),
	    T(an_hsm_that_fills_up),
	    T(keys_that_no_backup_covers),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
