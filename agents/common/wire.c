/* SPDX-License-Identifier: GPL-2.0-or-later
 * Copyright (C) The ocf-ods contributors */
#include "wire.h"

#include <errno.h>
#include <string.h>

void wire_read_begin(struct wire_reader *r, const void *data, size_t len)
{
	r->at = data;
	r->left = len;
	r->err = 0;
}

void wire_read_fail(struct wire_reader *r)
{
	r->err = -EBADMSG;
	r->left = 0;
}

static const uint8_t *take(struct wire_reader *r, size_t len)
{
	const uint8_t *at = r->at;

	if (r->err || len > r->left) {
		wire_read_fail(r);
		return NULL;
	}
	r->at += len;
	r->left -= len;
	return at;
}

static uint64_t get_number(struct wire_reader *r, size_t width)
{
	const uint8_t *at = take(r, width);
	uint64_t v = 0;
	size_t i;

	for (i = 0; at && i < width; i++)
		v = v << 8 | at[i];
	return v;
}

uint8_t wire_get_u8(struct wire_reader *r)
{
	return (uint8_t)get_number(r, 1);
}

uint16_t wire_get_u16(struct wire_reader *r)
{
	return (uint16_t)get_number(r, 2);
}

uint32_t wire_get_u32(struct wire_reader *r)
{
	return (uint32_t)get_number(r, 4);
}

uint64_t wire_get_u64(struct wire_reader *r)
{
	return get_number(r, 8);
}

int64_t wire_get_i64(struct wire_reader *r)
{
	return (int64_t)get_number(r, 8);
}

void wire_get_bytes(struct wire_reader *r, void *buf, size_t len)
{
	const uint8_t *at = take(r, len);

	if (at)
		memcpy(buf, at, len);
	else
		memset(buf, 0, len);
}

void wire_get_text(struct wire_reader *r, char *buf, size_t size)
{
	size_t len = wire_get_u16(r);
	const uint8_t *at;

	buf[0] = '\0';
	if (len >= size) {
		wire_read_fail(r);
		return;
	}
	at = take(r, len);
	if (!at)
		return;
	if (memchr(at, '\0', len)) {
		wire_read_fail(r);
		return;
	}
	memcpy(buf, at, len);
	buf[len] = '\0';
}

int wire_read_end(const struct wire_reader *r)
{
	if (r->err)
		return r->err;
	return r->left ? -EBADMSG : 0;
}

void wire_write_begin(struct wire_writer *w, void *buf, size_t size)
{
	w->base = buf;
	w->size = size;
	w->used = 0;
	w->err = 0;
}

void wire_put_bytes(struct wire_writer *w, const void *data, size_t len)
{
	if (w->err || len > w->size - w->used) {
		w->err = -ENOSPC;
		return;
	}
	if (len > 0)
		memcpy(w->base + w->used, data, len);
	w->used += len;
}

static void put_number(struct wire_writer *w, uint64_t v, size_t width)
{
	uint8_t b[8];
	size_t i;

	for (i = 0; i < width; i++)
		b[i] = (uint8_t)(v >> (8 * (width - 1 - i)));
	wire_put_bytes(w, b, width);
}

void wire_put_u8(struct wire_writer *w, uint8_t v)
{
	put_number(w, v, 1);
}

void wire_put_u16(struct wire_writer *w, uint16_t v)
{
	put_number(w, v, 2);
}

void wire_put_u32(struct wire_writer *w, uint32_t v)
{
	put_number(w, v, 4);
}

void wire_put_u64(struct wire_writer *w, uint64_t v)
{
	put_number(w, v, 8);
}

void wire_put_i64(struct wire_writer *w, int64_t v)
{
	put_number(w, (uint64_t)v, 8);
}

void wire_put_text(struct wire_writer *w, const char *text)
{
	size_t len = strlen(text);

	if (len > UINT16_MAX) {
		w->err = -ENOSPC;
		return;
	}
	wire_put_u16(w, (uint16_t)len);
	wire_put_bytes(w, text, len);
}
