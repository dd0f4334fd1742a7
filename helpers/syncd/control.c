/* SPDX-License-Identifier: GPL-2.0-or-later
 * Copyright (C) The ocf-ods contributors */
#include "control.h"

#include <ctype.h>
#include <errno.h>
#include <string.h>

#include "wire.h"

#define CONTROL_VERSION 5

/* One list of fields serves both directions: a field is written or read by
 * which cursor is set. */
struct cursor {
	struct wire_writer *w;
	struct wire_reader *r;
};

static void field_u8(struct cursor *c, uint8_t *v)
{
	if (c->w)
		wire_put_u8(c->w, *v);
	else
		*v = wire_get_u8(c->r);
}

static void field_bool(struct cursor *c, bool *v)
{
	uint8_t byte = *v;

	field_u8(c, &byte);
	if (c->r && byte > 1)
		wire_read_fail(c->r);
	*v = byte == 1;
}

static void field_u16(struct cursor *c, uint16_t *v)
{
	if (c->w)
		wire_put_u16(c->w, *v);
	else
		*v = wire_get_u16(c->r);
}

static void field_u32(struct cursor *c, uint32_t *v)
{
	if (c->w)
		wire_put_u32(c->w, *v);
	else
		*v = wire_get_u32(c->r);
}

static void field_u64(struct cursor *c, uint64_t *v)
{
	if (c->w)
		wire_put_u64(c->w, *v);
	else
		*v = wire_get_u64(c->r);
}

static void field_bytes(struct cursor *c, void *v, size_t len)
{
	if (c->w)
		wire_put_bytes(c->w, v, len);
	else
		wire_get_bytes(c->r, v, len);
}

/* One line: what is shown and logged of a node. */
static void field_line(struct cursor *c, char *v, size_t size)
{
	if (c->w) {
		wire_put_text(c->w, v);
		return;
	}
	wire_get_text(c->r, v, size);
	for (; *v; v++)
		if (iscntrl((unsigned char)*v))
			wire_read_fail(c->r);
}

static void field_id(struct cursor *c, struct id *id)
{
	field_bytes(c, id->byte, ID_LEN);
}

static void field_nodes(struct cursor *c, struct node_list *list)
{
	uint8_t count = (uint8_t)list->count;
	int i;

	field_u8(c, &count);
	if (c->r && count > NODES_MAX) {
		wire_read_fail(c->r);
		count = 0;
	}
	list->count = count;
	for (i = 0; i < list->count; i++)
		field_id(c, &list->id[i]);
}

static void field_position(struct cursor *c, struct position *p)
{
	field_id(c, &p->term_id);
	field_u64(c, &p->term);
	field_u64(c, &p->seq);
}

static void field_record(struct cursor *c, struct record *r)
{
	uint16_t voters = (uint16_t)r->voters;

	field_id(c, &r->cluster);
	field_u64(c, &r->term);
	field_id(c, &r->term_id);
	field_u64(c, &r->revision);
	field_id(c, &r->source);
	field_nodes(c, &r->holders);
	field_u16(c, &voters);
	r->voters = voters;
	field_bool(c, &r->fencing);
	field_bool(c, &r->solo);
	field_bool(c, &r->open);
	field_u64(c, &r->last_seq);
	field_position(c, &r->origin.base);
	field_id(c, &r->origin.line);
}

static void field_hello(struct cursor *c, struct hello *h)
{
	uint8_t state = (uint8_t)h->state;

	field_id(c, &h->node);
	field_id(c, &h->worker);
	field_u64(c, &h->starts);
	field_u64(c, &h->minted);
	field_line(c, h->name, sizeof(h->name));
	field_line(c, h->address, sizeof(h->address));
	field_u16(c, &h->port);
	field_bool(c, &h->source);
	field_bool(c, &h->restarted);
	field_bool(c, &h->closing);
	field_bool(c, &h->daemons_dead);
	field_bool(c, &h->foreign);
	field_u8(c, &state);
	if (c->r && state > STATE_LEDGER)
		wire_read_fail(c->r);
	h->state = (enum state_class)state;
	field_u32(c, &h->zones);
	field_u32(c, &h->keys);
	field_bool(c, &h->has_record);
	field_record(c, &h->record);
	field_position(c, &h->tip);
	field_u64(c, &h->clock);
}

static void field_control(struct cursor *c, struct control *m)
{
	switch (m->type) {
	case CONTROL_HELLO:
		field_hello(c, &m->hello);
		return;
	case CONTROL_RECORD:
		field_record(c, &m->record);
		field_nodes(c, &m->workers);
		return;
	case CONTROL_ACK:
		field_id(c, &m->node);
		field_id(c, &m->term_id);
		field_u64(c, &m->revision);
		return;
	case CONTROL_KEY:
		field_id(c, &m->term_id);
		field_bytes(c, m->psk, sizeof(m->psk));
		return;
	case CONTROL_ACCEPT:
		field_id(c, &m->node);
		field_line(c, m->by, sizeof(m->by));
		return;
	case CONTROL_INIT:
	case CONTROL_OUTDATED:
	case CONTROL_FORGET:
		field_id(c, &m->node);
		return;
	}
	if (c->r)
		wire_read_fail(c->r);
}

int control_encode(const struct control *m, uint8_t *buf, size_t size)
{
	struct wire_writer w;
	struct cursor c = {.w = &w};
	struct control copy = *m;

	wire_write_begin(&w, buf, size);
	wire_put_u8(&w, CONTROL_VERSION);
	wire_put_u8(&w, (uint8_t)m->type);
	field_control(&c, &copy);
	explicit_bzero(copy.psk, sizeof(copy.psk));
	return w.err ? -EMSGSIZE : (int)w.used;
}

int control_decode(
    struct control *m, const uint8_t *buf, size_t len, struct why *why)
{
	struct wire_reader r;
	struct cursor c = {.r = &r};
	uint8_t version;

	memset(m, 0, sizeof(*m));
	wire_read_begin(&r, buf, len);
	version = wire_get_u8(&r);
	if (version != CONTROL_VERSION)
		return why_set(why, -EBADMSG,
		    "control message of version %u: install the same ocf-ods "
		    "on all nodes",
		    version);
	m->type = (enum control_type)wire_get_u8(&r);
	field_control(&c, m);
	if (wire_read_end(&r) < 0)
		return why_set(why, -EBADMSG, "damaged control message");
	return 0;
}
