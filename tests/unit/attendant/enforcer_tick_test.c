/* SPDX-License-Identifier: GPL-2.0-or-later
 * Copyright (C) The ocf-ods contributors */
#include <errno.h>
#include <ftw.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>

#include "attendant.h"
#include "deadline.h"
#include "enforcerd.h"
#include "file.h"
#include "odsctl.h"
#include "statefile.h"
#include "zonelist.h"

/* When the enforcer is allowed: after a signer has read all signconfs, and
 * its clock permits. */

static char dir[64];
static struct conf conf;
static struct attendant *attendant;

static volatile bool ready;   /* a signer is there, */
static volatile bool listens; /* ... and takes commands */
static volatile int stops;    /* that an enforcer was told to stop */
static volatile int clocks;   /* messages of those kinds */
static volatile int verdicts;
static struct enforce_verdict last;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

void mailbox_post(struct mailbox *mb, mail_fn fn, void *arg)
{
	(void)mb;
	fn(NULL, arg);
}

static void on_enforce(void *owner, void *arg)
{
	(void)owner;
	pthread_mutex_lock(&lock);
	last = *(struct enforce_verdict *)arg;
	verdicts++;
	pthread_mutex_unlock(&lock);
	free(arg);
}

static void on_clocks(void *owner, void *arg)
{
	(void)owner, (void)arg;
	clocks++;
}

int statefile_each(
    int (*fn)(const char *resource, const struct statefile *sf, void *arg),
    void *arg)
{
	static const struct statefile none;

	return ready ? fn("signer", &none, arg) : 0;
}

/* The signer that lives is this program. */
const char *statefile_get(const struct statefile *sf, const char *key)
{
	(void)sf;
	if (strcmp(key, "agent") == 0)
		return "signer";
	if (strcmp(key, "binary") == 0)
		return program_invocation_short_name;
	return strcmp(key, "conf") == 0 ? conf.path : "x";
}

long statefile_number(const struct statefile *sf, const char *key, long dflt)
{
	(void)sf, (void)dflt;
	return strcmp(key, "pid") == 0 ? (long)getpid() : 1;
}

int odsctl_ask(const char *socket_path, const char *command,
    struct deadline deadline, int *exit_code, char *out, size_t size,
    struct why *why)
{
	(void)socket_path, (void)command, (void)deadline, (void)size;
	*exit_code = 0;
	out[0] = '\0';
	return listens ? 0 : why_set(why, -ETIMEDOUT, "it is deaf");
}

int odsctl_signer_ready(const char *socket_path, const char *zones_xml,
    const char *signer_dir, long started, struct deadline deadline,
    struct why *why)
{
	(void)socket_path, (void)zones_xml, (void)signer_dir, (void)started;
	(void)deadline, (void)why;
	return 0;
}

int zonelist_follow(struct zonelist *zl, const char *zones_xml,
    const char *signer_socket, time_t now, struct why *why)
{
	(void)zl, (void)zones_xml, (void)signer_socket, (void)now, (void)why;
	return 0;
}

void publisher_tell_all(struct publisher *p)
{
	(void)p;
}

void publisher_signer(struct publisher *p, bool is_ready)
{
	(void)p, (void)is_ready;
}

bool enforcerd_overdue(struct enforcerd_watch *w, bool allowed, int64_t now_ms)
{
	(void)w, (void)now_ms;
	return !allowed;
}

int enforcerd_stop(
    const struct conf *c, struct deadline deadline, struct why *why)
{
	(void)c, (void)deadline, (void)why;
	stops++;
	return 0;
}

static struct enforce_verdict verdict(void)
{
	struct enforce_verdict v;

	pthread_mutex_lock(&lock);
	v = last;
	pthread_mutex_unlock(&lock);
	return v;
}

static void wait_until_allowed(bool allowed)
{
	int i;

	for (i = 0; i < 400; i++) {
		if (verdicts > 0 && verdict().allow == allowed)
			return;
		usleep(20000);
	}
	fail_msg("still %d: %s", !allowed, verdict().why);
}

static void put(const char *name, const char *text)
{
	char path[128];

	snprintf(path, sizeof(path), "%s/%s", dir, name);
	assert_int_equal(
	    file_replace(path, text, strlen(text), 0644, false, NULL), 0);
}

static void list_of_one(void)
{
	char text[512];

	snprintf(text, sizeof(text),
	    "<ZoneList><Zone name=\"z\"><Policy>p</Policy>"
	    "<SignerConfiguration>%s/z.xml</SignerConfiguration><Adapters>"
	    "<Output><Adapter type=\"File\">%s/z</Adapter></Output></Adapters>"
	    "</Zone></ZoneList>",
	    dir, dir);
	put("zones.xml", text);
}

static void begin(void)
{
	const struct attendant_setup setup = {
	    .conf = &conf,
	    .state_dir = dir,
	    .on_enforce = on_enforce,
	    .on_clocks = on_clocks,
	};

	attendant = attendant_start(&setup, NULL);
	assert_non_null(attendant);
}

static int setup_dir(void **state)
{
	(void)state;
	ready = listens = false;
	stops = clocks = verdicts = 0;
	snprintf(dir, sizeof(dir), "/tmp/ods-attendant.XXXXXX");
	if (!mkdtemp(dir))
		return -1;
	snprintf(conf.path, sizeof(conf.path), "%s/conf.xml", dir);
	snprintf(conf.zones_file, sizeof(conf.zones_file), "%s/zones.xml", dir);
	snprintf(conf.signer_dir, sizeof(conf.signer_dir), "%s", dir);
	return 0;
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
	attendant_stop(attendant);
	attendant = NULL;
	return nftw(dir, unlink_one, 8, FTW_DEPTH | FTW_PHYS);
}

static void not_before_all_signconfs_are_read(void **state)
{
	int before;

	(void)state;
	begin();
	wait_until_allowed(false);
	assert_string_equal(verdict().why, "no signer is ready");
	ready = true;
	usleep(500000);
	assert_false(verdict().allow);
	assert_true(stops > 0);
	listens = true;
	wait_until_allowed(true);
	before = stops;
	usleep(300000);
	assert_int_equal(stops, before);
	ready = false;
	wait_until_allowed(false);
	usleep(300000);
	assert_true(stops > before);
}

static void a_zone_is_waited_for(void **state)
{
	struct zone_row row = {.zone = "z",
	    .serial = 7,
	    .served_serial = 7,
	    .ever = true,
	    .state = ZONE_SERVED,
	    .digest = "aa",
	    .served_digest = "aa"};
	struct ledger *l;

	(void)state;
	list_of_one();
	assert_int_equal(ledger_open(dir, &l, NULL), 0);
	assert_int_equal(ledger_zone_put(l, &row, NULL), 0);
	ready = listens = true;
	begin();
	sleep(1);
	assert_true(verdicts > 0);
	assert_false(verdict().allow);
	assert_string_equal(verdict().zone, "z");
	assert_true(clocks > 0);
	assert_int_equal(enforce_acked(l, "z", NULL), 0);
	wait_until_allowed(true);
	ledger_close(l);
}

#define T(t) cmocka_unit_test_setup_teardown(t, setup_dir, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
	    T(not_before_all_signconfs_are_read),
	    T(a_zone_is_waited_for),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
