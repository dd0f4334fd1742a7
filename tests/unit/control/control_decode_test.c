/* SPDX-License-Identifier: GPL-2.0-or-later
 * Copyright (C) The ocf-ods contributors */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "control.h"

static void fill_record(struct record *r, int holders)
{
	int i;

	id_random(&r->cluster);
	id_random(&r->term_id);
	id_random(&r->source);
	r->term = UINT64_C(0x1122334455667788);
	r->revision = 9;
	r->voters = 513;
	r->fencing = r->open = true;
	r->last_seq = UINT64_MAX;
	id_random(&r->origin.base.term_id);
	r->origin.base.term = 7;
	r->origin.base.seq = 70;
	id_random(&r->origin.line);
	for (i = 0; i < holders; i++) {
		struct id id;

		id_random(&id);
		nodes_add(&r->holders, &id);
	}
}

static struct control message(enum control_type type)
{
	struct control c = {.type = type};
	struct hello *h = &c.hello;

	switch (type) {
	case CONTROL_HELLO:
		id_random(&h->node);
		id_random(&h->worker);
		h->starts = 77;
		h->minted = 6;
		snprintf(h->name, sizeof(h->name), "node with %% in it");
		snprintf(h->address, sizeof(h->address), "2001:db8::1");
		h->port = 6405;
		h->source = h->daemons_dead = h->has_record = true;
		h->closing = true;
		h->state = STATE_LEDGER;
		h->zones = 10;
		h->keys = 20;
		fill_record(&h->record, 3);
		id_random(&h->tip.term_id);
		h->tip.term = 3;
		h->tip.seq = 99;
		break;
	case CONTROL_RECORD:
		fill_record(&c.record, NODES_MAX);
		nodes_add(&c.workers, &c.record.source);
		break;
	case CONTROL_ACK:
		id_random(&c.node);
		id_random(&c.term_id);
		c.revision = 5;
		break;
	case CONTROL_KEY:
		id_random(&c.term_id);
		memset(c.psk, 0xa5, sizeof(c.psk));
		break;
	case CONTROL_ACCEPT:
		id_random(&c.node);
		snprintf(c.by, sizeof(c.by), "root (ann) on n1");
		break;
	case CONTROL_INIT:
	case CONTROL_OUTDATED:
	case CONTROL_FORGET:
		id_random(&c.node);
		break;
	}
	return c;
}

static void round_trip(void **state)
{
	enum control_type type;

	(void)state;
	for (type = CONTROL_HELLO; type <= CONTROL_ACCEPT; type++) {
		struct control c = message(type), back;
		uint8_t buf[CONTROL_MAX];
		struct why why;
		int len = control_encode(&c, buf, sizeof(buf));

		assert_true(len > 0);
		assert_int_equal(
		    control_decode(&back, buf, (size_t)len, &why), 0);
		assert_memory_equal(&back.hello.record.holders,
		    &c.hello.record.holders, sizeof(struct node_list));
		assert_string_equal(back.hello.name, c.hello.name);
		assert_string_equal(back.hello.address, c.hello.address);
		assert_int_equal(back.hello.state, c.hello.state);
		assert_int_equal(back.hello.source, c.hello.source);
		assert_int_equal(back.hello.restarted, c.hello.restarted);
		assert_int_equal(back.hello.closing, c.hello.closing);
		assert_int_equal(back.hello.tip.seq, c.hello.tip.seq);
		assert_int_equal(
		    back.hello.record.voters, c.hello.record.voters);
		assert_int_equal(back.record.last_seq, c.record.last_seq);
		assert_memory_equal(
		    &back.workers, &c.workers, sizeof(struct node_list));
		assert_memory_equal(&back.record.origin, &c.record.origin,
		    sizeof(c.record.origin));
		assert_int_equal(
		    record_compare(&back.record, &c.record), RECORD_SAME);
		assert_int_equal(back.revision, c.revision);
		assert_memory_equal(&back.node, &c.node, sizeof(c.node));
		assert_string_equal(back.by, c.by);
		assert_memory_equal(
		    &back.term_id, &c.term_id, sizeof(c.term_id));
		assert_memory_equal(back.psk, c.psk, sizeof(c.psk));
	}
}

/* The largest message there is fits. */
static void largest_fits(void **state)
{
	struct control c = message(CONTROL_HELLO);
	uint8_t buf[CONTROL_MAX];

	(void)state;
	memset(c.hello.name, 'n', sizeof(c.hello.name) - 1);
	memset(c.hello.address, 'a', sizeof(c.hello.address) - 1);
	c.hello.record.holders.count = 0;
	fill_record(&c.hello.record, NODES_MAX);
	assert_true(control_encode(&c, buf, sizeof(buf)) > 0);
	assert_int_equal(control_encode(&c, buf, 100), -EMSGSIZE);
}

/* A heap block of exactly that size: a byte too far is seen by ASan. */
static int decode_exactly(const uint8_t *data, size_t len)
{
	uint8_t *copy = malloc(len + !len);
	struct control c;
	struct why why;
	int rc;

	assert_non_null(copy);
	memcpy(copy, data, len);
	rc = control_decode(&c, copy, len, &why);
	free(copy);
	if (rc == 0)
		assert_in_range(c.type, CONTROL_HELLO, CONTROL_ACCEPT);
	return rc;
}

static void every_truncation(void **state)
{
	enum control_type type;

	(void)state;
	for (type = CONTROL_HELLO; type <= CONTROL_ACCEPT; type++) {
		struct control c = message(type);
		uint8_t buf[CONTROL_MAX];
		int n, len = control_encode(&c, buf, sizeof(buf) - 1);

		for (n = 0; n < len; n++)
			assert_int_equal(
			    decode_exactly(buf, (size_t)n), -EBADMSG);
		buf[len] = 0; /* nothing may follow either */
		assert_int_equal(
		    decode_exactly(buf, (size_t)len + 1), -EBADMSG);
	}
}

static void flipped_bytes(void **state)
{
	enum control_type type;

	(void)state;
	for (type = CONTROL_HELLO; type <= CONTROL_ACCEPT; type++) {
		struct control c = message(type);
		uint8_t buf[CONTROL_MAX];
		int i, bit, len = control_encode(&c, buf, sizeof(buf));

		for (i = 0; i < len; i++)
			for (bit = 0; bit < 8; bit++) {
				buf[i] ^= (uint8_t)(1 << bit);
				decode_exactly(buf, (size_t)len);
				buf[i] ^= (uint8_t)(1 << bit);
			}
	}
}

static void oversize_counts(void **state)
{
	struct control c = message(CONTROL_RECORD), back;
	uint8_t buf[CONTROL_MAX + 4096] = {0};
	const size_t count_at = 2 + ID_LEN + 8 + ID_LEN + 8 + ID_LEN;
	struct why why;
	int count, len = control_encode(&c, buf, CONTROL_MAX);

	(void)state;
	assert_int_equal(buf[count_at], NODES_MAX);
	for (count = NODES_MAX + 1; count < 256; count++) {
		buf[count_at] = (uint8_t)count;
		assert_int_equal(
		    control_decode(&back, buf, (size_t)len, &why), -EBADMSG);
		assert_int_equal(
		    control_decode(&back, buf, sizeof(buf), &why), -EBADMSG);
		assert_true(back.record.holders.count <= NODES_MAX);
	}
}

/* Status and attributes are lines: a name must not begin one of its own. */
static void names_are_one_line(void **state)
{
	struct control c = message(CONTROL_HELLO), back;
	uint8_t buf[CONTROL_MAX];
	struct why why;
	int len;

	(void)state;
	strcpy(c.hello.name, "a\nnode.1.role=source");
	len = control_encode(&c, buf, sizeof(buf));
	assert_int_equal(
	    control_decode(&back, buf, (size_t)len, &why), -EBADMSG);
	strcpy(c.hello.name, "a");
	strcpy(c.hello.address, "\x1b[2J");
	len = control_encode(&c, buf, sizeof(buf));
	assert_int_equal(
	    control_decode(&back, buf, (size_t)len, &why), -EBADMSG);
}

static void another_version(void **state)
{
	struct control c = message(CONTROL_ACK), back;
	uint8_t buf[CONTROL_MAX];
	struct why why;
	int len = control_encode(&c, buf, sizeof(buf));

	(void)state;
	buf[0]++;
	assert_int_equal(
	    control_decode(&back, buf, (size_t)len, &why), -EBADMSG);
	assert_non_null(strstr(why.text, "install the same ocf-ods"));
	buf[0]--;
	buf[1] = 0;
	assert_int_equal(
	    control_decode(&back, buf, (size_t)len, &why), -EBADMSG);
	buf[1] = 200;
	assert_int_equal(
	    control_decode(&back, buf, (size_t)len, &why), -EBADMSG);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(round_trip),
	    cmocka_unit_test(largest_fits),
	    cmocka_unit_test(every_truncation),
	    cmocka_unit_test(flipped_bytes),
	    cmocka_unit_test(oversize_counts),
	    cmocka_unit_test(names_are_one_line),
	    cmocka_unit_test(another_version),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
