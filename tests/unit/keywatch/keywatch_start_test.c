/* SPDX-License-Identifier: GPL-2.0-or-later
 * Copyright (C) The ocf-ods contributors */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <unistd.h>
#include <cmocka.h>

#undef ODS_LIBEXECDIR
#define ODS_LIBEXECDIR "."
#include "keyprobe.c"

#define KEYWATCH_PACE
#define TURN_MS 5
#define SETTLE_MS 0
#define STANDBY_MS 0
#define LIST_SOURCE_MS 10
#define LIST_STANDBY_MS 10
#define RELOOK_MS 600000
#define RETRY_MS 600000
#define PROBE_MS 60000
#define PROVE_MS 60000
#include "keywatch.c"

/* The thread, with a program for the probe. */

#define X16 "1111111111111111"
#define ONE X16 X16 X16 X16

static char dir[64];
static struct conf conf;
static struct mailbox *mail;
static struct keynews news;
static int told;

static void on_news(void *owner, void *arg)
{
	(void)owner;
	told++;
	news = *(struct keynews *)arg;
	free(arg);
}

static int setup(void **state)
{
	struct ledger *ledger;
	struct keyrecord key;

	(void)state;
	snprintf(dir, sizeof(dir), "/tmp/ods-keywatch.XXXXXX");
	if (!mkdtemp(dir) || chdir(dir) < 0)
		return -1;
	snprintf(conf.path, sizeof(conf.path), "%s/conf.xml", dir);
	mail = mailbox_open(NULL);
	told = 0;
	keyrecord_decode("R 0a 13 " ONE " inuse", &key);
	assert_int_equal(ledger_open(dir, &ledger, NULL), 0);
	assert_int_equal(ledger_key_put(ledger, &key, NULL), 0);
	ledger_close(ledger);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	mailbox_close(mail);
	unlink("ods-hsm-probe");
	unlink("pid");
	unlink("ledger.db");
	return chdir("/") + rmdir(dir);
}

static void probe_is(const char *body)
{
	FILE *file = fopen("ods-hsm-probe", "w");

	assert_non_null(file);
	fprintf(file, "#!/bin/sh\no=/dev/stdout\n%s\n", body);
	fclose(file);
	assert_int_equal(chmod("ods-hsm-probe", 0755), 0);
}

static struct keywatch *start(void)
{
	struct keywatch_setup s = {
	    .conf = &conf, .state_dir = dir, .mail = mail, .on_news = on_news};
	struct keywatch *w = keywatch_start(&s, NULL);

	assert_non_null(w);
	return w;
}

static void wait_for(bool (*what)(void))
{
	struct deadline d = deadline_in_ms(20000);

	while (!what() && !deadline_passed(d)) {
		mailbox_run(mail);
		usleep(5000);
	}
	assert_true(what());
}

static bool proven(void)
{
	return told > 0 && news.level == KEYNEWS_OK;
}

static bool running(void)
{
	return access("pid", F_OK) == 0;
}

static void look_and_prove(void **state)
{
	struct keywatch *w;

	(void)state;
	probe_is("case \"$*\" in\n"
	         "*--prove*) echo 'proof R 0a proven 3' >>$o;;\n"
	         "*) printf 'token R 12\\nkey R 0a present " ONE "\\n' >$o\n"
	         "echo 'repository=R verdict=ok detail=- ms=1' >>$o;; esac");
	w = start();
	usleep(50000);
	mailbox_run(mail);
	assert_int_equal(told, 0); /* nobody has said what this node is */
	keywatch_role(w, KEYWATCH_STANDBY);
	wait_for(proven);
	assert_true(news.looked_s > 0);
	keywatch_stop(w);
}

/* A promote and a stop wait for no token. */
static void a_probe_that_hangs(void **state)
{
	struct deadline d;
	struct keywatch *w;

	(void)state;
	probe_is("echo $$ >pid; exec sleep 60");
	w = start();
	keywatch_role(w, KEYWATCH_STANDBY);
	wait_for(running);
	d = deadline_in_ms(5000);
	keywatch_role(w, KEYWATCH_AT_REST);
	while (proc_is(proc_pidfile("pid"), "sleep") && !deadline_passed(d))
		usleep(5000);
	assert_false(deadline_passed(d));
	unlink("pid");
	keywatch_role(w, KEYWATCH_STANDBY);
	wait_for(running);
	d = deadline_in_ms(5000);
	keywatch_stop(w);
	assert_false(deadline_passed(d));
	mailbox_run(mail);
	assert_int_equal(told, 0);
}

#define T(t) cmocka_unit_test_setup_teardown(t, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
	    T(look_and_prove),
	    T(a_probe_that_hangs),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
