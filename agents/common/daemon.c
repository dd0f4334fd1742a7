/* SPDX-License-Identifier: GPL-2.0-or-later
 * Copyright (C) The ocf-ods contributors */
#include "daemon.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "instance.h"
#include "log.h"
#include "odsctl.h"
#include "pinguard.h"
#include "proc.h"
#include "statefile.h"
#include "stillness.h"

#define RUNNING_TIMEOUT_MS 10000
#define CONF_TIMEOUT_MS 5000
#define STOP_ASK_MS 2000
#define STOP_POLL_MS 20
#define KILL_LEAST_MS 1000 /* also when the time is up */
#define OUTPUT_MAX 65536

static void set(char *buf, size_t size, const char *text)
{
	snprintf(buf, size, "%s", text ? text : "");
}

void daemon_init(struct daemon *d, struct call *call)
{
	const char *binary = call_text(call, "binary");

	/* Not zeroed whole: a monitor would touch ten pages for nothing. */
	d->kind = call->agent->kind;
	d->call = call;
	d->pid = 0;
	d->started = 0;
	set(d->binary, sizeof(d->binary), binary);
	set(d->conf, sizeof(d->conf), call_text(call, "conf"));
	set(d->pidfile, sizeof(d->pidfile), call_text(call, "pidfile"));
	set(d->socket, sizeof(d->socket), call_text(call, "socket"));
	statefile_path(d->output, sizeof(d->output), call->instance, "out");
}

/* It wins over the parameters: they may be wrong now, the daemon still runs
 * with what it was started with. */
bool daemon_take_state(struct daemon *d, bool *ready)
{
	struct statefile sf;
	const char *agent;

	if (statefile_read(&sf, d->call->instance) < 0)
		return false;
	agent = statefile_get(&sf, "agent");
	if (!agent || strcmp(agent, d->kind->name) != 0)
		return false;
	d->pid = (pid_t)statefile_number(&sf, "pid", 0);
	d->started = statefile_number(&sf, "started", 0);
	set(d->binary, sizeof(d->binary), statefile_get(&sf, "binary"));
	set(d->conf, sizeof(d->conf), statefile_get(&sf, "conf"));
	set(d->pidfile, sizeof(d->pidfile), statefile_get(&sf, "pidfile"));
	set(d->socket, sizeof(d->socket), statefile_get(&sf, "socket"));
	if (ready)
		*ready = statefile_number(&sf, "ready", 0) == 1;
	return true;
}

/* Without a state file: parameters, else conf.xml when it can be read, else
 * the paths that the distributions build in. */
static void take_parameters(struct daemon *d)
{
	struct confclient c;
	bool known = d->pidfile[0] && d->socket[0];

	if (!known &&
	    confclient_load(&c, d->conf, d->kind->name,
	        deadline_step(d->call->deadline, CONF_TIMEOUT_MS), NULL) == 0) {
		if (!d->pidfile[0])
			set(d->pidfile, sizeof(d->pidfile), c.pidfile);
		if (!d->socket[0])
			set(d->socket, sizeof(d->socket), c.socket);
	}
	if (!d->pidfile[0])
		set(d->pidfile, sizeof(d->pidfile), d->kind->dflt_pidfile);
	if (!d->socket[0])
		set(d->socket, sizeof(d->socket), d->kind->dflt_socket);
}

int daemon_write_state(const struct daemon *d, bool ready, struct why *why)
{
	char body[STATEFILE_MAX];
	int n = snprintf(body, sizeof(body),
	    "agent=%s\npid=%ld\nsocket=%s\npidfile=%s\nconf=%s\nbinary=%s\n"
	    "ready=%d\nstarted=%ld\n",
	    d->kind->name, (long)d->pid, d->socket, d->pidfile, d->conf,
	    d->binary, ready, d->started);

	if (n < 0 || (size_t)n >= sizeof(body))
		return why_set(
		    why, -E2BIG, "paths of %s are too long", d->call->instance);
	return statefile_write(d->call->instance, body, why);
}

/* binary= may be a wrapper that execs the real one. */
static bool runs(const struct daemon *d, pid_t pid)
{
	return proc_is(pid, d->binary) || proc_is(pid, d->kind->binary);
}

bool daemon_alive(const struct daemon *d)
{
	return runs(d, d->pid);
}

int daemon_ask_running(
    const struct daemon *d, struct deadline deadline, struct why *why)
{
	char out[512];
	int code;
	int rc = odsctl_ask(
	    d->socket, "running", deadline, &code, out, sizeof(out), why);

	if (rc < 0)
		return rc;
	if (code == 0)
		return 0;
	out[strcspn(out, "\n")] = '\0';
	return why_set(why, -EIO, "%s is not well: %s", d->kind->binary, out);
}

/* A wrong binary= must not hide one: the standard name is looked for too. */
int daemon_instances(const struct daemon *d, pid_t *pids, int max)
{
	const char *base = strrchr(d->binary, '/');
	struct instance list[2 * INSTANCE_MAX];
	int i, n = 0;
	int found = instance_find(d->binary, list, INSTANCE_MAX);

	base = base ? base + 1 : d->binary;
	if (strcmp(base, d->kind->binary) != 0)
		found +=
		    instance_find(d->kind->binary, list + found, INSTANCE_MAX);
	for (i = 0; i < found && n < max; i++)
		if (list[i].pid == d->pid ||
		    instance_same_conf(list[i].conf, d->conf))
			pids[n++] = list[i].pid;
	return n;
}

static bool pidfile_is_foreign(const struct daemon *d)
{
	return proc_is(proc_pidfile(d->pidfile), d->kind->binary);
}

/* Only when no other instance uses these paths. */
static void remove_traces(const struct daemon *d)
{
	if (!pidfile_is_foreign(d)) {
		unlink(d->pidfile);
		unlink(d->socket);
	}
	unlink(d->output);
	statefile_remove(d->call->instance);
}

/* With the session that it leads: a child such as "ods-signer update" that
 * outlives a killed enforcer would hit the signer of a later start. */
static int kill_hard(pid_t pid, struct deadline deadline)
{
	struct deadline least = deadline_in_ms(KILL_LEAST_MS);

	if (deadline.at_ms < least.at_ms)
		deadline = least;
	if (getpgid(pid) == pid)
		kill(-pid, SIGKILL);
	return proc_kill(pid, SIGKILL, deadline);
}

static int end_one(const struct daemon *d, pid_t pid, struct deadline grace,
    struct deadline deadline, struct why *why)
{
	struct stillness still = {0};

	while (runs(d, pid) && !deadline_passed(grace) &&
	       !stillness_lasted(&still, pid, d->kind->still_ms))
		deadline_sleep_ms(grace, STOP_POLL_MS);
	if (!runs(d, pid))
		return 0;
	log_warn("%s (pid %ld) does not end by itself: killing it",
	    d->kind->binary, (long)pid);
	if (kill_hard(pid, deadline) == 0)
		return 0;
	return why_set(why, -ETIMEDOUT,
	    "%s (pid %ld) survives SIGKILL: hung disk or HSM driver, reboot "
	    "or fence this node",
	    d->kind->binary, (long)pid);
}

int daemon_end(
    struct daemon *d, int grace_ms, struct deadline deadline, struct why *why)
{
	struct deadline grace = deadline_step(deadline, grace_ms);
	pid_t pids[INSTANCE_MAX];
	char out[256];
	int i, code, rc = 0;
	int n = daemon_instances(d, pids, INSTANCE_MAX);

	if (n > 0 && grace_ms > 0)
		odsctl_ask(d->socket, "stop", deadline_step(grace, STOP_ASK_MS),
		    &code, out, sizeof(out), NULL);
	/* Again while there are any: one may have been starting. */
	while (n > 0 && rc == 0) {
		for (i = 0; i < n && rc == 0; i++)
			rc = end_one(d, pids[i], grace, deadline, why);
		n = daemon_instances(d, pids, INSTANCE_MAX);
	}
	if (rc == 0)
		remove_traces(d);
	return rc;
}

int daemon_stop(struct call *call)
{
	struct daemon d;

	daemon_init(&d, call);
	if (!daemon_take_state(&d, NULL))
		take_parameters(&d);
	if (daemon_end(&d, DAEMON_GRACE_MS, call->deadline, &call->why) < 0)
		return call_fail(call);
	return PCMK_OCF_OK;
}

/* The signer keeps its output file open for life: keep it short. */
static void trim_output(const struct daemon *d)
{
	struct stat st;

	if (stat(d->output, &st) == 0 && st.st_size > OUTPUT_MAX &&
	    truncate(d->output, 0) < 0)
		log_debug("cannot truncate %s", d->output);
}

static int judge_running(struct daemon *d)
{
	struct call *call = d->call;
	struct deadline deadline =
	    deadline_step(call->deadline, RUNNING_TIMEOUT_MS);

	trim_output(d);
	if (daemon_ask_running(d, deadline, &call->why) == 0)
		return d->kind->judge && !call->probe ? d->kind->judge(d)
		                                      : PCMK_OCF_OK;
	if (call->why.err != -EIO)
		return call_error(call, PCMK_OCF_UNKNOWN_ERROR,
		    "%s (pid %ld) runs but does not answer on %s: it hangs",
		    d->kind->binary, (long)d->pid, d->socket);
	return call_fail(call);
}

/* Neither the state file nor its pid stands for a process: look in /proc,
 * the second witness, before saying that nothing runs. */
static int monitor_unknown(struct daemon *d, bool had_state)
{
	struct call *call = d->call;
	pid_t before = d->pid;
	pid_t pids[2];
	int n, code;

	if (!had_state)
		take_parameters(d);
	n = daemon_instances(d, pids, 2);
	if (n == 0 && before > 0 && !call->probe)
		call_error(call, 0, "%s (pid %ld) has died: see its log",
		    d->kind->binary, (long)before);
	if (n == 0)
		return PCMK_OCF_NOT_RUNNING;
	d->pid = pids[0];
	if (n > 1)
		return call_error(call, PCMK_OCF_UNKNOWN_ERROR,
		    "%s runs twice with %s (pids %ld and %ld)", d->kind->binary,
		    d->conf, (long)pids[0], (long)pids[1]);
	code = judge_running(d);
	if (code == PCMK_OCF_OK) {
		log_notice("%s (pid %ld) was not started by %s: adopted",
		    d->kind->binary, (long)d->pid, call->instance);
		if (daemon_write_state(d, true, &call->why) < 0)
			return call_fail(call);
	}
	return code;
}

/* A probe comes once, at Pacemaker's own start and after a cleanup: a human
 * who mended the HSM may have asked to try a refused PIN again. */
int daemon_monitor(struct call *call)
{
	struct daemon d;
	bool had_state;

	if (call->probe)
		pinguard_clear();
	daemon_init(&d, call);
	had_state = daemon_take_state(&d, NULL);
	if (had_state && daemon_alive(&d))
		return judge_running(&d);
	return monitor_unknown(&d, had_state);
}

int daemon_reload(struct call *call)
{
	(void)call;
	return PCMK_OCF_OK;
}
