/* SPDX-License-Identifier: GPL-2.0-or-later
 * Copyright (C) The ocf-ods contributors */
#include "syncd.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/poll.h>
#include <unistd.h>

#include "cleanup.h"
#include "deadline.h"
#include "log.h"

/* Membership by CPG, quorum by votequorum, names and addresses by cmap.
 * Sending never retries in place (R 2.3): a message that Corosync cannot take
 * now is queued and sent from the tick. */

#define SEND_QUEUE 64

static struct {
	uint8_t data[CONTROL_MAX];
	int len;
} send_queue[SEND_QUEUE];
static int send_queued;

static void on_quorum(quorum_handle_t handle, uint32_t quorate, uint64_t ring,
    uint32_t entries, uint32_t *list)
{
	const void *context = NULL;
	struct syncd *s;

	(void)ring, (void)entries, (void)list;
	if (quorum_context_get(handle, &context) != CS_OK || !context)
		return;
	s = (struct syncd *)(uintptr_t)context;
	if (s->quorate != (quorate != 0))
		log_notice(
		    "this partition %s quorum", quorate ? "has" : "has lost");
	s->quorate = quorate != 0;
	facts_judge(s);
}

static enum left left_reason(uint32_t reason)
{
	switch (reason) {
	case CPG_REASON_LEAVE:
		return LEFT_LEAVE;
	case CPG_REASON_PROCDOWN:
		return LEFT_PROCDOWN;
	default:
		return LEFT_NODEDOWN;
	}
}

static void on_confchg(cpg_handle_t handle, const struct cpg_name *group,
    const struct cpg_address *members, size_t member_count,
    const struct cpg_address *left, size_t left_count,
    const struct cpg_address *joined, size_t joined_count)
{
	struct syncd *s = NULL;
	struct member *m;
	size_t i;

	(void)group, (void)joined, (void)joined_count;
	if (cpg_context_get(handle, (void **)&s) != CS_OK || !s)
		return;
	for (i = 0; i < member_count; i++)
		if (!member_by_nodeid(s, members[i].nodeid)) {
			nodelist_reload(s); /* a node was added */
			break;
		}
	for (i = 0; i < left_count; i++) {
		m = member_by_nodeid(s, left[i].nodeid);
		if (!m || m->nodeid == s->nodeid)
			continue;
		m->left = left_reason(left[i].reason);
		terms_member_left(s, m);
	}
	for (i = 0; i < member_count; i++) {
		m = member_by_nodeid(s, members[i].nodeid);
		if (!m || m->left == LEFT_NOT)
			continue;
		m->left = LEFT_NOT;
		if (m->nodeid != s->nodeid)
			terms_member_joined(s, m);
	}
	terms_hello(s);
	facts_judge(s);
}

/* It comes behind the change of the group that goes with it.  A new worker may
 * hear of the ring before it is in the group. */
static void on_totem(cpg_handle_t handle, struct cpg_ring_id ring,
    uint32_t count, const uint32_t *list)
{
	struct syncd *s = NULL;

	if (cpg_context_get(handle, (void **)&s) != CS_OK || !s)
		return;
	warm_ring(s, &(struct ring_id){ring.nodeid, ring.seq},
	    count == 1 && list[0] == s->nodeid);
	facts_judge(s);
}

static void on_deliver(cpg_handle_t handle, const struct cpg_name *group,
    uint32_t nodeid, uint32_t pid, void *data, size_t len)
{
	struct syncd *s = NULL;
	struct control c;
	struct member *m;
	struct why why;

	(void)group, (void)pid;
	if (cpg_context_get(handle, (void **)&s) != CS_OK || !s)
		return;
	m = member_by_nodeid(s, nodeid);
	if (!m)
		return;
	if (control_decode(&c, data, len, &why) < 0) {
		log_warn("from %s: %s", m->name, why.text);
		return;
	}
	terms_receive(s, m, &c);
	explicit_bzero(&c, sizeof(c));
}

/* The parent starts the worker again.  Our threads may be at work: nothing is
 * unwound below them. */
void group_abandon(struct syncd *s, const char *why)
{
	(void)s;
	log_crit("%s: starting over", why);
	_exit(EXIT_FAILURE);
}

static int on_cpg_fd(int32_t fd, int32_t revents, void *data)
{
	struct syncd *s = data;

	(void)fd, (void)revents;
	if (cpg_dispatch(s->cpg, CS_DISPATCH_ALL) == CS_OK)
		return 0;
	/* Nothing is known of the peers any more: begin anew. */
	group_abandon(s, "lost Corosync");
	return -1;
}

static int on_quorum_fd(int32_t fd, int32_t revents, void *data)
{
	struct syncd *s = data;

	(void)fd, (void)revents;
	return quorum_dispatch(s->quorum, CS_DISPATCH_ALL) == CS_OK ? 0 : -1;
}

static int quorum_open(struct syncd *s, struct why *why)
{
	static quorum_callbacks_t callbacks = {.quorum_notify_fn = on_quorum};
	uint32_t type;
	int fd, quorate = 0;

	if (quorum_initialize(&s->quorum, &callbacks, &type) != CS_OK)
		return why_set(why, -ENOTCONN,
		    "Corosync's quorum service "
		    "does not answer");
	quorum_context_set(s->quorum, s);
	quorum_getquorate(s->quorum, &quorate);
	s->quorate = quorate != 0;
	if (quorum_trackstart(s->quorum, CS_TRACK_CHANGES) != CS_OK ||
	    quorum_fd_get(s->quorum, &fd) != CS_OK)
		return why_set(why, -ENOTCONN, "cannot follow quorum");
	return qb_loop_poll_add(
	    s->loop, QB_LOOP_HIGH, fd, POLLIN, s, on_quorum_fd);
}

int group_join(struct syncd *s, struct why *why)
{
	static cpg_model_v1_data_t model = {
	    .cpg_deliver_fn = on_deliver,
	    .cpg_confchg_fn = on_confchg,
	    .cpg_totem_confchg_fn = on_totem,
	    .flags = CPG_MODEL_V1_DELIVER_INITIAL_TOTEM_CONF,
	};
	struct cpg_name group;
	int fd, tries, rc;

	if (cpg_model_initialize(
	        &s->cpg, CPG_MODEL_V1, (cpg_model_data_t *)&model, s) != CS_OK)
		return why_set(why, -ENOTCONN, "Corosync does not run");
	if (cpg_local_get(s->cpg, &s->nodeid) != CS_OK)
		return why_set(why, -ENOTCONN, "Corosync tells no node id");
	rc = nodelist_load(s, why);
	if (rc == 0)
		rc = quorum_open(s, why);
	if (rc < 0)
		return rc;
	snprintf(
	    group.value, sizeof(group.value), "ocf-ods/%.100s", s->opt.res);
	group.length = (uint32_t)strlen(group.value);
	for (tries = 0; cpg_join(s->cpg, &group) != CS_OK; tries++) {
		if (tries == 50)
			return why_set(why, -ENOTCONN, "cannot join the group");
		usleep(20000);
	}
	cpg_fd_get(s->cpg, &fd);
	return qb_loop_poll_add(
	    s->loop, QB_LOOP_HIGH, fd, POLLIN, s, on_cpg_fd);
}

void group_leave(struct syncd *s)
{
	if (s->cpg)
		cpg_finalize(s->cpg);
	if (s->quorum)
		quorum_finalize(s->quorum);
}

static bool send_now(struct syncd *s, const uint8_t *data, int len)
{
	struct iovec iov = {
	    .iov_base = (void *)(uintptr_t)data, .iov_len = (size_t)len};

	return cpg_mcast_joined(s->cpg, CPG_TYPE_AGREED, &iov, 1) !=
	       CS_ERR_TRY_AGAIN;
}

void group_flush(struct syncd *s)
{
	int i, done = 0;

	while (done < send_queued &&
	       send_now(s, send_queue[done].data, send_queue[done].len))
		done++;
	for (i = done; i < send_queued; i++)
		send_queue[i - done] = send_queue[i];
	send_queued -= done;
}

void group_send(struct syncd *s, const struct control *c)
{
	int len;

	group_flush(s);
	if (send_queued == SEND_QUEUE) {
		log_err("Corosync takes no messages: one is dropped");
		return;
	}
	len = control_encode(c, send_queue[send_queued].data, CONTROL_MAX);
	if (len < 0) {
		log_err("control message too large");
		return;
	}
	send_queue[send_queued++].len = len;
	group_flush(s);
	if (send_queued < SEND_QUEUE)
		explicit_bzero(send_queue[send_queued].data, CONTROL_MAX);
}
