/* SPDX-License-Identifier: GPL-2.0-or-later
 * Copyright (C) The ocf-ods contributors */
#include "sample.h"

#include <errno.h>

static void as_the_enforcer_writes_it(void **state)
{
	struct signconf s;
	struct backup2 b;

	(void)state;
	assert_int_equal(signconf_load(REAL_SIGNCONF, &s, NULL), 0);
	assert_string_equal(s.serial_mode, "counter");
	assert_int_equal(s.keys, 2);
	assert_string_equal(
	    s.key[0], "6f4f6b23929f99c14a2904498b295fbc 13 256 1 0 1");
	assert_int_equal(backup2_load(REAL_BACKUP2, &b, NULL), 0);
	assert_true(backup2_keys_match(&b, &s));
	assert_string_equal(s.keys_ttl, "PT1M");
}

static void replace(char *text, const char *from, const char *to)
{
	char *at = strstr(text, from);

	assert_non_null(at);
	assert_int_equal(strlen(from), strlen(to));
	memcpy(at, to, strlen(to));
}

/* A rollover step in the signconf that the backup2 does not know (O 3.5). */
static void keys_differ(void **state)
{
	static const char *const change[][2] = {
	    {"6f4f6b23", "6f4f6b24"},
	    {"<Flags>256<", "<Flags>257<"},
	    {"<Algorithm>13<", "<Algorithm>14<"},
	    {"<ZSK/>", "<!-- -"},
	    {"<Publish/>", "          "},
	};
	struct signconf s;
	struct backup2 b;
	struct why why;
	size_t i, len;

	(void)state;
	assert_int_equal(backup2_load(REAL_BACKUP2, &b, NULL), 0);
	for (i = 0; i < sizeof(change) / sizeof(change[0]); i++) {
		char *text = sample_real(REAL_SIGNCONF, &len);

		replace(text, change[i][0], i == 3 ? "      " : change[i][1]);
		sample_write(text, len);
		assert_int_equal(signconf_load(sample_path, &s, &why), 0);
		if (backup2_keys_match(&b, &s))
			fail_msg("change %zu is not seen", i);
		free(text);
	}
}

static void one_key_less(void **state)
{
	struct signconf s;
	struct backup2 b;

	(void)state;
	assert_int_equal(backup2_load(REAL_BACKUP2, &b, NULL), 0);
	assert_int_equal(signconf_load(REAL_SIGNCONF, &s, NULL), 0);
	s.keys--;
	assert_false(backup2_keys_match(&b, &s));
}

static void no_signconf(void **state)
{
	struct signconf s;
	struct why why;

	(void)state;
	assert_int_equal(signconf_load("/nonexistent", &s, &why), -ENOENT);
	sample_write("<SignerConf", 11);
	assert_int_equal(signconf_load(sample_path, &s, &why), -EINVAL);
	assert_true(why.text[0] != '\0');
	sample_write("", 0);
	assert_int_equal(signconf_load(sample_path, &s, &why), -EINVAL);
	sample_write("<a/>", 4);
	assert_int_equal(signconf_load(sample_path, &s, &why), 0);
	assert_int_equal(s.keys, 0);
	assert_string_equal(s.serial_mode, "");
}

/* Twice its text, if anybody wrote it out; with more lines, gigabytes.  libxml2
 * takes it: what it refuses by itself differs from one version to the next. */
static void entities_are_refused(void **state)
{
	static const char text[] =
	    "<!DOCTYPE a [<!ENTITY e \"0123456789\"><!ENTITY f \"&e;&e;\">]>"
	    "<a><Keys><Key><Locator>&f;</Locator></Key></Keys></a>";
	struct signconf s;
	struct why why;

	(void)state;
	sample_write(text, strlen(text));
	assert_int_equal(signconf_load(sample_path, &s, &why), -EINVAL);
	assert_non_null(strstr(why.text, "declares XML entities"));
}

#define T(t) cmocka_unit_test_setup_teardown(t, sample_setup, sample_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(as_the_enforcer_writes_it),
	    T(keys_differ),
	    cmocka_unit_test(one_key_less),
	    T(no_signconf),
	    T(entities_are_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
