/* SPDX-License-Identifier: GPL-2.0-or-later
 * Copyright (C) The ocf-ods contributors */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "question.h"

#define ZONE "Example.org"

static const uint8_t asked[] =
    "\x12\x34\x00\x00\x00\x01\x00\x00\x00\x00\x00\x00"
    "\x07"
    "Example\x03"
    "org\x00\x00\x06\x00\x01";
#define ASKED_LEN (sizeof(asked) - 1)

/* As BIND answers: the owner points to the question, MNAME and RNAME too. */
static const uint8_t rr[] = "\xc0\x0c\x00\x06\x00\x01\x00\x00\x0e\x10\x00\x1d"
                            "\x02"
                            "ns\xc0\x0c\x04"
                            "root\xc0\x0c"
                            "\x77\x35\x94\x01"
                            "\x00\x00\x00\x01\x00\x00\x00\x02"
                            "\x00\x00\x00\x03\x00\x00\x00\x04";

static uint8_t msg[512];
static size_t len;

static int reply_to(const char *zone, uint32_t *serial)
{
	uint8_t *exact = malloc(len + !len); /* a read too far is seen */
	int rc;

	assert_non_null(exact);
	memcpy(exact, msg, len);
	rc = question_answer(zone, 0x1234, exact, len, serial);
	free(exact);
	return rc;
}

static int reply(void)
{
	uint32_t serial = 0;
	int rc = reply_to(ZONE, &serial);

	if (rc == 0)
		assert_int_equal(serial, 2000000001);
	return rc;
}

static int answer(void **state)
{
	(void)state;
	memcpy(msg, asked, ASKED_LEN);
	memcpy(msg + ASKED_LEN, rr, sizeof(rr) - 1);
	len = ASKED_LEN + sizeof(rr) - 1;
	msg[2] = 0x84; /* an answer, with authority */
	msg[7] = 1;
	return 0;
}

static void what_is_asked(void **state)
{
	uint8_t buf[QUESTION_MAX];

	(void)state;
	assert_int_equal(question_make(ZONE, 0x1234, buf), ASKED_LEN);
	assert_memory_equal(buf, asked, ASKED_LEN);
	assert_int_equal(question_make(ZONE ".", 0x1234, buf), ASKED_LEN);
	assert_memory_equal(buf, asked, ASKED_LEN);
	assert_int_equal(question_make(".", 1, buf), 12 + 1 + 4);
	assert_int_equal(question_make("a\\.b\\046c", 1, buf), 12 + 7 + 4);
	assert_memory_equal(buf + 12,
	    "\x05"
	    "a.b.c\x00",
	    7);
}

static void what_is_no_name(void **state)
{
	static const char *const bad[] = {"a..b", ".a", "a\\", "a\\25",
	    "a\\2x4", "a\\256",
	    "a123456789012345678901234567890123456789012345678901234567890123"};
	char text[300] = "";
	uint8_t buf[QUESTION_MAX];
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_int_equal(question_make(bad[i], 1, buf), -EINVAL);
	for (i = 0; i < 126; i++)
		strcat(text, "a.");
	assert_int_equal(question_make(text, 1, buf), 12 + 253 + 4);
	strcat(text, "a.");
	assert_int_equal(question_make(text, 1, buf), 12 + 255 + 4);
	strcat(text, "a.");
	assert_int_equal(question_make(text, 1, buf), -EINVAL);
}

static void the_serial(void **state)
{
	uint32_t serial;

	(void)state;
	assert_int_equal(reply(), 0);
	assert_int_equal(reply_to("eXAMPLE.ORG", &serial), 0);
}

/* Every one of these octets matters. */
static void another_answer(void **state)
{
	static const struct {
		size_t at;
		uint8_t value;
	} wrong[] = {
	    {0, 0x13}, {1, 0x35},   /* another question's */
	    {2, 0x04},              /* a question itself */
	    {2, 0x80},              /* a cache's word */
	    {2, 0x8c},              /* another opcode */
	    {3, 0x02}, {3, 0x05},   /* SERVFAIL, REFUSED */
	    {5, 0}, {5, 2}, {7, 0}, /* counts */
	    {13, 'x'},              /* another zone */
	    {ASKED_LEN - 3, 2},     /* another type asked */
	    {ASKED_LEN - 1, 3},     /* another class */
	    {ASKED_LEN + 1, 0x0d},  /* another owner */
	    {ASKED_LEN + 3, 2},     /* an NS record */
	    {ASKED_LEN + 5, 3},     /* of another class */
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		answer(NULL);
		msg[wrong[i].at] = wrong[i].value;
		if (reply() != -EBADMSG)
			fail_msg("octet %zu", wrong[i].at);
	}
}

static void every_truncation(void **state)
{
	size_t whole = ASKED_LEN + 12 + 5 + 7 + 4;

	(void)state;
	for (len = 0; len < whole; len++)
		assert_int_equal(reply(), -EBADMSG);
	assert_int_equal(reply(), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(what_is_asked),
	    cmocka_unit_test(what_is_no_name),
	    cmocka_unit_test_setup(the_serial, answer),
	    cmocka_unit_test_setup(another_answer, answer),
	    cmocka_unit_test_setup(every_truncation, answer),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
