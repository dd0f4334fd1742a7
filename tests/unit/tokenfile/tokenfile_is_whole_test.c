/* SPDX-License-Identifier: GPL-2.0-or-later
 * Copyright (C) The ocf-ods contributors */
#include "tokenfile.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "wire.h"

static uint8_t buf[512];
static size_t ends[8]; /* after each attribute */
static size_t attributes;

static void attribute(struct wire_writer *w, uint64_t type, uint64_t kind)
{
	wire_put_u64(w, type);
	wire_put_u64(w, kind);
}

static void ended(const struct wire_writer *w)
{
	ends[attributes++] = w->used;
}

/* An object with one attribute of each kind; its size. */
static size_t object(void)
{
	struct wire_writer w;

	attributes = 0;
	wire_write_begin(&w, buf, sizeof(buf));
	wire_put_u64(&w, 7); /* generation */
	attribute(&w, 0x01, 1);
	wire_put_u8(&w, 0xff);
	ended(&w);
	attribute(&w, 0x00, 2);
	wire_put_u64(&w, 3);
	ended(&w);
	attribute(&w, 0x102, 3);
	wire_put_u64(&w, 4);
	wire_put_bytes(&w, "abcd", 4);
	ended(&w);
	attribute(&w, 0x40000211, 4);
	wire_put_u64(&w, 17);
	attribute(&w, 0x01, 1);
	wire_put_u8(&w, 0);
	ended(&w);
	attribute(&w, 0x40000600, 5);
	wire_put_u64(&w, 2);
	wire_put_u64(&w, 1);
	wire_put_u64(&w, 2);
	ended(&w);
	return w.used;
}

static bool is_end(size_t len)
{
	size_t i;

	for (i = 0; i < attributes; i++)
		if (ends[i] == len)
			return true;
	return false;
}

static void an_object(void **state)
{
	size_t len, size = object();

	(void)state;
	assert_true(tokenfile_is_whole("t/k.object", buf, size));
	for (len = 0; len < size; len++)
		assert_int_equal(
		    tokenfile_is_whole("t/k.object", buf, len), is_end(len));
	buf[23] = 6; /* a kind that is none */
	assert_false(tokenfile_is_whole("t/k.object", buf, size));
}

/* No length leads out of the file. */
static void lengths_that_lie(void **state)
{
	static const uint64_t kinds[] = {3, 4, 5};
	static const uint64_t lengths[] = {
	    1, UINT64_MAX, UINT64_MAX / 8 + 1, 1ULL << 61};
	struct wire_writer w;
	size_t i, j;

	(void)state;
	for (i = 0; i < 3; i++)
		for (j = 0; j < 4; j++) {
			wire_write_begin(&w, buf, sizeof(buf));
			wire_put_u64(&w, 1);
			attribute(&w, 1, kinds[i]);
			wire_put_u64(&w, lengths[j]);
			assert_false(
			    tokenfile_is_whole("t/k.object", buf, w.used));
		}
}

static void other_files(void **state)
{
	(void)state;
	assert_true(tokenfile_is_whole("t/k.lock", "", 0));
	assert_true(tokenfile_is_whole("t/generation", "12345678", 8));
	assert_false(tokenfile_is_whole("t/generation", "", 0));
	assert_false(tokenfile_is_whole("t/generation", "1234", 4));
}

static void what_is_softhsms(void **state)
{
	static const struct {
		const char *path;
		bool is;
	} table[] = {
	    {"t/token.object", true},
	    {"t/k.object", true},
	    {"t/k.lock", true},
	    {"t/generation", true},
	    {"generation", false},
	    {"k.object", false},
	    {"t/u/k.object", false},
	    {"t/.object", false},
	    {"t/k.object.ods-new", false},
	    {"t/sqlite3.db", false},
	    {"t/", false},
	    {"", false},
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(table) / sizeof(table[0]); i++)
		assert_int_equal(tokenfile_is_name(table[i].path), table[i].is);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(an_object),
	    cmocka_unit_test(lengths_that_lie),
	    cmocka_unit_test(other_files),
	    cmocka_unit_test(what_is_softhsms),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
