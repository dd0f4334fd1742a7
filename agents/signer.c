/* SPDX-License-Identifier: GPL-2.0-or-later
 * Copyright (C) The ocf-ods contributors */

/* ocf:ods:signer - ods-signerd as a cluster resource. */

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "agent.h"
#include "cleanup.h"
#include "client.h"
#include "daemon.h"
#include "instance.h"
#include "log.h"
#include "odsctl.h"
#include "proc.h"
#include "statefile.h"

#define BINARY "ods-signerd"
#define PACKAGE "opendnssec-signer"
#define POLL_MS 20
#define POLL_SLOW_MS 200 /* once it is plain that it takes longer */
#define POLL_FAST_FOR_MS 2000
#define LOOK_MS 10000      /* "zones" waits for the recovery of a big zone */
#define RUNNING_MS 5000    /* "running" waits for nothing but a hang */
#define STATE_AGE_MS 60000 /* older: the one who writes it is gone */
#define SETTLE_MS 500      /* it dies within 300 ms when the HSM is missing */
#define PREPARE_POLL_MS 200
#define PREPARE_MARGIN_MS 5000 /* of the start, for the signer itself */

/* The state resource of the same conf.xml, by what its daemon has left. */
struct state_query {
	const char *conf;
	char resource[256];
	long least_percent; /* of the policy's Refresh, -1 = not told */
	char least_zone[256];
};

static int find_state(
    const char *resource, const struct statefile *sf, void *arg)
{
	struct state_query *q = arg;
	const char *agent = statefile_get(sf, "agent");
	const char *conf = statefile_get(sf, "conf");
	const char *zone = statefile_get(sf, "least_zone");

	if (!agent || strcmp(agent, "state") != 0 || !conf ||
	    !instance_same_conf(conf, q->conf))
		return 0;
	snprintf(q->resource, sizeof(q->resource), "%s", resource);
	q->least_percent = -1;
	if (zone && statefile_age_ms(sf) < STATE_AGE_MS)
		q->least_percent = statefile_number(sf, "least_percent", -1);
	snprintf(q->least_zone, sizeof(q->least_zone), "%s", zone ? zone : "");
	return 1;
}

/* The node is promoted, and the parent of its daemon lives: a worker that
 * does not answer, or is no source yet, is being started again. */
static bool comes_back(const char *resource, int rc)
{
	struct statefile sf;
	const char *role;

	if (rc != -ENOENT && rc != -ECONNREFUSED && rc != -ECONNRESET &&
	    rc != -EPIPE && rc != -EPERM)
		return false;
	if (statefile_read(&sf, resource) < 0)
		return false;
	role = statefile_get(&sf, "role");
	return role && strcmp(role, "promoted") == 0 &&
	       proc_is((pid_t)statefile_number(&sf, "parent", 0), "ods-syncd");
}

/* The serials of the zones are settled before the signer reads its backups
 * (no command may reach it while it recovers).  Without a state resource for
 * this conf.xml there is nothing to settle. */
static int prepare(struct daemon *d, struct deadline deadline, struct why *why)
{
	static char reply[CLIENT_REPLY_MAX];
	struct state_query q = {.conf = d->conf};
	int rc;

	if (statefile_each(find_state, &q) == 0) {
		log_info("no state resource here with conf=%s: the signer "
		         "starts as it is",
		    d->conf);
		return 0;
	}
	for (;;) {
		*why = (struct why){0};
		rc = client_ask(q.resource, "signer-prepare\n", reply,
		    sizeof(reply), deadline, why);
		if (rc == 0 || !comes_back(q.resource, rc) ||
		    deadline_left_ms(deadline) < PREPARE_MARGIN_MS)
			break;
		deadline_sleep_ms(deadline, PREPARE_POLL_MS);
	}
	/* Whatever it is, it is no fault of this resource's definition. */
	return rc < 0 ? why->err = -EIO : 0;
}

static void cleanup_watch(struct odsctl_watch **w)
{
	odsctl_watch_free(*w);
}

/* The daemon says that it runs before it has opened the HSM or read a zone
 * (OpenDNSSEC signer engine.c, engine_start), so that is no sign.  Ready is:
 * it has every zone of zones.xml and has scheduled or written each.  Until
 * then nobody may send it "update": it would abort (engine_recover). */
static int await(struct daemon *d, struct deadline deadline, struct why *why)
{
	struct deadline fast = deadline_in_ms(POLL_FAST_FOR_MS);
	struct deadline settle = deadline_in_ms(SETTLE_MS);
	bool empty = odsctl_zonefile_count(d->paths.zones_file) == 0;
	CLEANUP(cleanup_watch)
	struct odsctl_watch *w = odsctl_watch_new(
	    d->socket, d->paths.zones_file, d->paths.working_dir, d->started);

	if (!w)
		return why_set(why, -ENOMEM, "out of memory");
	while (daemon_alive(d)) {
		int rc =
		    odsctl_watch_look(w, deadline_step(deadline, LOOK_MS), why);

		if (rc == 1 && (!empty || deadline_passed(settle)))
			return 0;
		if (rc == -ETIMEDOUT &&
		    daemon_ask_running(
		        d, deadline_step(deadline, RUNNING_MS), why) < 0)
			return daemon_alive(d) ? -ETIMEDOUT : -ESRCH;
		if (deadline_passed(deadline)) {
			why_prefix(why, "not ready in time, raise the start "
			                "timeout");
			return why->err = -ETIMEDOUT;
		}
		deadline_sleep_ms(
		    deadline, deadline_passed(fast) ? POLL_SLOW_MS : POLL_MS);
	}
	return -ESRCH;
}

/* The signer is well: is what the name server serves, too? */
static int judge(struct daemon *d)
{
	struct state_query q = {.conf = d->conf};
	long warn = call_number(d->call, "expiry_warn");

	if (statefile_each(find_state, &q) == 0 || q.least_percent < 0 ||
	    q.least_percent >= warn)
		return PCMK_OCF_OK;
	return call_error(d->call, PCMK_OCF_DEGRADED,
	    "zone %s: what is served has %ld %% of its Refresh left: see "
	    "ods-cluster status",
	    q.least_zone, q.least_percent);
}

static const struct daemon_kind kind = {
    .name = "signer",
    .binary = BINARY,
    .package = PACKAGE,
    .unit = "opendnssec-signer",
    .dflt_socket = "/run/opendnssec/engine.sock",
    .dflt_pidfile = "/run/opendnssec/signerd.pid",
    .still_ms = 2500, /* sleeps for 1 s, or waits for the HSM */
    .prepare = prepare,
    .await = await,
    .judge = judge,
};

/* clang-format off */
static const struct param params[] = {
	DAEMON_PARAMS(BINARY, PACKAGE),
	{
		.name = "expiry_warn",
		.type = PARAM_INTEGER,
		.dflt = "50",
		.min = 0,
		.max = 100,
		.unit = "%",
		.reloadable = true,
		.shortdesc = "warn when signatures that are served have less "
		             "left",
		.longdesc = "In percent of the policy's Refresh, or of its "
		            "Validity where Refresh is 0. When the first "
		            "signature to run out, of all that the name "
		            "server serves, has less left, the monitor says "
		            "degraded: nothing is moved or restarted, and pcs "
		            "status shows the zone. A healthy signer renews "
		            "what has less than Refresh left. 0: never.",
	},
	{.name = NULL},
};

static const struct action actions[] = {
	DAEMON_ACTIONS(120),
	{.name = NULL},
};
/* clang-format on */

static const struct agent agent = {
    .name = "signer",
    .shortdesc = "OpenDNSSEC signer (zone signing)",
    .longdesc =
        "Runs ods-signerd, which signs the zones with the keys in the HSM "
        "and keeps their signatures fresh.\n\n"
        "Start succeeds only when the signer is ready: it has recovered "
        "every zone of its zone list from the backups that the active node "
        "left, or has scheduled it for signing. Before that no command may "
        "reach it. If a resource of ocf:ods:state with the same conf runs "
        "on this node, its daemon first settles the SOA serials, so that "
        "no secondary ever sees one go back.\n\n"
        "Place it with the promoted instance of ocf:ods:state and start it "
        "after the promotion and before ocf:ods:enforcer. The signer needs "
        "neither the enforcer nor its database. Stop ends a hung daemon "
        "too. The monitor asks the control socket. Recovery of many or "
        "large zones takes time: allow a start timeout of 120 s, and more "
        "above some ten thousand zones. Do not enable the distribution's "
        "systemd unit: systemctl disable --now opendnssec-signer (Red Hat: "
        "ods-signerd).",
    .example =
        "pcs resource create signer ocf:ods:signer op start timeout=120s\n"
        "pcs constraint colocation add signer with Promoted state-clone "
        "influence=false\n"
        "pcs constraint order promote state-clone then start signer",
    .params = params,
    .actions = actions,
    .validate = daemon_validate,
    .kind = &kind,
};

int main(int argc, char **argv)
{
	return agent_main(&agent, argc, argv);
}
