/* SPDX-License-Identifier: GPL-2.0-or-later
 * Copyright (C) The ocf-ods contributors */
#include "commands.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "client.h"
#include "deadline.h"
#include "jsonout.h"
#include "ledgerview.h"
#include "peers.h"
#include "resource.h"
#include "table.h"

#define DAEMON_MS 5000
#define PEERS_MS 3000
#define CLEAR_SCREEN "\033[H\033[J"

/* The daemon's answer, else the ledger, else nothing. */
static void collect(
    const struct resource *r, int found, struct why *why, struct view *v)
{
	static char reply[CLIENT_REPLY_MAX];
	int rc = found;

	snprintf(v->res, sizeof(v->res), "%s", r->name);
	snprintf(v->state_dir, sizeof(v->state_dir), "%s", r->state_dir);
	if (rc == 0)
		rc = client_ask(r->name, "status\n", reply, sizeof(reply),
		    deadline_in_ms(DAEMON_MS), why);
	if (rc == 0 && view_from_reply(reply, v) < 0)
		rc = why_set(why, -EPROTO,
		    "ods-syncd gave an answer of another version");
	peers_ask(v, deadline_in_ms(PEERS_MS));
	if (rc == 0)
		return;
	snprintf(v->no_daemon, sizeof(v->no_daemon), "%s", why->text);
	rc = ledgerview_read(r->state_dir, v, why);
	if (rc == 0 && found == -ENOENT)
		v->no_daemon[0] = '\0'; /* line 1 says it */
	else if (rc < 0 && rc != -ENOENT)
		snprintf(v->no_daemon, sizeof(v->no_daemon), "%s", why->text);
}

static int status_once(const struct typed *typed)
{
	static struct view v;
	struct resource r;
	struct headline h;
	struct why why = {0};
	int found = resource_find(typed->resource, &r, &why);

	if (found == -ENOTUNIQ) {
		fprintf(stderr, "ods-cluster: %s\n", why.text);
		return VIEW_UNKNOWN;
	}
	memset(&v, 0, sizeof(v));
	collect(&r, found, &why, &v);
	view_judge(&v, &h);
	if (typed->watch_s && !typed->json && isatty(STDOUT_FILENO))
		fputs(CLEAR_SCREEN, stdout);
	if (typed->json)
		json_print(&v, &h, stdout);
	else
		table_print(&v, &h, stdout);
	return fflush(stdout) == 0 ? (int)h.code : VIEW_UNKNOWN;
}

int status_run(const struct typed *typed)
{
	int rc = status_once(typed);

	while (typed->watch_s && !ferror(stdout)) {
		sleep((unsigned int)typed->watch_s);
		rc = status_once(typed);
	}
	return rc;
}
