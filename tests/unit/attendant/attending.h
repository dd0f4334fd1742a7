/* SPDX-License-Identifier: GPL-2.0-or-later
 * Copyright (C) The ocf-ods contributors */
#ifndef TEST_ATTENDING_H
#define TEST_ATTENDING_H

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

#include "kaspchild.h"

int fake_check(
    const char *database, const volatile bool *cancel, struct why *why);

#define kasp_check fake_check
#include "attendant.c"
#undef kasp_check

#include "deadline.h"
#include "enforcerd.h"
#include "file.h"
#include "odsctl.h"
#include "statefile.h"
#include "zonelist.h"

/* An attendant at work, with a signer and a Pacemaker of the test's own. */

static char dir[64];
static struct conf conf;
static struct attendant *attendant;

static volatile bool ready;       /* a signer is there, */
static volatile bool listens;     /* ... and takes commands */
static volatile pid_t signer_pid; /* another process; 0 = this one */
static const char *deaf_to;       /* ... but not what begins with this */
static char said[4096];           /* what it took, a line each */
static volatile int tells;        /* publish_command for every zone */
static volatile int stops;        /* that an enforcer was told to stop */
static volatile int clocks;       /* messages of those kinds */
static volatile int verdicts;
static struct enforce_verdict last;
static volatile int damaged; /* what kasp_check() says */
static volatile int looked_at;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

void mailbox_post(struct mailbox *mb, mail_fn fn, void *arg)
{
	(void)mb;
	fn(NULL, arg);
}

int fake_check(
    const char *database, const volatile bool *cancel, struct why *why)
{
	(void)cancel;
	looked_at++;
	return damaged ? why_set(why, damaged, "%s is damaged", database) : 0;
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
	if (strcmp(key, "pid") != 0)
		return 1;
	return signer_pid ? signer_pid : getpid();
}

int odsctl_ask(const char *socket_path, const char *command,
    struct deadline deadline, int *exit_code, char *out, size_t size,
    struct why *why)
{
	size_t len;

	(void)socket_path, (void)deadline, (void)size;
	*exit_code = 0;
	out[0] = '\0';
	if (!listens ||
	    (deaf_to && strncmp(command, deaf_to, strlen(deaf_to)) == 0))
		return why_set(why, -ETIMEDOUT, "it is deaf");
	pthread_mutex_lock(&lock);
	len = strlen(said);
	snprintf(said + len, sizeof(said) - len, "%s\n", command);
	pthread_mutex_unlock(&lock);
	return 0;
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
	tells++;
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

static inline void wait_until_allowed(bool allowed)
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

static inline void list_of_one(void)
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
	damaged = looked_at = 0;
	conf.database[0] = '\0';
	stops = clocks = verdicts = tells = 0;
	signer_pid = 0;
	deaf_to = NULL;
	said[0] = '\0';
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

#endif
