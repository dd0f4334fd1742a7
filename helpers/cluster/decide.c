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

bool confirmed(void)
{
	char answer[16] = "";

	printf("Type yes to go on: ");
	fflush(stdout);
	if (!fgets(answer, sizeof(answer), stdin))
		return false;
	answer[strcspn(answer, "\n")] = '\0';
	return strcmp(answer, "yes") == 0;
}

/* REQUEST is what the daemon is asked about NAME. */
static int decide(const struct typed *typed, const char *request,
    const char *name, void (*explain)(const char *name), const char *done)
{
	static char reply[CLIENT_REPLY_MAX];
	struct resource r;
	struct why why = {0};

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

/* KEY=NAME behind WORD. */
static int decide_node(const struct typed *typed, const char *word,
    const char *key, const char *node, void (*explain)(const char *node),
    const char *done)
{
	char request[256];

	if (strpbrk(node, "\n=") ||
	    snprintf(request, sizeof(request), "%s\n%s=%s\n", word, key,
	        node) >= (int)sizeof(request))
		return fail("no node has such a name: see pcs status");
	return decide(typed, request, node, explain, done);
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
	return decide_node(typed, "init", "source", typed->source, explain_init,
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
	return decide_node(typed, "forget", "node", typed->word[0],
	    explain_forget, "is forgotten: see ods-cluster status");
}

/* The zone's name as the ledger has it: without the dot at its end. */
static int decide_zone(const struct typed *typed, const char *word,
    const char *what, void (*explain)(const char *zone), const char *done)
{
	char zone[256], request[512];
	size_t len = strlen(typed->word[0]);

	if (len > 1 && typed->word[0][len - 1] == '.')
		len--;
	if (strpbrk(typed->word[0], "\n=") || len >= sizeof(zone))
		return fail("no zone has such a name");
	snprintf(zone, sizeof(zone), "%.*s", (int)len, typed->word[0]);
	snprintf(request, sizeof(request), "order\nword=%s\nwhat=%s\nzone=%s\n",
	    word, what, zone);
	return decide(typed, request, zone, explain, done);
}

static void explain_publish(const char *zone)
{
	printf("The version of %s that is held goes out once, whatever the "
	       "gate says against it:\n"
	       "  - ods-cluster status tells what that is; resolvers may "
	       "answer SERVFAIL for what is wrong;\n"
	       "  - not even so: a file that cannot be read to its end, and a "
	       "serial that is not above the last one.\n"
	       "The log, the ledger and the status keep that it was forced.\n",
	    zone);
}

int publish_run(const struct typed *typed)
{
	return decide_zone(typed, "publish", "", explain_publish,
	    "is looked at now: see ods-cluster status");
}

static void explain_insecure(const char *zone)
{
	printf("%s may go out without signatures:\n"
	       "  - be sure that the parent has no DS of it any more, and that "
	       "the TTL of the DS has passed since it went;\n"
	       "  - as long as a resolver holds a DS, every answer of an "
	       "unsigned zone is bogus.\n",
	    zone);
}

static void explain_hold(const char *zone)
{
	printf("The enforcer does not wait for %s while it is held:\n"
	       "  - its keys go on by the clock, though the world has not seen "
	       "what is held;\n"
	       "  - what is published later is checked against what caches may "
	       "hold all the same.\n",
	    zone);
}

int ack_run(const struct typed *typed)
{
	if (strcmp(typed->word[1], "insecure") == 0)
		return decide_zone(typed, "ack", "insecure", explain_insecure,
		    "may go insecure");
	if (strcmp(typed->word[1], "hold") == 0)
		return decide_zone(typed, "ack", "hold", explain_hold,
		    "is not waited for by the enforcer");
	return fail("ack takes a ZONE, and insecure or hold");
}

static void explain_reset(const char *zone)
{
	printf("The next version of %s may have a lower serial than the last "
	       "one:\n"
	       "  - secondaries that have the last one take no lower one: each "
	       "of them must retransfer the zone (nsd-control force_transfer, "
	       "rndc retransfer);\n"
	       "  - without this command a lower serial is lifted above the "
	       "last one by itself.\n",
	    zone);
}

int serial_run(const struct typed *typed)
{
	return decide_zone(typed, "serial", "", explain_reset,
	    "may begin with a lower serial");
}
