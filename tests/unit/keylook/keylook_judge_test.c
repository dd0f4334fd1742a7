/* SPDX-License-Identifier: GPL-2.0-or-later
 * Copyright (C) The ocf-ods contributors */
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <limits.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <cmocka.h>

#include "bridge.h"
#include "file.h"
#include "keylook.h"

/* Zone z of policy p: PublishSafety 1000 s, DNSKEY TTL 600 s; a secondary has
 * what is served after 30 s. */

#define NOW 1800000000
#define SAFETY 1000
#define TTL 600
#define DELAY 30

static char dir[64];
static struct conf conf;
static struct ledger *ledger;
static struct keylook *look;
static struct enforce_verdict v;
static int wrote;

static const char *path(const char *name)
{
	static char buf[128];

	snprintf(buf, sizeof(buf), "%s/%s", dir, name);
	return buf;
}

static void put(const char *name, const char *text)
{
	assert_int_equal(
	    file_replace(path(name), text, strlen(text), 0644, false, NULL), 0);
}

static void written(const char *name, int64_t at)
{
	struct timespec t[2] = {{.tv_sec = at}, {.tv_sec = at}};

	assert_int_equal(utimensat(AT_FDCWD, path(name), t, 0), 0);
}

/* The enforcer asks for this key beside the KSK. */
static void signconf(const char *zsk, int64_t at)
{
	char text[1024];

	snprintf(text, sizeof(text),
	    "<SignerConfiguration><Zone name=\"z\"><Keys><TTL>PT600S</TTL>"
	    "<Key><Flags>257</Flags><Algorithm>8</Algorithm>"
	    "<Locator>ksk</Locator><KSK/><Publish/></Key>"
	    "<Key><Flags>256</Flags><Algorithm>8</Algorithm>"
	    "<Locator>%s</Locator><ZSK/><Publish/></Key>"
	    "</Keys></Zone></SignerConfiguration>",
	    zsk);
	put("z.xml", text);
	written("z.xml", at);
}

/* What the signer left, and the serial that was written into its header. */
static void backup2_of(const char *zsk, uint32_t serial, uint32_t soa)
{
	char text[1024];

	snprintf(text, sizeof(text),
	    ";OpenDNSSEC-backup-v3\n"
	    ";;Zone: name z class 1 inbound 1 internal %u outbound %u\n"
	    ";;Signconf: lastmod 5\n;\n"
	    ";;Key: locator ksk algorithm 8 flags 257 publish 1 ksk 1 zsk 0\n"
	    ";;Key: locator %s algorithm 8 flags 256 publish 1 ksk 0 zsk 1\n"
	    ";\nz.\t60\tIN\tSOA\tns.z. h.z. %u 1 1 1 1\n;\n"
	    ";OpenDNSSEC-backup-v3\n",
	    serial, serial, zsk, soa);
	put("z.backup2", text);
}

/* The signer has made a version of it. */
static void signed_with(const char *zsk, uint32_t serial)
{
	backup2_of(zsk, serial, serial);
}

static void served_with(
    uint32_t serial, enum zone_state state, const char *past)
{
	struct zone_row row = {.zone = "z",
	    .serial = serial,
	    .served_serial = state == ZONE_SERVED ? serial : serial - 1,
	    .ever = true,
	    .state = state,
	    .digest = "aa",
	    .served_digest = "aa"};

	snprintf(row.past, sizeof(row.past), "%s", past);
	assert_int_equal(ledger_zone_put(ledger, &row, NULL), 0);
}

static void served(uint32_t serial, enum zone_state state)
{
	served_with(serial, state, "");
}

static struct key_clock clock_of(void)
{
	struct zone_row row;

	assert_int_equal(ledger_zone_get(ledger, "z", &row, NULL), 0);
	return row.clock;
}

static void judge(int64_t taken_at, int64_t now)
{
	struct why why = {0};

	wrote = keylook_judge(look, taken_at, now, &v, &why);
	assert_in_range(wrote, 0, 1);
}

static void list_of(const char *output)
{
	char text[1024];

	snprintf(text, sizeof(text),
	    "<ZoneList><Zone name=\"z\"><Policy>p</Policy>"
	    "<SignerConfiguration>%s/z.xml</SignerConfiguration><Adapters>"
	    "<Output><Adapter type=\"%s\">%s/z.signed</Adapter></Output>"
	    "</Adapters></Zone></ZoneList>",
	    dir, output, dir);
	put("zones.xml", text);
}

static int setup(void **state)
{
	(void)state;
	snprintf(dir, sizeof(dir), "/tmp/ods-keylook.XXXXXX");
	if (!mkdtemp(dir))
		return -1;
	snprintf(conf.zones_file, sizeof(conf.zones_file), "%s/zones.xml", dir);
	snprintf(
	    conf.policy_file, sizeof(conf.policy_file), "%s/kasp.xml", dir);
	snprintf(conf.signer_dir, sizeof(conf.signer_dir), "%s", dir);
	put("kasp.xml", "<KASP><Policy name=\"p\"><Keys><PublishSafety>PT1000S"
	                "</PublishSafety></Keys><Zone><PropagationDelay>PT30S"
	                "</PropagationDelay></Zone></Policy></KASP>");
	list_of("File");
	if (ledger_open(dir, &ledger, NULL) < 0)
		return -1;
	look = keylook_new(&conf, ledger);
	return look ? 0 : -1;
}

static int unlink_one(
    const char *p, const struct stat *st, int flag, struct FTW *ftw)
{
	(void)st, (void)flag, (void)ftw;
	return remove(p);
}

static int teardown(void **state)
{
	(void)state;
	keylook_free(look);
	ledger_close(ledger);
	return nftw(dir, unlink_one, 8, FTW_DEPTH | FTW_PHYS);
}

/* A new zone: seen before it was served, nothing of it can be cached. */
static void steady(void)
{
	signconf("a", NOW - 9);
	judge(NOW - 10, NOW - 8);
	assert_true(v.allow);
	signed_with("a", 7);
	served(7, ZONE_SERVED);
	judge(NOW - 10, NOW);
	assert_true(v.allow);
	assert_int_equal(wrote, 1);
	assert_int_equal(clock_of().since, NOW);
	assert_int_equal(clock_of().cached, 0);
	assert_int_equal(clock_of().ttl, TTL);
}

static void new_zone(void **state)
{
	(void)state;
	steady();
	judge(0, NOW + 1);
	assert_int_equal(wrote, 0);
}

/* The backup2 is another zone's, which has the same one: what is served first
 * is what is asked for. */
static void first_of_two(void **state)
{
	(void)state;
	signconf("a", NOW - 9);
	judge(NOW - 10, NOW - 8);
	signed_with("other", 900);
	served(7, ZONE_SERVED);
	judge(NOW - 10, NOW);
	judge(NOW - 10, NOW + 9000);
	assert_true(v.allow);
	assert_int_equal(clock_of().pending, 0);
}

/* A ledger of before: as if it had been served for the first time now. */
static void no_history(void **state)
{
	(void)state;
	signconf("a", NOW - 99999);
	signed_with("a", 7);
	served(7, ZONE_SERVED);
	judge(0, NOW);
	assert_false(v.allow);
	assert_int_equal(v.until, NOW + DELAY + TTL + SAFETY);
	judge(0, v.until - 1);
	assert_false(v.allow);
	judge(0, v.until);
	assert_true(v.allow);
}

/* It is added, signed and served between two looks. */
static void added_and_served(void **state)
{
	(void)state;
	put("zones.xml", "<ZoneList/>");
	judge(0, NOW - 60);
	list_of("File");
	signconf("a", NOW - 2);
	signed_with("a", 7);
	served(7, ZONE_SERVED);
	judge(0, NOW);
	assert_true(v.allow);
	assert_int_equal(clock_of().since, NOW);
	assert_int_equal(clock_of().cached, 0);
}

/* It was here before, and nobody knows since when. */
static void added_again(void **state)
{
	(void)state;
	put("zones.xml", "<ZoneList/>");
	served(7, ZONE_SERVED);
	judge(0, NOW - 60);
	list_of("File");
	signconf("a", NOW - 2);
	signed_with("a", 7);
	judge(0, NOW);
	assert_false(v.allow);
	assert_int_equal(v.until, NOW + DELAY + TTL + SAFETY);
}

static void a_rollover_in_time(void **state)
{
	(void)state;
	steady();
	signconf("b", NOW + 100);
	judge(0, NOW + 105);
	assert_true(v.allow);
	assert_int_equal(clock_of().pending, NOW + 100);
	assert_int_equal(v.next, NOW + 100 + SAFETY / 2 + 1);
	/* It is signed, and on its way. */
	signed_with("b", 8);
	served(8, ZONE_INTENT);
	judge(0, NOW + 106);
	assert_int_equal(clock_of().pending, NOW + 100);
	served(8, ZONE_SERVED);
	judge(0, NOW + 107);
	assert_true(v.allow);
	assert_int_equal(clock_of().pending, 0);
	assert_int_equal(clock_of().lag, 7);
	assert_int_equal(clock_of().cached, TTL);
	/* And once more, with the same keys. */
	signed_with("b", 9);
	served(9, ZONE_SERVED);
	judge(0, NOW + 200);
	assert_int_equal(clock_of().since, NOW + 107);
}

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

static void a_rollover_held(void **state)
{
	(void)state;
	steady();
	signconf("b", NOW + 100);
	signed_with("b", 8); /* which is refused */
	judge(0, NOW + 100 + SAFETY / 2);
	assert_true(v.allow);
	judge(0, NOW + 101 + SAFETY / 2);
	assert_false(v.allow);
	assert_string_equal(v.zone, "z");
	assert_int_equal(v.since, NOW + 100);
	/* The signer makes one more, and that is served. */
	signed_with("b", 9);
	served(9, ZONE_SERVED);
	judge(0, NOW + 5000);
	assert_false(v.allow);
	assert_int_equal(clock_of().lag, 4900);
	assert_int_equal(v.until, NOW + 5000 + DELAY + TTL + SAFETY);
	judge(0, v.until);
	assert_true(v.allow);
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

/* The signer is restarted while its version is held: its backup2 gets the
 * serial of the version that is served (serials.c), and keeps its keys. */
static void held_over_a_restart(void **state)
{
	(void)state;
	steady();
	signconf("b", NOW + 100);
	signed_with("b", 8);
	judge(0, NOW + 101 + SAFETY / 2);
	assert_false(v.allow);
	backup2_of("b", 7, 8);
	judge(0, NOW + 200 + SAFETY / 2);
	assert_false(v.allow);
	assert_true(clock_of().pending != 0);
	signed_with("b", 9);
	served(9, ZONE_SERVED);
	judge(0, NOW + 5000);
	assert_int_equal(clock_of().pending, 0);
}

/* The signer looks at the zone again while its version is held, and has nothing
 * to write: the SOA in its backup2 is ahead of what it wrote last. */
static void held_for_longer_than_resign(void **state)
{
	(void)state;
	steady();
	signconf("b", NOW + 100);
	signed_with("b", 8);
	judge(0, NOW + 101 + SAFETY / 2);
	assert_false(v.allow);
	backup2_of("b", 8, 80);
	judge(0, NOW + 200 + SAFETY / 2);
	assert_true(clock_of().pending != 0);
	backup2_of("b", 8, 160);
	served(8, ZONE_SERVED);
	judge(0, NOW + 5000);
	assert_int_equal(clock_of().pending, 0);
	assert_int_equal(v.until, NOW + 5000 + DELAY + TTL + SAFETY);
}

/* The same as held_over_a_restart, between two looks. */
static void held_and_restarted_unseen(void **state)
{
	(void)state;
	steady();
	signed_with("a", 7);
	signconf("b", NOW + 100);
	judge(0, NOW + 101);
	backup2_of("b", 7, 8);
	judge(0, NOW + 200 + SAFETY / 2);
	assert_false(v.allow);
	assert_true(clock_of().pending != 0);
}

/* The source has died between signconf and publication. */
static void a_takeover(void **state)
{
	(void)state;
	steady();
	signconf("b", NOW + 9000);
	judge(NOW + 9005, NOW + 9006);
	assert_false(v.allow);
	signed_with("b", 8);
	served(8, ZONE_SERVED);
	judge(NOW + 9005, NOW + 9010);
	assert_false(v.allow);
	assert_int_equal(v.until, NOW + 9010 + DELAY + TTL + SAFETY);
	judge(NOW + 9005, v.until);
	assert_true(v.allow);
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

#define T(t) cmocka_unit_test_setup_teardown(t, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
	    T(new_zone),
	    T(first_of_two),
	    T(no_history),
	    T(added_and_served),
	    T(added_again),
	    T(a_rollover_in_time),
	    T(a_bridge),
	    T(a_rollover_held),
	    T(nobody_was_told),
	    T(nobody_was_told_of_the_first),
	    T(nobody_knows_its_ttl),
	    T(held_over_a_restart),
	    T(held_for_longer_than_resign),
	    T(held_and_restarted_unseen),
	    T(a_takeover),
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
