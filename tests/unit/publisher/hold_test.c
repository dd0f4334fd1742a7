/* SPDX-License-Identifier: GPL-2.0-or-later
 * Copyright (C) The ocf-ods contributors */
#include "versions.h"

#include "bridge.h"
#include "safety.h"

/* What is held, for how long, and what lets it go. */

#define LISTED                                                            \
	"<ZoneList><Zone name=\"z0\"><SignerConfiguration>%s"             \
	"</SignerConfiguration><Adapters><Output><Adapter type=\"File\">" \
	"%s</Adapter></Output></Adapters></Zone></ZoneList>"
#define SIGNCONF                                                           \
	"<SignerConfiguration><Zone name=\"z0\"><SOA><Serial>%s</Serial>"  \
	"</SOA><Signatures><Resign>PT1M"                                   \
	"</Resign><Refresh>%s</Refresh><Validity><Default>PT10M</Default>" \
	"</Validity></Signatures><Keys><Key><Flags>257</Flags><Algorithm>" \
	"13</Algorithm><Locator>aa</Locator><KSK/><ZSK/>%s</Key></Keys>"   \
	"</Zone></SignerConfiguration>"

static const char *mode; /* of the serial */

static void policy(const char *refresh, const char *publish)
{
	char text[1024];

	snprintf(text, sizeof(text), SIGNCONF, mode, refresh, publish);
	put("z0.xml", text);
}

/* Zone z0 of that Refresh, its first version served with LEFT seconds. */
static void served_with(const char *refresh, int64_t left)
{
	char text[1024];

	policy(refresh, "<Publish/>");
	snprintf(text, sizeof(text), LISTED, at("z0.xml"), at("signed/z0"));
	put("zones.xml", text);
	snprintf(text, sizeof(text), "%s", expiring(12, time(NULL) + left));
	put("signed/z0", text);
	start();
	until(is_served("z0", text) && row_of("z0").state == ZONE_SERVED);
}

static void offer(const char *version)
{
	int before = world.verified;

	put("signed/z0", version);
	until(world.verified > before + 1 || is_served("z0", version));
}

/* A doubt lapses while half of Refresh is left, and not before. */
static void soft_until_half_of_refresh(void **state)
{
	(void)state;
	served_with("PT10M", 400);
	offer("serial=13 soft");
	assert_false(is_served("z0", "serial=13 soft"));
	assert_int_equal(news.refused, 1);
	stop();
	policy("PT20M", "<Publish/>");
	start();
	until(is_served("z0", "serial=13 soft"));
	until(news.escaped == 1);
	assert_string_equal(news.escaped_zone, "z0");
	assert_true(zonepast_is_escaped(row_of("z0").past, 13));
	/* told until something good is served, also by a successor */
	stop();
	memset(&news, 0, sizeof(news));
	start();
	until(news.escaped == 1);
	offer("serial=14");
	until(news.escaped == 0 && is_served("z0", "serial=14"));
}

/* Where Refresh is 0: a quarter of Validity. */
static void soft_until_quarter_of_validity(void **state)
{
	(void)state;
	served_with("PT0S", 200);
	offer("serial=13 soft");
	assert_false(is_served("z0", "serial=13 soft"));
}

static void soft_after_quarter_of_validity(void **state)
{
	(void)state;
	served_with("PT0S", 140);
	offer("serial=13 soft");
	until(is_served("z0", "serial=13 soft"));
}

/* Never out of a doubt about time; only where it is less bogus than what is
 * served is now. */
static void hard_only_when_it_is_better(void **state)
{
	(void)state;
	served_with("PT20M", 30);
	offer("serial=13 hard");
	assert_false(is_served("z0", "serial=13 hard"));
	offer("serial=14 hard candidate=5 served=5");
	assert_int_equal(row_of("z0").served_serial, 12);
	offer("serial=15 hard candidate=4 served=5");
	until(is_served("z0", "serial=15 hard candidate=4 served=5"));
	until(news.escaped == 1);
}

/* Time lifts it, without another version. */
static void what_caches_hold_runs_out(void **state)
{
	(void)state;
	world.caches = true;
	served_with("PT10M", 600);
	offer("serial=13 caches");
	until(world.signs == 1);
	assert_false(is_served("z0", "serial=13 caches"));
	world.caches = false;
	until(is_served("z0", "serial=13 caches"));
	assert_int_equal(news.escaped, 0);
}

/* A clock was a year ahead once: what it left is bounded, and for good. */
static void a_clock_was_ahead(void **state)
{
	int64_t from, until_s;
	struct zone_row row;

	(void)state;
	served_with("PT10M", 600);
	row = row_of("z0");
	snprintf(row.past, sizeof(row.past),
	    "history set %lld 13:1:aa\nlongest 300\n",
	    (long long)time(NULL) + 365 * 86400);
	assert_int_equal(ledger_zone_put(ledger, &row, NULL), 0);
	from = time(NULL);
	offer("serial=13 hard");
	row = row_of("z0");
	assert_int_equal(row.served_serial, 12);
	until_s = strtoll(row.past + strlen("history set "), NULL, 10);
	assert_in_range(until_s, from + 300 + SAFETY_DELAY_S,
	    time(NULL) + 300 + SAFETY_DELAY_S);
}

/* A verifier that says nothing holds no zone until its signatures run out. */
static void verifier_is_broken(void **state)
{
	static const char version[] = "z0.\t60\tIN\tSOA\ta. b. 13 1 1 1 1";
	int64_t at = time(NULL) + 400;

	(void)state;
	served_with("PT10M", 400);
	world.broken = 1 << 20;
	put("signed/z0", version);
	until(news.refused == 1 && world.verified > 3);
	assert_false(is_served("z0", version));
	stop();
	policy("PT20M", "<Publish/>"); /* there is little time left now */
	start();
	until(is_served("z0", version));
	until(news.escaped == 1);
	assert_int_equal(row_of("z0").served_serial, 13);
	assert_in_range(row_of("z0").served_expires, at, at + 100);
	assert_true(zonepast_has(row_of("z0").past, "served unknown 86400"));
}

/* Nobody knows which keys caches have of a version that went out unverified:
 * none is exchanged before they have nothing of it. */
static void keys_wait_for_what_is_unknown(void **state)
{
	struct zone_row row;

	(void)state;
	served_with("PT10M", 600);
	offer("serial=13 keys=13:1:aa");
	row = row_of("z0");
	assert_true(zonepast_has(row.past, "served key 257 13 -"));
	strcat(row.past, "served unknown 60\n");
	assert_int_equal(ledger_zone_put(ledger, &row, NULL), 0);
	offer("serial=14 keys=13:1:aa");
	until(row_of("z0").served_serial == 14);
	assert_true(zonepast_has(row_of("z0").past, "history unknown "));
	policy("PT10M", "");
	offer("serial=15 keys=13:2:bb");
	until(news.refused == 1);
	assert_non_null(strstr(news.trouble,
	    "zone z0: caches may hold an unverified version: wait, no key may "
	    "change before its TTL is over"));
	assert_int_equal(row_of("z0").served_serial, 14);
	/* over */
	row = row_of("z0");
	zonepast_forget(row.past, "history unknown ");
	assert_int_equal(ledger_zone_put(ledger, &row, NULL), 0);
	until(row_of("z0").served_serial == 15);
	until(news.escaped == 0);
}

/* A doubt, which lapses. */
static void until_signatures_run_out(void **state)
{
	struct zone_row row;

	(void)state;
	served_with("PT10M", 200);
	row = row_of("z0");
	strcat(row.past, "served unknown 60\n");
	assert_int_equal(ledger_zone_put(ledger, &row, NULL), 0);
	policy("PT10M", "");
	offer("serial=13 keys=13:2:bb");
	until(row_of("z0").served_serial == 13);
	until(news.escaped == 1);
}

static void order(enum order_kind kind, const char *zone)
{
	struct order o = {.kind = kind};

	snprintf(o.zone, sizeof(o.zone), "%s", zone);
	assert_int_equal(publisher_order(publisher, &o), 0);
}

static void an_admin_forces_it(void **state)
{
	int passes, i;

	(void)state;
	served_with("PT10M", 600);
	/* nothing is refused: no promise */
	unlink(at("signed/z0"));
	order(ORDER_PUBLISH, "z0");
	for (i = 0; i < 2; i++) {
		passes = told;
		publisher_wake(publisher);
		until(told > passes);
	}
	offer("serial=13 hard");
	assert_false(is_served("z0", "serial=13 hard"));
	order(ORDER_PUBLISH, "z1");
	order(ORDER_PUBLISH, "z0");
	until(is_served("z0", "serial=13 hard"));
	until(news.escaped == 1);
	/* not the next one, not what is no zone, not a lower serial */
	offer("serial=14 hard");
	assert_false(is_served("z0", "serial=14 hard"));
	put("signed/z0", "damaged");
	until(news.refused == 1);
	order(ORDER_PUBLISH, "z0");
	for (i = 0; i < 2; i++) {
		passes = told;
		publisher_wake(publisher);
		until(told > passes);
	}
	offer("serial=15 hard");
	assert_false(is_served("z0", "serial=15 hard"));
	order(ORDER_PUBLISH, "z0");
	until(is_served("z0", "serial=15 hard"));
	put("signed/z0", "serial=5");
	order(ORDER_PUBLISH, "z0");
	until(world.above == 15);
	assert_int_equal(row_of("z0").served_serial, 15);
}

/* A successor judges by what caches may hold, and by the keys that the
 * signconf of the served version asked for. */
static void what_a_successor_knows(void **state)
{
	struct zone_row row;

	(void)state;
	served_with("PT10M", 600);
	offer("serial=13 keys=13:1:aa");
	offer("serial=14 keys=13:2:bb");
	until(row_of("z0").served_serial == 14 &&
	      row_of("z0").state == ZONE_SERVED);
	row = row_of("z0");
	assert_true(zonepast_has(row.past, "served set 60 13:2:bb"));
	assert_true(zonepast_has(row.past, "served key 257 13 -"));
	assert_non_null(strstr(row.past, " 13:1:aa\n"));
	policy("PT10M", "");
	offer("serial=15 keys=13:2:bb");
	until(row_of("z0").served_serial == 15 &&
	      row_of("z0").state == ZONE_SERVED);
	assert_false(zonepast_has(row_of("z0").past, "served key "));
}

/* A loss was accepted: what comes below it may have been published. */
static void below_its_floor(void **state)
{
	struct zone_row row;

	(void)state;
	served_with("PT10M", 600);
	row = row_of("z0");
	assert_int_equal(zonepast_note(row.past, "floor 1013 5"), 0);
	assert_int_equal(ledger_zone_put(ledger, &row, NULL), 0);
	put("signed/z0", "serial=14");
	until(world.above == 1013);
	assert_int_equal(row_of("z0").served_serial, 12);
	offer("serial=1014");
	until(row_of("z0").served_serial == 1014);
	assert_false(zonepast_has(row_of("z0").past, "floor "));
}

/* It counts for the next version that goes out, and for that alone. */
static void a_serial_is_reset(void **state)
{
	(void)state;
	served_with("PT10M", 600);
	order(ORDER_RESET, "z0");
	until(zonepast_has(row_of("z0").past, "reset "));
	offer("serial=5");
	until(row_of("z0").served_serial == 5);
	assert_int_equal(world.above, 0);
	put("signed/z0", "serial=4");
	until(world.above == 5);
	order(ORDER_RESET, "z0");
	until(row_of("z0").served_serial == 4);
}

/* The policy keeps its serial, and the signer has none of its own. */
static void the_owner_has_not_raised_it(void **state)
{
	(void)state;
	mode = "keep";
	served_with("PT10M", 400);
	put("signed/z0", "serial=12, signed anew");
	until(strstr(news.trouble, "serial 12 is not above 12, which was "
	                           "published: raise the serial of the "
	                           "unsigned zone"));
	assert_int_equal(world.asked, 0);
	assert_int_equal(news.refused, 1);
	/* no more than half of Refresh is left: we do */
	stop();
	policy("PT20M", "<Publish/>");
	start();
	until(world.above == 12);
	put("signed/z0", "serial=13");
	until(is_served("z0", "serial=13") && !news.trouble[0]);
}

/* The signer waits for a higher one, and makes no version at all. */
static void the_signer_waits_for_the_owner(void **state)
{
	char fresh[64];

	(void)state;
	mode = "keep";
	served_with("PT10M", 400);
	until(
	    strstr(news.trouble, "the policy keeps the serial of the unsigned "
	                         "zone, and the signer waits for one above "
	                         "12"));
	assert_int_equal(world.asked, 0);
	stop();
	policy("PT20M", "<Publish/>");
	start();
	until(world.above == 12);
	deadline_sleep_ms(deadline_in_ms(5000), 300);
	publisher_wake(publisher);
	deadline_sleep_ms(deadline_in_ms(5000), 300);
	assert_int_equal(world.asked, 1);
	snprintf(fresh, sizeof(fresh), "%s", expiring(13, time(NULL) + 9999));
	put("signed/z0", fresh);
	until(is_served("z0", fresh) && !news.trouble[0]);
}

static void what_is_typed_is_kept(void **state)
{
	const struct key_clock held = {.since = 5, .pending = 6};

	(void)state;
	served_with("PT10M", 600);
	order(ORDER_INSECURE, "z0");
	order(ORDER_RESET, "z9"); /* no such zone */
	assert_int_equal(ledger_clock_put(ledger, "z0", &held, NULL), 0);
	assert_int_equal(order_hold(ledger, "z0", NULL), 0);
	assert_true(row_of("z0").clock.acked);
	until(zonepast_has(row_of("z0").past, "ack insecure "));
	assert_true(zonepast_has(row_of("z0").past, "ack insecure "));
}

static int setup_hold(void **state)
{
	int rc = setup_pass(state);

	held_retry_ms = 200;
	mode = "counter";
	return rc;
}

#undef T
#define T(t) cmocka_unit_test_setup_teardown(t, setup_hold, teardown)

/* What cannot go out whatever is typed is not looked at again and again. */
static void forced_in_vain(void **state)
{
	struct deadline d;
	int before;

	(void)state;
	served_with("PT10M", 600);
	put("signed/z0", "damaged");
	until(news.refused == 1);
	before = world.verified;
	order(ORDER_PUBLISH, "z0");
	until(world.verified > before);
	before = world.verified;
	for (d = deadline_in_ms(1000); !deadline_passed(d);) {
		publisher_wake(publisher);
		control();
	}
	assert_in_range(world.verified - before, 0, 1);
}

/* Typed while a version is looked at, and another one comes meanwhile. */
static void an_order_is_for_what_was_there(void **state)
{
	int before;

	(void)state;
	served_with("PT10M", 600);
	offer("serial=13 hard");
	until(news.refused == 1);
	world.hangs = true;
	before = world.at_once;
	put("signed/z0", "serial=14 slow hard");
	until(world.at_once > before);
	order(ORDER_PUBLISH, "z0");
	control();
	put("signed/z0", "serial=15 hard");
	control();
	before = world.verified;
	world.hangs = false;
	until(world.verified > before + 1);
	control();
	control();
	assert_false(is_served("z0", "serial=15 hard"));
}

static bool is_bridged(void)
{
	struct signconf sc;

	return signconf_load(at("z0.xml"), &sc, NULL) == 0 && sc.bridged;
}

/* Keys that signed what is served are withdrawn: they are published for longer,
 * until caches hold nothing of that. */
static void keys_that_caches_need(void **state)
{
	static const char record[] = "R aa 13 00112233445566778899aabbccddeeff"
	                             "00112233445566778899aabbccddeeff inuse";
	struct keyrecord key;

	(void)state;
	assert_int_equal(keyrecord_decode(record, &key), 0);
	assert_int_equal(ledger_key_put(ledger, &key, NULL), 0);
	served_with("PT10M", 400);
	policy("PT10M", "");
	offer("serial=13 hard");
	assert_false(is_bridged()); /* refused for something else */
	put("signed/z0", "serial=14 gone");
	until(is_bridged() && world.updates == 1);
	assert_int_equal(world.signs, 1);
	/* for nothing more than that the signconf is not written again */
	offer("serial=15 gone");
	assert_int_equal(world.updates, 1);
	offer("serial=16");
	stop();
	start(); /* which looks at the signconf again */
	until(!is_bridged() && world.updates == 2);
	assert_true(is_served("z0", "serial=16"));
}

/* Not before. */
static void caches_still_need_them(void **state)
{
	struct zone_row row;

	(void)state;
	served_with("PT10M", 400);
	policy("PT10M", "<Publish/>" BRIDGE_MARK);
	stop();
	row = row_of("z0");
	snprintf(row.past + strlen(row.past), 64,
	    "history signers %lld 13:1:%s\n", (long long)time(NULL) + 3600,
	    "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff");
	assert_int_equal(ledger_zone_put(ledger, &row, NULL), 0);
	start();
	until(told > 1);
	assert_true(is_bridged());
	assert_int_equal(world.updates, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    T(forced_in_vain),
	    T(an_order_is_for_what_was_there),
	    T(keys_that_caches_need),
	    T(caches_still_need_them),
	    T(soft_until_half_of_refresh),
	    T(soft_until_quarter_of_validity),
	    T(soft_after_quarter_of_validity),
	    T(hard_only_when_it_is_better),
	    T(what_caches_hold_runs_out),
	    T(a_clock_was_ahead),
	    T(verifier_is_broken),
	    T(keys_wait_for_what_is_unknown),
	    T(until_signatures_run_out),
	    T(an_admin_forces_it),
	    T(below_its_floor),
	    T(a_serial_is_reset),
	    T(the_owner_has_not_raised_it),
	    T(the_signer_waits_for_the_owner),
	    T(what_is_typed_is_kept),
	    T(what_a_successor_knows),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
