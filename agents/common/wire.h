/* SPDX-License-Identifier: GPL-2.0-or-later
 * Copyright (C) The ocf-ods contributors */
#ifndef ODS_WIRE_H
#define ODS_WIRE_H

#include <stddef.h>
#include <stdint.h>

/* Bytes from and to other nodes: big-endian, fixed widths, through a cursor
 * that latches its first error, so that a decoder reads like a list of
 * fields and is checked once at its end:
 *
 *	wire_read_begin(&r, data, len);
 *	h->term = wire_get_u64(&r);
 *	wire_get_text(&r, h->name, sizeof(h->name));
 *	return wire_read_end(&r);
 *
 * After an error every getter yields zero and an empty text. */

struct wire_reader {
	const uint8_t *at;
	size_t left;
	int err; /* 0 or -EBADMSG */
};

void wire_read_begin(struct wire_reader *r, const void *data, size_t len);
uint8_t wire_get_u8(struct wire_reader *r);
uint16_t wire_get_u16(struct wire_reader *r);
uint32_t wire_get_u32(struct wire_reader *r);
uint64_t wire_get_u64(struct wire_reader *r);
int64_t wire_get_i64(struct wire_reader *r);
void wire_get_bytes(struct wire_reader *r, void *buf, size_t len);

/* 16 bit length and that many bytes, none of them NUL; BUF gets a NUL at the
 * end.  A text that does not fit in SIZE is an error, never cut. */
void wire_get_text(struct wire_reader *r, char *buf, size_t size);

/* Latch an error: a field had a value that cannot be. */
void wire_read_fail(struct wire_reader *r);

/* 0 when no error was latched and nothing is left over. */
int wire_read_end(const struct wire_reader *r);

struct wire_writer {
	uint8_t *base;
	size_t size, used;
	int err; /* 0 or -ENOSPC */
};

void wire_write_begin(struct wire_writer *w, void *buf, size_t size);
void wire_put_u8(struct wire_writer *w, uint8_t v);
void wire_put_u16(struct wire_writer *w, uint16_t v);
void wire_put_u32(struct wire_writer *w, uint32_t v);
void wire_put_u64(struct wire_writer *w, uint64_t v);
void wire_put_i64(struct wire_writer *w, int64_t v);
void wire_put_bytes(struct wire_writer *w, const void *data, size_t len);
void wire_put_text(struct wire_writer *w, const char *text);

#endif
