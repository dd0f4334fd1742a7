/* SPDX-License-Identifier: GPL-2.0-or-later
 * Copyright (C) The ocf-ods contributors */
#include "commands.h"

#include <stdio.h>
#include <string.h>

#include "client.h"
#include "deadline.h"
#include "resource.h"
#include "view.h"

/* What only a human can decide: explained first, then a typed yes. */

#define DECIDE_MS 10000

static int fail(const char *text)
{
	fprintf(stderr, "ods-cluster: %s\n", text);
	return VIEW_CRITICAL;
}

static bool confirmed(void)
{
	char answer[16] = "";

	printf("Type yes to go on: ");
	fflush(stdout);
	if (!fgets(answer, sizeof(answer), stdin))
		return false;
	answer[strcspn(answer, "\n")] = '\0';
	return strcmp(answer, "yes") == 0;
}

/* WORD and KEY=NAME are what the daemon is asked. */
static int decide(const struct typed *typed, const char *word, const char *key,
    const char *name, void (*explain)(const char *name), const char *done)
{
	static char reply[CLIENT_REPLY_MAX];
	struct resource r;
	struct why why = {0};
	char request[512];

	if (strpbrk(name, "\n=") ||
	    snprintf(request, sizeof(request), "%s\n%s=%s\n", word, key,
	        name) >= (int)sizeof(request))
		return fail("there is no such name: see ods-cluster status");
	if (resource_find(typed->resource, &r, &why) < 0)
		return fail(why.text);
	explain(name);
	if (!typed->yes && !confirmed())
		return fail("nothing was changed");
	if (client_ask(r.name, request, reply, sizeof(reply),
	        deadline_in_ms(DECIDE_MS), &why) < 0)
		return fail(why.text);
	printf("%s %s\n", name, done);
	return VIEW_OK;
}

static void explain_init(const char *node)
{
	printf("%s becomes the source of a new history:\n"
	       "  - the zones, keys, signatures and serials that lie on %s "
	       "are what the cluster goes on with;\n"
	       "  - the state of the other nodes is set aside, and they get a "
	       "copy of it;\n"
	       "  - what only another node has published, and key steps that "
	       "only it has made, are lost.\n"
	       "Be sure that OpenDNSSEC runs on no node that is not in the "
	       "cluster now.\n",
	    node, node);
}

int init_run(const struct typed *typed)
{
	return decide(typed, "init", "source", typed->source, explain_init,
	    "was chosen; Pacemaker promotes it now: see ods-cluster status");
}

static void explain_forget(const char *node)
{
	printf("%s is not waited for any more:\n"
	       "  - the source goes on without its word, and publishes;\n"
	       "  - what is on its disk is worth nothing from now on.\n"
	       "Be sure that it is switched off, or that it will never run "
	       "OpenDNSSEC again.\n",
	    node);
}

int forget_run(const struct typed *typed)
{
	return decide(typed, "forget", "node", typed->node, explain_forget,
	    "is forgotten: see ods-cluster status");
}

static void explain_ack(const char *zone)
{
	printf("The enforcer goes on though the DNSKEY set of %s that it "
	       "asked for is not served:\n"
	       "  - its next step for %s may come before resolvers are ready "
	       "for it, and they may take answers for bogus;\n"
	       "  - that holds until the zone is published with a changed "
	       "DNSKEY set.\n"
	       "Be sure that the hold cannot be mended otherwise.\n",
	    zone, zone);
}

int ack_run(const struct typed *typed)
{
	return decide(typed, "ack", "what=hold\nzone", typed->zone, explain_ack,
	    "is not waited for by the enforcer any more");
}
