/* SPDX-License-Identifier: GPL-2.0-or-later
 * Copyright (C) The ocf-ods contributors */
#include "sim.h"

/* What must never be, whatever happens; judged after every step. */

/* Was FROM there when VERSION was made? */
bool descends(int version, int from)
{
	while (version > from)
		version = world->parent[version];
	return version == from;
}

static void judge_holders(
    const struct node *n, const struct node_list *list, int version)
{
	int i;

	for (i = 0; i < list->count; i++) {
		const struct node *h = node_by_id(&list->id[i]);

		if (!h->set_back && !descends(disk_version(&h->disk), version))
			sim_fail("n%d publishes version %d in term %d, n%d may "
			         "take over and has %d",
			    index_of(n) + 1, version, (int)n->s.record.term,
			    index_of(h) + 1, disk_version(&h->disk));
	}
}

/* The rename of VERSION on N. */
void judge_published(struct node *n, int version)
{
	const struct record *r = &n->s.record;
	bool goes_on;

	trace("publishes version %d", version);
	world->publications++;
	goes_on = descends(version, world->latest);
	if (world->human ||
	    ((!goes_on || r->term < world->latest_term) && image_excuses(n))) {
		world->latest = version;
		world->latest_term = r->term;
		return;
	}
	if (!goes_on)
		sim_fail("n%d publishes version %d, which does not continue "
		         "version %d",
		    index_of(n) + 1, version, world->latest);
	if (r->term < world->latest_term)
		sim_fail("n%d publishes in term %d after term %d",
		    index_of(n) + 1, (int)r->term, (int)world->latest_term);
	judge_holders(n, &r->holders, version);
	if (n->s.proposing)
		judge_holders(n, &n->s.proposal.holders, version);
	world->latest = version;
	world->latest_term = r->term;
}

/* What says that N must not be source, or NULL. */
static const char *source_fault(const struct node *n)
{
	const struct content *live = &n->disk.live;
	const struct record *r = &n->s.record;

	if (r->term <= world->top_term)
		return "of an old term";
	if (n->s.fork)
		return "on a fork";
	if (!descends(live->version, world->latest))
		return "without what is published";
	/* On its way out, if it is not served yet. */
	if (!descends(live->intent, world->latest))
		return "and goes on with less than is published";
	return NULL;
}

/* N's term is on its disk from now on, and may be all that the others go by
 * though N dies before it is source. */
void judge_begins(const struct node *n)
{
	int version = n->disk.live.version;

	if (world->human || descends(version, world->latest) ||
	    image_excuses(n))
		return;
	sim_fail("n%d begins a term with version %d, published is %d",
	    index_of(n) + 1, version, world->latest);
}

/* N is source from now on, its name server has what it installed; it may be
 * demoted before this step is over. */
void judge_source(struct node *n)
{
	const struct content *live = &n->disk.live;
	const struct record *r = &n->s.record;
	const char *fault;

	trace("source with version %d, served %d; the world has %d",
	    live->version, live->served, world->latest);
	if (world->human) {
		world->latest = live->served;
		world->top_term = world->latest_term = r->term;
		return;
	}
	fault = source_fault(n);
	if (fault && image_excuses(n)) {
		world->latest = live->served;
		world->top_term = world->latest_term = r->term;
		return;
	}
	if (fault)
		sim_fail("n%d is source %s: term %d after %d, version %d, "
		         "intent %d, served %d, published %d",
		    index_of(n) + 1, fault, (int)r->term, (int)world->top_term,
		    live->version, live->intent, live->served, world->latest);
	world->top_term = world->latest_term = r->term;
}

/* Its promote is answered: the name server starts.  Older than what was
 * published only after a wait for a holder that does not take it, or where the
 * agent does not wait any longer: it goes by the clock of that machine. */
void judge_serves(const struct node *n)
{
	const struct syncd *s = &n->s;
	int served = n->disk.live.served;

	if (world->human || descends(served, world->latest))
		return;
	if (s->resuming && (deadline_passed(s->resume_until) ||
	                       deadline_left_ms(n->agent_until) <= 1000))
		count(TALLY_SERVES_OLDER);
	else if (!image_excuses(n))
		sim_fail("n%d serves version %d, published is %d",
		    index_of(n) + 1, served, world->latest);
}

/* Nothing but acks is between N and the next publication. */
static bool may_publish(struct node *n)
{
	const struct syncd *s = &n->s;
	int i;

	if (!is_source(n) || !n->pub.on || !s->quorate)
		return false;
	for (i = 0; i < s->record.holders.count; i++) {
		const struct id *id = &s->record.holders.id[i];
		const struct member *m = member_by_id(&n->s, id);

		if (!id_equal(id, &s->self) && (!m || m->left != LEFT_NOT))
			return false;
	}
	return true;
}

void judge_all(void)
{
	int i, found = -1;

	for (i = 0; i < world->nodes; i++) {
		if (!may_publish(&world->node[i]))
			continue;
		if (found >= 0 && !world->human)
			sim_fail(
			    "n%d and n%d may both publish", found + 1, i + 1);
		found = i;
	}
}

/* Who is named must have what is published. */
static void judge_named(const struct node *n, const struct record *was)
{
	const struct record *r = &n->s.record;
	int i;

	for (i = 0; i < r->holders.count; i++) {
		const struct node *h = node_by_id(&r->holders.id[i]);

		if (h->set_back ||
		    nodes_has(&was->holders, &r->holders.id[i]) ||
		    descends(disk_version(&h->disk), world->latest))
			continue;
		sim_fail("n%d is named with version %d, published is %d",
		    index_of(h) + 1, disk_version(&h->disk), world->latest);
	}
}

static void record_changed(struct node *n)
{
	const struct record *r = &n->s.record, *was = &n->record_seen;
	bool same = id_equal(&r->term_id, &was->term_id);

	if (same && n->s.role == ROLE_SOURCE && !world->human)
		judge_named(n, was);
	if (same && n->s.role == ROLE_DEMOTING && was->open && !r->open &&
	    r->holders.count > was->holders.count)
		count(TALLY_LEVEL_NAMED);
	n->record_seen = *r;
}

void judge_node(struct node *n)
{
	const struct syncd *s = &n->s;

	if (n->proc != PROC_WORKER) {
		n->role_seen = ROLE_UNPROMOTED;
		n->held_seen = n->restarting_seen = n->fork_seen = false;
		return;
	}
	if (memcmp(&n->record_seen, &s->record, sizeof(s->record)) != 0)
		record_changed(n);
	if (n->role_seen == ROLE_MINTING && s->role == ROLE_UNPROMOTED)
		count(TALLY_MINT_ABORTED);
	if (n->restarting_seen && !s->restarting && s->role == ROLE_UNPROMOTED)
		count(TALLY_RESTART_YIELDS);
	if (!n->held_seen && s->held_since_ms)
		count(TALLY_HELD);
	if (!n->fork_seen && s->fork)
		count(TALLY_FORK_REFUSED);
	n->fork_seen = s->fork;
	n->role_seen = s->role;
	n->held_seen = s->held_since_ms != 0;
	n->restarting_seen = s->restarting;
}

/* ---- at the end
 * ---------------------------------------------------------------- */

static struct node *the_source(void)
{
	struct node *found = NULL;
	int i;

	for (i = 0; i < world->nodes; i++)
		if (is_source(&world->node[i])) {
			if (found)
				return NULL;
			found = &world->node[i];
		}
	return found;
}

/* One source, everybody a holder, and the service goes on. */
bool converged(void)
{
	const struct node *src = the_source();
	int i;

	if (!src || src->s.proposing || !cpg_whole() || !src->signer)
		return false;
	for (i = 0; i < world->nodes; i++) {
		const struct node *n = &world->node[i];

		if (n->proc != PROC_WORKER || n->s.fork ||
		    !nodes_has(&src->s.record.holders, &n->disk.id) ||
		    !id_equal(&n->s.record.term_id, &src->s.record.term_id))
			return false;
	}
	return true;
}

void why_not_converged(char *buf, size_t size)
{
	size_t len = 0;
	int i;

	buf[0] = '\0';
	for (i = 0; i < world->nodes && len + 1 < size; i++) {
		const struct node *n = &world->node[i];

		len += (size_t)snprintf(buf + len, size - len,
		    "%sn%d: role %d term %d.%d %s%s", i ? "; " : "", i + 1,
		    n->s.role, (int)n->s.record.term, (int)n->s.record.revision,
		    n->proc ? "" : "no daemon, ", n->s.plan.why);
	}
}
