/* SPDX-License-Identifier: GPL-2.0-or-later
 * Copyright (C) The ocf-ods contributors */
#ifndef ODS_NET_H
#define ODS_NET_H

#include <stddef.h>
#include <stdint.h>
#include "deadline.h"
#include "engine.h"
#include "frame.h"
#include "waker.h"

/* The data connection: TCP, TLS 1.3 with nothing but the term's pre-shared
 * key, frames.  A connection belongs to one thread; its waker interrupts
 * every wait in here.  Each side says something every second; a side that
 * has been silent for ten is given up. */

#define NET_SILENCE_MS 10000
#define NET_PING_MS 1000

struct conn;

/* Who may connect, and with which key.  ALLOWED is asked in the thread that
 * accepts.  BANDWIDTH_MBIT is read atomically before each frame, as long as
 * the connection stands; NULL: as fast as it goes. */
struct net_server {
	const struct engine_term *term;
	bool (*allowed)(void *arg, const struct id *node);
	void *arg;
	const long *bandwidth_mbit;
};

struct net_target {
	const struct engine_term *term;
	struct id self;
	const char *address;
	int port;
	const long *bandwidth_mbit;
};

int net_listen(const char *address, int port, struct why *why);

/* Takes over FD, also on failure.  *NODE is who the peer has proven to be a
 * member with. */
int net_accept(int fd, const struct net_server *server, struct waker *waker,
    struct conn **conn, struct id *node, struct why *why);
int net_connect(const struct net_target *target, struct waker *waker,
    struct conn **conn, struct why *why);
void conn_close(struct conn *c);

/* The address at the other end of FD. */
void net_peer(int fd, char *buf, size_t size);

/* The payload of the next frame is made here. */
uint8_t *conn_payload(struct conn *c);
int conn_send(struct conn *c, enum net_type type, size_t len, struct why *why);

/* Wait for a frame, at most MS.  0; -EAGAIN when there was none or the waker
 * woke; -ECANCELED when stopped; -ETIMEDOUT, -ECONNRESET, -EBADMSG ...  Pings
 * are swallowed.  *PAYLOAD stands until the next call. */
int conn_recv(struct conn *c, int ms, enum net_type *type,
    const uint8_t **payload, size_t *len, struct why *why);

/* For work between frames: says that we live, tells when to stop.  Fit for
 * struct tick. */
int conn_tick(void *conn);

#endif
