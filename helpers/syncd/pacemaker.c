/* SPDX-License-Identifier: GPL-2.0-or-later
 * Copyright (C) The ocf-ods contributors */
#include "pacemaker.h"

#include <errno.h>
#include <limits.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "condition.h"
#include "crmtool.h"
#include "log.h"

#define TOOL_DEADLINE_MS 5000
#define URGENT_MS 300
#define IDLE_MS 30000
#define RETRY_MS 2000
#define REASSERT_MS 60000
#define FORBID_PAUSE_MS 500
#define PROPERTY_SIZE 160

enum wished { WISH_ROLE, WISH_WHY, WISH_ENFORCE, WISH_COUNT };

struct pacemaker {
	pthread_t thread;
	pthread_mutex_t lock;
	pthread_cond_t wake;
	struct mailbox *mail;
	mail_fn on_news;
	char res[128];

	bool stop, reassert, urgent, look;
	bool have_wish, wish_changed;
	struct pacemaker_wish wish;
	char names[NODES_MAX][NODE_NAME_MAX];
	int count;

	/* the thread's own */
	struct crmtool_attr attr[WISH_COUNT];
	char score[16];
	char record[WITNESS_TEXT]; /* the property as read or written */
};

static void score_text(int score, char *buf, size_t size)
{
	if (score == INT_MIN)
		snprintf(buf, size, "-INFINITY");
	else
		snprintf(buf, size, "%d", score);
}

/* One try: set it, and see it stand. */
static int forbid_once(
    const char *res, struct deadline deadline, struct why *why)
{
	char now[32];
	int rc = crmtool_score_set(res, "-INFINITY", deadline, why);

	while (rc == 0) {
		rc = crmtool_score_get(res, now, sizeof(now), deadline, why);
		if (rc == 0 && strcmp(now, "-INFINITY") == 0)
			return 0;
		if (deadline_passed(deadline))
			break;
		deadline_sleep_ms(deadline, 50);
		rc = 0;
	}
	return rc < 0 ? rc
	              : why_set(why, -ETIMEDOUT,
	                    "the promotion score cannot be read back");
}

int pacemaker_forbid(const char *res, struct deadline deadline, struct why *why)
{
	int rc;

	for (;;) {
		rc = forbid_once(
		    res, deadline_step(deadline, TOOL_DEADLINE_MS), why);
		if (rc == 0 || rc == -ENOENT)
			return rc;
		deadline_sleep_ms(deadline, FORBID_PAUSE_MS);
		if (deadline_passed(deadline))
			return rc;
		log_warn("cannot set the promotion score yet: %s", why->text);
	}
}

static void property_names(const struct pacemaker *pm, char *set, char *name)
{
	snprintf(set, PROPERTY_SIZE, "ods-%s", pm->res);
	snprintf(name, PROPERTY_SIZE, "ods-record-%s", pm->res);
}

/* Never fatal: the ledgers are the truth. */
static int write_record(struct pacemaker *pm, const char *record,
    struct deadline deadline, struct why *why)
{
	char set[PROPERTY_SIZE], name[PROPERTY_SIZE];
	int rc;

	if (!*record || strcmp(record, pm->record) == 0)
		return 0;
	property_names(pm, set, name);
	rc = crmtool_property_set(set, name, record, deadline, why);
	if (rc == 0)
		snprintf(pm->record, sizeof(pm->record), "%s", record);
	return rc;
}

static int read_record(struct pacemaker *pm, struct pacemaker_news *news,
    struct deadline deadline, struct why *why)
{
	char set[PROPERTY_SIZE], name[PROPERTY_SIZE];
	int rc;

	property_names(pm, set, name);
	rc = crmtool_property_get(
	    set, name, news->record, sizeof(news->record), deadline, why);
	if (rc == -ENODATA || rc == -ENOSPC) { /* too long is not readable */
		snprintf(news->record, sizeof(news->record), "%s",
		    rc == -ENODATA ? "" : "?");
		rc = 0;
	}
	if (rc == 0) {
		news->record_read = true;
		snprintf(pm->record, sizeof(pm->record), "%s", news->record);
	}
	return rc;
}

static bool write_wish(struct pacemaker *pm, const struct pacemaker_wish *w)
{
	struct deadline deadline = deadline_in_ms(TOOL_DEADLINE_MS);
	struct why why = {0};
	char score[16];
	int rc = 0;

	score_text(w->score, score, sizeof(score));
	if (strcmp(score, pm->score) != 0) {
		rc = crmtool_score_set(pm->res, score, deadline, &why);
		if (rc == 0)
			snprintf(pm->score, sizeof(pm->score), "%s", score);
	}
	if (rc == 0)
		rc = crmtool_attr_change(&pm->attr[WISH_ENFORCE],
		    w->enforce ? "1" : "0", deadline, &why);
	if (rc == 0)
		rc = crmtool_attr_change(
		    &pm->attr[WISH_ROLE], w->role, deadline, &why);
	if (rc == 0)
		rc = crmtool_attr_change(
		    &pm->attr[WISH_WHY], w->why, deadline, &why);
	if (rc == 0)
		rc = write_record(pm, w->record, deadline, &why);
	if (rc < 0)
		log_warn("cannot tell Pacemaker: %s", why.text);
	return rc == 0;
}

/* False when something could not be read: what could is posted all the same,
 * and the round is made again soon. */
static bool read_news(struct pacemaker *pm, bool property,
    const char (*names)[NODE_NAME_MAX], int count)
{
	struct deadline deadline = deadline_in_ms(TOOL_DEADLINE_MS);
	struct pacemaker_news *news = calloc(1, sizeof(*news));
	struct crmtool_fencing fencing;
	struct why why = {0};
	bool all = true;
	int i;

	if (!news)
		return false;
	if (crmtool_fencing_enabled(&news->fencing, deadline, &why) < 0) {
		log_info("cannot ask Pacemaker: %s", why.text);
		free(news);
		return false;
	}
	if (property && read_record(pm, news, deadline, &why) < 0) {
		log_info("cannot read the cluster property: %s", why.text);
		all = false;
	}
	for (i = 0; i < count; i++) {
		if (crmtool_fencing_history(
		        names[i], &fencing, deadline, &why) < 0) {
			log_info("cannot read the fencing history of %s: %s",
			    names[i], why.text);
			all = false;
			continue;
		}
		snprintf(news->node[news->nodes].name, NODE_NAME_MAX, "%s",
		    names[i]);
		news->node[news->nodes++].fenced = fencing.successes;
	}
	mailbox_post(pm->mail, pm->on_news, news);
	return all;
}

static void forget_all(struct pacemaker *pm)
{
	int i;

	pm->score[0] = '\0';
	for (i = 0; i < WISH_COUNT; i++)
		crmtool_attr_forget(&pm->attr[i]);
}

/* One round without the lock; returns how long to wait, in ms. */
static int pacemaker_round(struct pacemaker *pm, bool write_now, bool look,
    const struct pacemaker_wish *wish, const char (*names)[NODE_NAME_MAX],
    int count, bool urgent)
{
	bool ok = true;

	if (write_now)
		ok = write_wish(pm, wish);
	if (look || urgent)
		ok = read_news(pm, look, names, count) && ok;
	if (!ok)
		return RETRY_MS;
	return urgent ? URGENT_MS : IDLE_MS;
}

static int until(struct deadline idle, int wait)
{
	int left = deadline_left_ms(idle);

	return left < wait ? left : wait;
}

static void *pacemaker_thread(void *arg)
{
	struct pacemaker *pm = arg;
	struct deadline reassert = deadline_in_ms(REASSERT_MS);
	struct deadline idle = deadline_in_ms(IDLE_MS);
	bool again = false;

	pthread_mutex_lock(&pm->lock);
	while (!pm->stop) {
		struct pacemaker_wish wish = pm->wish;
		char names[NODES_MAX][NODE_NAME_MAX];
		int count = pm->count, wait;
		bool urgent = pm->urgent,
		     look = pm->look || again || deadline_passed(idle);
		bool write_now = pm->have_wish &&
		                 (pm->wish_changed || pm->reassert || again);

		if (pm->reassert || deadline_passed(reassert)) {
			forget_all(pm);
			reassert = deadline_in_ms(REASSERT_MS);
			write_now = pm->have_wish;
		}
		if (look || urgent)
			idle = deadline_in_ms(IDLE_MS);
		memcpy(names, pm->names, sizeof(names));
		pm->wish_changed = pm->reassert = pm->look = false;
		pthread_mutex_unlock(&pm->lock);
		wait = pacemaker_round(pm, write_now, look, &wish,
		    (const char(*)[NODE_NAME_MAX])names, count, urgent);
		again = wait == RETRY_MS;
		pthread_mutex_lock(&pm->lock);
		if (!pm->stop && !pm->wish_changed && !pm->reassert &&
		    !pm->look)
			condition_wait_ms(
			    &pm->wake, &pm->lock, until(idle, wait));
	}
	pthread_mutex_unlock(&pm->lock);
	return NULL;
}

struct pacemaker *pacemaker_start(
    const char *res, struct mailbox *mail, mail_fn on_news)
{
	static const char *const names[WISH_COUNT] = {
	    [WISH_ROLE] = "ods-role-",
	    [WISH_WHY] = "ods-why-",
	    [WISH_ENFORCE] = "ods-enforce-",
	};
	struct pacemaker *pm = calloc(1, sizeof(*pm));
	int i;

	if (!pm)
		return NULL;
	snprintf(pm->res, sizeof(pm->res), "%s", res);
	for (i = 0; i < WISH_COUNT; i++)
		snprintf(pm->attr[i].name, sizeof(pm->attr[i].name), "%s%.64s",
		    names[i], res);
	pm->mail = mail;
	pm->on_news = on_news;
	pm->look = true;
	pthread_mutex_init(&pm->lock, NULL);
	condition_init(&pm->wake);
	if (pthread_create(&pm->thread, NULL, pacemaker_thread, pm) != 0) {
		free(pm);
		return NULL;
	}
	return pm;
}

void pacemaker_stop(struct pacemaker *pm, bool clear)
{
	struct deadline deadline;
	int i;

	if (!pm)
		return;
	pthread_mutex_lock(&pm->lock);
	pm->stop = true;
	pthread_cond_signal(&pm->wake);
	pthread_mutex_unlock(&pm->lock);
	pthread_join(pm->thread, NULL); /* its round may take a while */
	deadline = deadline_in_ms(TOOL_DEADLINE_MS);
	for (i = 0; clear && i < WISH_COUNT; i++)
		crmtool_attr_delete(pm->attr[i].name, deadline, NULL);
	if (clear)
		crmtool_score_delete(pm->res, deadline, NULL);
	pthread_cond_destroy(&pm->wake);
	pthread_mutex_destroy(&pm->lock);
	free(pm);
}

void pacemaker_wish(struct pacemaker *pm, const struct pacemaker_wish *wish)
{
	pthread_mutex_lock(&pm->lock);
	if (!pm->have_wish || pm->wish.score != wish->score ||
	    pm->wish.enforce != wish->enforce ||
	    strcmp(pm->wish.role, wish->role) != 0 ||
	    strcmp(pm->wish.record, wish->record) != 0 ||
	    strcmp(pm->wish.why, wish->why) != 0) {
		pm->wish = *wish;
		pm->have_wish = pm->wish_changed = true;
		pthread_cond_signal(&pm->wake);
	}
	pthread_mutex_unlock(&pm->lock);
}

void pacemaker_reassert(struct pacemaker *pm)
{
	if (!pm)
		return;
	pthread_mutex_lock(&pm->lock);
	pm->reassert = true;
	pthread_cond_signal(&pm->wake);
	pthread_mutex_unlock(&pm->lock);
}

void pacemaker_watch(struct pacemaker *pm, const char (*names)[NODE_NAME_MAX],
    int count, bool urgent)
{
	pthread_mutex_lock(&pm->lock);
	memcpy(pm->names, names, (size_t)count * NODE_NAME_MAX);
	if ((urgent && !pm->urgent) || count != pm->count) {
		pm->look = true;
		pthread_cond_signal(&pm->wake);
	}
	pm->count = count;
	pm->urgent = urgent;
	pthread_mutex_unlock(&pm->lock);
}

void pacemaker_look(struct pacemaker *pm)
{
	if (!pm)
		return;
	pthread_mutex_lock(&pm->lock);
	pm->look = true;
	pthread_cond_signal(&pm->wake);
	pthread_mutex_unlock(&pm->lock);
}
