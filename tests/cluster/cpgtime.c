// SPDX-License-Identifier: GPL-2.0-or-later
// Copyright (C) The ocf-ods contributors
/*
 * cpgtime SECONDS
 *
 * How long a small CPG message takes until it is delivered to its own sender:
 * what every message of Pacemaker on this ring waits, too.  One is due each
 * 20 ms, whether the last one has come back or not; one line for each:
 *
 *   TIME MS
 *
 * TIME is when it was due, so that a ring that takes no message counts as a
 * slow one.  What has not come back 10 s after the end counts as the time
 * until then.
 */
#include <poll.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <corosync/cpg.h>

enum { EACH_MS = 20, MAX_SECONDS = 3600, LATE_MS = 10000 };

static double due[MAX_SECONDS * 1000 / EACH_MS];
static uint32_t sent, seen, self;

static double now_s(void)
{
	struct timespec t;

	clock_gettime(CLOCK_REALTIME, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static void tell(uint32_t number, double at)
{
	printf("%.3f %.3f\n", due[number], (at - due[number]) * 1000);
}

/* Corosync delivers what one process sends in the order of sending. */
static void deliver(cpg_handle_t handle, const struct cpg_name *group,
    uint32_t node, uint32_t pid, void *data, size_t len)
{
	uint32_t number;

	(void)handle, (void)group;
	if (node != self || pid != (uint32_t)getpid() || len != sizeof(number))
		return;
	memcpy(&number, data, sizeof(number));
	if (number != seen)
		exit(1);
	tell(seen++, now_s());
}

static void change(cpg_handle_t handle, const struct cpg_name *group,
    const struct cpg_address *members, size_t nmembers,
    const struct cpg_address *left, size_t nleft,
    const struct cpg_address *joined, size_t njoined)
{
	(void)handle, (void)group, (void)members, (void)nmembers, (void)left;
	(void)nleft, (void)joined, (void)njoined;
}

static int join(cpg_handle_t *handle)
{
	static cpg_callbacks_t callbacks = {
	    .cpg_deliver_fn = deliver, .cpg_confchg_fn = change};
	struct cpg_name group = {.length = 8, .value = "lab-time"};

	return cpg_initialize(handle, &callbacks) == CS_OK &&
	               cpg_local_get(*handle, &self) == CS_OK &&
	               cpg_join(*handle, &group) == CS_OK
	           ? 0
	           : -1;
}

/* Everything that is due by AT, as far as Corosync takes it. */
static void send_due(cpg_handle_t handle, double start, uint32_t count)
{
	struct iovec iov = {.iov_base = &sent, .iov_len = sizeof(sent)};

	while (sent < count && start + sent * EACH_MS / 1e3 <= now_s()) {
		due[sent] = start + sent * EACH_MS / 1e3;
		if (cpg_mcast_joined(handle, CPG_TYPE_AGREED, &iov, 1) != CS_OK)
			return;
		sent++;
	}
}

int main(int argc, char **argv)
{
	long seconds = argc == 2 ? atol(argv[1]) : 0;
	struct pollfd p = {.events = POLLIN};
	cpg_handle_t handle;
	uint32_t count;
	double start, end;

	if (seconds < 1 || seconds > MAX_SECONDS) {
		fprintf(stderr, "usage: cpgtime SECONDS\n");
		return 2;
	}
	if (join(&handle) < 0 || cpg_fd_get(handle, &p.fd) != CS_OK) {
		fprintf(stderr, "cpgtime: Corosync does not answer\n");
		return 1;
	}
	setvbuf(stdout, NULL, _IOLBF, 0);
	count = (uint32_t)(seconds * 1000 / EACH_MS);
	start = now_s();
	end = start + (double)seconds + LATE_MS / 1e3;
	while (seen < count && now_s() < end) {
		send_due(handle, start, count);
		if (poll(&p, 1, 1) > 0 &&
		    cpg_dispatch(handle, CS_DISPATCH_ALL) != CS_OK)
			return 1;
	}
	while (seen < count) {
		due[seen] = start + seen * EACH_MS / 1e3;
		tell(seen++, end);
	}
	cpg_finalize(handle);
	return 0;
}
