/* SPDX-License-Identifier: GPL-2.0-or-later
 * Copyright (C) The ocf-ods contributors */
/* What a source with many zones spends on what it does again and again.
 *
 *	manyzones		10,000 zones with two keys each
 *	manyzones ZONES
 *
 * Each line is one thing, done once, in ms; the middle one of five times. */
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "capture.h"
#include "keylook.h"
#include "outgoing.h"
#include "sets.h"

#define TIMES 5

static char dir[64];
static struct conf conf;
static struct ledger *ledger, *other;
static int zones;

static void must(bool ok, const char *what)
{
	if (ok)
		return;
	fprintf(stderr, "bench/manyzones: %s\n", what);
	exit(1);
}

static const char *at(const char *name)
{
	static char path[4][PATH_MAX];
	static int turn;
	char *p = path[turn++ % 4];

	snprintf(p, PATH_MAX, "%s/%s", dir, name);
	return p;
}

static void put(const char *name, const char *text)
{
	FILE *f = fopen(at(name), "we");

	must(f && fputs(text, f) >= 0 && fclose(f) == 0, name);
}

static void list_zones(int count)
{
	FILE *f = fopen(at("enforcer/zones.xml.new"), "we");
	int i;

	must(f, "zones.xml");
	fputs("<ZoneList>", f);
	for (i = 0; i < count; i++)
		fprintf(f,
		    "<Zone name=\"zone%06d.example\"><Policy>p</Policy>"
		    "<SignerConfiguration>%s/signconf/%d.xml"
		    "</SignerConfiguration><Adapters><Input><Adapter "
		    "type=\"File\">%s/unsigned/%d</Adapter></Input><Output>"
		    "<Adapter type=\"File\">%s/signed/%d</Adapter></Output>"
		    "</Adapters></Zone>\n",
		    i, dir, i, dir, i, dir, i);
	fputs("</ZoneList>", f);
	fclose(f);
	must(
	    rename(at("enforcer/zones.xml.new"), at("enforcer/zones.xml")) == 0,
	    "zones.xml");
}

static struct zone_row row_of(int i, uint32_t serial)
{
	struct zone_row row = {.serial = serial,
	    .served_serial = serial,
	    .ever = true,
	    .state = ZONE_SERVED,
	    .served_expires = 1900000000 - i};
	int n;

	snprintf(row.zone, sizeof(row.zone), "zone%06d.example", i);
	for (n = 0; n < 64; n++)
		row.digest[n] = "0123456789abcdef"[(n * 7 + i) % 16];
	strcpy(row.served_digest, row.digest);
	strcpy(row.unsigned_digest, row.digest);
	snprintf(row.past, sizeof(row.past),
	    "served set 3600 13:12345:%s 13:54321:%s\n"
	    "served key 257 13 %s\nserved key 256 13 %s\n",
	    row.digest, row.digest, row.digest, row.digest);
	return row;
}

static void add_key(int i)
{
	struct keyrecord key = {.algorithm = 13, .in_use = true};

	snprintf(key.repository, sizeof(key.repository), "SoftHSM");
	snprintf(key.locator, sizeof(key.locator), "%032d", i);
	snprintf(key.sha256, sizeof(key.sha256), "%064d", i);
	must(ledger_key_put(ledger, &key, NULL) == 0, "a key");
}

static void make_zone(int i)
{
	struct zone_row row = row_of(i, 5);
	char name[64];

	must(ledger_zone_put(ledger, &row, NULL) == 0, "a row");
	add_key(2 * i);
	add_key(2 * i + 1);
	snprintf(name, sizeof(name), "signed/%d", i);
	put(name, "zone");
	snprintf(name, sizeof(name), "signconf/%d.xml", i);
	put(name, "<SignerConfiguration><Zone name=\"z\"><Signatures><Refresh>"
	          "P3D</Refresh></Signatures><Keys><TTL>PT1H</TTL><Key><Flags>"
	          "257</Flags><Algorithm>13</Algorithm><Locator>aa</Locator>"
	          "<KSK/><ZSK/><Publish/></Key></Keys></Zone>"
	          "</SignerConfiguration>");
}

static void begin(void)
{
	static const char *const dirs[] = {"signed", "signconf", "signer",
	    "unsigned", "enforcer", "pending", "published"};
	size_t d;
	int i;

	snprintf(dir, sizeof(dir), "/tmp/ods-manyzones.XXXXXX");
	must(mkdtemp(dir), "a directory");
	for (d = 0; d < sizeof(dirs) / sizeof(dirs[0]); d++)
		must(mkdir(at(dirs[d]), 0755) == 0, "a directory");
	snprintf(conf.path, PATH_MAX, "%s/conf.xml", dir);
	snprintf(conf.signed_dir, PATH_MAX, "%s/signed", dir);
	snprintf(conf.signconf_dir, PATH_MAX, "%s/signconf", dir);
	snprintf(conf.signer_dir, PATH_MAX, "%s/signer", dir);
	snprintf(conf.unsigned_dir, PATH_MAX, "%s/unsigned", dir);
	snprintf(conf.zones_file, PATH_MAX, "%s/enforcer/zones.xml", dir);
	must(ledger_open(dir, &ledger, NULL) == 0 &&
	         ledger_open(dir, &other, NULL) == 0 &&
	         ledger_begin(ledger, NULL) == 0,
	    "a ledger");
	for (i = 0; i < zones; i++)
		make_zone(i);
	must(ledger_commit(ledger, NULL) == 0, "a ledger");
	list_zones(zones);
}

/* Another thread publishes a version. */
static void a_row_changes(void)
{
	static uint32_t serial = 6;
	struct zone_row row = row_of(7, serial++);

	must(ledger_zone_put(other, &row, NULL) == 0, "a row");
}

/* --- what is measured: each is set up, then timed ------------------------ */

static struct outgoing out;
static struct keylook *look;
static struct capture *capture;
static struct cut cut;
static uint64_t seq;

static void zone_added(void)
{
	list_zones(zones - 1);
	outgoing_load(&out);
	list_zones(zones);
}

static void load(void)
{
	outgoing_load(&out);
}

static void due(void)
{
	outgoing_due(&out);
}

static void book(void)
{
	keybook_follow(&out.keys, ledger);
}

static void judge(void)
{
	struct enforce_verdict v;

	must(keylook_judge(look, 0, time(NULL), &v, NULL) >= 0, "a judgement");
}

static void generation(void)
{
	int fd = open(at("gen"), O_RDWR | O_CREAT | O_TRUNC, 0600);

	memset(&cut, 0, sizeof(cut));
	cut.fd = fd;
	cut.header.seq = seq + 1;
	cut.header.prev_seq = seq;
	must(fd >= 0 && capture_cut(capture, &cut, NULL) == 0 && cut.made,
	    "a generation");
	capture_settle(capture, true);
	seq++;
	close(fd);
}

static void nothing(void)
{
}

static int by_number(const void *a, const void *b)
{
	const double *x = a, *y = b;

	return *x < *y ? -1 : *x > *y;
}

static void measure(const char *what, void (*set_up)(void), void (*run)(void))
{
	struct timespec from, to;
	double ms[TIMES];
	int i;

	for (i = 0; i < TIMES; i++) {
		set_up();
		clock_gettime(CLOCK_MONOTONIC, &from);
		run();
		clock_gettime(CLOCK_MONOTONIC, &to);
		ms[i] = (double)(to.tv_sec - from.tv_sec) * 1e3 +
		        (double)(to.tv_nsec - from.tv_nsec) / 1e6;
	}
	qsort(ms, TIMES, sizeof(ms[0]), by_number);
	printf("%-52s %9.2f\n", what, ms[TIMES / 2]);
}

static int unlink_one(
    const char *p, const struct stat *st, int flag, struct FTW *ftw)
{
	(void)st, (void)flag, (void)ftw;
	return remove(p);
}

int main(int argc, char **argv)
{
	struct sets_setup ss = {.conf = &conf, .state_dir = dir};
	struct capture_setup cs = {0};
	struct sets *sets;

	zones = argc > 1 ? atoi(argv[1]) : 10000;
	must(zones > 10, "how many zones?");
	begin();
	must(sets_open(&ss, &sets, NULL) == 0, "the sets");
	cs.sets = sets;
	cs.ledger = ledger;
	must(capture_open(&cs, &capture, NULL) == 0, "a capture");
	out.conf = &conf;
	out.ledger = ledger;
	out.notify_fd = inotify_init1(IN_CLOEXEC | IN_NONBLOCK);
	look = keylook_new(&conf, ledger);
	printf("%d zones, ms\n", zones);
	measure("publisher: a zone is added", zone_added, load);
	measure("publisher: which zones are due", nothing, due);
	measure("publisher: keys, when a row has changed", a_row_changes, book);
	measure("attendant: the enforcer's clock", a_row_changes, judge);
	generation();
	measure("source: a generation with one row", a_row_changes, generation);
	keylook_free(look);
	outgoing_close(&out);
	close(out.notify_fd);
	capture_close(capture);
	sets_close(sets);
	ledger_close(other);
	ledger_close(ledger);
	return nftw(dir, unlink_one, 8, FTW_DEPTH | FTW_PHYS) == 0 ? 0 : 1;
}
