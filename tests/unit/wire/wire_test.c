/* SPDX-License-Identifier: GPL-2.0-or-later
 * Copyright (C) The ocf-ods contributors */
#include "wire.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

static void fields_survive(void **state)
{
	uint8_t buf[64];
	char text[16];
	struct wire_writer w;
	struct wire_reader r;

	(void)state;
	wire_write_begin(&w, buf, sizeof(buf));
	wire_put_u8(&w, 0xfe);
	wire_put_u16(&w, 0x1234);
	wire_put_u32(&w, 0xdeadbeef);
	wire_put_u64(&w, 0x0123456789abcdef);
	wire_put_i64(&w, -5);
	wire_put_text(&w, "zone");
	assert_int_equal(w.err, 0);
	assert_int_equal(buf[1], 0x12);
	wire_read_begin(&r, buf, w.used);
	assert_int_equal(wire_get_u8(&r), 0xfe);
	assert_int_equal(wire_get_u16(&r), 0x1234);
	assert_int_equal(wire_get_u32(&r), 0xdeadbeef);
	assert_true(wire_get_u64(&r) == 0x0123456789abcdef);
	assert_true(wire_get_i64(&r) == -5);
	wire_get_text(&r, text, sizeof(text));
	assert_string_equal(text, "zone");
	assert_int_equal(wire_read_end(&r), 0);
}

static void first_error_stays(void **state)
{
	static const uint8_t data[] = {1, 2, 3};
	struct wire_reader r;

	(void)state;
	wire_read_begin(&r, data, sizeof(data));
	assert_int_equal(wire_get_u16(&r), 0x0102);
	assert_int_equal(wire_get_u32(&r), 0);
	assert_int_equal(wire_get_u8(&r), 0); /* though one byte was left */
	assert_int_equal(wire_read_end(&r), -EBADMSG);
}

static void rest_is_an_error(void **state)
{
	struct wire_reader r;

	(void)state;
	wire_read_begin(&r, "ab", 2);
	wire_get_u8(&r);
	assert_int_equal(wire_read_end(&r), -EBADMSG);
}

static void lying_text_is_refused(void **state)
{
	static const uint8_t longer[] = {0, 9, 'a', 'b'};
	static const uint8_t nul[] = {0, 3, 'a', 0, 'b'};
	static const uint8_t big[] = {0, 4, 'a', 'b', 'c', 'd'};
	struct wire_reader r;
	char text[4];

	(void)state;
	wire_read_begin(&r, longer, sizeof(longer));
	wire_get_text(&r, text, sizeof(text));
	assert_int_equal(wire_read_end(&r), -EBADMSG);
	assert_string_equal(text, "");
	wire_read_begin(&r, nul, sizeof(nul));
	wire_get_text(&r, text, sizeof(text));
	assert_int_equal(wire_read_end(&r), -EBADMSG);
	wire_read_begin(&r, big, sizeof(big));
	wire_get_text(&r, text, sizeof(text));
	assert_int_equal(wire_read_end(&r), -EBADMSG);
}

static void full_writer_latches(void **state)
{
	uint8_t buf[3];
	struct wire_writer w;

	(void)state;
	wire_write_begin(&w, buf, sizeof(buf));
	wire_put_u32(&w, 1);
	wire_put_u8(&w, 1);
	assert_int_equal(w.err, -ENOSPC);
	assert_int_equal(w.used, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(fields_survive),
	    cmocka_unit_test(first_error_stays),
	    cmocka_unit_test(rest_is_an_error),
	    cmocka_unit_test(lying_text_is_refused),
	    cmocka_unit_test(full_writer_latches),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
