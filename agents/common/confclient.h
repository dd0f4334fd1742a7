/* SPDX-License-Identifier: GPL-2.0-or-later
 * Copyright (C) The ocf-ods contributors */
#ifndef ODS_CONFCLIENT_H
#define ODS_CONFCLIENT_H

#include <limits.h>
#include <sys/types.h>
#include "deadline.h"
#include "why.h"

/* conf.xml for a program that links libc only: the helper ods-conf reads it
 * and prints lines.  It also looks accounts up, for the agents are linked
 * statically and NSS is not to be had there. */

/* What one daemon's agent needs. */
struct confclient {
	char pidfile[PATH_MAX];
	char socket[PATH_MAX];
	char working_dir[PATH_MAX];
	char user[64], group[64]; /* <Privileges> or "" */
	uid_t uid; /* of user, (uid_t)-1: none, unknown, not looked up */
	gid_t gid; /* the same of group */
	char zones_file[PATH_MAX];
	char notify_command[PATH_MAX]; /* or "" */
};

/* Read PATH for DAEMON ("enforcer" or "signer").  0; -ENOENT when PATH or
 * ods-conf is missing, -EINVAL when PATH is not usable, -ETIMEDOUT. */
int confclient_load(struct confclient *c, const char *path, const char *daemon,
    struct deadline deadline, struct why *why);

/* The same with uid and gid, which may have to wait for a directory
 * service: not for a stop or a monitor. */
int confclient_load_ids(struct confclient *c, const char *path,
    const char *daemon, struct deadline deadline, struct why *why);

/* The pure part: read the output of ods-conf. */
int confclient_parse(struct confclient *c, const char *output,
    const char *daemon, struct why *why);

#endif
