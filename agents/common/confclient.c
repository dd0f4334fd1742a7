/* SPDX-License-Identifier: GPL-2.0-or-later
 * Copyright (C) The ocf-ods contributors */
#include "confclient.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "client.h"
#include "proc.h"

#define PROGRAM ODS_LIBEXECDIR "/ods-conf"

static int parse_fault(const char *output, struct why *why)
{
	char err[16] = "", sentence[WHY_MAX] = "";

	client_value(output, "err", err, sizeof(err));
	client_value(output, "why", sentence, sizeof(sentence));
	if (atoi(err) <= 0)
		return why_set(why, -EPROTO,
		    "%s gave no answer: reinstall ocf-ods", PROGRAM);
	return why_set(why, -atoi(err), "%s", sentence);
}

/* An answer without ids has none of these lines. */
static unsigned int take_id(
    const char *output, const char *daemon, const char *what)
{
	char key[64], text[16];
	unsigned long id;
	char *end;

	snprintf(key, sizeof(key), "%s_%s", daemon, what);
	if (client_value(output, key, text, sizeof(text)) < 0)
		return (unsigned int)-1;
	errno = 0;
	id = strtoul(text, &end, 10);
	if (end == text || *end || errno || id >= UINT_MAX)
		return (unsigned int)-1;
	return (unsigned int)id;
}

int confclient_parse(struct confclient *c, const char *output,
    const char *daemon, struct why *why)
{
	struct {
		const char *key;
		char *buf;
		size_t size;
	} const wanted[] = {
	    {"pidfile", c->pidfile, sizeof(c->pidfile)},
	    {"socket", c->socket, sizeof(c->socket)},
	    {"dir", c->working_dir, sizeof(c->working_dir)},
	    {"user", c->user, sizeof(c->user)},
	    {"group", c->group, sizeof(c->group)},
	};
	char key[64];
	size_t i;

	memset(c, 0, sizeof(*c));
	for (i = 0; i < sizeof(wanted) / sizeof(wanted[0]); i++) {
		snprintf(key, sizeof(key), "%s_%s", daemon, wanted[i].key);
		if (client_value(output, key, wanted[i].buf, wanted[i].size) <
		    0)
			return parse_fault(output, why);
	}
	if (client_value(output, "zones_file", c->zones_file,
	        sizeof(c->zones_file)) < 0 ||
	    client_value(output, "notify_command", c->notify_command,
	        sizeof(c->notify_command)) < 0)
		return parse_fault(output, why);
	c->uid = take_id(output, daemon, "uid");
	c->gid = take_id(output, daemon, "gid");
	return 0;
}

static int load(struct confclient *c, const char *const *argv,
    const char *daemon, struct deadline deadline, struct why *why)
{
	struct proc_result result;
	int rc = proc_run(argv, NULL, deadline, &result, why);

	if (rc < 0)
		return rc;
	if (result.timed_out)
		return why_set(why, -ETIMEDOUT,
		    "reading %s took too long: is its file system hung, or "
		    "the directory service of its users?",
		    argv[1]);
	return confclient_parse(c, result.out, daemon, why);
}

int confclient_load(struct confclient *c, const char *path, const char *daemon,
    struct deadline deadline, struct why *why)
{
	const char *const argv[] = {PROGRAM, path, NULL};

	return load(c, argv, daemon, deadline, why);
}

int confclient_load_ids(struct confclient *c, const char *path,
    const char *daemon, struct deadline deadline, struct why *why)
{
	const char *const argv[] = {PROGRAM, path, "--ids", NULL};

	return load(c, argv, daemon, deadline, why);
}
