/* SPDX-License-Identifier: GPL-2.0-or-later
 * Copyright (C) The ocf-ods contributors */
#ifndef TEST_VERSIONS_H
#define TEST_VERSIONS_H

#include <time.h>

#include "verifier.h"

void fake_verifier(
    const struct verify_job *job, struct judgement *j, char **said);

#define verifier_run fake_verifier
#include "candidate.c"
#undef verifier_run

#include "publishing.h"
#include "signer.h"

/* Versions from signed/ to the name server, for one test program each.  A
 * version is "serial=N" and anything behind it. */

static struct {
	volatile bool answers;              /* the barrier, at once */
	volatile int verified;              /* how often */
	volatile int broken;                /* the verifier is, so many times */
	volatile bool caches;               /* ... hold what contradicts */
	volatile int slow_ms;               /* it takes so long */
	volatile bool hangs;                /* at "slow" versions */
	volatile int at_once, most_at_once; /* so many of them run */
	volatile bool busy;                 /* the signer takes no command */
	volatile bool beyond;               /* ... no serial */
	volatile int asked;                 /* the signer was, in vain or not */
	volatile uint32_t above;
	volatile int signs;
	volatile int updates; /* of a signconf */
} world;

/* No power is lost here. */
int fsync(int fd)
{
	(void)fd;
	return 0;
}

int fdatasync(int fd)
{
	return fsync(fd);
}

/* ods-verify has tests of its own.  The words of a version say what it would
 * say, too: "soft", "hard candidate=N served=M", "caches" (refused until
 * world.caches is off), "gone", "slow", "keys=TEXT". */
void fake_verifier(
    const struct verify_job *job, struct judgement *j, char **said)
{
	char version[128] = "", text[512];
	const char *keys;
	int now, code;

	now = __atomic_add_fetch(&world.at_once, 1, __ATOMIC_SEQ_CST);
	if (now > world.most_at_once)
		world.most_at_once = now;
	deadline_sleep_ms(deadline_in_ms(1000), world.slow_ms);
	assert_true(pread(job->fd, version, sizeof(version) - 1, 0) >= 0);
	while (world.hangs && strstr(version, "slow") && !*job->cancel)
		deadline_sleep_ms(deadline_in_ms(1000), 10);
	__atomic_sub_fetch(&world.at_once, 1, __ATOMIC_SEQ_CST);
	__atomic_add_fetch(&world.verified, 1, __ATOMIC_SEQ_CST);
	keys = strstr(version, "keys=");
	code = world.broken > 0                            ? 2
	       : !strstr(version, "serial=")               ? 1
	       : strstr(version, "hard")                   ? 1
	       : strstr(version, "gone")                   ? 1
	       : strstr(version, "soft")                   ? 3
	       : strstr(version, "caches") && world.caches ? 1
	                                                   : 0;
	world.broken -= world.broken > 0;
	snprintf(text, sizeof(text), "%s%s %s%s%s\nbogus %s\n%s%s%s\n",
	    code == 0 ? "ok " : "refused line 1: ",
	    code == 0 ? "" : "it is wrong\nzone ",
	    strstr(version, "serial=") ? version : "",
	    strstr(version, "earliest_expiry=") ? "" : " earliest_expiry=0",
	    strstr(version, "gone") ? "\ngone 1" : "",
	    strstr(version, "candidate=") ? strstr(version, "candidate=") - 1
	                                  : "candidate=0",
	    keys ? "history set 60 " : "", keys ? keys + 5 : "",
	    keys ? "" : "none");
	judgement_parse(j, code, text);
	*said = strdup(text);
}

enum signer_answer signer_sign_above(
    const struct conf *c, const char *zone, uint32_t serial)
{
	(void)c, (void)zone;
	world.asked++;
	if (world.busy)
		return SIGNER_DEAF;
	if (world.beyond)
		return SIGNER_WOULD_NOT;
	world.above = serial;
	return SIGNER_TOOK;
}

bool signer_sign(const struct conf *c, const char *zone)
{
	(void)c, (void)zone;
	world.asked++;
	world.signs += !world.busy;
	return !world.busy;
}

bool signer_update(const struct conf *c, const char *zone)
{
	(void)c, (void)zone;
	world.updates++;
	return true;
}

static int setup_pass(void **state)
{
	memset(&world, 0, sizeof(world));
	world.answers = true;
	return setup(state);
}

static void control(void)
{
	int before = asked;

	turn();
	if (asked > before && world.answers)
		publisher_barrier_done(publisher);
}

#define until(condition)                                           \
	do {                                                       \
		struct deadline until_d = deadline_in_ms(WAIT_MS); \
		while (!(condition)) {                             \
			control();                                 \
			if (deadline_passed(until_d))              \
				fail_msg("never: %s", #condition); \
		}                                                  \
	} while (0)

static inline void zones_are(int count)
{
	size_t size = (size_t)count * 512 + 64, n;
	char *text = malloc(size), name[64];
	int i;

	assert_non_null(text);
	n = (size_t)snprintf(text, size, "<ZoneList>");
	for (i = 0; i < count; i++) {
		snprintf(name, sizeof(name), "signed/z%d", i);
		n += (size_t)snprintf(
		    text + n, size - n, ZONE, strrchr(name, '/') + 1, at(name));
	}
	snprintf(text + n, size - n, "</ZoneList>");
	put("zones.xml", text);
	free(text);
}

static inline struct zone_row row_of(const char *zone)
{
	struct zone_row row = {0};

	ledger_zone_get(ledger, zone, &row, NULL);
	return row;
}

static inline bool is_served(const char *zone, const char *text)
{
	char name[64], now[64] = "";
	FILE *f;

	snprintf(name, sizeof(name), "published/%s", zone);
	f = fopen(at(name), "re");
	if (!f)
		return false;
	if (!fgets(now, sizeof(now), f))
		now[0] = '\0';
	fclose(f);
	return strcmp(now, text) == 0;
}

/* Zone z0 and its first version, in the world's hands. */
static inline void begin(void)
{
	zones_are(1);
	put("signed/z0", "serial=12");
	start();
	until(
	    is_served("z0", "serial=12") && row_of("z0").state == ZONE_SERVED);
}

#define EXPIRING "serial=%d earliest_expiry=%lld"

static inline const char *expiring(int serial, int64_t at_s)
{
	static char text[64];

	snprintf(text, sizeof(text), EXPIRING, serial, (long long)at_s);
	return text;
}

#define T(t) cmocka_unit_test_setup_teardown(t, setup_pass, teardown)

#endif
