/* SPDX-License-Identifier: GPL-2.0-or-later
 * Copyright (C) The ocf-ods contributors */
#ifndef TEST_LOOKING_H
#define TEST_LOOKING_H

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

#define T(t) cmocka_unit_test_setup_teardown(t, setup, teardown)

#endif
