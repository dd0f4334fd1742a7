/* SPDX-License-Identifier: GPL-2.0-or-later
 * Copyright (C) The ocf-ods contributors */
#include "sim.h"

/* Snapshots of disks: ledger, log and files of one moment.  One disk at a time
 * goes back, and only while another node has what is published: of all holders
 * set back at once nobody can know. */

#define EVERY_MS 60000
#define ASKED_MS 120000

static const struct node *one_is_back(void)
{
	int i;

	for (i = 0; i < world->nodes; i++)
		if (world->node[i].set_back)
			return &world->node[i];
	return NULL;
}

bool image_asks(const struct node *n)
{
	const struct node *back = one_is_back();
	char held[WHY_MAX], lost[WHY_MAX];

	if (!back || back->proc != PROC_WORKER || n->proc != PROC_WORKER ||
	    strcmp(back->disk.state, "seeding") != 0)
		return false;
	snprintf(held, sizeof(held), "cold start: %s also held", back->s.name);
	snprintf(lost, sizeof(lost), "and %s has lost its copy", back->s.name);
	return strncmp(n->s.plan.why, held, strlen(held)) == 0 ||
	       strstr(n->s.plan.why, lost);
}

/* Nobody can say what a node has published that has lost it, and a cold start
 * does not go on without a human, who comes while there is no source. */
static void note_asked(void)
{
	bool asks = false, source = false;
	int i;

	for (i = 0; i < world->nodes; i++) {
		asks = asks || image_asks(&world->node[i]);
		source = source || is_source(&world->node[i]);
	}
	if (source || !one_is_back() || world->human)
		world->asked_at = 0;
	else if (asks && !world->asked_at)
		world->asked_at = world->now;
	else if (asks && world->now - world->asked_at > ASKED_MS)
		world->human = world->lost = world->asked = true;
}

void image_step(void)
{
	int i;

	note_asked();
	if (world->mending)
		return;
	for (i = 0; i < world->nodes; i++) {
		struct node *n = &world->node[i];

		if (n->set_back || !n->power || roll(EVERY_MS / STEP_MS) > 0 ||
		    strcmp(n->disk.state, "ledger") != 0)
			continue;
		n->image.disk = n->disk;
		n->image.taken = true;
	}
}

/* N is named in R, or R is older than what is in force somewhere. */
static bool names(const struct record *r, const struct node *n)
{
	return r->term < world->latest_term ||
	       nodes_has(&r->holders, &n->disk.id);
}

static bool heard(const struct node *by, int i)
{
	const struct member *m = &by->s.member[i];

	return by->proc != PROC_WORKER || (m->left == LEFT_NOT && m->has_hello);
}

/* It has what is published, and each record of the newest term names it. */
static bool holds(const struct node *n)
{
	int i;

	if (n->s.state != STATE_LEDGER ||
	    n->disk.record.term < world->latest_term ||
	    !descends(disk_version(&n->disk), world->latest))
		return false;
	for (i = 0; i < world->nodes; i++) {
		const struct node *other = &world->node[i];

		if (!names(&other->disk.record, n) ||
		    (other->proc == PROC_WORKER && other->s.proposing &&
		        !names(&other->s.proposal, n)))
			return false;
	}
	return true;
}

/* Another daemon than that of BESIDE, in one ring with it and heard there,
 * holds what is published. */
bool image_holder_lives(const struct node *beside)
{
	unsigned here = cpg_component(index_of(beside));
	int i;

	for (i = 0; i < world->nodes; i++) {
		const struct node *n = &world->node[i];

		if (n != beside && here & 1u << i && heard(beside, i) &&
		    !n->set_back && node_runs(n) && n->proc == PROC_WORKER &&
		    !n->paused_at && holds(n))
			return true;
	}
	return false;
}

bool image_restore(struct node *n)
{
	const struct ledger *was = &n->image.disk;

	if (!n->image.taken || one_is_back() || world->human ||
	    !image_holder_lives(n) ||
	    memcmp(&was->tip, &n->disk.tip, sizeof(was->tip)) == 0)
		return false;
	power_off(n);
	trace("n%d: its disk goes back: start %d to %d, term %d to %d, seq %d "
	      "to %d",
	    index_of(n) + 1, (int)n->disk.starts, (int)was->starts,
	    (int)n->disk.record.term, (int)was->record.term,
	    (int)n->disk.tip.seq, (int)was->tip.seq);
	n->disk = *was;
	n->set_back = true;
	count(TALLY_RESTORED);
	return true;
}

/* It has a whole copy, with VERSION. */
void image_copied(struct node *n, int version)
{
	if (descends(version, world->latest))
		n->set_back = false;
}

/* The ledger of N has the start of BACK's worker, or a later one, of another
 * worker: BACK was started after it was copied, and N heard of that. */
static bool knows(const struct node *n, const struct node *back)
{
	char worker[ID_TEXT], seen[ID_TEXT] = "";
	unsigned long long count = 0;

	id_text(&back->s.worker, worker);
	return sscanf(n->disk.starts_seen[index_of(back)], "%llu %32s", &count,
	           seen) == 2 &&
	       count >= back->started && strcmp(seen, worker) != 0;
}

/* docs/promote.md, "Not seen": BACK had started for the last time, as far as
 * those know who are here with BESIDE, before it was copied.  What the source
 * knows beyond that, it knows as long as it runs. */
static bool unnoticed(const struct node *beside, const struct node *back)
{
	unsigned here = cpg_component(index_of(beside));
	int i;

	for (i = 0; i < world->nodes; i++) {
		const struct node *n = &world->node[i];

		if (n != back && here & 1u << i && node_runs(n) &&
		    n->proc == PROC_WORKER && !n->paused_at &&
		    (n == beside || heard(beside, i)) && knows(n, back))
			return false;
	}
	return strcmp(back->disk.state, "ledger") == 0;
}

/* A source without what is published, made possible by a disk that went back:
 * nobody was left who knew better. */
bool image_excuses(const struct node *n)
{
	const struct node *back = one_is_back();

	if (!back || (image_holder_lives(n) && !unnoticed(n, back)))
		return false;
	trace("source after a disk went back, and nobody noticed");
	world->unnoticed = image_holder_lives(n);
	world->human = world->lost = true;
	return true;
}
