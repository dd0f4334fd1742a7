/* SPDX-License-Identifier: GPL-2.0-or-later
 * Copyright (C) The ocf-ods contributors */
#include "token.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>
#include <p11-kit/pkcs11.h>

#include "pindigest.h"

static void names(void **state)
{
	char name[48];

	(void)state;
	token_ckr_name(CKR_PIN_INCORRECT, name, sizeof(name));
	assert_string_equal(name, "CKR_PIN_INCORRECT");
	token_ckr_name(0x80000042UL, name, sizeof(name));
	assert_string_equal(name, "CKR_0x80000042");
}

/* Each of these brings a token closer to locking itself, or says that it is
 * locked; a lost connection must stay worth another try. */
static void answers_that_forbid_another_login(void **state)
{
	(void)state;
	assert_true(token_ckr_is_pin(CKR_PIN_INCORRECT));
	assert_true(token_ckr_is_pin(CKR_PIN_LOCKED));
	assert_true(token_ckr_is_pin(CKR_PIN_LEN_RANGE));
	assert_true(token_ckr_is_pin(CKR_PIN_EXPIRED));
	assert_false(token_ckr_is_pin(CKR_OK));
	assert_false(token_ckr_is_pin(CKR_DEVICE_ERROR));
	assert_false(token_ckr_is_pin(CKR_GENERAL_ERROR));
}

static void digest_depends_on_pin_and_salt(void **state)
{
	unsigned char salt[PINGUARD_SALT_SIZE] = {1};
	char a[PINGUARD_DIGEST_MAX], b[PINGUARD_DIGEST_MAX];

	(void)state;
	assert_int_equal(pindigest(salt, "1234", a), 0);
	assert_int_equal(strlen(a), 64);
	assert_int_equal(pindigest(salt, "1234", b), 0);
	assert_string_equal(a, b);
	assert_int_equal(pindigest(salt, "1235", b), 0);
	assert_string_not_equal(a, b);
	salt[0] = 2;
	assert_int_equal(pindigest(salt, "1234", b), 0);
	assert_string_not_equal(a, b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(names),
	    cmocka_unit_test(answers_that_forbid_another_login),
	    cmocka_unit_test(digest_depends_on_pin_and_salt),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
