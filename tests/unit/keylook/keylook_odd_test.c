/* SPDX-License-Identifier: GPL-2.0-or-later
 * Copyright (C) The ocf-ods contributors */
#include "looking.h"

/* What is odd about a zone: its files, its times, its name server. */

/* The signconf publishes keys for longer than the enforcer asks for: what is
 * served is not what it waits for. */
static void a_bridge(void **state)
{
	(void)state;
	steady();
	put("z.xml",
	    "<SignerConfiguration><Zone name=\"z\"><Keys><TTL>PT600S</TTL>"
	    "<Key><Flags>257</Flags><Algorithm>8</Algorithm>"
	    "<Locator>ksk</Locator><KSK/><Publish/></Key>"
	    "<Key><Flags>256</Flags><Algorithm>8</Algorithm>"
	    "<Locator>a</Locator><ZSK/><Publish/>" BRIDGE_MARK "</Key>"
	    "</Keys></Zone></SignerConfiguration>");
	written("z.xml", NOW + 100);
	judge(0, NOW + 101 + SAFETY / 2);
	assert_false(v.allow);
	assert_string_equal(v.zone, "z");
}

/* publish_command has not succeeded: the name server has the version before. */
static void nobody_was_told(void **state)
{
	(void)state;
	steady();
	signconf("b", NOW + 100);
	signed_with("b", 8);
	served_with(8, ZONE_SERVED, "untold since 1800000107\n");
	judge(0, NOW + 107);
	assert_int_equal(clock_of().pending, NOW + 100);
	assert_int_equal(clock_of().since, NOW);
	judge(0, NOW + 101 + SAFETY / 2);
	assert_false(v.allow);
	served(8, ZONE_SERVED);
	judge(0, NOW + 5000);
	assert_int_equal(clock_of().pending, 0);
	assert_int_equal(v.until, NOW + 5000 + DELAY + TTL + SAFETY);
}

/* The first version of a zone: it is served once the name server is told. */
static void nobody_was_told_of_the_first(void **state)
{
	(void)state;
	signconf("a", NOW - 9);
	judge(NOW - 10, NOW - 8);
	signed_with("a", 7);
	served_with(7, ZONE_SERVED, "untold since 1800000000\n");
	judge(NOW - 10, NOW);
	assert_true(v.allow);
	assert_int_equal(clock_of().since, 0);
	served(7, ZONE_SERVED);
	judge(NOW - 10, NOW + 50);
	assert_true(v.allow);
	assert_int_equal(clock_of().since, NOW + 50);
	assert_int_equal(clock_of().cached, 0);
}

/* It went out unverified: its TTL may be the longest of all. */
static void nobody_knows_its_ttl(void **state)
{
	struct key_clock c;

	(void)state;
	steady();
	c = clock_of();
	c.ttl = 5;
	assert_int_equal(ledger_clock_put(ledger, "z", &c, NULL), 0);
	served_with(7, ZONE_SERVED, "served unknown 60\n");
	judge(0, NOW + 50);
	assert_int_equal(clock_of().ttl, TTL);
	assert_int_equal(clock_of().since, NOW);
}

static void put_back(void **state)
{
	(void)state;
	steady();
	signconf("b", NOW + 100);
	judge(0, NOW + 200);
	assert_int_equal(clock_of().pending, NOW + 100);
	signconf("a", NOW + 300);
	judge(0, NOW + 301);
	assert_int_equal(clock_of().pending, 0);
	assert_true(v.allow);
}

/* A signconf that publishes no key: the zone goes insecure, and the signer
 * makes nothing of it (policy without keys).  It must not stop the others. */
static void no_key_at_all(void **state)
{
	(void)state;
	steady();
	put("z.xml", "<SignerConfiguration><Zone name=\"z\"><Keys><TTL>PT600S"
	             "</TTL></Keys></Zone></SignerConfiguration>");
	written("z.xml", NOW + 100);
	judge(0, NOW + 200 + SAFETY);
	assert_true(v.allow);
	assert_int_equal(clock_of().pending, 0);
}

static void wrong_clock(void **state)
{
	struct key_clock c;

	(void)state;
	steady();
	c = clock_of();
	c.since = NOW + 99999;
	c.lag = KEY_LAG_UNKNOWN;
	c.cached = TTL;
	assert_int_equal(ledger_clock_put(ledger, "z", &c, NULL), 0);
	judge(0, NOW + 10);
	assert_int_equal(clock_of().since, NOW + 10);
	assert_int_equal(v.until, NOW + 10 + DELAY + TTL + SAFETY);
}

/* ... nor is it pending for less than nothing. */
static void wrong_clock_of_a_pending_one(void **state)
{
	struct key_clock c;

	(void)state;
	steady();
	signconf("b", NOW + 5);
	c = clock_of();
	c.pending = NOW + 99999;
	assert_int_equal(ledger_clock_put(ledger, "z", &c, NULL), 0);
	judge(0, NOW + 10);
	assert_int_equal(clock_of().pending, NOW + 10);
	judge(0, NOW + 11 + SAFETY / 2);
	assert_false(v.allow);
}

/* Nothing of it goes through us. */
static void dns_adapter(void **state)
{
	(void)state;
	list_of("DNS");
	signconf("a", NOW - 99999);
	served(7, ZONE_SERVED);
	judge(0, NOW);
	assert_true(v.allow);
	assert_int_equal(clock_of().since, 0);
}

static void when_due(void **state)
{
	(void)state;
	assert_true(keylook_due(look, 0, NOW));
	steady();
	judge(0, NOW);
	assert_false(keylook_due(look, 0, NOW));
	assert_false(keylook_due(look, 0, NOW + 59));
	assert_true(keylook_due(look, 0, NOW + 60));
	assert_true(keylook_due(look, 0, NOW - 60)); /* the clock was set */
	assert_true(keylook_due(look, NOW + 5, NOW + 5));
	/* A hold begins within the minute. */
	signconf("b", NOW - SAFETY / 2 + 10);
	judge(0, NOW);
	assert_true(keylook_due(look, 0, NOW)); /* it wrote a clock */
	judge(0, NOW);
	assert_false(keylook_due(look, 0, NOW + 10));
	assert_true(keylook_due(look, 0, NOW + 11));
	served(7, ZONE_SERVED);
	assert_true(keylook_due(look, 0, NOW));
	judge(0, NOW);
	assert_false(keylook_due(look, 0, NOW));
	list_of("DNS");
	assert_true(keylook_due(look, 0, NOW));
}

/* What it goes by cannot be read: a moment of that is nothing. */
static void cannot_be_read(void **state)
{
	struct why why = {0};

	(void)state;
	steady();
	put("z.xml", "<SignerConfiguration>");
	judge(0, NOW + 10);
	judge(0, NOW + 609);
	assert_string_equal(v.trouble, "");
	judge(0, NOW + 610);
	assert_string_equal(v.trouble,
	    "the signconf of zone z cannot be read, since 2027-01-15 08:00:10 "
	    "UTC: see the log of ods-syncd");
	assert_true(v.allow); /* it asks for what it did */
	signconf("a", NOW - 9);
	judge(0, NOW + 620);
	assert_string_equal(v.trouble, "");
	unlink(path("kasp.xml"));
	judge(0, NOW + 630);
	judge(0, NOW + 1230);
	assert_non_null(strstr(v.trouble, "/kasp.xml: No such file"));
	/* a look that fails lets nobody run */
	put("zones.xml", "<ZoneList>");
	assert_true(keylook_judge(look, 0, NOW + 1240, &v, &why) < 0);
	assert_false(v.allow);
	assert_int_equal(strncmp(v.why, why.text, 60), 0);
	assert_non_null(strstr(v.trouble, "since 2027-01-15 08:10:30 UTC"));
}

/* A new zone has none yet. */
static void no_signconf_yet(void **state)
{
	(void)state;
	judge(0, NOW);
	judge(0, NOW + 9000);
	assert_string_equal(v.trouble, "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    T(a_bridge),
	    T(nobody_was_told),
	    T(nobody_was_told_of_the_first),
	    T(nobody_knows_its_ttl),
	    T(put_back),
	    T(no_key_at_all),
	    T(wrong_clock),
	    T(wrong_clock_of_a_pending_one),
	    T(dns_adapter),
	    T(cannot_be_read),
	    T(no_signconf_yet),
	    T(when_due),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
