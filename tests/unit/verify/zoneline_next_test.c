/* SPDX-License-Identifier: GPL-2.0-or-later
 * Copyright (C) The ocf-ods contributors */
#include "zoneline.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

/* The entries of TEXT joined by "|"; returns the last return value. */
static int read_all(const char *text, char *out, size_t size, struct why *why)
{
	union {
		const char *in;
		void *out;
	} data = {.in = text};
	FILE *in = fmemopen(data.out, strlen(text), "r");
	struct zoneline z;
	size_t used = 0;
	int rc;

	out[0] = '\0';
	zoneline_open(&z, in);
	while ((rc = zoneline_next(&z, why)) > 0)
		used += (size_t)snprintf(
		    out + used, size - used, "%ld:%s|", z.line, z.text);
	zoneline_close(&z);
	fclose(in);
	return rc;
}

static void assert_entries(const char *text, const char *expected)
{
	char out[512];
	struct why why = {0};

	assert_int_equal(read_all(text, out, sizeof(out), &why), 0);
	assert_string_equal(out, expected);
}

static void assert_refused(const char *text, const char *part)
{
	char out[512];
	struct why why = {0};

	assert_int_equal(read_all(text, out, sizeof(out), &why), -EBADMSG);
	assert_non_null(strstr(why.text, part));
}

static void comments_and_blank_lines(void **state)
{
	(void)state;
	assert_entries("; head\n\n;;Empty non-terminal a.b\na A 1 ; x \"(\n"
	               " \t\nb A 2\r\n",
	    "4:a A 1 |6:b A 2|");
}

static void quotes_and_escapes(void **state)
{
	(void)state;
	assert_entries("a TXT \"x;y\" \"(\" \"q\\\"\" \\; \\( ;c\n",
	    "1:a TXT \"x;y\" \"(\" \"q\\\"\" \\; \\( |");
}

static void parentheses_join_lines(void **state)
{
	(void)state;
	assert_entries("a SOA x ( ; c )\n 1\n 2 )\nb A 1\n",
	    "1:a SOA x     1  2  |4:b A 1|");
}

static void cut_texts(void **state)
{
	(void)state;
	assert_refused("a A 1\nb A", "line 2: the file ends in the middle");
	assert_refused("a SOA (\n1\n", "line 1: the file ends inside paren");
	assert_refused("a TXT \"x\n", "line 1: ends inside quotes");
	assert_refused("a TXT x\\\n", "line 1: ends inside an escape");
	assert_refused("; only half a comment", "line 1: the file ends in");
	assert_refused("a )\n", "line 1: ) without (");
}

static void an_empty_text_has_no_entry(void **state)
{
	(void)state;
	assert_entries("\n", "");
}

static void zero_bytes_are_refused(void **state)
{
	char text[] = "a A 1\nb A \0 2\n";
	FILE *in = fmemopen(text, sizeof(text) - 1, "r");
	struct zoneline z;
	struct why why = {0};

	(void)state;
	zoneline_open(&z, in);
	assert_int_equal(zoneline_next(&z, &why), 1);
	assert_int_equal(zoneline_next(&z, &why), -EBADMSG);
	assert_non_null(strstr(why.text, "line 2: holds a zero byte"));
	zoneline_close(&z);
	fclose(in);
}

static void entries_have_a_limit(void **state)
{
	size_t len = ZONELINE_MAX + 10000;
	char *text = test_malloc(len + 1);
	FILE *in;
	struct zoneline z;
	struct why why = {0};

	(void)state;
	memset(text, 'x', len);
	text[len] = '\0';
	in = fmemopen(text, len, "r");
	zoneline_open(&z, in);
	assert_int_equal(zoneline_next(&z, &why), -EFBIG);
	zoneline_close(&z);
	fclose(in);
	test_free(text);
}

static void count(void *arg, const void *data, size_t len)
{
	size_t *sum = arg;

	(void)data;
	*sum += len;
}

/* Lines of all kinds, each of which lies across the end of a buffer once. */
static void buffers_end_anywhere(void **state)
{
	static const char *const kind[] = {
	    " A x\n", " A x ; c\n", " A ( x\n )\n", " A \"x\"\n"};
	static const char *const entry[] = {
	    " A x", " A x ", " A   x   ", " A \"x\""};
	size_t size = 4 * ZONELINE_BUFFER, used = 0, seen = 0;
	char *text = test_malloc(size), expected[64];
	struct zoneline z;
	FILE *in;
	int i, lines = 0;

	(void)state;
	while (used + 64 < size) {
		used += (size_t)sprintf(
		    text + used, "%d%s", lines, kind[lines % 4]);
		lines++;
	}
	in = fmemopen(text, used, "r");
	zoneline_open(&z, in);
	z.seen = count;
	z.seen_arg = &seen;
	for (i = 0; i < lines; i++) {
		assert_int_equal(zoneline_next(&z, NULL), 1);
		sprintf(expected, "%d%s", i, entry[i % 4]);
		assert_string_equal(z.text, expected);
		assert_int_equal(z.used, strlen(expected));
	}
	assert_int_equal(zoneline_next(&z, NULL), 0);
	assert_int_equal(seen, used);
	zoneline_close(&z);
	fclose(in);
	test_free(text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(comments_and_blank_lines),
	    cmocka_unit_test(quotes_and_escapes),
	    cmocka_unit_test(parentheses_join_lines),
	    cmocka_unit_test(cut_texts),
	    cmocka_unit_test(an_empty_text_has_no_entry),
	    cmocka_unit_test(zero_bytes_are_refused),
	    cmocka_unit_test(entries_have_a_limit),
	    cmocka_unit_test(buffers_end_anywhere),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
