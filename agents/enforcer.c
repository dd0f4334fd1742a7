/* SPDX-License-Identifier: GPL-2.0-or-later
 * Copyright (C) The ocf-ods contributors */

/* ocf:ods:enforcer - ods-enforcerd as a cluster resource. */

#include <errno.h>

#include "agent.h"
#include "daemon.h"

#define BINARY "ods-enforcerd"
#define PACKAGE "opendnssec-enforcer"
#define POLL_MS 20

/* The foreground part has returned after the HSM and the database were
 * opened (OpenDNSSEC enforcer engine.c); the socket answers a moment later. */
static int await(struct daemon *d, struct deadline deadline, struct why *why)
{
	while (daemon_alive(d)) {
		if (daemon_ask_running(d, deadline, why) == 0)
			return 0;
		if (deadline_passed(deadline))
			return -ETIMEDOUT;
		deadline_sleep_ms(deadline, POLL_MS);
	}
	return -ESRCH;
}

static const struct daemon_kind kind = {
    .name = "enforcer",
    .binary = BINARY,
    .package = PACKAGE,
    .unit = "opendnssec-enforcer",
    .dflt_socket = "/run/opendnssec/enforcer.sock",
    .dflt_pidfile = "/run/opendnssec/enforcerd.pid",
    .still_ms = 5000, /* it may wait for an HSM that makes a key */
    .await = await,
};

/* clang-format off */
static const struct param params[] = {
	DAEMON_PARAMS(BINARY, PACKAGE),
	{.name = NULL},
};

static const struct action actions[] = {
	DAEMON_ACTIONS(60),
	{.name = NULL},
};
/* clang-format on */

static const struct agent agent = {
    .name = "enforcer",
    .shortdesc = "OpenDNSSEC enforcer (key states and rollovers)",
    .longdesc =
        "Runs ods-enforcerd, which holds the state of every key in its "
        "database, steps rollovers and writes the signer configuration of "
        "each zone.\n\n"
        "Only one enforcer may run in the cluster: a second one on an older "
        "database can delete keys from a shared HSM that are still in use. "
        "Place it with the promoted instance of ocf:ods:state, start it "
        "after ocf:ods:signer (an enforcer that notifies a signer in "
        "recovery makes it abort), and keep it off a node whose attribute "
        "ods-enforce-RES, RES being the state resource, is not 1: its clock "
        "runs on while a changed key set is not served. Give it the meta "
        "attribute critical=false, "
        "so that its own troubles move nothing else: a late rollover harms "
        "nobody.\n\n"
        "Start succeeds once the daemon has opened HSM and database and "
        "answers on its control socket. Stop ends a hung daemon too. "
        "The monitor asks the control socket. Do not enable the "
        "distribution's systemd unit: systemctl disable --now "
        "opendnssec-enforcer (Red Hat: ods-enforcerd).",
    .example =
        "pcs resource create enforcer ocf:ods:enforcer meta critical=false\n"
        "pcs constraint colocation add enforcer with Promoted state-clone "
        "influence=false\n"
        "pcs constraint order start signer then start enforcer\n"
        "pcs constraint location enforcer rule score=-INFINITY "
        "ods-enforce-state ne 1 or not_defined ods-enforce-state",
    .params = params,
    .actions = actions,
    .validate = daemon_validate,
    .kind = &kind,
};

int main(int argc, char **argv)
{
	return agent_main(&agent, argc, argv);
}
