/* SPDX-License-Identifier: GPL-2.0-or-later
 * Copyright (C) The ocf-ods contributors */
#include "keyview.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#define ONE                                \
	"11111111111111111111111111111111" \
	"11111111111111111111111111111111"
#define TWO                                \
	"22222222222222222222222222222222" \
	"22222222222222222222222222222222"

static struct keyview view;
static struct keytruth_node node;

static int setup(void **state)
{
	static const char *const lines[] = {"R 0b 13 " ONE " inuse",
	    "R 0a 13 " ONE " inuse", "S 0a 8 " TWO " inuse", "R 0c 13 - pool"};
	struct keyrecord source[4];
	int i;

	(void)state;
	for (i = 0; i < 4; i++)
		assert_int_equal(keyrecord_decode(lines[i], &source[i]), 0);
	return keyview_begin(&view, source, 4);
}

static int teardown(void **state)
{
	(void)state;
	keyview_free(&view);
	return 0;
}

static void say(const char *line)
{
	if (keyview_line(&view, line) != 0)
		fail_msg("not taken: %s", line);
}

static void a_whole_answer(void **state)
{
	const struct keyview_token *t;

	(void)state;
	say("token R 1234");
	say("key R 0a present " ONE " public\n");
	say("key R 0b present " ONE " public\n");
	say("key R 0c present " TWO " public\n");
	say("extra R 2\n");
	say("capacity R 5 100\n");
	say("proof R 0a proven 3\n");
	say("proof R 0b proven 5\n");
	say("stat R 2 3 5 1 CKR_DEVICE_ERROR=1\n");
	say("repository=R verdict=ok detail=CKR_OK ms=7\n");
	say("key S 0a present " TWO " private\n");
	say("proof S 0a proven 1\n");
	say("repository=S verdict=ok detail=CKR_OK ms=7\n");
	keyview_judge(&view, &node);
	assert_int_equal(node.in_use[KEYTRUTH_OK], 3);
	assert_int_equal(node.pool[KEYTRUTH_OK], 1);
	assert_int_equal(node.worst.verdict, KEYTRUTH_OK);
	t = keyview_token(&view, "R");
	assert_int_equal(t->verdict, HSM_OK);
	assert_string_equal(t->serial, "1234");
	assert_int_equal(t->extra, 2);
	assert_int_equal(t->used, 5);
	assert_int_equal(t->max, 100);
	assert_int_equal(t->signatures, 2);
	assert_int_equal(t->p99_ms, 5);
	assert_int_equal(t->errors, 1);
	assert_string_equal(t->codes, "CKR_DEVICE_ERROR=1");
	t = keyview_token(&view, "S");
	assert_int_equal(t->extra, -1);
	assert_null(keyview_token(&view, "T"));
}

/* A probe that hung has said nothing of the rest: not missing, unread. */
static void half_an_answer(void **state)
{
	(void)state;
	say("key R 0a present " ONE " public\n");
	say("proof R 0a proven 3\n");
	say("repository=R verdict=hung detail=C_Sign ms=60000\n");
	say("repository=S verdict=no-token detail=0-slots ms=1\n");
	keyview_judge(&view, &node);
	assert_int_equal(node.in_use[KEYTRUTH_OK], 1);
	assert_int_equal(node.in_use[KEYTRUTH_UNPROVEN], 2);
	assert_int_equal(node.in_use[KEYTRUTH_MISSING], 0);
	assert_int_equal(node.pool[KEYTRUTH_UNPROVEN], 1);
	assert_false(node.refuses);
	assert_int_equal(keyview_token(&view, "R")->verdict, HSM_HUNG);
	assert_int_equal(keyview_token(&view, "S")->verdict, HSM_NO_TOKEN);
}

/* The same name in two tokens is two keys. */
static void by_repository(void **state)
{
	(void)state;
	say("key S 0a present " ONE " public\n");
	say("key R 0a present " ONE " public\n");
	keyview_judge(&view, &node);
	assert_int_equal(node.in_use[KEYTRUTH_DIFFERENT], 1);
	assert_true(node.refuses);
	assert_non_null(strstr(node.worst.sentence, "0a of S"));
}

static void lines_that_do_not_count(void **state)
{
	(void)state;
	assert_int_equal(keyview_line(&view, "key R 0d missing -\n"), -EBADMSG);
	assert_int_equal(keyview_line(&view, "key R 0a present -\n"), -EBADMSG);
	assert_int_equal(keyview_line(&view, "noise\n"), 0);
	assert_int_equal(keyview_line(&view, ""), 0);
	keyview_judge(&view, &node);
	assert_int_equal(node.in_use[KEYTRUTH_UNPROVEN], 3);
	assert_int_equal(view.tokens, 0);
}

static void too_many_tokens(void **state)
{
	char line[64];
	int i;

	(void)state;
	for (i = 0; i < CONF_REPOSITORY_MAX; i++) {
		snprintf(line, sizeof(line), "extra T%d 1\n", i);
		say(line);
	}
	assert_int_equal(keyview_line(&view, "extra U 1\n"), -EBADMSG);
}

/* The four keys of setup(), none of them tried. */
static void seen_but_not_tried(void)
{
	say("token R 1234\n");
	say("key R 0a present " ONE " public\n");
	say("key R 0b present " TWO " public\n");
	say("key R 0c present " TWO " public\n");
	say("token S -\n");
	say("key S 0a present " TWO " private\n");
}

static bool recall(const char *line, const char *serial)
{
	struct keyrecord proven;

	assert_int_equal(keyrecord_decode(line, &proven), 0);
	return keyview_recall(&view, &proven, serial);
}

/* Of the same key in the same token. */
static void an_earlier_proof(void **state)
{
	(void)state;
	assert_false(recall("R 0a 13 " ONE, "1234")); /* nothing was seen */
	seen_but_not_tried();
	assert_false(recall("R 0a 13 " ONE, "5678"));
	assert_false(recall("R 0a 13 " TWO, "1234"));
	assert_false(recall("R 0d 13 " ONE, "1234"));
	assert_false(recall("S 0a 8 " TWO, ""));
	assert_true(recall("R 0a 13 " ONE, "1234"));
	keyview_judge(&view, &node);
	assert_int_equal(node.in_use[KEYTRUTH_OK], 1);
	assert_int_equal(node.in_use[KEYTRUTH_UNPROVEN], 1);  /* S 0a */
	assert_int_equal(node.in_use[KEYTRUTH_DIFFERENT], 1); /* R 0b */
}

/* What this probe found out is newer. */
static void a_newer_answer(void **state)
{
	(void)state;
	seen_but_not_tried();
	say("proof R 0a failed - CKR_DEVICE_ERROR\n");
	assert_false(recall("R 0a 13 " ONE, "1234"));
	keyview_judge(&view, &node);
	assert_int_equal(node.in_use[KEYTRUTH_OK], 0);
}

static void who_is_to_be_tried(void **state)
{
	static const bool due[] = {true, false, false, true};
	size_t i;

	(void)state;
	for (i = 0; i < view.count; i++)
		assert_false(keyview_due(&view.key[i]));
	seen_but_not_tried(); /* R 0a, 0b another key, 0c pool; S 0a */
	for (i = 0; i < view.count; i++)
		assert_int_equal(keyview_due(&view.key[i]), due[i]);
	say("proof S 0a skipped - always-authenticate\n");
	assert_false(keyview_due(&view.key[3]));
	assert_true(recall("R 0a 13 " ONE, "1234"));
	assert_false(keyview_due(&view.key[0]));
}

#define T(t) cmocka_unit_test_setup_teardown(t, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
	    T(a_whole_answer),
	    T(half_an_answer),
	    T(by_repository),
	    T(lines_that_do_not_count),
	    T(too_many_tokens),
	    T(an_earlier_proof),
	    T(a_newer_answer),
	    T(who_is_to_be_tried),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
