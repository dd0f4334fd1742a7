/* SPDX-License-Identifier: GPL-2.0-or-later
 * Copyright (C) The ocf-ods contributors */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

int hsm_main(int argc, char **argv);
#define main hsm_main
#include "../../../agents/hsm.c"
#undef main

/* The HSM is gone, in error, hangs, its module went, its PIN was refused, the
 * probe itself is dead. */
static const enum hsm_verdict faults[] = {HSM_NO_TOKEN, HSM_ERROR, HSM_HUNG,
    HSM_MISSING_MODULE, HSM_WRONG_PIN, HSM_NO_ANSWER};

#define FAULTS (sizeof(faults) / sizeof(faults[0]))

/* PROBES: + ok, - FAULT, . no PIN; WANT: ods-hsm after each, k ok, l lost,
 * u unknown.  From a start on, that is unknown. */
static void expect(
    const char *probes, enum hsm_verdict fault, long failures, const char *want)
{
	struct hsm_state s = {.attr = "unknown"};
	size_t i;

	for (i = 0; probes[i]; i++) {
		enum hsm_verdict v = probes[i] == '+'   ? HSM_OK
		                     : probes[i] == '.' ? HSM_PIN_NOT_SET
		                                        : fault;
		const char *attr = want[i] == 'k'   ? "ok"
		                   : want[i] == 'l' ? "lost"
		                                    : "unknown";

		state_judge(&s, v, failures, v == HSM_OK ? "" : "why");
		if (strcmp(s.attr, attr) != 0)
			fail_msg("%s after %zu of %s (%s)", s.attr, i + 1,
			    probes, hsm_verdict_name(fault));
		assert_string_equal(s.why, v == HSM_OK ? "" : "why");
	}
}

static void each_fault(void **state)
{
	size_t i;

	(void)state;
	for (i = 0; i < FAULTS; i++) {
		expect("+---+", faults[i], 3, "kkklk");
		expect("---", faults[i], 3, "uul");
		expect("+-", faults[i], 1, "kl");
		expect("+----------", faults[i], 10, "kkkkkkkkkkl");
	}
}

/* Fewer than FAILURES in a row never change anything, however often; and a
 * lost one stays lost until it answers. */
static void no_flapping(void **state)
{
	size_t i;

	(void)state;
	for (i = 0; i < FAULTS; i++) {
		expect("+--+--+--+--", faults[i], 3, "kkkkkkkkkkkk");
		expect("+---------+", faults[i], 3, "kkklllllllk");
	}
}

/* One fault after another is one outage: it hangs, then it is gone, then the
 * PIN is refused. */
static void mixed_faults(void **state)
{
	struct hsm_state s = {.attr = "ok"};

	(void)state;
	state_judge(&s, HSM_HUNG, 3, "why");
	state_judge(&s, HSM_NO_TOKEN, 3, "why");
	assert_string_equal(s.attr, "ok");
	state_judge(&s, HSM_WRONG_PIN, 3, "why");
	assert_string_equal(s.attr, "lost");
}

/* Without a PIN nothing is known: neither good nor bad, and no failure. */
static void no_pin(void **state)
{
	(void)state;
	expect("+.--.--+", HSM_HUNG, 3, "kuuuuuuk");
	expect("+---.---", HSM_HUNG, 3, "kkkluuul");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(each_fault),
	    cmocka_unit_test(no_flapping),
	    cmocka_unit_test(mixed_faults),
	    cmocka_unit_test(no_pin),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
