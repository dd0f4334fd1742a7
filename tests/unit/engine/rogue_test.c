/* SPDX-License-Identifier: GPL-2.0-or-later
 * Copyright (C) The ocf-ods contributors */
#include "pair.h"

#include <arpa/inet.h>
#include <gnutls/gnutls.h>
#include <sys/socket.h>

#include "manifest.h"
#include "message.h"
#include "said.h"

/* What a source says to a peer that lies: nothing, and one line in the log,
 * however often it comes back. */

#define TRIES 12

struct rogue {
	int fd;
	gnutls_session_t tls;
	gnutls_psk_client_credentials_t cred;
	uint8_t frame[FRAME_HEAD + NET_FRAME_MAX];
};

static void identity_of(
    const struct pair *p, const struct engine_term *t, char *buf, size_t size)
{
	char cluster[ID_TEXT], term[ID_TEXT], self[ID_TEXT];

	id_text(&t->cluster, cluster);
	id_text(&t->term_id, term);
	id_text(&p->b.id, self);
	snprintf(buf, size, "%s/%s/%s", cluster, term, self);
}

/* b's place is taken by somebody with what TERM says. */
static int rogue_open(
    struct rogue *r, const struct pair *p, const struct engine_term *term)
{
	struct sockaddr_in to = {.sin_family = AF_INET,
	    .sin_port = htons((uint16_t)p->port),
	    .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	gnutls_datum_t key = {(uint8_t *)(uintptr_t)term->psk, ENGINE_PSK_LEN};
	char name[3 * ID_TEXT];
	int rc;

	identity_of(p, term, name, sizeof(name));
	r->fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	assert_int_equal(connect(r->fd, (void *)&to, sizeof(to)), 0);
	gnutls_init(&r->tls, GNUTLS_CLIENT | GNUTLS_NO_SIGNAL);
	gnutls_priority_set_direct(
	    r->tls, "NORMAL:-VERS-ALL:+VERS-TLS1.3:+DHE-PSK:+ECDHE-PSK", NULL);
	gnutls_psk_allocate_client_credentials(&r->cred);
	gnutls_psk_set_client_credentials(
	    r->cred, name, &key, GNUTLS_PSK_KEY_RAW);
	gnutls_credentials_set(r->tls, GNUTLS_CRD_PSK, r->cred);
	gnutls_transport_set_int(r->tls, r->fd);
	do {
		rc = gnutls_handshake(r->tls);
	} while (rc < 0 && !gnutls_error_is_fatal(rc));
	return rc;
}

/* When the source has hung up. */
static void rogue_end(struct rogue *r)
{
	char waste[1024];

	while (gnutls_record_recv(r->tls, waste, sizeof(waste)) > 0)
		;
	gnutls_deinit(r->tls);
	gnutls_psk_free_client_credentials(r->cred);
	close(r->fd);
}

static bool rogue_write(struct rogue *r, const void *data, size_t len)
{
	const uint8_t *at = data;

	while (len > 0) {
		ssize_t n = gnutls_record_send(r->tls, at, len);

		if (n <= 0)
			return false;
		at += n;
		len -= (size_t)n;
	}
	return true;
}

static bool rogue_send(struct rogue *r, enum net_type type, size_t len)
{
	frame_head(type, len, r->frame);
	return rogue_write(r, r->frame, FRAME_HEAD + len);
}

static bool greet(struct rogue *r, const struct pair *p)
{
	struct join_head head = {
	    .node = p->b.id, .tip = {.term_id = p->term.term_id}};
	struct wire_writer w;

	wire_write_begin(&w, r->frame + FRAME_HEAD, NET_FRAME_MAX);
	join_head_put(&w, &head);
	return rogue_send(r, NET_JOIN, w.used);
}

/* As many entries as fit, of names of their own. */
static bool list(struct rogue *r, const char *path, size_t room)
{
	struct entry *e = entry_new(SET_UNSIGNED, path);
	struct wire_writer w;
	bool sent;

	wire_write_begin(&w, r->frame + FRAME_HEAD, room);
	do {
		entry_put(&w, e);
	} while (w.used + entry_wire_len(e) <= room);
	sent = rogue_send(r, NET_LIST, w.used);
	entry_unref(e);
	return sent;
}

static int setup(void **state)
{
	struct pair *p;

	said_begin();
	p = pair_make();
	pair_open(p);
	pair_source(p);
	*state = p;
	wait_until(&p->a, &p->b, p->a.cut > 0);
	return 0;
}

/* One line that holds TEXT, and nobody has joined. */
static void assert_one_line(struct pair *p, const char *text)
{
	wait_until(&p->a, &p->b, said(text) > 0);
	deadline_sleep_ms(deadline_in_ms(200), 200);
	node_poll(&p->a, 0);
	assert_int_equal(said(text), 1);
	assert_int_equal(said("came to nothing"), 1);
	assert_int_equal(said("from 127.0.0.1"), 1);
	assert_false(p->a.joined);
	said_reset();
}

static void wrong_key(void **state)
{
	struct pair *p = *state;
	struct engine_term wrong = p->term;
	struct rogue r;
	int i;

	wrong.psk[0] ^= 1;
	for (i = 0; i < TRIES; i++) {
		assert_true(rogue_open(&r, p, &wrong) < 0);
		rogue_end(&r);
	}
	assert_one_line(p, "not the same key, another term");
}

static void key_of_an_old_term(void **state)
{
	struct pair *p = *state;
	struct engine_term old = term_make(0);
	struct rogue r;
	int i;

	for (i = 0; i < TRIES; i++) {
		assert_true(rogue_open(&r, p, &old) < 0);
		rogue_end(&r);
	}
	assert_one_line(p, "not the same key, another term");
}

static void length_that_is_none(void **state)
{
	static const uint8_t lies[][FRAME_HEAD] = {
	    {0xff, 0xff, 0xff, 0xff, NET_JOIN},
	    {0, 4, 0, 2, NET_JOIN},
	    {0, 0, 0, 0, NET_JOIN},
	};
	struct pair *p = *state;
	struct rogue r;
	int i;

	for (i = 0; i < TRIES; i++) {
		assert_int_equal(rogue_open(&r, p, &p->term), 0);
		rogue_write(&r, lies[i % 3], FRAME_HEAD);
		rogue_end(&r);
	}
	assert_one_line(p, "the peer sent a malformed frame");
}

static void name_outside(void **state)
{
	struct pair *p = *state;
	struct rogue r;
	int i;

	for (i = 0; i < TRIES; i++) {
		assert_int_equal(rogue_open(&r, p, &p->term), 0);
		greet(&r, p);
		list(&r, "../../etc/passwd", 200);
		rogue_end(&r);
	}
	wait_until(&p->a, &p->b, said("came to nothing") > 0);
	assert_int_equal(said("joins with generation"), 1);
	assert_one_line(p, "bad list of its files: a file's name leads out");
}

static void million_entries(void **state)
{
	struct pair *p = *state;
	struct rogue r;
	int frames = 0;

	assert_int_equal(rogue_open(&r, p, &p->term), 0);
	greet(&r, p);
	while (frames < 1000 && list(&r, "a", NET_FRAME_MAX))
		frames++;
	rogue_end(&r);
	assert_true(frames < 1000);
	assert_one_line(p, "bad list of its files: more than 500000 files");
}

static void another_version(void **state)
{
	struct pair *p = *state;
	struct rogue r;

	assert_int_equal(rogue_open(&r, p, &p->term), 0);
	memcpy(r.frame + FRAME_HEAD, "\0\1older", 7);
	rogue_send(&r, NET_JOIN, 7);
	rogue_end(&r);
	assert_one_line(p, "a node speaks version 1 of the protocol");
}

/* Its tip would be another one than that which its history leads to. */
static void greets_twice(void **state)
{
	struct pair *p = *state;
	struct rogue r;

	assert_int_equal(rogue_open(&r, p, &p->term), 0);
	greet(&r, p);
	greet(&r, p);
	rogue_end(&r);
	assert_one_line(p, "unexpected frame");
}

static void history_behind_the_list(void **state)
{
	struct pair *p = *state;
	struct ancestor row = {.term = 1, .term_id = p->term.term_id};
	const struct lineage l = {
	    .tip = {.term_id = p->term.term_id}, .count = 1, .row = &row};
	struct wire_writer w;
	struct rogue r;
	size_t at = 0;

	assert_int_equal(rogue_open(&r, p, &p->term), 0);
	greet(&r, p);
	list(&r, "a", 200);
	wire_write_begin(&w, r.frame + FRAME_HEAD, NET_FRAME_MAX);
	lineage_put(&w, &l, &at);
	rogue_send(&r, NET_LINEAGE, w.used);
	rogue_end(&r);
	assert_one_line(p, "unexpected frame");
}

static void pages_of_nothing(void **state)
{
	struct pair *p = *state;
	struct wire_writer w;
	struct rogue r;

	assert_int_equal(rogue_open(&r, p, &p->term), 0);
	greet(&r, p);
	list(&r, "a", 200);
	wire_write_begin(&w, r.frame + FRAME_HEAD, NET_FRAME_MAX);
	wire_put_u32(&w, 4096);
	wire_put_u32(&w, PAGES_MAX);
	rogue_send(&r, NET_PAGES, w.used);
	rogue_end(&r);
	assert_one_line(p, "bad list of its pages");
}

static int teardown(void **state)
{
	said_end();
	return pair_end(state);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(wrong_key),
	    TEST(key_of_an_old_term),
	    TEST(length_that_is_none),
	    TEST(name_outside),
	    TEST(million_entries),
	    TEST(another_version),
	    TEST(greets_twice),
	    TEST(history_behind_the_list),
	    TEST(pages_of_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
