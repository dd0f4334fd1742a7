/* SPDX-License-Identifier: GPL-2.0-or-later
 * Copyright (C) The ocf-ods contributors */
#include "frame.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

static ssize_t lacks(uint32_t length)
{
	const uint8_t head[FRAME_HEAD] = {(uint8_t)(length >> 24),
	    (uint8_t)(length >> 16), (uint8_t)(length >> 8), (uint8_t)length,
	    NET_LIST};

	return frame_lacks(head, sizeof(head));
}

static void head_then_payload(void **state)
{
	uint8_t buf[FRAME_HEAD + 7] = {0};

	(void)state;
	frame_head(NET_DATA, 7, buf);
	assert_memory_equal(buf, "\0\0\0\x8\6", FRAME_HEAD);
	assert_int_equal(frame_lacks(buf, 0), FRAME_HEAD);
	assert_int_equal(frame_lacks(buf, 4), 1);
	assert_int_equal(frame_lacks(buf, FRAME_HEAD), 7);
	assert_int_equal(frame_lacks(buf, FRAME_HEAD + 6), 1);
	assert_int_equal(frame_lacks(buf, FRAME_HEAD + 7), 0);
}

/* A frame that lies about its length. */
static void lengths_that_cannot_be(void **state)
{
	(void)state;
	assert_int_equal(lacks(1), 0); /* the type alone */
	assert_int_equal(lacks(NET_FRAME_MAX + 1), NET_FRAME_MAX);
	assert_int_equal(lacks(0), -EBADMSG);
	assert_int_equal(lacks(NET_FRAME_MAX + 2), -EBADMSG);
	assert_int_equal(lacks(UINT32_MAX), -EBADMSG);
	assert_int_equal(lacks(UINT32_C(0x80000000)), -EBADMSG);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(head_then_payload),
	    cmocka_unit_test(lengths_that_cannot_be),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
