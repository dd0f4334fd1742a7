/* SPDX-License-Identifier: GPL-2.0-or-later
 * Copyright (C) The ocf-ods contributors */
#include "worker.h"

#include <errno.h>
#include <gnutls/gnutls.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/poll.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "deadline.h"
#include "file.h"
#include "kaspchild.h"
#include "log.h"
#include "pacemaker.h"
#include "publisher.h"
#include "statefile.h"

#define TICK_NS (100 * QB_TIME_NS_IN_MSEC)
#define JUDGE_MS 10000
#define DAEMONS_MS 2000
#define FORBID_MS 40000 /* of the 60 s and more that a start has */

static void on_tick(void *data);

static void schedule_tick(struct syncd *s)
{
	qb_loop_timer_handle handle;

	qb_loop_timer_add(s->loop, QB_LOOP_HIGH, TICK_NS, s, on_tick, &handle);
}

/* Peers judge us by what our last HELLO said of the daemons. */
static void tell_daemons(struct syncd *s, bool dead)
{
	static bool told = true;

	if (s->role == ROLE_SOURCE || dead == told)
		return;
	told = dead;
	terms_hello(s);
}

static void look_for_daemons(struct syncd *s)
{
	bool dead = facts_daemons_dead();

	tell_daemons(s, dead);
	foreign_tick(s, !dead);
}

static void on_tick(void *data)
{
	struct syncd *s = data;
	static int64_t judge_ms, daemons_ms;
	int64_t now = clock_monotonic_ms();

	warm_tick(s);
	terms_tick(s);
	barrier_tick(s);
	promote_tick(s);
	keys_tick(s);
	clocks_tick(s);
	report_beat(s);
	if (now - daemons_ms >= DAEMONS_MS) {
		daemons_ms = now;
		look_for_daemons(s);
	}
	if (now - judge_ms >= JUDGE_MS || s->promoting) {
		judge_ms = now;
		nodelist_reload(s);
		clocks_look(s);
		facts_judge(s);
	}
	if (s->stopping && !s->demoting)
		qb_loop_stop(s->loop);
	else
		schedule_tick(s);
}

static int on_mail(int32_t fd, int32_t revents, void *data)
{
	struct syncd *s = data;

	(void)fd, (void)revents;
	mailbox_run(s->mail);
	return 0;
}

static int on_engine(int32_t fd, int32_t revents, void *data)
{
	(void)fd, (void)revents;
	events_run(data);
	return 0;
}

/* The last time at which a version was first served, as the ledger knows. */
static int newest(const struct zone_row *row, void *arg)
{
	int64_t *s = arg;

	if (row->clock.since > *s)
		*s = row->clock.since;
	return 0;
}

static int load_state(struct syncd *s, struct why *why)
{
	char text[32] = "";
	bool fresh;
	int rc = ledger_open(s->opt.state_dir, &s->ledger, why);

	if (rc == 0)
		rc = ledger_node_id(s->ledger, &s->self, &fresh, why);
	if (rc == 0)
		rc = ledger_count_start(s->ledger, &s->starts, why);
	if (rc < 0)
		return rc;
	id_random(&s->worker);
	rc = terms_load(s, why);
	if (rc < 0 && rc != -ENOENT)
		return rc;
	ledger_zone_each(s->ledger, newest, &s->clocks.newest, NULL);
	ledger_note_get(s->ledger, "state", text, sizeof(text));
	if (strcmp(text, "ledger") == 0)
		s->state = STATE_LEDGER;
	else if (strcmp(text, "seeding") == 0)
		s->state = STATE_SEEDING;
	else if (kasp_count(&s->conf, &s->zones, &s->keys) == 0 &&
	         s->zones == 0 && s->keys == 0)
		s->state = STATE_EMPTY;
	else
		s->state = STATE_UNKNOWN;
	return 0;
}

static int open_engine(struct syncd *s, struct why *why)
{
	struct engine_setup setup = {
	    .conf = &s->conf,
	    .state_dir = s->opt.state_dir,
	    .self = s->self,
	    .config_sync = s->opt.config_sync,
	    .signatures = s->opt.signatures,
	    .tokens = s->opt.tokens[0] ? s->opt.tokens : NULL,
	    .guard = true,
	    .bandwidth_mbit = s->opt.bandwidth_mbit,
	};
	struct position applied;
	int rc = engine_open(&setup, &s->engine, why);

	if (rc == 0)
		rc = ledger_position_get(s->ledger, &s->tip, &applied, why);
	if (rc == 0)
		rc = qb_loop_poll_add(s->loop, QB_LOOP_MED,
		    engine_event_fd(s->engine), POLLIN, s, on_engine);
	return rc;
}

static int make_dirs(const struct options *opt, struct why *why)
{
	static const char *const dirs[] = {
	    "log", "published", "pending", "quarantine"};
	char path[PATH_MAX];
	size_t i;
	int rc = file_mkdirs(opt->state_dir, 0755, why);

	for (i = 0; rc == 0 && i < sizeof(dirs) / sizeof(dirs[0]); i++) {
		path_join(path, sizeof(path), opt->state_dir, dirs[i]);
		rc = file_mkdirs(path, i == 1 ? 0755 : 0700, why);
	}
	return rc;
}

/* A source goes on as source; everybody else is forbidden to be promoted
 * until a verdict says otherwise. */
static int first_score(struct syncd *s, struct why *why)
{
	s->restarting = s->opt.restarted && s->record.open &&
	                id_equal(&s->record.source, &s->self);
	if (s->restarting)
		return 0;
	return pacemaker_forbid(s->opt.res, deadline_in_ms(FORBID_MS), why);
}

/* A worker whose disk is full cannot say what it has promised: it stays out of
 * the group, where nobody waits for it, until there is space again. */
static int load_state_when_space(struct syncd *s, bool again, struct why *why)
{
	int rc = load_state(s, why);

	if (rc != -ENOSPC || !again)
		return rc;
	log_err("%s: this node takes no part until there is space", why->text);
	snprintf(s->fault, sizeof(s->fault), "no space in %s: free some",
	    s->opt.state_dir);
	while (rc == -ENOSPC) {
		report_update(s);
		sleep(1);
		ledger_close(s->ledger);
		s->ledger = NULL;
		mailbox_run(s->mail); /* or it grows; nothing judges yet */
		rc = load_state(s, why);
	}
	log_notice("there is space again");
	s->fault[0] = '\0';
	return rc;
}

static int open_threads(struct syncd *s, struct why *why)
{
	s->loop = qb_loop_create();
	s->mail = mailbox_open(s);
	if (!s->loop || !s->mail)
		return why_set(why, -ENOMEM, "out of memory");
	qb_loop_poll_add(
	    s->loop, QB_LOOP_MED, mailbox_fd(s->mail), POLLIN, s, on_mail);
	s->pacemaker = pacemaker_start(s->opt.res, s->mail, facts_pacemaker);
	return s->pacemaker ? 0
	                    : why_set(why, -ENOMEM, "cannot start a thread");
}

/* AGAIN: the parent starts it, and nobody waits for that. */
static int worker_open(struct syncd *s, bool again, struct why *why)
{
	int rc = conf_load(s->opt.conf, &s->conf, why);

	if (rc == 0)
		rc = make_dirs(&s->opt, why);
	if (rc == 0)
		rc = open_threads(s, why);
	if (rc == 0)
		rc = load_state_when_space(s, again, why);
	if (rc == 0)
		rc = first_score(s, why);
	if (rc == 0)
		rc = open_engine(s, why);
	if (rc == 0)
		rc = group_join(s, why);
	/* A source that has crashed goes on. */
	if (rc == 0 && !again)
		rc = terms_carries(s, why);
	if (rc == 0 && !s->opt.address[0])
		rc = why_set(
		    why, -EINVAL, "no IP address to listen on: set address=");
	return rc < 0 ? rc : ctl_open(s, why);
}

/* What an earlier worker learned of nodes that may not be here now: their
 * ids, and the fencing successes that were known while they were. */
static void load_member_notes(struct syncd *s)
{
	char key[NODE_NAME_MAX + 8], id[ID_TEXT], note[FENCINGS_TEXT];
	int i, rc;

	for (i = 0; i < s->members; i++) {
		struct member *m = &s->member[i];

		snprintf(key, sizeof(key), "peer.%s", m->name);
		if (m->known ||
		    ledger_note_get(s->ledger, key, id, sizeof(id)) < 0 ||
		    id_parse(id, &m->hello.node) < 0)
			continue;
		m->known = true;
		snprintf(key, sizeof(key), FENCE_NOTE "%s", id);
		rc = ledger_note_get(s->ledger, key, note, sizeof(note));
		facts_fence_recall(m, rc < 0 ? NULL : note);
	}
}

static void worker_close(struct syncd *s)
{
	keys_stop(s);
	ctl_close(s);
	warm_stop(s);
	foreign_stop(s);
	group_leave(s);
	pacemaker_stop(s->pacemaker, true);
	engine_close(s->engine);
	mailbox_close(s->mail);
	ledger_close(s->ledger);
	conf_free(&s->conf);
	statefile_remove(s->opt.res);
}

static void tell_ready(int fd, const char *text)
{
	if (fd < 0)
		return;
	if (write(fd, text, strlen(text)) < 0)
		log_warn("nobody waits for this daemon to be ready");
	close(fd);
}

int worker_run(struct options *opt, int beat_fd, int ready_fd)
{
	static struct syncd syncd;
	struct syncd *s = &syncd;
	struct why why = {0};

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	signal(SIGPIPE, SIG_IGN);
	gnutls_global_init();
	s->opt = *opt;
	s->kept = opt;
	s->parent_fd = beat_fd;
	if (worker_open(s, ready_fd < 0, &why) < 0) {
		log_err("cannot start: %s", why.text);
		tell_ready(ready_fd, why.text);
		return WORKER_UNFIT;
	}
	load_member_notes(s);
	warm_load(s);
	foreign_load(s);
	foreign_guard(s);
	keys_start(s);
	log_notice(
	    "ods-syncd of %s on %s: %s", s->opt.res, s->name, report_role(s));
	schedule_tick(s);
	report_update(s);
	tell_ready(ready_fd, "ok");
	qb_loop_run(s->loop);
	worker_close(s);
	safeties_free(&s->clocks.policies);
	return EXIT_SUCCESS;
}
