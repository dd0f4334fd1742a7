/* SPDX-License-Identifier: GPL-2.0-or-later
 * Copyright (C) The ocf-ods contributors */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include "signnote.h"

static void reached(void **state)
{
	static const struct {
		bool raise;
		uint32_t serial, last;
		bool reached;
	} rows[] = {
	    {false, 17, 17, false},
	    {false, 17, 18, true},
	    {false, 17, 3, true}, /* somebody has reset it */
	    {false, UINT32_MAX, 0, true},
	    {true, 18, 17, false},
	    {true, 18, 18, true},
	    {true, 18, 19, true},
	    {true, 18, 3, false},
	    {true, 0, UINT32_MAX, false}, /* RFC 1982 */
	    {true, 0, 0, true},
	    {true, UINT32_MAX, 5, true},
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const struct sign_note note = {
		    .raise = rows[i].raise, .serial = rows[i].serial};

		if (sign_note_reached(&note, rows[i].last) != rows[i].reached)
			fail_msg("row %zu", i);
	}
}

static void as_text(void **state)
{
	static const char *const bad[] = {"", "sign", "serial 18",
	    "sing 3 asked 0", "sign x asked 0", "sign 3 asked 4 5"};
	static const struct sign_note notes[] = {
	    {false, 0, 0}, {false, UINT32_MAX, 4711}, {true, 18, 1}};
	char text[SIGN_NOTE_TEXT];
	struct sign_note note;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(notes) / sizeof(notes[0]); i++) {
		sign_note_text(&notes[i], text);
		assert_int_equal(sign_note_parse(text, &note), 0);
		assert_int_equal(note.raise, notes[i].raise);
		assert_int_equal(note.serial, notes[i].serial);
		assert_int_equal(note.asked, notes[i].asked);
	}
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_int_equal(sign_note_parse(bad[i], &note), -EBADMSG);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(reached),
	    cmocka_unit_test(as_text),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
