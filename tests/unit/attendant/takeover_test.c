/* SPDX-License-Identifier: GPL-2.0-or-later
 * Copyright (C) The ocf-ods contributors */
#include "attending.h"

#include <signal.h>
#include <sys/wait.h>

#include "signnote.h"

/* The end of a takeover, and what ends in the midst of it: each step is done
 * once more by what comes after. */

static struct ledger *ledger;
static pid_t signers[8];
static int signer_count;

static void zones_are(void)
{
	char text[2048];
	size_t n = (size_t)snprintf(text, sizeof(text), "<ZoneList>");
	const char *name;

	for (name = "abc"; *name; name++)
		n += (size_t)snprintf(text + n, sizeof(text) - n,
		    "<Zone name=\"%c\"><SignerConfiguration>%s/%c.xml"
		    "</SignerConfiguration><Adapters><Input><Adapter "
		    "type=\"File\">%s/%c.in</Adapter></Input><Output><Adapter "
		    "type=\"File\">%s/%c</Adapter></Output></Adapters></Zone>",
		    *name, dir, *name, dir, *name, dir, *name);
	snprintf(text + n, sizeof(text) - n, "</ZoneList>");
	put("zones.xml", text);
}

static void served(const char *zone, uint32_t serial, int64_t expires)
{
	struct zone_row row = {.serial = serial,
	    .served_serial = serial,
	    .ever = true,
	    .state = ZONE_SERVED,
	    .served_expires = expires,
	    .digest = "aa",
	    .served_digest = "aa",
	    .unsigned_digest = "feed"};

	snprintf(row.zone, sizeof(row.zone), "%s", zone);
	assert_int_equal(ledger_zone_put(ledger, &row, NULL), 0);
}

static void noted(const char *zone, const char *text)
{
	struct sign_note note;

	assert_int_equal(sign_note_parse(text, &note), 0);
	assert_int_equal(sign_note_put(ledger, zone, &note, NULL), 0);
}

static const char *note_of(const char *zone)
{
	static char text[SIGN_NOTE_TEXT];
	struct sign_note note;

	if (sign_note_get(ledger, zone, &note) < 0)
		return "";
	if (note.asked)
		note.asked = 1;
	sign_note_text(&note, text);
	return text;
}

/* Another one is there from now on. */
static void new_signer(void)
{
	pid_t pid = fork();

	if (pid == 0) {
		pause();
		_exit(0);
	}
	assert_true(pid > 0);
	signers[signer_count++] = pid;
	pthread_mutex_lock(&lock);
	said[0] = '\0';
	pthread_mutex_unlock(&lock);
	signer_pid = pid;
	ready = true;
}

static void signer_dies(void)
{
	pid_t pid = signers[signer_count - 1];

	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
	usleep(300000);
}

static bool has_said(const char *text)
{
	bool same;

	pthread_mutex_lock(&lock);
	same = strcmp(said, text) == 0;
	pthread_mutex_unlock(&lock);
	return same;
}

static void wait_until_said(const char *text)
{
	char now[sizeof(said)];
	int i;

	for (i = 0; i < 400 && !has_said(text); i++)
		usleep(20000);
	usleep(300000);
	pthread_mutex_lock(&lock);
	memcpy(now, said, sizeof(now));
	pthread_mutex_unlock(&lock);
	assert_string_equal(now, text);
}

static void worker_dies(void)
{
	attendant_stop(attendant);
	attendant = NULL;
	pthread_mutex_lock(&lock);
	said[0] = '\0';
	pthread_mutex_unlock(&lock);
}

/* Zone a was edited, b's backup2 was damaged, c is new. */
static int setup_takeover(void **state)
{
	int rc = setup_dir(state);

	signer_count = 0;
	zones_are();
	put("a.in", "edited");
	if (rc < 0 || ledger_open(dir, &ledger, NULL) < 0)
		return -1;
	served("a", 7, 3000);
	served("b", 17, 1000);
	noted("b", "serial 18 asked 0");
	listens = true;
	return 0;
}

static int teardown_takeover(void **state)
{
	int i;

	for (i = 0; i < signer_count; i++) {
		kill(signers[i], SIGKILL);
		waitpid(signers[i], NULL, 0);
	}
	ledger_close(ledger);
	return teardown(state);
}

#define ALL "update --all\nsign b --serial 18\nsign a\n"

/* What runs out first is signed first; all is told once to the name server.
 * A note stays until a version has come of it. */
static void in_order(void **state)
{
	(void)state;
	new_signer();
	begin();
	wait_until_said(ALL);
	assert_int_equal(tells, 2);
	assert_string_equal(note_of("a"), "sign 7 asked 1");
	assert_string_equal(note_of("b"), "serial 18 asked 1");
	assert_string_equal(note_of("c"), "");
}

static void signer_dies_before_update(void **state)
{
	(void)state;
	deaf_to = "update";
	new_signer();
	begin();
	usleep(300000);
	assert_false(verdict().allow);
	signer_dies();
	deaf_to = NULL;
	new_signer();
	wait_until_said(ALL);
}

static void signer_dies_between(void **state)
{
	(void)state;
	deaf_to = "sign a";
	new_signer();
	begin();
	wait_until_said("update --all\nsign b --serial 18\n");
	assert_string_equal(note_of("a"), "sign 7 asked 0");
	assert_string_not_equal(verdict().why, "no signer is ready");
	signer_dies();
	assert_string_equal(verdict().why, "no signer is ready");
	deaf_to = NULL;
	new_signer();
	wait_until_said(ALL);
}

/* It has taken all, and no version came. */
static void signer_dies_after(void **state)
{
	(void)state;
	new_signer();
	begin();
	wait_until_said(ALL);
	signer_dies();
	served("b", 18, 1000);
	new_signer();
	wait_until_said("update --all\nsign a\n");
	assert_string_equal(note_of("b"), "");
}

/* What is not taken at once is told again, and only that. */
static void signer_is_busy(void **state)
{
	(void)state;
	deaf_to = "sign b";
	new_signer();
	begin();
	wait_until_said("update --all\nsign a\n");
	deaf_to = NULL;
	wait_until_said("update --all\nsign a\nsign b --serial 18\n");
}

static void worker_dies_between(void **state)
{
	(void)state;
	deaf_to = "sign a";
	new_signer();
	begin();
	wait_until_said("update --all\nsign b --serial 18\n");
	worker_dies();
	deaf_to = NULL;
	begin();
	wait_until_said("update --all\nsign a\n");
}

static void worker_dies_after(void **state)
{
	(void)state;
	new_signer();
	begin();
	wait_until_said(ALL);
	worker_dies();
	begin();
	wait_until_said("update --all\n");
	assert_int_equal(tells, 4);
}

#define T(t) \
	cmocka_unit_test_setup_teardown(t, setup_takeover, teardown_takeover)

int main(void)
{
	const struct CMUnitTest tests[] = {
	    T(in_order),
	    T(signer_dies_before_update),
	    T(signer_dies_between),
	    T(signer_dies_after),
	    T(signer_is_busy),
	    T(worker_dies_between),
	    T(worker_dies_after),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
