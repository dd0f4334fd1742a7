/* SPDX-License-Identifier: GPL-2.0-or-later
 * Copyright (C) The ocf-ods contributors */
#include "sim.h"

/* ods-syncd --close: the code itself, its loop turned by the world. */

#include "../../helpers/syncd/close.c"

#include "kaspchild.h"

static typeof(job) jobs[WORLD_MAX];
static bool loop_stopped;

int32_t qb_loop_timer_add(qb_loop_t *l, enum qb_loop_priority p, uint64_t ns,
    void *data, qb_loop_timer_dispatch_fn fn, qb_loop_timer_handle *handle)
{
	(void)l, (void)p, (void)ns, (void)data, (void)fn, (void)handle;
	return 0;
}

void qb_loop_stop(qb_loop_t *l)
{
	(void)l;
	loop_stopped = true;
}

qb_loop_t *qb_loop_create(void)
{
	return NULL;
}

void qb_loop_run(qb_loop_t *l)
{
	(void)l;
}

int group_join(struct syncd *s, struct why *why)
{
	(void)s, (void)why;
	return 0;
}

void group_leave(struct syncd *s)
{
	(void)s;
}

/* standby.c asks a program that is not here. */
int kasp_count(const struct conf *conf, long *zones, long *keys)
{
	(void)conf, (void)zones, (void)keys;
	return -ENOENT;
}

/* close_run() up to its loop. */
void closer_start(struct node *n)
{
	struct syncd *s = &n->s;
	struct node *was = current;
	struct why why = {0};
	int i;

	current = n;
	n->closed = false;
	memset(s, 0, sizeof(*s));
	claimfile_remove(s->opt.res);
	if (load(s, &why) < 0 || !mine(&s->record, &s->self)) {
		n->closed = true;
		current = was;
		return;
	}
	s->opt.close = true;
	if (!facts_daemons_dead()) {
		current = was;
		return;
	}
	n->proc = PROC_CLOSER;
	s->nodeid = (uint32_t)index_of(n) + 1;
	snprintf(s->name, sizeof(s->name), "n%d", index_of(n) + 1);
	s->encrypted = true;
	s->configured = s->members = world->nodes;
	for (i = 0; i < world->nodes; i++) {
		s->member[i].nodeid = (uint32_t)i + 1;
		snprintf(s->member[i].name, NODE_NAME_MAX, "n%d", i + 1);
		s->member[i].left = LEFT_UNSEEN;
		s->member[i].listed = true;
	}
	s->quorate = n->quorate;
	memset(&jobs[index_of(n)], 0, sizeof(job));
	jobs[index_of(n)].hello = deadline_in_ms(HELLO_MS);
	jobs[index_of(n)].deadline = deadline_in_ms(CLOSE_MS);
	trace("ods-syncd --close starts");
	cpg_join_group(n);
	current = was;
}

void closer_tick(struct node *n)
{
	job = jobs[index_of(n)];
	loop_stopped = false;
	on_tick(&n->s);
	jobs[index_of(n)] = job;
	if (!loop_stopped)
		return;
	n->closed = job.closed;
	if (!n->closed)
		log_err("no node confirmed that this one is no source");
	else
		log_notice("the record of term %llu is closed",
		    (unsigned long long)n->s.record.term);
	die(n, DEATH_LEAVE);
}
