/* SPDX-License-Identifier: GPL-2.0-or-later
 * Copyright (C) The ocf-ods contributors */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <cmocka.h>

#include "serials.h"

/* Gate 6 in other words: a backup2 that may not be believed is not used, one
 * that says another serial than the world has is corrected or overruled. */
static enum serial_action expected(const struct serial_facts *f)
{
	bool usable = f->present && f->sound && f->keys_match && !f->resign;
	bool right = f->outbound == f->last && f->internal == f->last;

	if (!f->published)
		return SERIAL_NOTHING;
	if (usable)
		return right ? SERIAL_LEAVE : SERIAL_EDIT;
	if (strcmp(f->mode, "keep") == 0)
		return SERIAL_OWNER;
	return f->present ? SERIAL_DISCARD : SERIAL_FORCE;
}

static void table(void **state)
{
	static const char *const modes[] = {
	    "unixtime", "counter", "datecounter", "keep", ""};
	static const uint32_t serials[] = {0, 41, 42, 43, UINT32_MAX};
	unsigned mode, bits, out, in;

	(void)state;
	for (mode = 0; mode < 5; mode++)
		for (bits = 0; bits < 32; bits++)
			for (out = 0; out < 5; out++)
				for (in = 0; in < 5; in++) {
					struct serial_facts f = {
					    .published = bits & 1,
					    .present = bits & 2,
					    .sound = bits & 4,
					    .keys_match = bits & 8,
					    .resign = bits & 16,
					    .last = 42,
					    .outbound = serials[out],
					    .internal = serials[in],
					    .mode = modes[mode],
					};

					if (f.sound && !f.present)
						continue;
					assert_int_equal(
					    serial_decide(&f), expected(&f));
				}
}

static struct serial_facts recovered(void)
{
	return (struct serial_facts){.published = true,
	    .present = true,
	    .sound = true,
	    .keys_match = true,
	    .last = 42,
	    .outbound = 42,
	    .internal = 42,
	    .mode = "counter"};
}

static void named_cases(void **state)
{
	struct serial_facts f = recovered();

	(void)state;
	assert_int_equal(serial_decide(&f), SERIAL_LEAVE);
	f.outbound = f.internal = 40; /* stale copy */
	assert_int_equal(serial_decide(&f), SERIAL_EDIT);
	f.outbound = f.internal = 43; /* signed, never published */
	assert_int_equal(serial_decide(&f), SERIAL_EDIT);
	f.mode = "keep"; /* ... as its owner has raised it */
	assert_int_equal(serial_decide(&f), SERIAL_EDIT);
	f.present = f.sound = false; /* its owner's turn */
	assert_int_equal(serial_decide(&f), SERIAL_OWNER);
	f = recovered();
	f.sound = false; /* full disk */
	assert_int_equal(serial_decide(&f), SERIAL_DISCARD);
	f = recovered();
	f.keys_match = false; /* recovery would sign with the old keys */
	assert_int_equal(serial_decide(&f), SERIAL_DISCARD);
	f.present = f.sound = false;
	assert_int_equal(serial_decide(&f), SERIAL_FORCE);
	f.published = false;
	assert_int_equal(serial_decide(&f), SERIAL_NOTHING);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(table),
	    cmocka_unit_test(named_cases),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
