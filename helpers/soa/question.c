/* SPDX-License-Identifier: GPL-2.0-or-later
 * Copyright (C) The ocf-ods contributors */
#include "question.h"

#include <ctype.h>
#include <errno.h>
#include <stdbool.h>
#include <string.h>

#include "wire.h"

#define NAME_MAX_OCTETS 255
#define NAME_ROOM (NAME_MAX_OCTETS + 2)
#define LABEL_MAX 63
#define TYPE_SOA 6
#define CLASS_IN 1
#define FLAG_QR 0x8000
#define FLAG_AA 0x0400
#define OPCODE_AND_RCODE 0x780f
#define POINTER 0xc0

static int digit(char c)
{
	return isdigit((unsigned char)c) ? c - '0' : -1000;
}

/* One octet of a name as zone files write it: X, \X or \DDD.  Returns where
 * it ends, NULL when it is none. */
static const char *octet(const char *at, uint8_t *value)
{
	int n;

	if (*at != '\\') {
		*value = (uint8_t)*at;
		return at + 1;
	}
	if (!isdigit((unsigned char)at[1])) {
		*value = (uint8_t)at[1];
		return at[1] ? at + 2 : NULL;
	}
	n = 100 * digit(at[1]) + (at[2] ? 10 * digit(at[2]) : -1000);
	if (n < 0)
		return NULL;
	n += digit(at[3]);
	*value = (uint8_t)n;
	return n >= 0 && n <= 255 ? at + 4 : NULL;
}

/* Its length in BUF, or -EINVAL. */
static int name_make(const char *name, uint8_t buf[NAME_ROOM])
{
	size_t label = 0, used = 1; /* where its length stands; behind it */

	if (strcmp(name, ".") == 0)
		name = "";
	while (*name) {
		if (*name == '.') {
			if (used - label - 1 == 0)
				return -EINVAL;
			buf[label] = (uint8_t)(used - label - 1);
			label = used++;
			name++;
		} else {
			if (used - label - 1 == LABEL_MAX)
				return -EINVAL;
			name = octet(name, &buf[used++]);
		}
		if (!name || used > NAME_MAX_OCTETS)
			return -EINVAL;
	}
	buf[label] = (uint8_t)(used - label - 1);
	if (buf[label] > 0)
		buf[used++] = 0;
	return used <= NAME_MAX_OCTETS ? (int)used : -EINVAL;
}

int question_make(const char *zone, uint16_t id, uint8_t buf[QUESTION_MAX])
{
	uint8_t name[NAME_ROOM];
	struct wire_writer w;
	int len = name_make(zone, name);

	if (len < 0)
		return len;
	wire_write_begin(&w, buf, QUESTION_MAX);
	wire_put_u16(&w, id);
	wire_put_u16(&w, 0); /* a query, no recursion */
	wire_put_u16(&w, 1);
	wire_put_u16(&w, 0);
	wire_put_u32(&w, 0);
	wire_put_bytes(&w, name, (size_t)len);
	wire_put_u16(&w, TYPE_SOA);
	wire_put_u16(&w, CLASS_IN);
	return (int)w.used;
}

/* A name that may end in a pointer, which is not followed: true when it is
 * NAME, or points to the question. */
static bool name_is(struct wire_reader *r, const uint8_t *name, int len)
{
	bool same = true;
	int at = 0;

	for (;;) {
		uint8_t octets = wire_get_u8(r);

		if (octets >= POINTER) {
			uint8_t low = wire_get_u8(r);

			return at == 0 && octets == POINTER && low == 12;
		}
		if (octets > LABEL_MAX)
			wire_read_fail(r);
		same = same && at < len && octets == name[at++];
		if (octets == 0 || r->err)
			return same && at == len;
		for (; octets > 0; octets--) {
			uint8_t c = wire_get_u8(r);

			same = same && at < len &&
			       tolower(c) == tolower(name[at++]);
		}
	}
}

/* Header and question: false when they are not ours, or say no. */
static bool answers(
    struct wire_reader *r, const uint8_t *name, int len, uint16_t id)
{
	uint16_t flags, questions, records;
	bool ours = wire_get_u16(r) == id;

	flags = wire_get_u16(r);
	questions = wire_get_u16(r);
	records = wire_get_u16(r);
	wire_get_u32(r);
	ours = ours && (flags & FLAG_QR) && (flags & FLAG_AA) &&
	       !(flags & OPCODE_AND_RCODE) && questions == 1 && records > 0;
	ours = name_is(r, name, len) && ours;
	ours = wire_get_u16(r) == TYPE_SOA && ours;
	return wire_get_u16(r) == CLASS_IN && ours && !r->err;
}

int question_answer(const char *zone, uint16_t id, const uint8_t *msg,
    size_t len, uint32_t *serial)
{
	uint8_t name[NAME_ROOM];
	struct wire_reader r;
	int name_len = name_make(zone, name);
	bool is_soa;

	if (name_len < 0)
		return -EBADMSG;
	wire_read_begin(&r, msg, len);
	if (!answers(&r, name, name_len, id))
		return -EBADMSG;
	is_soa = name_is(&r, name, name_len);
	is_soa = wire_get_u16(&r) == TYPE_SOA && is_soa;
	is_soa = wire_get_u16(&r) == CLASS_IN && is_soa;
	wire_get_u32(&r);            /* TTL */
	wire_get_u16(&r);            /* length */
	name_is(&r, name, name_len); /* MNAME, RNAME */
	name_is(&r, name, name_len);
	*serial = wire_get_u32(&r);
	return is_soa && !r.err ? 0 : -EBADMSG;
}
