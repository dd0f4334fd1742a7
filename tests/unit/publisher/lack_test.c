/* SPDX-License-Identifier: GPL-2.0-or-later
 * Copyright (C) The ocf-ods contributors */
#include "versions.h"

#include "keylack.h"

/* One key is not in the token of the source: its zones are held and named, all
 * others go on (docs/hsm.md). */

#define ENTRY                                                             \
	"<Zone name=\"%s\"><SignerConfiguration>%s"                       \
	"</SignerConfiguration><Adapters><Output><Adapter type=\"File\">" \
	"%s</Adapter></Output></Adapters></Zone>"
#define SIGNCONF                                                             \
	"<SignerConfiguration><Zone name=\"%s\"><Keys><Key><Flags>257"       \
	"</Flags><Algorithm>13</Algorithm><Locator>%s</Locator><KSK/><ZSK/>" \
	"<Publish/></Key></Keys></Zone></SignerConfiguration>"

static void signconf(const char *zone, const char *locator)
{
	char name[32], text[1024];

	snprintf(name, sizeof(name), "%s.xml", zone);
	snprintf(text, sizeof(text), SIGNCONF, zone, locator);
	put(name, text);
}

/* z0 needs the key aa, z1 does not; both are served. */
static void two_zones(void)
{
	char a[512], b[512], text[1100];

	signconf("z0", "aa");
	signconf("z1", "bb");
	snprintf(a, sizeof(a), ENTRY, "z0", at("z0.xml"), at("signed/z0"));
	snprintf(b, sizeof(b), ENTRY, "z1", at("z1.xml"), at("signed/z1"));
	snprintf(text, sizeof(text), "<ZoneList>%s%s</ZoneList>", a, b);
	put("zones.xml", text);
	put("signed/z0", "serial=12");
	put("signed/z1", "serial=12");
	start();
	until(is_served("z0", "serial=12") && is_served("z1", "serial=12"));
}

static void tell(enum keytruth_verdict verdict, int64_t since)
{
	struct keylack_key one = {
	    .locator = "aa", .verdict = verdict, .since = since};
	const struct keylack lack = {&one, 1};

	snprintf(one.text, sizeof(one.text), "key aa of R is wrong: mend it");
	assert_int_equal(publisher_lack(publisher, &lack), 0);
}

static void tell_none(void)
{
	const struct keylack none = {0};

	assert_int_equal(publisher_lack(publisher, &none), 0);
}

static void one_locator_missing(void **state)
{
	int64_t now = time(NULL) + 5;

	(void)state;
	two_zones();
	tell(KEYTRUTH_MISSING, now);
	until(news.refused == 1);
	assert_int_equal(news.holds, 1);
	assert_string_equal(news.hold[0].zone, "z0");
	assert_string_equal(
	    news.hold[0].why, "zone z0: key aa of R is wrong: mend it");
	assert_int_equal(news.hold[0].since, now);
	assert_string_equal(news.trouble, news.hold[0].why);
	/* the other one goes on */
	put("signed/z1", "serial=13");
	until(is_served("z1", "serial=13"));
	assert_int_equal(news.refused, 1);
	tell_none();
	until(news.refused == 0);
	assert_string_equal(news.trouble, "");
}

/* The token looked incomplete, and the signer signs all the same. */
static void what_is_signed_is_not_held(void **state)
{
	(void)state;
	two_zones();
	tell(KEYTRUTH_MISSING, time(NULL) - 5);
	put("signed/z0", "serial=13");
	until(is_served("z0", "serial=13"));
	until(news.refused == 0 && news.served == 2);
	assert_int_equal(news.escaped, 0);
}

/* Another key under that locator, and none on record to compare with. */
static void signed_by_who_knows(void **state)
{
	(void)state;
	two_zones();
	tell(KEYTRUTH_DIFFERENT, time(NULL) - 5);
	until(news.refused == 0);
	put("signed/z0", "serial=13");
	put("signed/z1", "serial=13");
	until(is_served("z1", "serial=13") && news.refused == 1);
	assert_true(is_served("z0", "serial=12"));
	assert_string_equal(
	    news.hold[0].why, "zone z0: key aa of R is wrong: mend it");
	/* the right token is back: that version is looked at again */
	tell_none();
	until(is_served("z0", "serial=13"));
	assert_int_equal(news.escaped, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    T(one_locator_missing),
	    T(what_is_signed_is_not_held),
	    T(signed_by_who_knows),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
