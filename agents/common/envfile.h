/* SPDX-License-Identifier: GPL-2.0-or-later
 * Copyright (C) The ocf-ods contributors */
#ifndef ODS_ENVFILE_H
#define ODS_ENVFILE_H

#include <stddef.h>
#include "why.h"

/* The environment that the distributions' units give the daemons.  Pacemaker
 * passes on nothing of it, and without it most network HSMs do not find
 * their settings. */

struct envfile {
	char **env; /* "NAME=value", NULL-terminated, fit for execve() */
	size_t count;
};

/* A clean environment (PATH, HOME, and LANG, LC_ALL, TZ where set) plus the
 * variables of GIVEN, or when GIVEN is NULL of those of
 *	/etc/default/opendnssec
 *	/etc/default/opendnssec-DAEMON	(DAEMON NULL: of enforcer and signer)
 *	/etc/sysconfig/ods
 * that exist; later ones win.  0; -ENOENT when GIVEN does not exist.  The
 * caller frees with envfile_free(), after a failure too. */
int envfile_load(
    struct envfile *e, const char *given, const char *daemon, struct why *why);

/* Set NAME=VALUE for each assignment in TEXT, read as systemd reads an
 * EnvironmentFile= (systemd.exec(5)): # and ; begin a comment line, single
 * and double quotes, backslash, line continuation; nothing is expanded.  A
 * line without "=" and a name that is no variable name are passed over. */
int envfile_parse(struct envfile *e, const char *text);

/* Value of NAME or NULL. */
const char *envfile_get(const struct envfile *e, const char *name);

void envfile_free(struct envfile *e);

#endif
