/* SPDX-License-Identifier: GPL-2.0-or-later
 * Copyright (C) The ocf-ods contributors */
#include <errno.h>
#include <limits.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>
#include <cmocka.h>

#include "crmtool.h"
#include "log.h"
#include "pacemaker.h"

/* The thread that talks to Pacemaker, on a clock that its waits move on. */

static _Atomic int64_t now_ms;
static atomic_int readings, failing, hanging, history_calls, slow_ms;
static _Atomic int64_t read_ms[64], score_ms[64];
static char score[16], role[32], property[WITNESS_TEXT];
static atomic_int property_writes, property_tries, property_fails;
static atomic_int score_writes, frozen;
static int deletes;

struct deadline deadline_in_ms(int64_t ms)
{
	return (struct deadline){now_ms + ms};
}

int deadline_left_ms(struct deadline d)
{
	return d.at_ms > now_ms ? (int)(d.at_ms - now_ms) : 0;
}

bool deadline_passed(struct deadline d)
{
	return deadline_left_ms(d) == 0;
}

struct deadline deadline_step(struct deadline d, int64_t ms)
{
	struct deadline step = deadline_in_ms(ms);

	return step.at_ms < d.at_ms ? step : d;
}

void deadline_sleep_ms(struct deadline d, int ms)
{
	(void)d;
	now_ms += ms;
}

int pthread_cond_timedwait(
    pthread_cond_t *cond, pthread_mutex_t *lock, const struct timespec *until)
{
	struct timespec ts;

	(void)cond;
	clock_gettime(CLOCK_MONOTONIC, &ts);
	pthread_mutex_unlock(lock);
	if (!frozen)
		now_ms += (until->tv_sec - ts.tv_sec) * 1000 +
		          (until->tv_nsec - ts.tv_nsec) / 1000000 + 1;
	usleep(1000);
	pthread_mutex_lock(lock);
	return ETIMEDOUT;
}

void mailbox_post(struct mailbox *mail, mail_fn fn, void *arg)
{
	(void)mail, (void)fn;
	if (readings < 64)
		read_ms[readings] = now_ms;
	readings++;
	free(arg);
}

void log_at(int level, const char *fmt, ...)
{
	(void)level, (void)fmt;
}

int crmtool_fencing_enabled(
    bool *enabled, struct deadline deadline, struct why *why)
{
	(void)deadline, (void)why;
	*enabled = true;
	return 0;
}

int crmtool_fencing_history(const char *node, struct crmtool_fencing *fencing,
    struct deadline deadline, struct why *why)
{
	(void)node, (void)deadline;
	memset(fencing, 0, sizeof(*fencing));
	history_calls++;
	if (hanging) {
		usleep(100000); /* stop has come */
		now_ms += 6000;
	}
	return failing ? why_set(why, -EIO, "stonith_admin failed") : 0;
}

int crmtool_attr_change(struct crmtool_attr *attr, const char *value,
    struct deadline deadline, struct why *why)
{
	(void)deadline, (void)why;
	if (attr->known && strcmp(attr->last, value) == 0)
		return 0;
	attr->known = true;
	snprintf(attr->last, sizeof(attr->last), "%s", value);
	if (strcmp(attr->name, "ods-role-state") == 0)
		snprintf(role, sizeof(role), "%s", value);
	return 0;
}

int crmtool_property_get(const char *set, const char *name, char *buf,
    size_t size, struct deadline deadline, struct why *why)
{
	(void)deadline, (void)why;
	assert_string_equal(set, "ods-state");
	assert_string_equal(name, "ods-record-state");
	snprintf(buf, size, "%s", property);
	return *property ? 0 : -ENODATA;
}

int crmtool_property_set(const char *set, const char *name, const char *value,
    struct deadline deadline, struct why *why)
{
	(void)set, (void)name, (void)deadline;
	property_tries++;
	if (property_fails)
		return why_set(why, -EIO, "crm_attribute failed");
	snprintf(property, sizeof(property), "%s", value);
	property_writes++;
	return 0;
}

void crmtool_attr_forget(struct crmtool_attr *attr)
{
	attr->known = false;
}

int crmtool_attr_delete(
    const char *name, struct deadline deadline, struct why *why)
{
	(void)name, (void)why;
	deletes += !deadline_passed(deadline);
	return 0;
}

int crmtool_score_set(const char *resource, const char *text,
    struct deadline deadline, struct why *why)
{
	int ms = slow_ms;

	(void)resource;
	if (ms > deadline_left_ms(deadline)) {
		now_ms += deadline_left_ms(deadline);
		slow_ms = 0;
		return why_set(why, -ETIMEDOUT, "crm_attribute is slow");
	}
	now_ms += ms;
	snprintf(score, sizeof(score), "%s", text);
	if (score_writes < 64)
		score_ms[score_writes] = now_ms;
	score_writes++;
	return 0;
}

int crmtool_score_get(const char *resource, char *buf, size_t size,
    struct deadline deadline, struct why *why)
{
	(void)resource, (void)deadline, (void)why;
	snprintf(buf, size, "%s", score);
	return *score ? 0 : -ENODATA;
}

int crmtool_score_delete(
    const char *resource, struct deadline deadline, struct why *why)
{
	(void)resource, (void)why;
	deletes += !deadline_passed(deadline);
	return 0;
}

static void await(const atomic_int *counter, int count)
{
	int i;

	for (i = 0; i < 5000 && *counter < count; i++)
		usleep(1000);
	assert_true(*counter >= count);
}

static struct pacemaker *begin(void)
{
	static const char names[NODES_MAX][NODE_NAME_MAX] = {"n1", "n2"};
	struct pacemaker *pm;

	now_ms = 1000000;
	readings = failing = hanging = history_calls = slow_ms = 0;
	deletes = property_writes = property_tries = property_fails = 0;
	score_writes = frozen = 0;
	property[0] = role[0] = '\0';
	score[0] = '\0';
	pm = pacemaker_start("state", NULL, NULL);
	assert_non_null(pm);
	pacemaker_watch(pm, names, 2, false);
	return pm;
}

/* Nobody waits for anything: what Pacemaker says is read all the same. */
static void idle_rounds_read(void **state)
{
	struct pacemaker *pm = begin();

	(void)state;
	await(&readings, 6);
	pacemaker_stop(pm, false);
	assert_in_range(read_ms[5] - read_ms[4], 29000, 31000);
}

/* A history that could not be read is asked for again soon. */
static void failed_reading_is_repeated(void **state)
{
	struct pacemaker *pm = begin();

	(void)state;
	failing = 1;
	await(&readings, 8);
	pacemaker_stop(pm, false);
	assert_in_range(read_ms[7] - read_ms[6], 1000, 3000);
}

/* The copy of the record is written on change, and again when somebody else
 * has changed or deleted it. */
static void record_is_copied(void **state)
{
	struct pacemaker_wish wish = {.record = "4.1"};
	struct pacemaker *pm = begin();

	(void)state;
	pacemaker_wish(pm, &wish);
	await(&property_writes, 1);
	await(&readings, readings + 3);
	assert_int_equal(property_writes, 1);
	property[0] = '\0';
	await(&property_writes, 2);
	wish.record[0] = '\0';
	pacemaker_wish(pm, &wish);
	await(&readings, readings + 3);
	pacemaker_stop(pm, false);
	assert_string_equal(property, "4.1");
	assert_int_equal(property_writes, 2);
}

/* A property that cannot be written is tried again; score and attributes do
 * not wait for it, and nothing else does. */
static void property_write_fails(void **state)
{
	struct pacemaker_wish wish = {
	    .score = 1000, .role = "source", .record = "4.1"};
	struct pacemaker *pm = begin();

	(void)state;
	property_fails = 1;
	pacemaker_wish(pm, &wish);
	await(&property_tries, 1);
	assert_string_equal(score, "1000");
	assert_string_equal(role, "source");
	await(&readings, readings + 2);
	await(&property_tries, property_tries + 2);
	property_fails = 0;
	await(&property_writes, 1);
	pacemaker_stop(pm, false);
	assert_string_equal(property, "4.1");
}

static void forgotten(void)
{
	score[0] = role[0] = '\0';
}

/* Pacemaker forgets transient attributes when a node leaves and is back, and
 * tells nobody. */
static void attrd_forgets(void **state)
{
	struct pacemaker_wish wish = {.score = 900, .role = "holder"};
	struct pacemaker *pm = begin();
	int64_t since;

	(void)state;
	frozen = 1;
	pacemaker_wish(pm, &wish);
	await(&score_writes, 1);
	await(&readings, 1);
	forgotten();
	pacemaker_reassert(pm); /* the group has changed */
	await(&score_writes, 2);
	usleep(20000);
	assert_string_equal(score, "900");
	assert_string_equal(role, "holder");
	/* Without any sign of it, too. */
	assert_int_equal(score_writes, 2);
	forgotten();
	since = now_ms;
	frozen = 0;
	await(&score_writes, 3);
	frozen = 1;
	usleep(20000);
	pacemaker_stop(pm, false);
	assert_string_equal(score, "900");
	assert_string_equal(role, "holder");
	assert_in_range(score_ms[2] - since, 0, 60000 + 30000);
}

/* One slow tool where a cluster starts does not fail the start. */
static void forbid_is_tried_again(void **state)
{
	struct why why = {0};

	(void)state;
	now_ms = 1000000;
	score[0] = '\0';
	slow_ms = 6000;
	assert_int_equal(
	    pacemaker_forbid("state", deadline_in_ms(40000), &why), 0);
	assert_string_equal(score, "-INFINITY");
}

/* A tool hangs in the round that stop waits for: score and attributes are
 * deleted all the same. */
static void stop_deletes_after_a_slow_round(void **state)
{
	struct pacemaker *pm = begin();
	int calls;

	(void)state;
	await(&readings, 2);
	hanging = 1;
	calls = history_calls;
	await(&history_calls, calls + 1);
	pacemaker_stop(pm, true);
	assert_int_equal(deletes, 4);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(idle_rounds_read),
	    cmocka_unit_test(failed_reading_is_repeated),
	    cmocka_unit_test(record_is_copied),
	    cmocka_unit_test(property_write_fails),
	    cmocka_unit_test(attrd_forgets),
	    cmocka_unit_test(forbid_is_tried_again),
	    cmocka_unit_test(stop_deletes_after_a_slow_round),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
