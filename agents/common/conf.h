/* SPDX-License-Identifier: GPL-2.0-or-later
 * Copyright (C) The ocf-ods contributors */
#ifndef ODS_CONF_H
#define ODS_CONF_H

#include <limits.h>
#include <stdbool.h>
#include <stddef.h>
#include "why.h"

/* What OpenDNSSEC's conf.xml says, with the distribution's defaults filled
 * in where it is silent: the directory that exists of Debian's
 * (/var/lib/opendnssec, /run/opendnssec) and RHEL's (/var/opendnssec,
 * /run/opendnssec).  Source: OpenDNSSEC conf/conf.rnc. */

#define CONF_REPOSITORY_MAX 16

struct conf_repository {
	char name[64];
	char module[PATH_MAX];
	char token_label[33];
	char pin[256]; /* "" when there is none; wiped by conf_free() */
	long capacity; /* keys, 0 = not given */
	bool require_backup;
	bool skip_public_key;
};

struct conf {
	char path[PATH_MAX];
	char policy_file[PATH_MAX];   /* kasp.xml */
	char zonelist_file[PATH_MAX]; /* zonelist.xml, of the operator */
	char enforcer_dir[PATH_MAX];  /* Enforcer/WorkingDirectory */
	char signer_dir[PATH_MAX];    /* Signer/WorkingDirectory: backup2 */
	char enforcer_pidfile[PATH_MAX];
	char enforcer_socket[PATH_MAX];
	char signer_pidfile[PATH_MAX];
	char signer_socket[PATH_MAX];
	char database[PATH_MAX]; /* kasp.db; "" when MySQL */
	bool mysql;
	char signconf_dir[PATH_MAX];
	char unsigned_dir[PATH_MAX];
	char signed_dir[PATH_MAX];
	char zones_file[PATH_MAX];     /* enforcer_dir/zones.xml */
	char notify_command[PATH_MAX]; /* Signer/NotifyCommand or "" */
	char enforcer_user[64], enforcer_group[64]; /* <Privileges> or "" */
	char signer_user[64], signer_group[64];
	int repository_count;
	struct conf_repository repository[CONF_REPOSITORY_MAX];
};

/* Parse PATH.  0; -ENOENT when the file is missing; -EINVAL when it is not
 * XML or not a Configuration.  On failure CONF holds nothing. */
int conf_load(const char *path, struct conf *conf, struct why *why);

/* The pure part: the LEN bytes at DATA are what PATH holds. */
int conf_parse(const char *path, const char *data, size_t len,
    struct conf *conf, struct why *why);

/* Wipe the PINs. */
void conf_free(struct conf *conf);

#endif
