/* SPDX-License-Identifier: GPL-2.0-or-later
 * Copyright (C) The ocf-ods contributors */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include "keynews.h"

#define X16 "1111111111111111"
#define ONE X16 X16 X16 X16
#define Y16 "2222222222222222"
#define TWO Y16 Y16 Y16 Y16
#define OK "repository=R verdict=ok detail=- ms=1\n"
#define TOKEN "token R 1234\n"

static struct keyview views[2];
static struct keynews news;

static void read_lines(struct keyview *view, const char *told)
{
	const char *end;

	for (; (end = strchr(told, '\n')); told = end + 1)
		assert_int_equal(keyview_line(view, told), 0);
}

/* Two keys in use and one of the pool. */
static struct keyview *view_of(int i, const char *told)
{
	struct keyrecord source[3];

	keyrecord_decode("R 0a 13 " ONE " inuse", &source[0]);
	keyrecord_decode("R 0b 13 " TWO " inuse", &source[1]);
	keyrecord_decode("R 0c 13 " ONE " pool", &source[2]);
	keyview_free(&views[i]);
	assert_int_equal(keyview_begin(&views[i], source, 3), 0);
	read_lines(&views[i], told);
	return &views[i];
}

#define A_HERE "key R 0a present " ONE "\n"
#define B_HERE "key R 0b present " TWO "\n"
#define C_HERE "key R 0c present " ONE "\n"
#define A_SIGNS "proof R 0a proven 3\n"
#define B_SIGNS "proof R 0b proven 3\n"
#define ALL TOKEN A_HERE B_HERE C_HERE OK

static void expect(
    const char *told, bool source, enum keynews_level level, const char *text)
{
	memset(&news, 0, sizeof(news));
	keynews_judge(&news, view_of(0, told), source);
	if (news.level != level || !strstr(news.sentence, text))
		fail_msg(
		    "%s: %s", keynews_level_name(news.level), news.sentence);
	assert_int_equal(!news.sentence[0], !news.fix[0]);
	assert_int_equal(!news.sentence[0], level <= KEYNEWS_OK);
}

static void each_has_its_level(void **state)
{
	(void)state;
	expect(ALL A_SIGNS B_SIGNS, false, KEYNEWS_OK, "");
	assert_int_equal(news.in_use[KEYTRUTH_OK], 2);
	assert_int_equal(news.pool[KEYTRUTH_OK], 1);
	expect(ALL A_SIGNS, false, KEYNEWS_PENDING,
	    "key 0b of R has not signed here yet");
	expect("", false, KEYNEWS_PENDING, "was not looked for");
	expect(ALL A_SIGNS "proof R 0b failed - CKR_GENERAL_ERROR\n", false,
	    KEYNEWS_WARN, "key 0b of R does not sign here: CKR_GENERAL_ERROR");
	expect(TOKEN A_HERE "key R 0b missing -\n" C_HERE OK A_SIGNS, false,
	    KEYNEWS_WARN, "key 0b of R is not in this node's token");
	expect(TOKEN A_HERE B_HERE "key R 0c missing -\n" OK A_SIGNS B_SIGNS,
	    false, KEYNEWS_WARN, "pool key 0c");
	expect(TOKEN "key R 0a present " TWO "\n" B_HERE C_HERE OK, false,
	    KEYNEWS_REFUSE, "key 0a of R is another key here");
	assert_string_equal(news.worst.locator, "0a");
	assert_false(news.two_keys);
	expect(TOKEN A_HERE "key R 0b twin - halves-differ\n" C_HERE OK, false,
	    KEYNEWS_REFUSE, "key 0b of R is two different keys");
	assert_true(news.two_keys);
	expect(ALL A_SIGNS "proof R 0b different - private-key\n", false,
	    KEYNEWS_REFUSE, "key 0b of R is another key here");
	/* Of the pool it signs nothing. */
	expect(TOKEN A_HERE B_HERE "key R 0c present " TWO
	                           "\n" OK A_SIGNS B_SIGNS,
	    false, KEYNEWS_WARN, "pool key 0c");
}

/* The worst is told, of those in use first, and how many are like it. */
static void the_worst_is_told(void **state)
{
	(void)state;
	expect(TOKEN "key R 0a missing -\nkey R 0b missing -\n" C_HERE OK,
	    false, KEYNEWS_WARN, "token, and 1 more");
	expect(TOKEN "key R 0a missing -\n" B_HERE "key R 0c missing -\n" OK,
	    false, KEYNEWS_WARN, "key 0a of R is not");
	expect(TOKEN A_HERE "key R 0b missing -\n" C_HERE OK
	                    "proof R 0a skipped - always-authenticate\n",
	    false, KEYNEWS_WARN, "key 0b of R is not in");
}

static void the_signer_proves_by_signing(void **state)
{
	(void)state;
	expect(ALL, true, KEYNEWS_OK, "");
	assert_int_equal(news.in_use[KEYTRUTH_OK], 2);
	expect(TOKEN "key R 0a present " TWO "\n" B_HERE C_HERE OK, true,
	    KEYNEWS_REFUSE, "than on record");
	assert_non_null(strstr(news.fix, "DNSKEY that is served"));
	expect(TOKEN "key R 0a missing -\n" B_HERE C_HERE OK, true,
	    KEYNEWS_WARN, "is not in this node's token");
}

static enum key_proof proof_after(
    const char *before, const char *told, bool failed)
{
	view_of(1, before);
	keynews_carry(view_of(0, told), &views[1], failed);
	return views[0].key[0].here.proof;
}

static void a_look_that_fails_changes_nothing(void **state)
{
	(void)state;
	view_of(1, TOKEN "key R 0a present " TWO "\n" B_HERE
	                 "key R 0c missing -\nextra R 7\n" OK B_SIGNS);
	keynews_carry(
	    view_of(0, "repository=R verdict=hung detail=C_Login ms=9\n"),
	    &views[1], false);
	assert_false(keynews_whole(view_of(1, "")));
	assert_true(keynews_whole(&views[0]));
	keynews_judge(&news, &views[0], false);
	assert_int_equal(news.level, KEYNEWS_REFUSE);
	assert_int_equal(views[0].key[1].here.proof, PROOF_PROVEN);
	assert_int_equal(views[0].key[2].here.state, KEY_MISSING);
	assert_int_equal(news.tokens, 1);
	assert_int_equal(news.token[0].extra, 7);
	/* One that says nothing at all, too. */
	view_of(1, TOKEN A_HERE OK);
	keynews_carry(view_of(0, ""), &views[1], false);
	assert_int_equal(views[0].key[0].here.state, KEY_PRESENT);
	assert_int_equal(views[0].tokens, 1);
}

static void what_was_said_now_counts(void **state)
{
	(void)state;
	view_of(1, TOKEN "key R 0a present " TWO "\nextra R 7\n" OK);
	keynews_carry(view_of(0, ALL "extra R 8\n"), &views[1], true);
	assert_string_equal(views[0].key[0].here.sha256, ONE);
	assert_int_equal(views[0].token[0].extra, 8);
}

static void a_proof_is_of_a_key_and_a_token(void **state)
{
	const char *was = ALL A_SIGNS;
	const char *bad = ALL "proof R 0a different - private-key\n";

	(void)state;
	assert_int_equal(proof_after(was, ALL, false), PROOF_PROVEN);
	assert_int_equal(
	    proof_after(was, "token R 999\n" A_HERE OK, false), PROOF_NONE);
	assert_int_equal(
	    proof_after(was, "token R -\n" A_HERE OK, false), PROOF_NONE);
	assert_int_equal(
	    proof_after(was, TOKEN "key R 0a present " TWO "\n" OK, false),
	    PROOF_NONE);
	/* It is tried again, and told as it was until then. */
	assert_int_equal(proof_after(bad, ALL, false), PROOF_NONE);
	assert_int_equal(proof_after(bad, ALL, true), PROOF_DIFFERENT);
	assert_int_equal(proof_after(bad, ALL A_SIGNS, true), PROOF_PROVEN);
}

#define REFUSED "repository=R verdict=wrong-pin detail=x ms=1\n"
#define HUNG "repository=R verdict=hung detail=x ms=1\n"

static void a_refused_pin_stands(void **state)
{
	(void)state;
	expect(REFUSED, false, KEYNEWS_PENDING, "was not looked for");
	assert_string_equal(news.pin_refused, "R");
	expect("repository=S verdict=wrong-pin detail=x ms=1\n", false,
	    KEYNEWS_PENDING, "");
	assert_string_equal(news.pin_refused, ""); /* no key of it is used */
	/* A token that hangs takes none. */
	view_of(1, REFUSED);
	keynews_carry(view_of(0, HUNG), &views[1], false);
	keynews_judge(&news, &views[0], false);
	assert_string_equal(news.pin_refused, "R");
	view_of(1, ALL A_SIGNS);
	keynews_carry(view_of(0, REFUSED), &views[1], false);
	keynews_judge(&news, &views[0], false);
	assert_string_equal(news.pin_refused, "R");
	assert_int_equal(news.in_use[KEYTRUTH_OK], 1);
	view_of(1, REFUSED);
	keynews_carry(view_of(0, ALL), &views[1], false);
	keynews_judge(&news, &views[0], false);
	assert_string_equal(news.pin_refused, "");
	view_of(1, REFUSED);
	keynews_carry(
	    view_of(0, "repository=R verdict=pin-not-set detail=- ms=0\n"),
	    &views[1], false);
	keynews_judge(&news, &views[0], false);
	assert_string_equal(news.pin_refused, "");
}

static void unbacked_keys(void **state)
{
	char many[4096] = "unbacked 40\n";
	int i;

	(void)state;
	memset(&news, 0, sizeof(news));
	assert_int_equal(keynews_unbacked(&news, ""), -EBADMSG);
	assert_int_equal(keynews_unbacked(&news, "unbacked 1"), -EBADMSG);
	assert_int_equal(keynews_unbacked(&news, "unbacked x\n"), -EBADMSG);
	assert_false(news.unbacked_known);
	assert_int_equal(
	    keynews_unbacked(&news, "unbacked 1\nR 0a KSK required\n"), 0);
	assert_true(news.unbacked_known);
	assert_int_equal(news.unbacked, 1);
	assert_string_equal(news.unbacked_key[0], "R 0a KSK required");
	for (i = 0; i < 40; i++)
		strcat(many, "R 0a KSK required\n");
	assert_int_equal(keynews_unbacked(&news, many), 0);
	assert_int_equal(news.unbacked, 40);
	assert_int_equal(news.unbacked_named, KEYNEWS_UNBACKED_MAX);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(each_has_its_level),
	    cmocka_unit_test(the_worst_is_told),
	    cmocka_unit_test(the_signer_proves_by_signing),
	    cmocka_unit_test(a_look_that_fails_changes_nothing),
	    cmocka_unit_test(what_was_said_now_counts),
	    cmocka_unit_test(a_proof_is_of_a_key_and_a_token),
	    cmocka_unit_test(a_refused_pin_stands),
	    cmocka_unit_test(unbacked_keys),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
