/* SPDX-License-Identifier: GPL-2.0-or-later
 * Copyright (C) The ocf-ods contributors */
#include <errno.h>
#include <inttypes.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "agent.h"
#include "client.h"
#include "log.h"
#include "proc.h"
#include "statecheck.h"
#include "statefile.h"

/* ocf:ods:state, the promotable clone: one ods-syncd per node.  The agent
 * starts it, asks it over its socket, and reads its state file; every
 * decision is the daemon's (helpers/syncd/plan.c). */

#define SYNCD ODS_LIBEXECDIR "/ods-syncd"
#define STATE_OLD_MS 30000
#define ANSWER_MARGIN_MS 1000
#define REPLY_SIZE 1024

static const char *const barrier_options[] = {
    "degrade", "require", "off", NULL};

static const char *const signatures_options[] = {"reuse", "resign", NULL};

static const struct param params[] = {
    {
        .name = "conf",
        .type = PARAM_PATH,
        .dflt = "/etc/opendnssec/conf.xml",
        .shortdesc = "OpenDNSSEC configuration file",
        .longdesc = "conf.xml of OpenDNSSEC. It says where database, zones "
                    "and signatures lie on this node; the same value as in "
                    "the signer and enforcer resources ties them to this one.",
    },
    {
        .name = "state_dir",
        .type = PARAM_PATH,
        .dflt = "/var/lib/ocf-ods",
        .unique_group = "state_dir",
        .shortdesc = "directory of the replicated state",
        .longdesc = "Holds the ledger, the redo log and published/, the "
                    "directory that the name server reads. Put it on the "
                    "file system of OpenDNSSEC's working directories, so "
                    "that zone files are linked and not copied.",
    },
    {
        .name = "port",
        .type = PARAM_INTEGER,
        .dflt = "6405",
        .min = 1,
        .max = 65535,
        .unit = "tcp",
        .unique_group = "port",
        .shortdesc = "TCP port of the data connection",
        .longdesc = "The source listens here for the other nodes. Open it in "
                    "the firewall between the nodes.",
    },
    {
        .name = "address",
        .type = PARAM_STRING,
        .dflt_says = "the node's address in ring 0 of Corosync",
        .shortdesc = "address of the data connection",
        .longdesc = "The address that the source listens on. It differs from "
                    "node to node, so set it only where one network carries "
                    "Corosync and another one the data.",
    },
    {
        .name = "publish_command",
        .type = PARAM_STRING,
        .dflt_says = "none",
        .reloadable = false,
        .shortdesc = "command that tells the name server",
        .longdesc = "Runs after zone versions were installed in published/, "
                    "such as nsd-control reload %zone. %zone and %zonefile "
                    "are replaced; it is split at blanks and runs without a "
                    "shell, at most 30 s. Its place is here and not in "
                    "NotifyCommand of conf.xml, which goes around the gate.",
    },
    {
        .name = "tokens",
        .type = PARAM_PATH,
        .dflt_says = "none",
        .shortdesc = "directory of SoftHSM's tokens, to be replicated",
        .longdesc =
            "For keys in files: directories.tokendir of softhsm2.conf, such "
            "as /var/lib/softhsm/tokens, the same on all nodes, with the "
            "same PIN in each conf.xml. Each token of the source goes to the "
            "other nodes, key by key, before the database that names it; a "
            "token that the source does not have is set aside there. Only "
            "while Corosync encrypts (pcs cluster config update crypto "
            "cipher=aes256 hash=sha256): otherwise the resource does not "
            "start. SoftHSM's file backend only. A network HSM needs none of "
            "this.",
    },
    {
        .name = "barrier",
        .type = PARAM_SELECT,
        .dflt = "degrade",
        .options = barrier_options,
        .reloadable = true,
        .shortdesc = "what is published without a second node",
        .longdesc =
            "A zone version is published once every node that may take over "
            "has it on disk. degrade: a node that does not keep up loses the "
            "right to take over, and publishing goes on without it, also "
            "when none is left. require: nothing is published until a second "
            "node may take over; what is published stays so, and its "
            "signatures run out if that lasts too long (an escape is not "
            "built yet). off: no node is "
            "waited for; a takeover can lose the last versions, and secondary "
            "servers may then keep what no node has any more.",
    },
    {
        .name = "barrier_timeout",
        .type = PARAM_INTEGER,
        .dflt = "5",
        .min = 1,
        .max = 3600,
        .unit = "s",
        .reloadable = true,
        .shortdesc = "time a silent standby may hold up publishing",
        .longdesc = "A zone version is published once every node that may "
                    "take over has it on disk. A node that makes no progress "
                    "for this long, or is 60 s late, loses the right to take "
                    "over. It comes back once it has kept up for 30 s.",
    },
    {
        .name = "bandwidth",
        .type = PARAM_INTEGER,
        .dflt_says = "60 % of the link's speed; 60 where it tells none",
        .min = 1,
        .max = 100000,
        .unit = "Mbit/s",
        .reloadable = true,
        .shortdesc = "most that a data connection sends",
        .longdesc = "Zones, keys and the database go to each standby no faster "
                    "than this, so that a large copy does not delay Corosync's "
                    "token on the same link. Set less where several standbys "
                    "share it.",
    },
    {
        .name = "signatures",
        .type = PARAM_SELECT,
        .dflt = "reuse",
        .options = signatures_options,
        .reloadable = true,
        .shortdesc = "what becomes of the signatures at a takeover",
        .longdesc =
            "reuse: the signer's backups travel with the rest, and its "
            "successor goes on with the signatures that are there. resign: a "
            "takeover relies on the key database, the signer configurations "
            "and the unsigned zones alone; the backups are not copied, what "
            "the signer has left in its working directory and its output "
            "directory is removed before it starts, and every zone is signed "
            "in full, with serials above those that were published. That "
            "takes the HSM a signature for each RRset of each zone, and "
            "secondary servers a transfer of all of it.",
    },
    {.name = NULL},
};

static int ask_until(
    struct call *call, const char *command, struct deadline deadline)
{
	char request[128], reply[REPLY_SIZE];
	int left = deadline_left_ms(deadline) - ANSWER_MARGIN_MS;

	snprintf(request, sizeof(request), "%s\ndeadline_ms=%d\n", command,
	    left > 0 ? left : 1);
	return client_ask(call->instance, request, reply, sizeof(reply),
	    deadline, &call->why);
}

static int ask(struct call *call, const char *command)
{
	return ask_until(call, command, call->deadline);
}

/* A daemon that hangs must still be ended and its record be closed: a third
 * of the time is kept for that. */
static int ask_stop(struct call *call)
{
	int left = deadline_left_ms(call->deadline);

	return ask_until(
	    call, "stop", deadline_step(call->deadline, left - left / 3));
}

/* The daemon's processes by its state file; 0 when there is none. */
static int live_daemon(const struct statefile *sf, pid_t pid[2])
{
	int n = 0;
	pid_t parent = (pid_t)statefile_number(sf, "parent", 0);
	pid_t worker = (pid_t)statefile_number(sf, "worker", 0);

	if (proc_is(parent, SYNCD))
		pid[n++] = parent;
	if (proc_is(worker, SYNCD))
		pid[n++] = worker;
	return n;
}

static const char *publish_command(struct call *call)
{
	return call_given(call, "publish_command")
	           ? call_text(call, "publish_command")
	           : NULL;
}

static int check_texts(struct call *call)
{
	const char *command = publish_command(call);

	if (call_given(call, "address") &&
	    statecheck_address(call_text(call, "address"), &call->why) < 0)
		return call_fail(call);
	if (command && statecheck_command(command, &call->why) < 0)
		return call_fail(call);
	return PCMK_OCF_OK;
}

/* What a start needs of this node. */
static int check_installed(struct call *call)
{
	char path[PATH_MAX];

	if (proc_which(SYNCD, path, sizeof(path)) < 0)
		return call_error(call, PCMK_OCF_NOT_INSTALLED,
		    "%s is missing: install ocf-ods again", SYNCD);
	if (access(call_text(call, "conf"), R_OK) < 0)
		return call_error(call, PCMK_OCF_NOT_INSTALLED,
		    "%s is missing: install opendnssec or set conf=",
		    call_text(call, "conf"));
	return PCMK_OCF_OK;
}

/* Whose directory, and which mode, is SoftHSM's matter: not made here. */
static int check_tokens(struct call *call)
{
	struct stat st;

	if (!call_given(call, "tokens") ||
	    (stat(call_text(call, "tokens"), &st) == 0 && S_ISDIR(st.st_mode)))
		return PCMK_OCF_OK;
	return call_error(call, PCMK_OCF_NOT_INSTALLED,
	    "%s is no directory: set tokens= to directories.tokendir of "
	    "softhsm2.conf",
	    call_text(call, "tokens"));
}

static int check_values(struct call *call, int depth)
{
	const char *command = publish_command(call);
	int rc = check_texts(call);

	if (rc == PCMK_OCF_OK && depth >= 10)
		rc = check_installed(call);
	if (rc == PCMK_OCF_OK && depth >= 10)
		rc = check_tokens(call);
	if (rc == PCMK_OCF_OK && depth >= 10 && command &&
	    statecheck_program(command, &call->why) < 0)
		rc = call_fail(call);
	return rc;
}

static int in_promotable_clone(void)
{
	return ocf_meta("promoted_max") || ocf_meta("master_max");
}

static int state_monitor(struct call *call)
{
	struct statefile sf;
	pid_t pid[2];
	const char *role;

	if (statefile_read(&sf, call->instance) < 0)
		return PCMK_OCF_NOT_RUNNING;
	if (live_daemon(&sf, pid) == 0) {
		call->why.err = -ESRCH;
		snprintf(call->why.text, sizeof(call->why.text),
		    "ods-syncd has died: see its log");
		return PCMK_OCF_NOT_RUNNING;
	}
	if (statefile_age_ms(&sf) > STATE_OLD_MS)
		return call_error(call, PCMK_OCF_UNKNOWN_ERROR,
		    "ods-syncd has been silent for more than %d s",
		    STATE_OLD_MS / 1000);
	role = statefile_get(&sf, "role");
	return role && strcmp(role, "promoted") == 0 ? PCMK_OCF_RUNNING_PROMOTED
	                                             : PCMK_OCF_OK;
}

static const char *bandwidth(struct call *call)
{
	return call_given(call, "bandwidth") ? call_text(call, "bandwidth")
	                                     : "link";
}

static int start_daemon(struct call *call)
{
	char res[160], conf[PATH_MAX + 16], dir[PATH_MAX + 16], port[32];
	char address[128], command[1100], timeout[48], barrier[48], pace[48];
	char signatures[48];
	char tokens[PATH_MAX + 16];
	const char *argv[16] = {
	    SYNCD, res, conf, dir, port, barrier, timeout, pace, signatures};
	struct proc_result result;
	int n = 9;

	snprintf(res, sizeof(res), "--resource=%s", call->instance);
	snprintf(conf, sizeof(conf), "--conf=%s", call_text(call, "conf"));
	snprintf(
	    dir, sizeof(dir), "--state-dir=%s", call_text(call, "state_dir"));
	snprintf(port, sizeof(port), "--port=%ld", call_number(call, "port"));
	snprintf(barrier, sizeof(barrier), "--barrier=%s",
	    call_text(call, "barrier"));
	snprintf(timeout, sizeof(timeout), "--barrier-timeout=%ld",
	    call_number(call, "barrier_timeout"));
	snprintf(pace, sizeof(pace), "--bandwidth=%s", bandwidth(call));
	snprintf(signatures, sizeof(signatures), "--signatures=%s",
	    call_text(call, "signatures"));
	if (call_given(call, "address")) {
		snprintf(address, sizeof(address), "--address=%s",
		    call_text(call, "address"));
		argv[n++] = address;
	}
	if (call_given(call, "publish_command")) {
		snprintf(command, sizeof(command), "--publish-command=%s",
		    call_text(call, "publish_command"));
		argv[n++] = command;
	}
	if (call_given(call, "tokens")) {
		snprintf(tokens, sizeof(tokens), "--tokens=%s",
		    call_text(call, "tokens"));
		argv[n++] = tokens;
	}
	if (proc_run(argv, NULL, call->deadline, &result, &call->why) < 0)
		return call_fail(call);
	if (result.timed_out)
		return call_error(call, PCMK_OCF_UNKNOWN_ERROR,
		    "ods-syncd was not ready in time: see its log");
	result.out[strcspn(result.out, "\n")] = '\0';
	if (result.code != 0)
		return call_error(call, PCMK_OCF_UNKNOWN_ERROR, "%.240s",
		    result.out[0] ? result.out : "ods-syncd did not start");
	return PCMK_OCF_OK;
}

static int state_start(struct call *call)
{
	struct why why = {0};
	int rc = state_monitor(call);

	if (!in_promotable_clone())
		return call_error(call, PCMK_OCF_NOT_CONFIGURED,
		    "create this resource as a promotable clone: pcs resource "
		    "promotable %s",
		    call->instance);
	if (rc == PCMK_OCF_OK)
		return PCMK_OCF_OK;
	if (rc == PCMK_OCF_RUNNING_PROMOTED)
		return ask(call, "demote") < 0 ? call_fail(call) : PCMK_OCF_OK;
	memset(&call->why, 0, sizeof(call->why));
	rc = check_texts(call);
	if (rc == PCMK_OCF_OK)
		rc = check_installed(call);
	if (rc == PCMK_OCF_OK)
		rc = check_tokens(call);
	if (rc != PCMK_OCF_OK)
		return rc;
	/* It may be there only where the role is: a standby needs none. */
	if (publish_command(call) &&
	    statecheck_program(publish_command(call), &why) < 0)
		log_warn("%s", why.text);
	return start_daemon(call);
}

static int kill_daemon(struct call *call, const pid_t *pid, int n)
{
	int i;

	for (i = 0; i < n; i++)
		if (proc_kill(pid[i], SIGKILL, call->deadline) < 0)
			return call_error(call, PCMK_OCF_UNKNOWN_ERROR,
			    "ods-syncd (pid %ld) cannot be ended",
			    (long)pid[i]);
	return PCMK_OCF_OK;
}

/* A daemon that died as source, or that never came to be one after it had
 * minted, has not said that it is none: the others wait for a fencing then.
 * Done at once when the record is closed or another node's. */
static int close_record(struct call *call)
{
	char res[160], dir[PATH_MAX + 16], conf[PATH_MAX + 16];
	char ledger[PATH_MAX];
	const char *argv[] = {SYNCD, res, dir, conf, "--close", NULL};
	struct proc_result result;

	snprintf(ledger, sizeof(ledger), "%s/ledger.db",
	    call_text(call, "state_dir"));
	if (access(ledger, F_OK) < 0 && (errno == ENOENT || errno == ENOTDIR))
		return PCMK_OCF_OK; /* no record either */
	snprintf(res, sizeof(res), "--resource=%s", call->instance);
	snprintf(
	    dir, sizeof(dir), "--state-dir=%s", call_text(call, "state_dir"));
	snprintf(conf, sizeof(conf), "--conf=%s", call_text(call, "conf"));
	if (proc_run(argv, NULL, call->deadline, &result, &call->why) < 0)
		return call_fail(call);
	result.out[strcspn(result.out, "\n")] = '\0';
	if (result.code != 0)
		return call_error(call, PCMK_OCF_UNKNOWN_ERROR, "%.240s",
		    result.timed_out ? "closing the record took too long"
		                     : result.out);
	return PCMK_OCF_OK;
}

/* Ask it to go; end what does not go.  The parent goes first, else it would
 * start the worker again.  *CLOSED: it went by itself and had no record open
 * in this node's name, so that nothing is left to say to the others (and a
 * standby with a broken disk can be stopped). */
static int end_daemon(
    struct call *call, const struct statefile *sf, bool *closed)
{
	pid_t pid[2];
	bool asked = false;
	int n = live_daemon(sf, pid);

	if (n > 0)
		asked = ask_stop(call) == 0;
	if (asked) {
		struct deadline d = deadline_step(call->deadline, 5000);
		int i;

		for (i = 0; i < n; i++)
			proc_wait_gone(pid[i], SYNCD, d);
	}
	*closed = asked && statefile_number(sf, "open", 1) == 0;
	n = live_daemon(sf, pid);
	return kill_daemon(call, pid, n);
}

/* A start that was cut off leaves a daemon that has not come to write its
 * state file: its resource is on its command line.  A worker that was begun
 * meanwhile is found the next time round.  *FOUND: there was one. */
static int end_unready(struct call *call, bool *found)
{
	char res[160];
	pid_t pid[16];
	int n, rc = PCMK_OCF_OK;

	*found = false;
	snprintf(res, sizeof(res), "--resource=%s", call->instance);
	while (
	    rc == PCMK_OCF_OK && (n = proc_find_arg(SYNCD, res, pid, 16)) > 0) {
		*found = true;
		log_notice("an ods-syncd without a state file is ended");
		rc = kill_daemon(call, pid, n < 16 ? n : 16);
	}
	return rc;
}

static int state_stop(struct call *call)
{
	struct statefile sf;
	char path[PATH_MAX];
	bool found = true, closed = false;
	int rc;

	if (statefile_read(&sf, call->instance) < 0)
		rc = end_unready(call, &found);
	else
		rc = end_daemon(call, &sf, &closed);
	if (rc == PCMK_OCF_OK && found && !closed)
		rc = close_record(call);
	if (rc != PCMK_OCF_OK)
		return rc;
	statefile_remove(call->instance);
	if (statefile_path(path, sizeof(path), call->instance, "sock") == 0)
		unlink(path);
	return PCMK_OCF_OK;
}

static int state_promote(struct call *call)
{
	int rc = state_monitor(call);

	if (rc == PCMK_OCF_RUNNING_PROMOTED)
		return PCMK_OCF_OK;
	if (rc != PCMK_OCF_OK)
		return rc;
	if (ask(call, "promote") < 0)
		/* Whatever the errno was: it is no configuration error. */
		return PCMK_OCF_UNKNOWN_ERROR;
	return PCMK_OCF_OK;
}

static int state_demote(struct call *call)
{
	int rc = state_monitor(call);

	if (rc == PCMK_OCF_NOT_RUNNING) {
		memset(&call->why, 0, sizeof(call->why));
		return PCMK_OCF_NOT_RUNNING;
	}
	if (ask(call, "demote") < 0)
		return PCMK_OCF_UNKNOWN_ERROR;
	return PCMK_OCF_OK;
}

/* Done whatever the role is: any other code is a failure to Pacemaker. */
static int state_reload(struct call *call)
{
	char command[128];
	int rc = state_monitor(call);

	if (rc != PCMK_OCF_OK && rc != PCMK_OCF_RUNNING_PROMOTED)
		return rc;
	snprintf(command, sizeof(command),
	    "reload\nbarrier=%s\nbarrier_timeout=%ld\nbandwidth=%s\n"
	    "signatures=%s",
	    call_text(call, "barrier"), call_number(call, "barrier_timeout"),
	    bandwidth(call), call_text(call, "signatures"));
	return ask(call, command) < 0 ? PCMK_OCF_UNKNOWN_ERROR : PCMK_OCF_OK;
}

static const struct action actions[] = {
    {.name = "start", .timeout_s = 60, .run = state_start},
    {.name = "stop", .timeout_s = 60, .tolerant = true, .run = state_stop},
    {.name = "promote", .timeout_s = 120, .run = state_promote},
    {.name = "demote", .timeout_s = 60, .tolerant = true, .run = state_demote},
    {.name = "monitor",
        .timeout_s = 20,
        .interval_s = 10,
        .role = "Promoted",
        .run = state_monitor},
    {.name = "monitor",
        .timeout_s = 20,
        .interval_s = 11,
        .role = "Unpromoted",
        .run = state_monitor},
    {.name = "reload-agent", .timeout_s = 20, .run = state_reload},
    {.name = NULL},
};

static const struct agent agent = {
    .name = "state",
    .shortdesc = "Replicated state of OpenDNSSEC",
    .longdesc =
        "Keeps what OpenDNSSEC knows and has published (the key database, "
        "signer configurations, signatures, zone files and serials) the same "
        "on all nodes, decides which node may sign, and publishes signed "
        "zones.\n\n"
        "The promoted node is the source: ods-syncd there copies every change "
        "to the other nodes, and installs a signed zone in published/ only "
        "once every node that may take over has it on disk. A node that "
        "cannot prove that it holds all that was published is never "
        "promoted; the node attribute ods-why-RESOURCE says why, and what "
        "lifts it.\n\n"
        "Any other node is a standby: ods-syncd there locks the key database "
        "and keeps the enforcer's zone list aside, as zones.xml.ods-held, so "
        "that an enforcer or a signer started by hand does no harm. It is "
        "put back by a promotion, and when the resource is stopped on the "
        "node that was the last source. To use OpenDNSSEC on another node "
        "without the cluster, rename it back before anything is started "
        "there.\n\n"
        "Create it as a promotable clone, and colocate signer, enforcer, name "
        "server and address with its Promoted role. Fencing has to be on: "
        "without it a node that is lost without a trace is never replaced "
        "by itself.",
    .example = "pcs resource create state ocf:ods:state \\\n"
               "    publish_command=\"nsd-control reload %zone\" \\\n"
               "    promotable\n"
               "pcs resource meta state-clone interleave=true",
    .params = params,
    .actions = actions,
    .validate = check_values,
};

int main(int argc, char **argv)
{
	return agent_main(&agent, argc, argv);
}
