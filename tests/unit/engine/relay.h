/* SPDX-License-Identifier: GPL-2.0-or-later
 * Copyright (C) The ocf-ods contributors */
#ifndef TEST_RELAY_H
#define TEST_RELAY_H

#include <netinet/in.h>
#include <pthread.h>
#include <sys/socket.h>

#include "pair.h"

/* Stands between a replica and its source, counts what the source sends, and
 * ends a connection when it has let so much through. */
struct relay {
	pthread_t thread;
	int listen_fd, port, to;
	/* atomic */
	uint64_t limit; /* of the next connections, 0 = none */
	uint64_t sent;  /* by the source, in this connection */
	int cuts, stop;
};

static UNUSED_FN struct sockaddr_in relay_address(int port)
{
	return (struct sockaddr_in){.sin_family = AF_INET,
	    .sin_port = htons((uint16_t)port),
	    .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
}

static UNUSED_FN bool relay_pass(int from, int to, size_t most, size_t *n)
{
	static char buf[65536];
	ssize_t got =
	    recv(from, buf, most < sizeof(buf) ? most : sizeof(buf), 0);

	*n = got > 0 ? (size_t)got : 0;
	return got > 0 &&
	       send(to, buf, (size_t)got, MSG_NOSIGNAL) == (ssize_t)got;
}

/* True when the limit was reached. */
static UNUSED_FN bool relay_run(struct relay *r, int replica, int source)
{
	uint64_t limit = __atomic_load_n(&r->limit, __ATOMIC_SEQ_CST), sent = 0;
	struct pollfd p[2] = {{.fd = replica, .events = POLLIN},
	    {.fd = source, .events = POLLIN}};
	size_t n;

	while (!__atomic_load_n(&r->stop, __ATOMIC_SEQ_CST)) {
		if (poll(p, 2, 20) <= 0)
			continue;
		if (p[0].revents && !relay_pass(replica, source, SIZE_MAX, &n))
			return false;
		if (!p[1].revents)
			continue;
		if (!relay_pass(
		        source, replica, limit ? limit - sent : SIZE_MAX, &n))
			return false;
		sent += n;
		__atomic_store_n(&r->sent, sent, __ATOMIC_SEQ_CST);
		if (sent == limit)
			return true;
	}
	return false;
}

/* What was sent arrives before the end does. */
static UNUSED_FN void relay_drain(int replica)
{
	char buf[4096];

	shutdown(replica, SHUT_WR);
	while (recv(replica, buf, sizeof(buf), 0) > 0)
		;
}

static UNUSED_FN void *relay_main(void *arg)
{
	struct relay *r = arg;
	const struct sockaddr_in to = relay_address(r->to);
	int replica, source;

	while ((replica = accept(r->listen_fd, NULL, NULL)) >= 0) {
		source = socket(AF_INET, SOCK_STREAM, 0);
		if (connect(source, (const struct sockaddr *)&to, sizeof(to)) ==
		        0 &&
		    relay_run(r, replica, source)) {
			close(source);
			source = -1;
			relay_drain(replica);
			__atomic_add_fetch(&r->cuts, 1, __ATOMIC_SEQ_CST);
		}
		if (source >= 0)
			close(source);
		close(replica);
	}
	return NULL;
}

static UNUSED_FN void relay_open(struct relay *r, int to)
{
	struct sockaddr_in at;
	int one = 1;

	memset(r, 0, sizeof(*r));
	r->to = to;
	r->port = test_port();
	at = relay_address(r->port);
	r->listen_fd = socket(AF_INET, SOCK_STREAM, 0);
	setsockopt(r->listen_fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one));
	assert_int_equal(
	    bind(r->listen_fd, (const struct sockaddr *)&at, sizeof(at)), 0);
	assert_int_equal(listen(r->listen_fd, 4), 0);
	assert_int_equal(pthread_create(&r->thread, NULL, relay_main, r), 0);
}

static UNUSED_FN void relay_close(struct relay *r)
{
	__atomic_store_n(&r->stop, 1, __ATOMIC_SEQ_CST);
	shutdown(r->listen_fd, SHUT_RDWR);
	pthread_join(r->thread, NULL);
	close(r->listen_fd);
}

static UNUSED_FN void relay_limit(struct relay *r, uint64_t limit)
{
	__atomic_store_n(&r->limit, limit, __ATOMIC_SEQ_CST);
}

static UNUSED_FN int relay_cuts(struct relay *r)
{
	return __atomic_load_n(&r->cuts, __ATOMIC_SEQ_CST);
}

static UNUSED_FN uint64_t relay_sent(struct relay *r)
{
	return __atomic_load_n(&r->sent, __ATOMIC_SEQ_CST);
}

#endif
