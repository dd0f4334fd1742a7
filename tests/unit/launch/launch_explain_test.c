/* SPDX-License-Identifier: GPL-2.0-or-later
 * Copyright (C) The ocf-ods contributors */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "launch.h"
#include "ocf.h"

/* Words of OpenDNSSEC 2.1.12, the OCF code that they lead to and a part of
 * the sentence. */
static const struct {
	const char *words;
	int code;
	const char *sentence;
} cases[] = {
    {"[hsm] hsm_session_init(): Incorrect PIN for repository SoftHSM\n"
     "[engine] opening hsm failed (for engine recover)\n",
        PCMK_OCF_INSUFFICIENT_PRIV, "PIN of repository SoftHSM: correct"},
    {"[engine] opening hsm failed (for engine recover)\n"
     "hsm_get_slot_id(): could not find token with the name Xpen\n",
        PCMK_OCF_UNKNOWN_ERROR, "no token Xpen: check"},
    {"hsm_session_init(): PKCS#11 module load failed: /x/y.so\n",
        PCMK_OCF_NOT_INSTALLED, "module /x/y.so: install"},
    {"No PIN in shared memory. Please login with \"ods-hsmutil login\"\n",
        PCMK_OCF_INSUFFICIENT_PRIV, "no <PIN>"},
    {"setup failed: Database error\n", PCMK_OCF_UNKNOWN_ERROR, "database"},
    {"Relax-NG validity error : Extra element Signer in interleave\n",
        PCMK_OCF_NOT_INSTALLED, "not valid (Extra element Signer"},
    {"something nobody has heard of\n\n", PCMK_OCF_UNKNOWN_ERROR,
        "(something nobody has heard of)"},
    {"", PCMK_OCF_UNKNOWN_ERROR, "it said nothing"},
};

static void codes_and_sentences(void **state)
{
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct why why = {0};
		bool known =
		    launch_explain(cases[i].words, "ods-signerd", &why);

		assert_true(why.err < 0);
		assert_int_equal(known, !strstr(why.text, "did not start"));
		if (ocf_code(&why) != cases[i].code ||
		    !strstr(why.text, cases[i].sentence))
			fail_msg(
			    "case %zu: %d %s", i, ocf_code(&why), why.text);
		assert_true(strlen(why.text) <= 128);
	}
}

/* Only a PIN that a token has seen counts, and whose it was. */
static void refusals(void **state)
{
	static const struct {
		const char *words, *repository;
		bool refused;
	} table[] = {
	    {"x\nhsm_session_init(): Incorrect PIN for repository A b\ny\n",
	        "A b", true},
	    {"C_Login: CKR_PIN_INCORRECT\n", "", true},
	    {"C_Login: CKR_PIN_LOCKED\n", "", true},
	    {"No PIN in shared memory\n", "", false},
	    {"", "", false},
	};
	char repository[64];
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		assert_int_equal(launch_refused(table[i].words, repository,
		                     sizeof(repository)),
		    table[i].refused);
		assert_string_equal(repository, table[i].repository);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(codes_and_sentences),
	    cmocka_unit_test(refusals),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
