/* SPDX-License-Identifier: GPL-2.0-or-later
 * Copyright (C) The ocf-ods contributors */

/* ocf:ods:hsm: tells the cluster whether this node can log in to its HSM.
 *
 * A lost HSM is told by the node attribute ods-hsm with rc 0, never by an
 * error code: Pacemaker would restart or ban something that is not at fault.
 *
 *	probe says	in a row	ods-hsm
 *	ok		1		ok
 *	pin-not-set	1		unknown
 *	anything else	< failures	as it was (unknown after a start)
 *	anything else	>= failures	lost
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "agent.h"
#include "cleanup.h"
#include "crmtool.h"
#include "envfile.h"
#include "hsmreport.h"
#include "log.h"
#include "pinguard.h"
#include "proc.h"
#include "statefile.h"

#define PROBE ODS_LIBEXECDIR "/ods-hsm-probe"
#define ATTRIBUTE "ods-hsm"
#define REWRITE_S 60

/* Kept of the operation's time for the attribute and for explaining. */
#define RESERVE_MS 4000
#define CLEANUP_ENV CLEANUP(envfile_free)

/* What RESOURCE.state remembers from one monitor to the next. */
struct hsm_state {
	char attr[16];     /* ok, lost, unknown */
	char written[16];  /* what Pacemaker knows; "" = write it again */
	long written_s;    /* when, monotonic */
	long failed;       /* probes in a row */
	char why[WHY_MAX]; /* of the last failed probe, "" when it was ok */
};

static void state_copy(
    char *buf, size_t size, const struct statefile *sf, const char *key)
{
	const char *value = statefile_get(sf, key);

	snprintf(buf, size, "%s", value ? value : "");
}

static int state_read(struct hsm_state *state, const char *resource)
{
	struct statefile sf;
	int rc = statefile_read(&sf, resource);

	memset(state, 0, sizeof(*state));
	if (rc < 0)
		return rc;
	state_copy(state->attr, sizeof(state->attr), &sf, "attr");
	state_copy(state->written, sizeof(state->written), &sf, "written");
	state_copy(state->why, sizeof(state->why), &sf, "why");
	state->failed = statefile_number(&sf, "failed", 0);
	state->written_s = statefile_number(&sf, "written_s", 0);
	return 0;
}

/* conf, envfile and capacity_warn are for ods-syncd, which looks at the keys.
 */
static int state_write(
    struct call *call, const struct hsm_state *state, struct why *why)
{
	const char *envfile = call_text(call, "envfile");
	char body[STATEFILE_MAX - 64];

	snprintf(body, sizeof(body),
	    "agent=hsm\nattr=%s\nwritten=%s\nwritten_s=%ld\nfailed=%ld\n"
	    "capacity_warn=%ld\nwhy=%s\nconf=%s\nenvfile=%s\n",
	    state->attr, state->written, state->written_s, state->failed,
	    call_number(call, "capacity_warn"), state->why,
	    call_text(call, "conf"), envfile ? envfile : "");
	return statefile_write(call->instance, body, why);
}

/* What a failed probe means and what to do about it. */
static int report_explain(
    const struct call *call, const struct hsmreport *r, struct why *why)
{
	const char *conf = call_text(call, "conf");
	const char *name = r->repository;

	switch (r->verdict) {
	case HSM_OK:
		return 0;
	case HSM_PIN_NOT_SET:
		return why_set(why, -ENOKEY,
		    "repository %s has no PIN in %s (ods-hsmutil login?): "
		    "set <PIN> to have the HSM watched",
		    name, conf);
	case HSM_NO_TOKEN:
		return why_set(why, -ENODEV,
		    "repository %s: no slot has its token: is the HSM up, is "
		    "TokenLabel right?",
		    name);
	case HSM_HUNG:
		return why_set(why, -ETIMEDOUT,
		    "repository %s: no answer in %s: is the HSM reachable?",
		    name, r->detail);
	case HSM_MISSING_MODULE:
		return why_set(why, -ENOENT,
		    "repository %s: module %s: install it or set <Module> in "
		    "%s",
		    name, r->detail, conf);
	case HSM_WRONG_PIN:
		return why_set(why, -EKEYREJECTED,
		    "repository %s: PIN refused (%s), not tried again: set "
		    "<PIN> in conf.xml, or pcs resource refresh %s",
		    name, r->detail, call->instance);
	case HSM_ERROR:
		return why_set(why, -EIO, "repository %s: the HSM answers %s",
		    name, r->detail);
	case HSM_NO_ANSWER:
		break;
	}
	return why_set(why, -EPROTO, "ods-hsm-probe gave no answer");
}

/* "err=N" and "why=..." of a probe that could not use conf.xml.  What is wrong
 * with it is wrong on this node, not in the resource's definition: 5, not 6,
 * which would ban every node. */
static int conf_fault(const char *out, struct why *why)
{
	char text[WHY_MAX];
	int err;

	if (sscanf(out, "err=%d\nwhy=%255[^\n]", &err, text) != 2 || err <= 0)
		return why_set(why, -EPROTO, "ods-hsm-probe gave no answer");
	return why_set(why, err == EINVAL ? -ENOEXEC : -err, "%s", text);
}

static int conf_repositories(
    const struct hsmreport *report, const char *conf, struct why *why)
{
	if (report->repositories > 0)
		return 0;
	return why_set(why, -ENOEXEC,
	    "%s has no <Repository>: add the HSM to <RepositoryList>", conf);
}

/* Run the probe in its own process group.  0 with a REPORT; -EINVAL, -ENOENT
 * and the like when there is nothing to probe with. */
static int probe_run(struct call *call, const char *mode,
    struct hsmreport *report, struct why *why)
{
	char timeout[32];
	const char *conf = call_text(call, "conf");
	const char *argv[] = {
	    PROBE, "--conf", conf, "--timeout-ms", timeout, mode, NULL};
	CLEANUP_ENV struct envfile env = {0};
	struct proc_result result;
	long ms = call_number(call, "probe_timeout") * 1000;
	int left = deadline_left_ms(call->deadline);
	int rc;

	if (ms > left - RESERVE_MS)
		ms = left > 2 * RESERVE_MS ? left - RESERVE_MS : left / 2 + 1;
	snprintf(timeout, sizeof(timeout), "%ld", ms);
	memset(report, 0, sizeof(*report));
	rc = envfile_load(&env, call_text(call, "envfile"), NULL, why);
	if (rc < 0)
		return rc;
	/* It ends by itself; the second is for the process around it. */
	rc = proc_run(argv, env.env, deadline_in_ms(ms + 1000), &result, why);
	if (rc < 0)
		return rc;
	if (result.code == 3)
		return conf_fault(result.out, why);
	hsmreport_parse(result.out, report);
	if (result.code == 0)
		return conf_repositories(report, conf, why);
	if (result.timed_out) {
		report->verdict = HSM_HUNG;
		snprintf(report->detail, sizeof(report->detail), "the probe");
	}
	return 0;
}

/* The table at the top of this file. */
static void state_judge(struct hsm_state *state, enum hsm_verdict verdict,
    long failures, const char *why)
{
	const char *attr = state->attr;

	state->failed = verdict > HSM_PIN_NOT_SET ? state->failed + 1 : 0;
	if (verdict == HSM_OK)
		attr = "ok";
	else if (verdict == HSM_PIN_NOT_SET)
		attr = "unknown";
	else if (state->failed >= failures)
		attr = "lost";
	if (strcmp(attr, state->attr) != 0) {
		log_at(strcmp(attr, "ok") == 0 ? LOG_NOTICE : LOG_ERR,
		    "HSM %s, was %s%s%s", attr, state->attr, *why ? ": " : "",
		    why);
		snprintf(state->attr, sizeof(state->attr), "%s", attr);
	} else if (state->failed > 0) {
		log_warn("HSM probe failed, %ld of %ld: %s", state->failed,
		    failures, why);
	}
	snprintf(state->why, sizeof(state->why), "%s", why);
}

/* On change, and now and then without one: Pacemaker may have forgotten its
 * transient attributes (a node that rejoins, crm_attribute by hand). */
static bool attribute_due(const struct hsm_state *state, long now_s)
{
	return strcmp(state->attr, state->written) != 0 ||
	       now_s < state->written_s ||
	       now_s - state->written_s >= REWRITE_S;
}

/* A failure is tried again by the next monitor. */
static void attribute_write(struct call *call, struct hsm_state *state)
{
	struct why why = {0};
	long now_s = (long)(clock_monotonic_ms() / 1000);

	if (!attribute_due(state, now_s))
		return;
	if (crmtool_attr_set(ATTRIBUTE, state->attr, call->deadline, &why) <
	    0) {
		log_warn("attribute " ATTRIBUTE "=%s is not written: %s",
		    state->attr, why.text);
		return;
	}
	snprintf(state->written, sizeof(state->written), "%s", state->attr);
	state->written_s = now_s;
}

/* 0, or the errno of a fault that no waiting will mend. */
static int probe_and_judge(
    struct call *call, struct hsm_state *state, struct why *why)
{
	struct hsmreport report;
	int rc = probe_run(call, NULL, &report, why);

	if (rc < 0)
		report.verdict = HSM_NO_ANSWER;
	else
		report_explain(call, &report, why);
	state_judge(
	    state, report.verdict, call_number(call, "failures"), why->text);
	return rc == 0 && report.verdict == HSM_MISSING_MODULE ? why->err : rc;
}

static int state_tell(struct call *call, struct hsm_state *state)
{
	attribute_write(call, state);
	if (state_write(call, state, &call->why) < 0)
		return call_fail(call);
	return PCMK_OCF_OK;
}

static int hsm_start(struct call *call)
{
	struct hsm_state state;
	struct why why = {0};

	if (state_read(&state, call->instance) < 0)
		snprintf(state.attr, sizeof(state.attr), "unknown");
	state.written[0] = '\0'; /* started twice: say it again */
	if (probe_and_judge(call, &state, &why) < 0) {
		call->why = why;
		return call_fail(call);
	}
	return state_tell(call, &state);
}

static int hsm_stop(struct call *call)
{
	struct hsm_state state;
	struct why why = {0};

	if (state_read(&state, call->instance) == -ENOENT)
		return PCMK_OCF_OK;
	if (crmtool_attr_delete(ATTRIBUTE, call->deadline, &why) < 0)
		log_warn(
		    "attribute " ATTRIBUTE " is not deleted: %s", why.text);
	if (statefile_remove(call->instance) < 0)
		return call_error(call, PCMK_OCF_UNKNOWN_ERROR,
		    "cannot remove %s/%s.state: is " ODS_RUNDIR " writable?",
		    ODS_RUNDIR, call->instance);
	return PCMK_OCF_OK;
}

/* Pacemaker asks once: at its own start and after "pcs resource refresh"; a
 * cleanup passes over what has not failed, and this resource never does.
 * Its memory of the attribute may be gone, and an admin may have asked to try
 * a refused PIN again. */
static int hsm_ask_once(struct call *call, struct hsm_state *state)
{
	struct why why = {0};

	pinguard_clear();
	state->written[0] = '\0';
	if (state_write(call, state, &why) < 0)
		log_warn("%s", why.text);
	return PCMK_OCF_OK;
}

static int hsm_monitor(struct call *call)
{
	struct hsm_state state;
	struct why why = {0};
	int rc = state_read(&state, call->instance);

	if (rc < 0) {
		if (call->probe)
			pinguard_clear();
		return PCMK_OCF_NOT_RUNNING;
	}
	if (call->probe)
		return hsm_ask_once(call, &state);
	probe_and_judge(call, &state, &why);
	return state_tell(call, &state);
}

static int hsm_reload(struct call *call)
{
	(void)call; /* each monitor reads its parameters */
	return PCMK_OCF_OK;
}

static int hsm_validate(struct call *call, int depth)
{
	struct hsmreport report;

	if (depth < 10)
		return PCMK_OCF_OK;
	if (probe_run(call, "--files", &report, &call->why) < 0 ||
	    report_explain(call, &report, &call->why) < 0)
		return call_fail(call);
	return PCMK_OCF_OK;
}

/* clang-format off */
static const struct param hsm_params[] = {
	{.name = "conf", .type = PARAM_PATH,
	 .dflt = "/etc/opendnssec/conf.xml",
	 .shortdesc = "OpenDNSSEC configuration file",
	 .longdesc = "OpenDNSSEC's conf.xml: its repositories are the HSMs "
	     "that are watched."},
	{.name = "envfile", .type = PARAM_PATH,
	 .dflt_says = "those that exist of /etc/default/opendnssec, "
	     "/etc/default/opendnssec-enforcer, "
	     "/etc/default/opendnssec-signer and /etc/sysconfig/ods",
	 .shortdesc = "Environment of the PKCS#11 modules",
	 .longdesc = "File with NAME=value lines, read as systemd reads an "
	     "EnvironmentFile, for the settings that a PKCS#11 module takes "
	     "from its environment, such as SOFTHSM2_CONF or "
	     "P11_KIT_SERVER_ADDRESS."},
	{.name = "probe_timeout", .type = PARAM_INTEGER, .dflt = "10",
	 .min = 1, .max = 300, .unit = "s", .reloadable = true,
	 .shortdesc = "Time for one probe",
	 .longdesc = "A login that takes longer counts as failed; its process "
	     "is killed. Keep the timeout of start and monitor 5 s above "
	     "it."},
	{.name = "failures", .type = PARAM_INTEGER, .dflt = "3",
	 .min = 1, .max = 1000, .reloadable = true,
	 .shortdesc = "Failed probes before the HSM counts as lost",
	 .longdesc = "So many probes must fail in a row before ods-hsm drops "
	     "to lost. One that succeeds restores ok."},
	{.name = "capacity_warn", .type = PARAM_INTEGER, .dflt = "90",
	 .min = 1, .max = 100, .unit = "%", .reloadable = true,
	 .shortdesc = "Keys in an HSM before the status warns",
	 .longdesc = "ods-cluster status warns when a repository holds so much "
	     "of its <Capacity> in conf.xml. OpenDNSSEC does not look at that: "
	     "in a full HSM no key can be made, and rollovers stop. A "
	     "repository without <Capacity> is not judged."},
	{.name = NULL},
};

static const struct action hsm_actions[] = {
	{.name = "start", .timeout_s = 30, .run = hsm_start},
	{.name = "stop", .timeout_s = 20, .tolerant = true, .run = hsm_stop},
	{.name = "monitor", .timeout_s = 30, .interval_s = 10,
	 .run = hsm_monitor},
	{.name = "reload-agent", .timeout_s = 10, .run = hsm_reload},
	{.name = NULL},
};
/* clang-format on */

static const struct agent hsm_agent = {
    .name = "hsm",
    .shortdesc = "Watches the HSMs of OpenDNSSEC",
    .longdesc =
        "Logs in to the token of each repository in OpenDNSSEC's conf.xml, in "
        "a process of its own that is killed when the PKCS#11 module hangs, "
        "and tells the cluster by the transient node attribute ods-hsm: ok, "
        "lost, or unknown. Run it as a clone.\n\n"
        "A lost HSM is never an error of this resource. A location rule on "
        "the Promoted role of ocf:ods:state moves the service to a node where "
        "ods-hsm is ok, as long as there is one.\n\n"
        "A PIN that a token has refused is not tried again by any part of "
        "ocf-ods on that node before it has changed in conf.xml, because "
        "tokens lock themselves after a few wrong PINs. To have it tried "
        "again, run pcs resource refresh of this resource, or pcs resource "
        "cleanup of a daemon that did not start for it. A repository without "
        "a PIN in conf.xml (ods-hsmutil login) cannot be watched: ods-hsm is "
        "unknown then.",
    .example = "pcs resource create ods-hsm ocf:ods:hsm clone",
    .params = hsm_params,
    .actions = hsm_actions,
    .validate = hsm_validate,
};

int main(int argc, char **argv)
{
	return agent_main(&hsm_agent, argc, argv);
}
