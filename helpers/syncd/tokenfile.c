/* SPDX-License-Identifier: GPL-2.0-or-later
 * Copyright (C) The ocf-ods contributors */
#include "tokenfile.h"

#include <string.h>

#include "wire.h"

#define NUMBER 8

/* Of an attribute. */
enum kind {
	KIND_BOOLEAN = 1,
	KIND_NUMBER = 2,
	KIND_BYTES = 3,
	KIND_ATTRIBUTES = 4, /* as many octets of them */
	KIND_MECHANISMS = 5, /* as many numbers */
};

static bool ends_with(const char *text, const char *end)
{
	size_t len = strlen(text), n = strlen(end);

	return len > n && strcmp(text + len - n, end) == 0;
}

static const char *name_of(const char *path)
{
	const char *name = strchr(path, '/');

	return name && !strchr(name + 1, '/') ? name + 1 : "";
}

bool tokenfile_is_name(const char *path)
{
	const char *name = name_of(path);

	return strcmp(name, "generation") == 0 || ends_with(name, ".object") ||
	       ends_with(name, ".lock");
}

static void pass(struct wire_reader *r, uint64_t count, size_t each)
{
	if (count > r->left / each) {
		wire_read_fail(r);
		return;
	}
	r->at += count * each;
	r->left -= (size_t)count * each;
}

static void pass_attribute(struct wire_reader *r)
{
	wire_get_u64(r); /* its type, CKA_* */
	switch (wire_get_u64(r)) {
	case KIND_BOOLEAN:
		wire_get_u8(r);
		return;
	case KIND_NUMBER:
		wire_get_u64(r);
		return;
	case KIND_BYTES:
	case KIND_ATTRIBUTES:
		pass(r, wire_get_u64(r), 1);
		return;
	case KIND_MECHANISMS:
		pass(r, wire_get_u64(r), NUMBER);
		return;
	default:
		wire_read_fail(r);
	}
}

bool tokenfile_is_whole(const char *path, const void *data, size_t len)
{
	struct wire_reader r;

	if (ends_with(path, ".lock"))
		return true;
	if (!ends_with(path, ".object"))
		return len == NUMBER;
	wire_read_begin(&r, data, len);
	wire_get_u64(&r);
	do {
		pass_attribute(&r);
	} while (!r.err && r.left > 0);
	return wire_read_end(&r) == 0;
}
