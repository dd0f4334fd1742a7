/* SPDX-License-Identifier: GPL-2.0-or-later
 * Copyright (C) The ocf-ods contributors */
#include "attendant.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "cleanup.h"
#include "deadline.h"
#include "enforcerd.h"
#include "instance.h"
#include "kaspchild.h"
#include "keylook.h"
#include "ledger.h"
#include "log.h"
#include "odsctl.h"
#include "proc.h"
#include "signer.h"
#include "signings.h"
#include "statefile.h"
#include "zonelist.h"
#include "zones.h"

#define LOOK_MS 100
#define COMMAND_MS 5000
#define RETRY_MS 2000
#define CONFIGURED_MS 10000
#define CLOCKS_MS 1000
#define MISSED_MS 60000
#define DAMAGED_MS 60000
#define SIGNERD "ods-signerd"

struct attendant {
	struct attendant_setup setup;
	pthread_t thread;
	volatile bool stop;
	struct ledger *ledger;
	pid_t attended; /* the signer whose takeover is finished */
	bool open;      /* the publisher looks at signed/ */
	bool left;      /* but for zones that it did not take */
	struct zonelist zonelist;
	int64_t next_ms;     /* not before */
	int64_t patience_ms; /* for zones that are signed for the first time */

	/* The enforcer's clock */
	bool updated; /* the signer has read the signconfs that are there */
	struct keylook *look;
	int64_t look_ms;
	int64_t missed_ms; /* the next look for signconfs that it missed */
	int64_t taken_at;  /* struct enforce_facts */
	struct enforce_verdict verdict, told;
	struct enforcerd_watch enforcerd;

	/* Gate 4 */
	bool sound;           /* kasp.db was looked at, and nothing is wrong */
	int64_t check_ms;     /* the next look */
	char damage[WHY_MAX]; /* "" = none that is known */
};

/* The signer that Pacemaker started here, from its agent's state file. */
struct signer {
	const char *conf;
	pid_t pid;
	char socket[PATH_MAX], pidfile[PATH_MAX];
	char binary[128];
};

static int find_signer(
    const char *resource, const struct statefile *sf, void *arg)
{
	struct signer *sg = arg;
	const char *agent = statefile_get(sf, "agent");
	const char *conf = statefile_get(sf, "conf");
	const char *sock = statefile_get(sf, "socket");
	const char *pidfile = statefile_get(sf, "pidfile");
	const char *binary = statefile_get(sf, "binary");

	(void)resource;
	if (!agent || strcmp(agent, "signer") != 0 || !conf || !sock ||
	    !instance_same_conf(conf, sg->conf) ||
	    statefile_number(sf, "ready", 0) != 1)
		return 0;
	sg->pid = (pid_t)statefile_number(sf, "pid", 0);
	snprintf(sg->socket, sizeof(sg->socket), "%s", sock);
	snprintf(
	    sg->pidfile, sizeof(sg->pidfile), "%s", pidfile ? pidfile : "");
	snprintf(
	    sg->binary, sizeof(sg->binary), "%s", binary ? binary : SIGNERD);
	return 1;
}

/* binary= may be a wrapper that execs the real one. */
static bool lives(const struct signer *sg, pid_t pid)
{
	return proc_is(pid, sg->binary) || proc_is(pid, SIGNERD);
}

/* In maintenance an admin restarts it by hand, and no monitor adopts it. */
static bool restarted_by_hand(struct attendant *a, struct signer *sg)
{
	struct stat st;

	sg->pid = proc_pidfile(sg->pidfile);
	if (!lives(sg, sg->pid) || stat(sg->pidfile, &st) < 0)
		return false;
	return sg->pid == a->attended ||
	       odsctl_signer_ready(sg->socket, a->setup.conf->zones_file,
	           a->setup.conf->signer_dir, (long)st.st_mtime,
	           deadline_in_ms(COMMAND_MS), NULL) == 1;
}

static bool signer_is_ready(struct attendant *a, struct signer *sg)
{
	sg->conf = a->setup.conf->path;
	sg->pid = 0;
	if (statefile_each(find_signer, sg) != 1)
		return false;
	return lives(sg, sg->pid) || restarted_by_hand(a, sg);
}

/* FIRST: look for edits, too.  False when a zone is left. */
static bool sign_zones(struct attendant *a, const struct signer *sg, bool first)
{
	const struct signings s = {
	    .conf = a->setup.conf,
	    .ledger = a->ledger,
	    .socket = sg->socket,
	    .signer = sg->pid,
	    .stop = &a->stop,
	};

	return signings_round(&s, first);
}

static void judge_clocks(struct attendant *a)
{
	int64_t now = time(NULL), now_ms = clock_monotonic_ms();
	struct why why = {0};
	int rc;

	if (now_ms < a->look_ms)
		return;
	a->look_ms = now_ms + CLOCKS_MS;
	if (!keylook_due(a->look, a->verdict.until, now))
		return;
	rc = keylook_judge(a->look, a->taken_at, now, &a->verdict, &why);
	/* Ten thousand zones must not keep a processor busy. */
	a->look_ms += 20 * (clock_monotonic_ms() - now_ms);
	if (rc > 0)
		mailbox_post(a->setup.mail, a->setup.on_clocks, NULL);
	if (rc >= 0)
		return;
	log_err("the enforcer's clock: %s", why.text);
}

static void log_verdict(const struct enforce_verdict *v)
{
	if (v->allow)
		log_notice("the enforcer may run");
	else if (v->zone[0])
		log_at(v->alarm ? LOG_ERR : LOG_NOTICE,
		    "the enforcer waits for zone %s: %s", v->zone, v->why);
	else
		log_notice("the enforcer waits: %s", v->why);
}

/* Tell the control thread of a change. */
static void tell_verdict(struct attendant *a, const struct enforce_verdict *v)
{
	struct enforce_verdict *copy;

	if (memcmp(v, &a->told, sizeof(*v)) == 0)
		return;
	copy = malloc(sizeof(*copy));
	if (!copy)
		return; /* the next tick tries again */
	if (v->allow != a->told.allow || v->alarm != a->told.alarm ||
	    strcmp(v->zone, a->told.zone) != 0)
		log_verdict(v);
	a->told = *copy = *v;
	mailbox_post(a->setup.mail, a->setup.on_enforce, copy);
}

/* Pacemaker stops it by the attribute.  Where it does not, we do. */
static void stop_enforcer(struct attendant *a, bool allowed)
{
	struct why why = {0};
	int rc;

	if (!enforcerd_overdue(&a->enforcerd, allowed, clock_monotonic_ms()))
		return;
	rc = enforcerd_stop(a->setup.conf, deadline_in_ms(COMMAND_MS), &why);
	if (rc > 0)
		log_warn("an enforcer ran here for a minute though it may not: "
		         "told it to stop");
	else if (rc < 0)
		log_crit("an enforcer runs here though it may not, and cannot "
		         "be stopped: %s",
		    why.text);
}

/* What a damaged database says of keys is not acted upon; signing needs none
 * of it.  Looked at once for each signer, and again while it is damaged. */
static void check_database(struct attendant *a)
{
	struct why why = {0};
	int rc;

	if (a->sound || clock_monotonic_ms() < a->check_ms)
		return;
	rc = a->setup.conf->database[0]
	         ? kasp_check(a->setup.conf->database, &a->stop, &why)
	         : 0;
	if (a->stop)
		return;
	a->check_ms = clock_monotonic_ms() + DAMAGED_MS;
	a->sound = rc != -EBADMSG;
	if (rc < 0)
		log_at(a->sound ? LOG_WARNING : LOG_CRIT, "%s", why.text);
	a->damage[0] = '\0';
	if (!a->sound)
		snprintf(a->damage, sizeof(a->damage),
		    "%.150s: restore it; signing goes on, and no key changes "
		    "meanwhile",
		    why.text);
}

/* The enforcer may run, were it not for the database. */
static void gate_database(struct attendant *a, struct enforce_verdict *v)
{
	check_database(a);
	if (a->sound)
		return;
	v->allow = false;
	snprintf(v->why, sizeof(v->why), "kasp.db is %s",
	    a->damage[0] ? "damaged" : "not looked at yet");
	snprintf(v->trouble, sizeof(v->trouble), "%s", a->damage);
}

/* May the enforcer run?  Not before a signer has read all signconfs. */
static void enforcer_tick(struct attendant *a)
{
	struct enforce_verdict v;

	memset(&v, 0, sizeof(v));
	snprintf(v.why, sizeof(v.why), "no signer is ready");
	judge_clocks(a);
	if (a->updated)
		v = a->verdict;
	if (v.allow)
		gate_database(a, &v);
	if (v.allow)
		a->taken_at = 0;
	tell_verdict(a, &v);
	stop_enforcer(a, v.allow);
}

/* The takeover, each step a command that may be given twice. */
static bool attend(struct attendant *a, const struct signer *sg)
{
	char out[8192];

	log_notice("signer ready: finishing the takeover");
	if (signer_command(sg->socket, "update --all", out, sizeof(out)) < 0)
		return false;
	a->updated = true;
	enforcer_tick(a);
	a->left = !sign_zones(a, sg, true);
	publisher_tell_all(a->setup.publisher);
	return true;
}

struct telling {
	const struct attendant *a;
	const struct signer *sg;
	bool deaf;
};

static bool tell_update(const char *zone, void *arg)
{
	struct telling *t = arg;
	char text[300], out[1024];

	if (t->deaf || t->a->stop)
		return false;
	snprintf(text, sizeof(text), "update %s", zone);
	t->deaf = signer_command(t->sg->socket, text, out, sizeof(out)) < 0;
	return !t->deaf;
}

/* ... or of a signconf. */
static void follow_signconfs(struct attendant *a, const struct signer *sg)
{
	struct telling t = {.a = a, .sg = sg};
	int64_t now = clock_monotonic_ms();

	if (now < a->missed_ms)
		return;
	a->missed_ms = now + MISSED_MS;
	if (keylook_missed(a->look, tell_update, &t) > 0)
		a->missed_ms = now + RETRY_MS;
}

/* The signer may have missed the last change of its zone list. */
static void follow_zone_list(struct attendant *a, const struct signer *sg)
{
	struct why why = {0};

	if (zonelist_follow(&a->zonelist, a->setup.conf->zones_file, sg->socket,
	        time(NULL), &why) < 0)
		log_err("zone list: %s", why.text);
}

/* Has the signer a backup of each zone that it can sign: recovered, or signed
 * once?  A command that comes while it configures a zone makes it put that
 * zone off for a minute, or until its next signing. */
static bool all_configured(const struct attendant *a)
{
	const struct conf *conf = a->setup.conf;
	char path[PATH_MAX];
	struct zone_list list;
	bool all = true;
	size_t i;

	if (zones_load(conf->zones_file, &list, NULL) < 0)
		return true;
	for (i = 0; all && i < list.count; i++) {
		const struct zone_entry *z = &list.zone[i];

		if (zone_backup2_path(conf, z, path, sizeof(path)) == 0 &&
		    access(z->signconf, F_OK) == 0)
			all = access(path, F_OK) == 0;
	}
	zones_free(&list);
	return all;
}

/* The first look at a signer: what it signs may be published at once. */
static void signer_begins(struct attendant *a, int64_t now)
{
	a->open = true;
	a->patience_ms = now + CONFIGURED_MS;
	publisher_signer(a->setup.publisher, true);
}

static void attend_again(struct attendant *a, const struct signer *sg)
{
	int64_t now = clock_monotonic_ms();

	if (!a->open)
		signer_begins(a, now);
	if (now < a->next_ms)
		return;
	if (sg->pid != a->attended && now < a->patience_ms &&
	    !all_configured(a)) {
		/* Ten thousand zones are not looked at ten times a second. */
		a->next_ms = now + 10 * (clock_monotonic_ms() - now);
		return;
	}
	a->next_ms = now + RETRY_MS;
	if (sg->pid != a->attended) {
		memset(&a->zonelist, 0, sizeof(a->zonelist));
		a->missed_ms = 0;
		if (attend(a, sg))
			a->attended = sg->pid;
		return;
	}
	if (a->left)
		a->left = !sign_zones(a, sg, false);
	follow_zone_list(a, sg);
	follow_signconfs(a, sg);
}

static void signer_ended(struct attendant *a)
{
	a->open = a->updated = a->sound = false;
	a->damage[0] = '\0';
	a->check_ms = 0;
	publisher_signer(a->setup.publisher, false);
}

static void *attendant_thread(void *arg)
{
	struct attendant *a = arg;
	struct deadline never = deadline_in_ms(INT64_MAX / 2);
	struct signer sg;

	publisher_tell_all(a->setup.publisher);
	enforcer_tick(a); /* before anything is signed */
	while (!a->stop) {
		if (signer_is_ready(a, &sg)) {
			attend_again(a, &sg);
		} else {
			if (a->attended || a->open)
				signer_ended(a);
			a->attended = 0;
			a->next_ms = 0;
		}
		enforcer_tick(a);
		deadline_sleep_ms(never, LOOK_MS);
	}
	return NULL;
}

static void attendant_free(struct attendant *a)
{
	keylook_free(a->look);
	ledger_close(a->ledger);
	free(a);
}

struct attendant *attendant_start(
    const struct attendant_setup *setup, struct why *why)
{
	struct attendant *a = calloc(1, sizeof(*a));

	if (!a) {
		why_set(why, -ENOMEM, "out of memory");
		return NULL;
	}
	a->setup = *setup;
	a->taken_at = time(NULL);
	if (ledger_open(setup->state_dir, &a->ledger, why) < 0) {
		free(a);
		return NULL;
	}
	a->look = keylook_new(setup->conf, a->ledger);
	if (!a->look ||
	    pthread_create(&a->thread, NULL, attendant_thread, a) != 0) {
		attendant_free(a);
		why_set(why, -EAGAIN, "cannot start a thread");
		return NULL;
	}
	return a;
}

void attendant_stop(struct attendant *a)
{
	if (!a)
		return;
	a->stop = true;
	pthread_join(a->thread, NULL);
	attendant_free(a);
}
