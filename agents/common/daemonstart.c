/* SPDX-License-Identifier: GPL-2.0-or-later
 * Copyright (C) The ocf-ods contributors */
#include "daemon.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "cleanup.h"
#include "envfile.h"
#include "file.h"
#include "instance.h"
#include "launch.h"
#include "log.h"
#include "pinguard.h"
#include "proc.h"
#include "statefile.h"

/* Kept back from the operation's time to end what hangs and to say why. */
#define EXPLAIN_MS 4000
#define PID_WAIT_MS 2000
#define POLL_MS 10
#define ASK_MS 3000
#define WORDS_LATE_MS 1000
#define WORDS_POLL_MS 200

static int need_binary(struct daemon *d, struct why *why)
{
	char path[PATH_MAX];

	if (proc_which(d->binary, path, sizeof(path)) < 0)
		return why_set(why, -ENOENT,
		    "%s is not installed: install %s (RHEL: opendnssec) or "
		    "set binary=",
		    d->binary, d->kind->package);
	snprintf(d->binary, sizeof(d->binary), "%s", path);
	return 0;
}

/* conf.xml of this node.  What is wrong with it is wrong here, not in the
 * resource's definition: 5, not 6, which would ban every node. */
static int need_conf(struct daemon *d, struct why *why)
{
	int rc = confclient_load_ids(
	    &d->paths, d->conf, d->kind->name, d->call->deadline, why);

	if (rc == -EINVAL && why)
		rc = why->err = -ENOEXEC;
	if (rc < 0)
		return rc;
	if (!d->pidfile[0])
		snprintf(
		    d->pidfile, sizeof(d->pidfile), "%s", d->paths.pidfile);
	if (!d->socket[0])
		snprintf(d->socket, sizeof(d->socket), "%s", d->paths.socket);
	return 0;
}

static int need_directory(const char *path, struct why *why)
{
	struct stat st;

	if (stat(path, &st) == 0 && S_ISDIR(st.st_mode))
		return 0;
	return why_set(
	    why, -ENOENT, "working directory %s is missing: create it", path);
}

static int need_user(const struct daemon *d, struct why *why)
{
	if (d->paths.user[0] && d->paths.uid == (uid_t)-1)
		return why_set(why, -ENOENT,
		    "user %s of <Privileges> does not exist: create it",
		    d->paths.user);
	if (d->paths.group[0] && d->paths.gid == (gid_t)-1)
		return why_set(why, -ENOENT,
		    "group %s of <Privileges> does not exist: create it",
		    d->paths.group);
	return 0;
}

/* Everything that a launch needs of this node, nothing changed yet. */
static int need_all(struct daemon *d, struct envfile *env, struct why *why)
{
	int rc = need_binary(d, why);

	if (rc == 0)
		rc = need_conf(d, why);
	if (rc == 0)
		rc = need_directory(d->paths.working_dir, why);
	if (rc == 0)
		rc = need_user(d, why);
	if (rc == 0)
		rc = envfile_load(env,
		    call_given(d->call, "envfile")
		        ? call_text(d->call, "envfile")
		        : NULL,
		    d->kind->name, why);
	return rc;
}

int daemon_validate(struct call *call, int depth)
{
	CLEANUP(envfile_free) struct envfile env = {0};
	struct daemon d;

	if (depth < 10)
		return PCMK_OCF_OK;
	daemon_init(&d, call);
	return need_all(&d, &env, &call->why) < 0 ? call_fail(call)
	                                          : PCMK_OCF_OK;
}

struct owner_query {
	pid_t pid;
	const char *instance, *socket;
};

static int is_owner(const char *resource, const struct statefile *sf, void *arg)
{
	const struct owner_query *q = arg;
	const char *socket = statefile_get(sf, "socket");

	return strcmp(resource, q->instance) != 0 &&
	       statefile_number(sf, "pid", 0) == q->pid && socket &&
	       strcmp(socket, q->socket) != 0;
}

/* Another daemon of this kind would fight over the socket, or work on the
 * same keys.  Only one that another resource runs on its own socket may. */
static int refuse_foreign(const struct daemon *d, struct why *why)
{
	struct instance list[INSTANCE_MAX];
	int n = instance_find(d->kind->binary, list, INSTANCE_MAX);
	int i;

	for (i = 0; i < n; i++) {
		struct owner_query q = {
		    list[i].pid, d->call->instance, d->socket};

		if (instance_same_conf(list[i].conf, d->conf) ||
		    statefile_each(is_owner, &q) != 0)
			continue;
		return why_set(why, -EBUSY,
		    "foreign %s (pid %ld) runs: systemctl disable --now %s, "
		    "or kill it; its conf is %s",
		    d->kind->binary, (long)list[i].pid, d->kind->unit,
		    list[i].conf);
	}
	return 0;
}

/* 1 when the daemon that this resource has started is up and well, 0 when
 * nothing of ours runs any more. */
static int settle_own(struct daemon *d, struct why *why)
{
	struct daemon old = *d;
	bool ready = false;
	pid_t pid;

	if (daemon_take_state(&old, &ready) && daemon_alive(&old) && ready &&
	    instance_same_conf(old.conf, d->conf) &&
	    daemon_ask_running(
	        &old, deadline_step(d->call->deadline, ASK_MS), NULL) == 0)
		return 1;
	old = *d;
	daemon_take_state(&old, NULL);
	if (daemon_instances(&old, &pid, 1) == 0)
		return 0;
	/* Started by hand or by systemd, hung, or left by a start that was
	 * cut short.  A clean launch is the only state that we can vouch
	 * for. */
	log_warn("%s (pid %ld) is not one that %s can vouch for: restarting "
	         "it (is %s.service enabled? systemctl disable --now %s)",
	    d->kind->binary, (long)pid, d->call->instance, d->kind->unit,
	    d->kind->unit);
	return daemon_end(&old, DAEMON_GRACE_MS, d->call->deadline, why);
}

/* The daemon believes a pid file whose number is alive, whoever that is. */
static void remove_stale_pidfile(const struct daemon *d)
{
	pid_t pid = proc_pidfile(d->pidfile);

	if (access(d->pidfile, F_OK) < 0 || proc_is(pid, d->kind->binary))
		return;
	log_notice(
	    "removing stale pid file %s (pid %ld)", d->pidfile, (long)pid);
	unlink(d->pidfile);
}

/* /run is empty after a boot, and tmpfiles.d may not know a path of
 * conf.xml. */
static int make_run_directory(
    const struct daemon *d, const char *file, struct why *why)
{
	char dir[PATH_MAX];
	char *slash;
	int rc;

	snprintf(dir, sizeof(dir), "%s", file);
	slash = strrchr(dir, '/');
	if (!slash || slash == dir)
		return 0;
	*slash = '\0';
	if (access(dir, F_OK) == 0)
		return 0;
	rc = file_mkdirs(dir, 0755, why);
	/* -1 leaves owner or group as it is. */
	if (rc == 0 && chown(dir, d->paths.uid, d->paths.gid) < 0)
		rc = why_set(why, -errno, "cannot give %s to its user: %s", dir,
		    strerror(errno));
	return rc;
}

/* The process behind a launch that reported success. */
static int find_pid(struct daemon *d, struct deadline deadline)
{
	struct deadline step = deadline_step(deadline, PID_WAIT_MS);

	do {
		d->pid = proc_pidfile(d->pidfile);
		if (daemon_alive(d))
			return 0;
		d->pid = 0;
		if (daemon_instances(d, &d->pid, 1) > 0)
			return 0;
		deadline_sleep_ms(step, POLL_MS);
	} while (!deadline_passed(step));
	return -ESRCH;
}

/* The other daemon and ods-hsm-probe must not try that PIN once more. */
static void note_refusal(const struct daemon *d, const char *words)
{
	char repository[64];

	if (launch_refused(words, repository, sizeof(repository)))
		pinguard_tell(d->conf, repository,
		    deadline_step(d->call->deadline, ASK_MS));
}

/* RC is what went wrong; its sentence gives way to what the daemon said.
 * Its last words may still be on their way into the journal. */
static int explain(
    struct daemon *d, int64_t launched_us, int rc, struct why *why)
{
	struct deadline late = deadline_in_ms(WORDS_LATE_MS);
	struct why said = {0};
	char words[8192];
	bool known;

	for (;;) {
		launch_words(d->output, d->kind->binary, launched_us,
		    d->call->deadline, words, sizeof(words));
		known = launch_explain(words, d->kind->binary, &said);
		if (known || deadline_passed(late) ||
		    deadline_passed(d->call->deadline))
			break;
		deadline_sleep_ms(late, WORDS_POLL_MS);
	}
	if (known && said.err == -EACCES)
		note_refusal(d, words);
	if (known || rc != -ETIMEDOUT)
		*why = said;
	return why->err;
}

static int launch(struct daemon *d, const struct envfile *env,
    struct deadline deadline, struct why *why)
{
	const char *const argv[] = {d->binary, "-c", d->conf, NULL};
	int code = 0;
	int rc = file_mkdirs(ODS_RUNDIR, 0755, why);

	if (rc == 0)
		rc = make_run_directory(d, d->pidfile, why);
	if (rc == 0)
		rc = make_run_directory(d, d->socket, why);
	if (rc < 0)
		return rc;
	rc = launch_daemon(argv, env->env, d->output, deadline, &code, why);
	if (rc == 0 && code == 0)
		rc = find_pid(d, deadline);
	else if (rc == 0)
		rc = -ESRCH;
	if (rc == 0)
		rc = daemon_write_state(d, false, why);
	if (rc == 0)
		rc = d->kind->await(d, deadline, why);
	return rc;
}

static struct deadline work_deadline(struct deadline deadline)
{
	int left = deadline_left_ms(deadline);
	int back = left / 4 < EXPLAIN_MS ? left / 4 : EXPLAIN_MS;

	return deadline_in_ms(left - back);
}

static int start_fresh(
    struct daemon *d, const struct envfile *env, struct why *why)
{
	struct deadline work = work_deadline(d->call->deadline);
	struct timespec now;
	int rc = 0;

	remove_stale_pidfile(d);
	if (d->kind->prepare)
		rc = d->kind->prepare(d, work, why);
	if (rc < 0)
		return rc;
	clock_gettime(CLOCK_REALTIME, &now);
	d->started = (long)now.tv_sec;
	rc = launch(d, env, work, why);
	if (rc == 0)
		return daemon_write_state(d, true, why);
	if (rc == -ESRCH || rc == -ETIMEDOUT)
		rc = explain(d,
		    (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000, rc,
		    why);
	/* A start that failed leaves nothing behind. */
	daemon_end(d, 0, d->call->deadline, NULL);
	return rc;
}

/* A PIN that a token has refused is not tried again: each start is a login,
 * and a token locks itself.  On this node only, until a cleanup. */
static int refuse_pin(const struct daemon *d, struct why *why)
{
	int rc = pinguard_check(
	    d->conf, deadline_step(d->call->deadline, ASK_MS), why);

	if (rc == -EKEYREJECTED)
		rc = why->err = -EACCES;
	return rc == -EACCES ? rc : 0;
}

int daemon_start(struct call *call)
{
	CLEANUP(envfile_free) struct envfile env = {0};
	struct daemon d;
	int rc;

	daemon_init(&d, call);
	rc = need_all(&d, &env, &call->why);
	if (rc == 0)
		rc = refuse_foreign(&d, &call->why);
	if (rc == 0)
		rc = refuse_pin(&d, &call->why);
	if (rc == 0)
		rc = settle_own(&d, &call->why);
	if (rc == 0) {
		if (d.paths.notify_command[0])
			log_warn("%s has a NotifyCommand: it can block the "
			         "signer and bypasses publication, use "
			         "publish_command of the state resource",
			    d.conf);
		rc = start_fresh(&d, &env, &call->why);
	}
	return rc < 0 ? call_fail(call) : PCMK_OCF_OK;
}
