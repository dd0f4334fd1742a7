/* SPDX-License-Identifier: GPL-2.0-or-later
 * Copyright (C) The ocf-ods contributors */

/* A stream of frames as the data connection reads it: never more room than a
 * frame has, and the payload goes to its decoder, as in a session. */
#include "entries.h"
#include "genfile.h"
#include "message.h"

static uint8_t buf[FRAME_HEAD + NET_FRAME_MAX];

struct peer {
	struct change_list list;
	struct manifest *has;
};

static int take(
    struct peer *p, enum net_type type, const uint8_t *data, size_t len)
{
	struct join_head head;
	struct answer answer;
	struct gen_header h;

	switch ((int)type) {
	case NET_PING:
	case NET_DATA:
	case NET_GEN_END:
		return 0;
	case NET_JOIN:
		return join_head_get(data, len, &head);
	case NET_LIST:
		return join_list_get(data, len, &p->list);
	case NET_JOIN_END:
		return p->has ? -1 : join_end_get(data, len, &p->list, &p->has);
	case NET_GEN:
		return gen_header_decode(data, len, &h);
	default:
		return answer_get(type, data, len, &answer);
	}
}

/* One frame; the bytes that it took, 0 = the stream is over. */
static size_t next_frame(struct peer *p, const uint8_t *data, size_t len)
{
	uint8_t head[FRAME_HEAD];
	size_t have = 0, n;
	ssize_t lacks;

	while ((lacks = frame_lacks(buf, have)) > 0) {
		must((size_t)lacks <= sizeof(buf) - have);
		n = (size_t)lacks < len - have ? (size_t)lacks : len - have;
		if (n == 0)
			return 0;
		memcpy(buf + have, data + have, n);
		have += n;
	}
	if (lacks < 0)
		return 0;
	must(have >= FRAME_HEAD);
	frame_head((enum net_type)buf[4], have - FRAME_HEAD, head);
	must(memcmp(head, buf, FRAME_HEAD) == 0);
	if (take(p, (enum net_type)buf[4], buf + FRAME_HEAD,
	        have - FRAME_HEAD) < 0)
		return 0;
	return have;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct peer p = {0};
	size_t n;

	while ((n = next_frame(&p, data, len)) > 0) {
		data += n;
		len -= n;
	}
	changes_free(&p.list);
	manifest_unref(p.has);
	return 0;
}

static void put_frame(struct wire_writer *w, enum net_type type,
    const struct wire_writer *payload)
{
	uint8_t head[FRAME_HEAD];

	frame_head(type, payload->used, head);
	wire_put_bytes(w, head, sizeof(head));
	wire_put_bytes(w, payload->base, payload->used);
}

static void make_seeds(void)
{
	uint8_t room[8192], part[4096];
	const struct join_head head = {.tip = {.term = 1, .seq = 9}};
	const struct answer answer = {.seq = 7, .text = "no space"};
	struct wire_writer w, p;

	wire_write_begin(&w, room, sizeof(room));
	wire_write_begin(&p, part, sizeof(part));
	put_frame(&w, NET_PING, &p);
	join_head_put(&p, &head);
	put_frame(&w, NET_JOIN, &p);
	p.used = 0;
	fuzz_put_entry(&p, SET_DB, SET_DB_NAME);
	fuzz_put_entry(&p, SET_SIGNCONF, "a/b.xml");
	put_frame(&w, NET_LIST, &p);
	p.used = 0;
	wire_put_bytes(&p, room, SHA_LEN);
	put_frame(&w, NET_JOIN_END, &p);
	fuzz_seed("join", room, w.used);
	w.used = p.used = 0;
	answer_put(&p, NET_NACK, &answer);
	put_frame(&w, NET_NACK, &p);
	fuzz_seed("nack", room, w.used);
	fuzz_seed("long", "\xff\xff\xff\xff\x03", 5);
	fuzz_seed("empty", "\0\0\0\0\x01", 5);
}

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
	(void)argc;
	(void)argv;
	return fuzz_seeds(make_seeds);
}
