/* SPDX-License-Identifier: GPL-2.0-or-later
 * Copyright (C) The ocf-ods contributors */
#include "sim.h"

#include <errno.h>

#include "intent.h"
#include "publisher.h"

/* The signer makes versions as long as it runs, whatever ods-syncd does.  The
 * publisher takes the newest: intent, barrier, rename. */

void sign_step(struct node *n)
{
	struct content *live = &n->disk.live;

	if (world->now < n->sign_at || n->disk.full)
		return;
	n->sign_at = world->now + 50 + roll(chance(10) ? 5000 : 300);
	if (world->versions + 1 == VERSIONS_MAX)
		sim_fail("too many versions");
	world->parent[++world->versions] = live->version;
	live->version = world->versions;
}

static void consider(struct node *n)
{
	struct publisher *p = &n->pub;
	struct content *live = &n->disk.live;

	if (world->now < p->at || live->served == live->version || n->disk.full)
		return;
	disk_point(n, TALLY_AT_INTENT);
	live->intent = live->version;
	disk_point(n, TALLY_AT_INTENT_DONE);
	p->version = live->intent;
	p->state = PUB_ASKS;
	p->at = world->now + roll(60);
}

/* publisher.c: resume_intents() */
static void resume(struct node *n)
{
	struct publisher *p = &n->pub;
	const struct content *live = &n->disk.live;

	if (world->now < p->at)
		return;
	p->state = PUB_IDLE;
	if (live->intent == live->served) {
		resume_end(&n->s);
		return;
	}
	count(TALLY_PENDING_RESUMED);
	p->resuming = true;
	p->version = live->intent;
	p->state = PUB_ASKS;
}

static void install(struct node *n)
{
	struct publisher *p = &n->pub;

	disk_point(n, TALLY_AT_INSTALL);
	n->disk.live.served = p->version;
	judge_published(n, p->version);
	count(TALLY_PUBLISHED);
	disk_point(n, TALLY_AT_INSTALL_DONE);
	p->state = PUB_IDLE;
	p->at = world->now + roll(100);
	if (p->resuming)
		resume_end(&n->s);
	p->resuming = false;
}

void publish_step(struct node *n)
{
	struct publisher *p = &n->pub;

	if (!p->on)
		return;
	if (p->state == PUB_BEGINS) {
		resume(n);
	} else if (p->state == PUB_IDLE) {
		consider(n);
	} else if (p->state == PUB_ASKS && world->now >= p->at) {
		p->state = PUB_WAITS;
		barrier_request(&n->s);
	} else if (p->state == PUB_INSTALLS && world->now >= p->at) {
		install(n);
	}
}

struct publisher *publisher_start(
    const struct publisher_setup *setup, struct why *why)
{
	(void)setup, (void)why;
	current->pub = (struct publisher){
	    .node = index_of(current), .on = true, .at = world->now};
	judge_source(current);
	return &current->pub;
}

void publisher_halt(struct publisher *p)
{
	(void)p;
}

void publisher_stop(struct publisher *p)
{
	if (p)
		p->on = false;
}

void publisher_clock(struct publisher *p, int64_t ahead)
{
	(void)p, (void)ahead;
}

void publisher_barrier_done(struct publisher *p)
{
	if (p->state != PUB_WAITS)
		return;
	p->state = PUB_INSTALLS;
	p->at = world->now + roll(80);
}

/* No version is urgent here: unit terms/terms_escape. */
void publisher_barrier_held(struct publisher *p, bool escape)
{
	(void)p, (void)escape;
	sim_fail("an answer that was not asked for");
}

/* What was on its way out when the term before ended. */
int intent_install_all(const struct conf *conf, const char *state_dir,
    struct ledger *ledger, bool told, const struct tick *t, struct why *why)
{
	struct content *live = &ledger->live;

	(void)conf, (void)state_dir, (void)told, (void)t;
	if (ledger->full)
		return why_set(why, -ENOSPC, "disk full");
	if (live->intent != live->served) {
		count(TALLY_PENDING_INSTALLED);
		disk_point(current, TALLY_AT_INSTALL);
		live->served = live->intent;
		judge_published(current, live->served);
		disk_point(current, TALLY_AT_INSTALL_DONE);
	}
	return 0;
}
