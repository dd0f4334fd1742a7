/* SPDX-License-Identifier: GPL-2.0-or-later
 * Copyright (C) The ocf-ods contributors */
#ifndef ODS_DAEMON_H
#define ODS_DAEMON_H

#include <limits.h>
#include <stdbool.h>
#include <sys/types.h>
#include "agent.h"
#include "confclient.h"

/* What the agents of ods-enforcerd and ods-signerd share: start, stop and
 * monitor of an OpenDNSSEC daemon, driven by a short description of it. */

struct daemon;

/* An agent's .kind */
struct daemon_kind {
	const char *name;        /* agent: "signer" */
	const char *binary;      /* "ods-signerd" */
	const char *package;     /* what to install on Debian */
	const char *unit;        /* systemd unit that must not run beside us */
	const char *dflt_socket; /* where conf.xml cannot be read */
	const char *dflt_pidfile;
	int still_ms; /* no thread runs for so long in a stop: deadlocked */

	/* Before a launch; may be NULL.  0 or negative errno. */
	int (*prepare)(
	    struct daemon *d, struct deadline deadline, struct why *why);

	/* In a monitor, of a daemon that is well; may be NULL.  An OCF code. */
	int (*judge)(struct daemon *d);

	/* After a launch, until the daemon does its work.  Returns 0;
	 * -ESRCH when the process has ended, -ETIMEDOUT when it hangs or
	 * DEADLINE has passed. */
	int (*await)(
	    struct daemon *d, struct deadline deadline, struct why *why);
};

/* One daemon as the parameters, conf.xml and the state file describe it. */
struct daemon {
	const struct daemon_kind *kind;
	struct call *call;
	char binary[PATH_MAX];
	char conf[PATH_MAX];
	char pidfile[PATH_MAX];
	char socket[PATH_MAX];
	char output[PATH_MAX];   /* RUNDIR/RESOURCE.out: what it prints */
	struct confclient paths; /* start and validate-all only */
	pid_t pid;               /* 0 = not known */
	long started;            /* realtime s */
};

/* The actions of an agent whose .kind is a struct daemon_kind.  Each returns
 * an OCF code. */
int daemon_start(struct call *call);
int daemon_stop(struct call *call);
int daemon_monitor(struct call *call);
int daemon_reload(struct call *call); /* no parameter is reloadable */
int daemon_validate(struct call *call, int depth);

/* 0 when the daemon answers "running" until DEADLINE. */
int daemon_ask_running(
    const struct daemon *d, struct deadline deadline, struct why *why);

/* Is the process of D alive? */
bool daemon_alive(const struct daemon *d);

/* Fill D from the agent and the parameters alone. */
void daemon_init(struct daemon *d, struct call *call);

/* What a start has left in the state file goes over what the parameters say;
 * true when there is one of this agent.  *READY may be NULL. */
bool daemon_take_state(struct daemon *d, bool *ready);
int daemon_write_state(const struct daemon *d, bool ready, struct why *why);

/* Pids of the instances that are ours: same conf.xml, or named by the state
 * file. */
int daemon_instances(const struct daemon *d, pid_t *pids, int max);

/* End every instance of ours and tidy up: "stop" on the socket, SIGKILL after
 * GRACE_MS (0: at once).  0 only when none of them lives any more. */
int daemon_end(
    struct daemon *d, int grace_ms, struct deadline deadline, struct why *why);
#define DAEMON_GRACE_MS 6000 /* 13 of 76 signer stops hang for good */

/* The parameter table that both agents have. */
#define DAEMON_PARAMS(binary_, package_)                                      \
	{                                                                     \
	    .name = "conf",                                                   \
	    .type = PARAM_PATH,                                               \
	    .dflt = "/etc/opendnssec/conf.xml",                               \
	    .unique_group = "conf",                                           \
	    .shortdesc = "OpenDNSSEC configuration file",                     \
	    .longdesc = "conf.xml of OpenDNSSEC. The enforcer, signer "       \
	                "and state resources with the same conf belong "      \
	                "together.",                                          \
	},                                                                    \
	    {                                                                 \
	        .name = "binary",                                             \
	        .type = PARAM_PROGRAM,                                        \
	        .dflt = binary_,                                              \
	        .shortdesc = binary_ " program",                              \
	        .longdesc = "Absolute path of " binary_ ", or a name that "   \
	                    "is looked up in PATH. It comes with the "        \
	                    "package " package_ ".",                          \
	    },                                                                \
	    {                                                                 \
	        .name = "pidfile",                                            \
	        .type = PARAM_PATH,                                           \
	        .dflt_says = "<PidFile> in conf.xml, else below "             \
	                     "/run/opendnssec",                               \
	        .shortdesc = "pid file of " binary_,                          \
	        .longdesc = "Where " binary_ " leaves its process id. Set "   \
	                    "it only when " binary_ " was built with "        \
	                    "another path and conf.xml does not say.",        \
	    },                                                                \
	    {                                                                 \
	        .name = "socket",                                             \
	        .type = PARAM_PATH,                                           \
	        .dflt_says = "<SocketFile> in conf.xml, else below "          \
	                     "/run/opendnssec",                               \
	        .shortdesc = "control socket of " binary_,                    \
	        .longdesc = "Where " binary_ " takes commands. Set it only "  \
	                    "when " binary_ " was built with another path "   \
	                    "and conf.xml does not say.",                     \
	    },                                                                \
	{                                                                     \
		.name = "envfile", .type = PARAM_PATH,                        \
		.dflt_says = "/etc/default/opendnssec*, "                     \
		             "/etc/sysconfig/ods, those that exist",          \
		.shortdesc = "file with environment variables",               \
		.longdesc = "VAR=value lines for " binary_ ", read as "       \
		            "systemd reads an EnvironmentFile. The library "  \
		            "of a network HSM usually finds its settings by " \
		            "such variables, and Pacemaker passes on none. "  \
		            "A file named here must exist.",                  \
	}

/* Their action table; the time that a start may take differs. */
/* clang-format off */
#define DAEMON_ACTIONS(start_s_)                                              \
	{"start", start_s_, 0, NULL, false, daemon_start},                    \
	{"stop", 60, 0, NULL, true, daemon_stop},                             \
	{"monitor", 20, 10, NULL, true, daemon_monitor},                      \
	{"reload-agent", 20, 0, NULL, false, daemon_reload}
/* clang-format on */

#endif
