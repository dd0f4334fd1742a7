/* SPDX-License-Identifier: GPL-2.0-or-later
 * Copyright (C) The ocf-ods contributors */
#ifndef TEST_OBJECT_H
#define TEST_OBJECT_H

#include "node.h"

#include "wire.h"

/* An object of SoftHSM's with one attribute. */

#define OBJECT_SIZE 32 /* without the attribute's octets */

static UNUSED_FN void object_put(int fd, const char *text)
{
	uint8_t buf[256];
	struct wire_writer w;

	wire_write_begin(&w, buf, sizeof(buf));
	wire_put_u64(&w, 1);     /* generation */
	wire_put_u64(&w, 0x102); /* CKA_ID */
	wire_put_u64(&w, 3);     /* octets follow */
	wire_put_u64(&w, strlen(text));
	wire_put_bytes(&w, text, strlen(text));
	assert_int_equal(w.err, 0);
	assert_int_equal(file_write_all(fd, buf, w.used), 0);
}

static UNUSED_FN void object_write(
    const struct node *n, const char *name, const char *text)
{
	int fd;

	node_write(n, name, "");
	fd = open(node_path(n, name), O_WRONLY | O_TRUNC);
	assert_true(fd >= 0);
	object_put(fd, text);
	assert_int_equal(fchmod(fd, 0600), 0);
	close(fd);
}

#endif
