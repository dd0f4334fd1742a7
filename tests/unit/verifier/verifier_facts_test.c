/* SPDX-License-Identifier: GPL-2.0-or-later
 * Copyright (C) The ocf-ods contributors */
#include "verifier.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include "keybook.h"
#include "zonefacts.h"

#define KEY(flags, publish, locator)                             \
	"<Key><Flags>" flags "</Flags><Algorithm>13</Algorithm>" \
	"<Locator>" locator "</Locator><KSK/>" publish "</Key>"
#define CONF(zone, keys)                                          \
	"<SignerConfiguration><Zone name=\"z\">" zone             \
	"<Signatures><Resign>PT2H</Resign><Refresh>P3D</Refresh>" \
	"</Signatures><Keys>" keys "</Keys></Zone></SignerConfiguration>"
#define PUBLISH "<Publish/>"

static char text[8192];

static const char *facts(const char *past, const char *ds, const char *xml)
{
	struct signconf s;
	struct verify_facts f = {.past = past, .ds = ds};
	struct zonefacts parsed;
	struct why why = {0};

	if (xml) {
		assert_int_equal(
		    signconf_parse("s", xml, strlen(xml), &s, NULL), 0);
		f.signconf = &s;
	}
	assert_int_equal(verifier_facts(&f, 1000, text, sizeof(text)), 0);
	/* the verifier must take them */
	memset(&parsed, 0, sizeof(parsed));
	assert_int_equal(zonefacts_parse(&parsed, text, &why), 0);
	return text;
}

static void nothing_is_known(void **state)
{
	(void)state;
	assert_string_equal(facts("", NULL, NULL), "margin 0\n");
}

/* Half of what is left of Refresh when a signature is made anew. */
static void keys_and_margin(void **state)
{
	(void)state;
	assert_string_equal(
	    facts("served key 256 8 -\n", "ds 13 7 -\n",
	        CONF("", KEY("257", PUBLISH, "aa") KEY("256", "", "bb"))),
	    "oldkey 256 8 -\nmargin 126000\nkey 257 13 -\nds 13 7 -\n");
}

/* A key without a locator is an RR that stands in the signconf: which one, is
 * not told, so nothing is asked for. */
static void a_key_of_another_kind(void **state)
{
	(void)state;
	assert_string_equal(
	    facts("", NULL,
	        CONF("", KEY("257", PUBLISH, "aa") KEY("256", PUBLISH, ""))),
	    "margin 126000\n");
}

static void is_there_a_ds(void **state)
{
	static const struct {
		const char *past, *ds, *xml;
		bool none;
	} table[] = {
	    /* signed still: a DS may be there that nobody told us of */
	    {"", "", CONF("", KEY("257", PUBLISH, "aa")), false},
	    {"", "", CONF("", ""), true},
	    {"", "", CONF("<Passthrough/>", KEY("257", PUBLISH, "aa")), true},
	    {"", NULL, CONF("", ""), false},
	    {"", "", NULL, false},
	    {"", "ds 13 7 -\n", CONF("", ""), false},
	    {"", "ds 13 7 -\n", CONF("<Passthrough/>", ""), false},
	    /* a word for an unsigned version is none for a signed one */
	    {"ack insecure 5\n", "ds 13 7 -\n", CONF("", ""), false},
	    {"reset 5\n", NULL, NULL, false},
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(table) / sizeof(table[0]); i++)
		assert_int_equal(
		    strstr(facts(table[i].past, table[i].ds, table[i].xml),
		        "ds none\n") != NULL,
		    table[i].none);
}

/* Which key it is, where the source has recorded it. */
static void keys_on_record(void **state)
{
	static const char sha[] = "00112233445566778899aabbccddeeff"
	                          "00112233445566778899aabbccddeeff";
	static const char xml[] =
	    CONF("", KEY("257", PUBLISH, "aa") KEY("256", PUBLISH, "bb"));
	struct keyrecord on[] = {{.repository = "R", .locator = "aa"},
	    {.repository = "R", .locator = "bb"},
	    {.repository = "S", .locator = "bb"}};
	struct keybook book = {.set = {.key = on, .count = 3}};
	char want[512], keys[VERIFIER_KEYS_MAX];
	struct signconf s;

	(void)state;
	strcpy(on[0].sha256, sha);
	strcpy(on[1].sha256, sha);
	strcpy(on[2].sha256, sha);
	assert_int_equal(signconf_parse("s", xml, strlen(xml), &s, NULL), 0);
	snprintf(
	    want, sizeof(want), "key 257 13 %s\nkey 256 13 %s\n", sha, sha);
	verifier_keys(&s, &book, keys, sizeof(keys));
	assert_string_equal(keys, want);
	/* two repositories, two keys: which one is meant is not known */
	on[1].sha256[0] = 'f';
	snprintf(want, sizeof(want), "key 257 13 %s\nkey 256 13 -\n", sha);
	verifier_keys(&s, &book, keys, sizeof(keys));
	assert_string_equal(keys, want);
	book.set.count = 0;
	verifier_keys(&s, &book, keys, sizeof(keys));
	assert_string_equal(keys, "key 257 13 -\nkey 256 13 -\n");
}

static void what_an_admin_wants(void **state)
{
	(void)state;
	assert_string_equal(facts("ack insecure 5\n", "ds 13 7 -\n", NULL),
	    "margin 0\nack insecure\nds 13 7 -\n");
}

static void more_than_there_is_room(void **state)
{
	struct verify_facts f = {.past = "", .ds = "ds 13 7 -\n"};

	(void)state;
	assert_int_equal(verifier_facts(&f, 1000, text, 12), -ENOSPC);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(nothing_is_known),
	    cmocka_unit_test(keys_and_margin),
	    cmocka_unit_test(a_key_of_another_kind),
	    cmocka_unit_test(is_there_a_ds),
	    cmocka_unit_test(keys_on_record),
	    cmocka_unit_test(what_an_admin_wants),
	    cmocka_unit_test(more_than_there_is_room),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
