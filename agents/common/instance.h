/* SPDX-License-Identifier: GPL-2.0-or-later
 * Copyright (C) The ocf-ods contributors */
#ifndef ODS_INSTANCE_H
#define ODS_INSTANCE_H

#include <limits.h>
#include <stdbool.h>
#include <sys/types.h>

/* A running ods-enforcerd or ods-signerd, as /proc shows it: the witness that
 * no pid file can forge (a pid file can be stale, gone, or taken over by a
 * second instance). */
struct instance {
	pid_t pid;
	char conf[PATH_MAX]; /* of its -c option, else the compiled-in one */
};

#define INSTANCE_MAX 32
#define INSTANCE_DEFAULT_CONF "/etc/opendnssec/conf.xml"

/* Live processes of BINARY in our own pid namespace (a daemon in a container
 * on this host is none of our business).  Returns how many were written. */
int instance_find(const char *binary, struct instance *list, int max);

/* The conf.xml that a command line (argv, each ended by NUL) names. */
void instance_conf_of(const char *cmdline, size_t len, char *conf, size_t size);

/* Do two paths name the same conf.xml? */
bool instance_same_conf(const char *a, const char *b);

#endif
