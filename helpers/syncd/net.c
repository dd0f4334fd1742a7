/* SPDX-License-Identifier: GPL-2.0-or-later
 * Copyright (C) The ocf-ods contributors */
#include "net.h"

#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <gnutls/crypto.h>
#include <gnutls/gnutls.h>

#include "bandwidth.h"
#include "cleanup.h"

#define CONNECT_MS 5000
#define HANDSHAKE_MS 8000

/* TLS 1.3 and a key exchange that is authenticated by the pre-shared key and
 * forward secret.  AES-256-GCM is left out: it needs a PSK bound to SHA-384
 * (R 2.6). */
static const char priority[] =
    "NONE:+VERS-TLS1.3:+AES-128-GCM:+CHACHA20-POLY1305:+AEAD:+SHA256:"
    "+DHE-PSK:+ECDHE-PSK:+GROUP-X25519:+GROUP-SECP256R1:+SIGN-ALL";

#define IDENTITY_MAX (3 * ID_TEXT)

struct conn {
	int fd;
	struct waker *waker;
	gnutls_session_t tls;
	gnutls_psk_server_credentials_t server_cred;
	gnutls_psk_client_credentials_t client_cred;
	int64_t heard_ms, said_ms;
	const long *bandwidth;           /* may change under us */
	long paced;                      /* the one that was set */
	const struct net_server *server; /* during the handshake */
	struct id node;
	size_t have; /* bytes of the frame that is coming in */
	bool taken;  /* the frame in IN was handed out */
	uint8_t in[FRAME_HEAD + NET_FRAME_MAX];
	uint8_t out[FRAME_HEAD + NET_FRAME_MAX];
};

static int resolve(
    const char *address, int port, struct addrinfo **list, struct why *why)
{
	struct addrinfo hints = {
	    .ai_flags = AI_NUMERICHOST | AI_NUMERICSERV,
	    .ai_socktype = SOCK_STREAM,
	};
	char service[16];

	snprintf(service, sizeof(service), "%d", port);
	if (getaddrinfo(address, service, &hints, list) != 0)
		return why_set(why, -EINVAL,
		    "%s is not an IP address: set the address parameter",
		    address);
	return 0;
}

static int open_socket(const struct addrinfo *ai)
{
	int one = 1;
	int fd = socket(
	    ai->ai_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

	if (fd < 0)
		return -errno;
	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one));
	if (ai->ai_family == AF_INET6)
		setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &one, sizeof(one));
	return fd;
}

int net_listen(const char *address, int port, struct why *why)
{
	struct addrinfo *ai = NULL;
	CLEANUP_CLOSE int fd = -1;
	int rc = resolve(address, port, &ai, why);

	if (rc < 0)
		return rc;
	fd = open_socket(ai);
	rc = fd < 0 ? fd : 0;
	if (rc == 0 &&
	    (bind(fd, ai->ai_addr, ai->ai_addrlen) < 0 || listen(fd, 16) < 0))
		rc = -errno;
	freeaddrinfo(ai);
	if (rc < 0)
		return why_set(why, rc, "cannot listen on %s port %d: %s",
		    address, port, strerror(-rc));
	return steal_fd(&fd);
}

void net_peer(int fd, char *buf, size_t size)
{
	struct sockaddr_storage ss;
	socklen_t len = sizeof(ss);

	if (getpeername(fd, (struct sockaddr *)&ss, &len) < 0 ||
	    getnameinfo((struct sockaddr *)&ss, len, buf, (socklen_t)size, NULL,
	        0, NI_NUMERICHOST) != 0)
		snprintf(buf, size, "an unknown address");
}

static void tune_socket(int fd)
{
	int one = 1, silent = NET_SILENCE_MS, idle = 5, interval = 2;

	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
	setsockopt(fd, SOL_SOCKET, SO_KEEPALIVE, &one, sizeof(one));
	setsockopt(fd, IPPROTO_TCP, TCP_KEEPIDLE, &idle, sizeof(idle));
	setsockopt(fd, IPPROTO_TCP, TCP_KEEPINTVL, &interval, sizeof(interval));
	setsockopt(fd, IPPROTO_TCP, TCP_USER_TIMEOUT, &silent, sizeof(silent));
}

/* Nothing to do unless the setting has changed. */
static void pace(struct conn *c)
{
	long mbit = c->bandwidth
	                ? __atomic_load_n(c->bandwidth, __ATOMIC_RELAXED)
	                : BANDWIDTH_NONE;
	uint64_t rate = UINT32_MAX; /* none */
	unsigned pacing;

	if (mbit == c->paced)
		return;
	c->paced = mbit;
	if (mbit == BANDWIDTH_LINK)
		mbit = bandwidth_of_socket(c->fd);
	if (mbit != BANDWIDTH_NONE)
		rate = (uint64_t)mbit * 1000000 / 8;
	pacing = rate < UINT32_MAX ? (unsigned)rate : UINT32_MAX;
	setsockopt(
	    c->fd, SOL_SOCKET, SO_MAX_PACING_RATE, &pacing, sizeof(pacing));
}

enum waited { WAITED_TIME, WAITED_READY, WAITED_WOKEN };

/* An enum waited or a negative errno. */
static int wait_fd(struct conn *c, short events, int ms)
{
	struct pollfd p[2] = {
	    {.fd = c->fd, .events = events},
	    {.fd = c->waker->fd, .events = POLLIN},
	};
	int n = poll(p, 2, ms);

	if (n < 0 && errno != EINTR)
		return -errno;
	if (n > 0 && p[1].revents)
		waker_drain(c->waker);
	if (waker_stopped(c->waker))
		return -ECANCELED;
	if (n > 0 && p[0].revents)
		return WAITED_READY;
	return n > 0 ? WAITED_WOKEN : WAITED_TIME;
}

static int tls_error(int code, const char *what, struct why *why)
{
	if (code == GNUTLS_E_PREMATURE_TERMINATION || code == 0 ||
	    code == GNUTLS_E_PULL_ERROR || code == GNUTLS_E_PUSH_ERROR)
		return why_set(why, -ECONNRESET,
		    "%s: the peer has closed the "
		    "connection",
		    what);
	return why_set(why, -EPROTO, "%s: %s", what, gnutls_strerror(code));
}

static short tls_wants(struct conn *c)
{
	return gnutls_record_get_direction(c->tls) ? POLLOUT : POLLIN;
}

/* A peer that refuses says so by an alert; one that is going away does not. */
static int handshake_error(struct conn *c, int code, struct why *why)
{
	gnutls_alert_send_appropriate(c->tls, code);
	return why_set(why,
	    code == GNUTLS_E_FATAL_ALERT_RECEIVED ? -EACCES : -ECONNRESET,
	    "TLS handshake refused (%s): not the same key, another term, or "
	    "not a member yet",
	    gnutls_strerror(code));
}

static int handshake(struct conn *c, struct why *why)
{
	struct deadline d = deadline_in_ms(HANDSHAKE_MS);
	int rc, code;

	for (;;) {
		code = gnutls_handshake(c->tls);
		if (code == GNUTLS_E_SUCCESS)
			break;
		if (gnutls_error_is_fatal(code))
			return handshake_error(c, code, why);
		if (deadline_passed(d))
			return why_set(
			    why, -ETIMEDOUT, "TLS handshake took too long");
		rc = wait_fd(c, tls_wants(c), deadline_left_ms(d));
		if (rc < 0)
			return why_set(why, rc, "stopped");
	}
	c->heard_ms = c->said_ms = clock_monotonic_ms();
	return 0;
}

static void identity_text(
    const struct engine_term *t, const struct id *node, char text[IDENTITY_MAX])
{
	char cluster[ID_TEXT], term[ID_TEXT], self[ID_TEXT];

	id_text(&t->cluster, cluster);
	id_text(&t->term_id, term);
	id_text(node, self);
	snprintf(text, IDENTITY_MAX, "%s/%s/%s", cluster, term, self);
}

/* CLUSTER/TERM/NODE of the peer: is it of this cluster and term? */
static int identity_parse(
    const char *text, const struct engine_term *t, struct id *node)
{
	char want[IDENTITY_MAX];
	size_t len = 2 * ID_TEXT; /* two ids, each with its slash */

	identity_text(t, &(struct id){{0}}, want);
	if (strlen(text) != len + ID_TEXT - 1 || memcmp(text, want, len) != 0)
		return -EACCES;
	return id_parse(text + len, node);
}

static int find_key(
    gnutls_session_t tls, const char *identity, gnutls_datum_t *key)
{
	struct conn *c = gnutls_session_get_ptr(tls);
	const struct net_server *s = c->server;

	if (!s || identity_parse(identity, s->term, &c->node) < 0 ||
	    !s->allowed(s->arg, &c->node))
		return -1;
	key->data = gnutls_malloc(ENGINE_PSK_LEN);
	if (!key->data)
		return -1;
	memcpy(key->data, s->term->psk, ENGINE_PSK_LEN);
	key->size = ENGINE_PSK_LEN;
	return 0;
}

static int tls_begin(struct conn *c, unsigned flags)
{
	int code = gnutls_init(&c->tls,
	    flags | GNUTLS_NONBLOCK | GNUTLS_NO_SIGNAL | GNUTLS_NO_TICKETS);

	if (code < 0) {
		c->tls = NULL;
		return code;
	}
	gnutls_session_set_ptr(c->tls, c);
	gnutls_transport_set_int(c->tls, c->fd);
	gnutls_handshake_set_timeout(c->tls, 0);
	return gnutls_priority_set_direct(c->tls, priority, NULL);
}

static int serve_tls(struct conn *c)
{
	int code = tls_begin(c, GNUTLS_SERVER);

	if (code == 0)
		code = gnutls_psk_allocate_server_credentials(&c->server_cred);
	if (code < 0)
		return code;
	gnutls_psk_set_server_credentials_function(c->server_cred, find_key);
	return gnutls_credentials_set(c->tls, GNUTLS_CRD_PSK, c->server_cred);
}

static int client_tls(struct conn *c, const struct net_target *target)
{
	char identity[IDENTITY_MAX];
	uint8_t psk[ENGINE_PSK_LEN];
	gnutls_datum_t key = {.data = psk, .size = sizeof(psk)};
	int code = tls_begin(c, GNUTLS_CLIENT);

	if (code == 0)
		code = gnutls_psk_allocate_client_credentials(&c->client_cred);
	if (code < 0)
		return code;
	identity_text(target->term, &target->self, identity);
	memcpy(psk, target->term->psk, sizeof(psk));
	code = gnutls_psk_set_client_credentials(
	    c->client_cred, identity, &key, GNUTLS_PSK_KEY_RAW);
	gnutls_memset(psk, 0, sizeof(psk));
	if (code == 0)
		code = gnutls_credentials_set(
		    c->tls, GNUTLS_CRD_PSK, c->client_cred);
	return code;
}

static struct conn *conn_new(int fd, struct waker *waker)
{
	struct conn *c = calloc(1, sizeof(*c));

	if (!c) {
		close(fd);
		return NULL;
	}
	c->fd = fd;
	c->waker = waker;
	return c;
}

int net_accept(int fd, const struct net_server *server, struct waker *waker,
    struct conn **conn, struct id *node, struct why *why)
{
	struct conn *c = conn_new(fd, waker);
	int rc, code;

	if (!c)
		return why_set(why, -ENOMEM, "out of memory");
	tune_socket(fd);
	c->bandwidth = server->bandwidth_mbit;
	c->server = server;
	code = serve_tls(c);
	rc = code < 0 ? tls_error(code, "TLS", why) : handshake(c, why);
	c->server = NULL;
	if (rc < 0) {
		conn_close(c);
		return rc;
	}
	*node = c->node;
	*conn = c;
	return 0;
}

static int connect_socket(struct conn *c, const struct addrinfo *ai)
{
	socklen_t len = sizeof(int);
	int err = 0, rc;
	struct deadline d = deadline_in_ms(CONNECT_MS);

	if (connect(c->fd, ai->ai_addr, ai->ai_addrlen) == 0)
		return 0;
	if (errno != EINPROGRESS)
		return -errno;
	do {
		rc = wait_fd(c, POLLOUT, deadline_left_ms(d));
	} while (rc >= 0 && rc != WAITED_READY && !deadline_passed(d));
	if (rc != WAITED_READY)
		return rc < 0 ? rc : -ETIMEDOUT;
	if (getsockopt(c->fd, SOL_SOCKET, SO_ERROR, &err, &len) < 0)
		return -errno;
	return -err;
}

int net_connect(const struct net_target *target, struct waker *waker,
    struct conn **conn, struct why *why)
{
	struct addrinfo *ai = NULL;
	struct conn *c;
	int fd, code, rc = resolve(target->address, target->port, &ai, why);

	if (rc < 0)
		return rc;
	fd = open_socket(ai);
	c = fd < 0 ? NULL : conn_new(fd, waker);
	rc = fd < 0 ? fd : c ? connect_socket(c, ai) : -ENOMEM;
	freeaddrinfo(ai);
	if (rc < 0) {
		conn_close(c);
		return why_set(why, rc,
		    "cannot connect to the source at %s port %d: %s",
		    target->address, target->port, strerror(-rc));
	}
	tune_socket(fd);
	c->bandwidth = target->bandwidth_mbit;
	code = client_tls(c, target);
	rc = code < 0 ? tls_error(code, "TLS", why) : handshake(c, why);
	if (rc < 0) {
		conn_close(c);
		return rc;
	}
	*conn = c;
	return 0;
}

void conn_close(struct conn *c)
{
	if (!c)
		return;
	if (c->tls) {
		gnutls_bye(c->tls, GNUTLS_SHUT_WR); /* does not wait */
		gnutls_deinit(c->tls);
	}
	if (c->server_cred)
		gnutls_psk_free_server_credentials(c->server_cred);
	if (c->client_cred)
		gnutls_psk_free_client_credentials(c->client_cred);
	close(c->fd);
	gnutls_memset(c, 0, sizeof(*c));
	free(c);
}

uint8_t *conn_payload(struct conn *c)
{
	return c->out + FRAME_HEAD;
}

static int silence(int64_t since, struct why *why)
{
	if (clock_monotonic_ms() - since < NET_SILENCE_MS)
		return 0;
	return why_set(why, -ETIMEDOUT, "the peer has not answered for %d s",
	    NET_SILENCE_MS / 1000);
}

static int send_all(
    struct conn *c, const uint8_t *data, size_t len, struct why *why)
{
	int64_t moved = clock_monotonic_ms();
	ssize_t n;
	int rc;

	while (len > 0) {
		n = gnutls_record_send(c->tls, data, len);
		if (n > 0) {
			data += n;
			len -= (size_t)n;
			moved = clock_monotonic_ms();
			continue;
		}
		if (n != GNUTLS_E_AGAIN && n != GNUTLS_E_INTERRUPTED)
			return tls_error((int)n, "sending", why);
		rc = silence(moved, why);
		if (rc == 0)
			rc = wait_fd(c, tls_wants(c), NET_PING_MS);
		if (rc < 0)
			return rc;
	}
	c->said_ms = clock_monotonic_ms();
	return 0;
}

int conn_send(struct conn *c, enum net_type type, size_t len, struct why *why)
{
	pace(c);
	frame_head(type, len, c->out);
	return send_all(c, c->out, FRAME_HEAD + len, why);
}

/* A ping has a buffer of its own: OUT may hold a frame in the making. */
static int ping_if_due(struct conn *c, struct why *why)
{
	static const uint8_t ping[FRAME_HEAD] = {0, 0, 0, 1, NET_PING};

	if (clock_monotonic_ms() - c->said_ms < NET_PING_MS)
		return 0;
	return send_all(c, ping, sizeof(ping), why);
}

int conn_tick(void *conn)
{
	struct conn *c = conn;

	if (waker_stopped(c->waker))
		return -ECANCELED;
	return ping_if_due(c, NULL);
}

/* 1 = a frame is complete, 0 = not yet, negative = over. */
static int take_bytes(struct conn *c, struct why *why)
{
	ssize_t n, lacks;

	while ((lacks = frame_lacks(c->in, c->have)) > 0) {
		n = gnutls_record_recv(c->tls, c->in + c->have, (size_t)lacks);
		if (n == GNUTLS_E_AGAIN || n == GNUTLS_E_INTERRUPTED)
			return 0;
		if (n <= 0)
			return tls_error((int)n, "receiving", why);
		c->have += (size_t)n;
		c->heard_ms = clock_monotonic_ms();
	}
	if (lacks < 0)
		return why_set(
		    why, -EBADMSG, "the peer sent a malformed frame");
	return 1;
}

static int step(struct conn *c, struct deadline d, struct why *why)
{
	int rc = take_bytes(c, why);

	if (rc != 0)
		return rc;
	rc = silence(c->heard_ms, why);
	if (rc == 0)
		rc = ping_if_due(c, why);
	if (rc < 0)
		return rc;
	if (deadline_passed(d))
		return -EAGAIN;
	rc = wait_fd(
	    c, POLLIN, deadline_left_ms(deadline_step(d, NET_PING_MS / 4)));
	return rc == WAITED_WOKEN ? -EAGAIN : rc;
}

int conn_recv(struct conn *c, int ms, enum net_type *type,
    const uint8_t **payload, size_t *len, struct why *why)
{
	struct deadline d = deadline_in_ms(ms);
	int rc;

	for (;;) {
		if (c->taken) {
			c->have = 0;
			c->taken = false;
		}
		rc = step(c, d, why);
		if (rc < 0)
			return rc;
		if (frame_lacks(c->in, c->have) != 0)
			continue;
		c->taken = true;
		if (c->in[4] != NET_PING)
			break;
	}
	*type = (enum net_type)c->in[4];
	*payload = c->in + FRAME_HEAD;
	*len = c->have - FRAME_HEAD;
	return 0;
}
