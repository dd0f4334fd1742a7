/* SPDX-License-Identifier: GPL-2.0-or-later
 * Copyright (C) The ocf-ods contributors */
#include "commands.h"

#include <errno.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "client.h"
#include "deadline.h"
#include "resource.h"
#include "view.h"

/* failover --to NODE --accept-loss: what is lost is said before it is
 * accepted, as far as it is known here. */

#define SYNCD ODS_LIBEXECDIR "/ods-syncd"
#define ASK_MS 10000
#define LINES_MAX 64
#define AGAIN_MS 3000 /* the daemon looks at the fencing history meanwhile */

static int fail(const char *text)
{
	fprintf(stderr, "ods-cluster: %s\n", text);
	return VIEW_CRITICAL;
}

/* The daemon's lines. */
static void print_lines(const char *reply)
{
	char key[24], text[WHY_MAX];
	int i;

	for (i = 0; i < LINES_MAX; i++) {
		snprintf(key, sizeof(key), "line.%d", i);
		if (client_value(reply, key, text, sizeof(text)) < 0)
			return;
		view_printable(text);
		printf("  - %s;\n", text);
	}
}

/* ods-syncd has the ledger and the zones. */
static void print_zones(const struct resource *r)
{
	char conf[sizeof(r->conf) + 8], dir[sizeof(r->state_dir) + 16];
	pid_t pid;

	puts("By the ledger of this node:");
	fflush(stdout);
	snprintf(conf, sizeof(conf), "--conf=%s", r->conf);
	snprintf(dir, sizeof(dir), "--state-dir=%s", r->state_dir);
	pid = fork();
	if (pid == 0) {
		execl(SYNCD, "ods-syncd", "--resource=serials", conf, dir,
		    "--serials", NULL);
		fprintf(stderr, "cannot run %s: %s\n", SYNCD, strerror(errno));
		_exit(1);
	}
	if (pid > 0)
		waitpid(pid, NULL, 0);
}

/* Who types it, and where: for the ledger. */
static void typed_by(char *by, size_t size)
{
	const struct passwd *pw = getpwuid(getuid());
	const char *sudo = getenv("SUDO_USER");
	char host[65] = "?";

	gethostname(host, sizeof(host) - 1);
	snprintf(by, size, "%s%s%s%s on %s", pw ? pw->pw_name : "root",
	    sudo ? " (" : "", sudo ? sudo : "", sudo ? ")" : "", host);
	by[strcspn(by, "\n=")] = '\0';
}

static void explain(const struct resource *r, const char *node)
{
	printf("The cluster goes on with what %s has, and what others had "
	       "beyond that is given up:\n"
	       "  - versions that were published after it, and key steps that "
	       "were made after it, are lost;\n"
	       "  - the next serial of each zone is 1,000 above the last one "
	       "that is known, of the ledger or of a server of the zone;\n"
	       "  - a node that comes back with more has diverged: that is set "
	       "aside.\n",
	    node);
	print_zones(r);
	puts("What is known of it here:");
}

static int ask(const struct resource *r, const char *request, char *reply,
    size_t size, struct why *why)
{
	return client_ask(
	    r->name, request, reply, size, deadline_in_ms(ASK_MS), why);
}

int failover_run(const struct typed *typed)
{
	static char reply[CLIENT_REPLY_MAX];
	char request[512], by[128];
	struct resource r;
	struct why why = {0};
	int rc;

	if (resource_find(typed->resource, &r, &why) < 0)
		return fail(why.text);
	typed_by(by, sizeof(by));
	if (strpbrk(typed->to, "\n=") ||
	    snprintf(request, sizeof(request), "loss\nto=%s\n", typed->to) >=
	        (int)sizeof(request))
		return fail("no node has such a name: see pcs status");
	rc = ask(&r, request, reply, sizeof(reply), &why);
	if (rc == -EBUSY) {
		deadline_sleep_ms(deadline_in_ms(AGAIN_MS), AGAIN_MS);
		rc = ask(&r, request, reply, sizeof(reply), &why);
	}
	if (rc < 0)
		return fail(why.text);
	explain(&r, typed->to);
	print_lines(reply);
	if (!confirmed())
		return fail("nothing was changed");
	snprintf(request, sizeof(request), "failover\nto=%s\nby=%s\n",
	    typed->to, by);
	rc = ask(&r, request, reply, sizeof(reply), &why);
	if (rc < 0)
		return fail(why.text);
	printf("%s goes on with what it has: Pacemaker promotes it now, see "
	       "ods-cluster status\n",
	    typed->to);
	return VIEW_OK;
}
