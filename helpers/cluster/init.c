/* SPDX-License-Identifier: GPL-2.0-or-later
 * Copyright (C) The ocf-ods contributors */
#include "commands.h"

#include <stdio.h>
#include <string.h>

#include "client.h"
#include "deadline.h"
#include "resource.h"
#include "view.h"

#define INIT_MS 10000

static int fail(const char *text)
{
	fprintf(stderr, "ods-cluster: %s\n", text);
	return VIEW_CRITICAL;
}

static void explain(const char *node)
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

int init_run(const struct typed *typed)
{
	static char reply[CLIENT_REPLY_MAX];
	struct resource r;
	struct why why = {0};
	char request[256];

	if (strpbrk(typed->source, "\n=") ||
	    snprintf(request, sizeof(request), "init\nsource=%s\n",
	        typed->source) >= (int)sizeof(request))
		return fail("no node has such a name: see pcs status");
	if (resource_find(typed->resource, &r, &why) < 0)
		return fail(why.text);
	explain(typed->source);
	if (!typed->yes && !confirmed())
		return fail("nothing was changed");
	if (client_ask(r.name, request, reply, sizeof(reply),
	        deadline_in_ms(INIT_MS), &why) < 0)
		return fail(why.text);
	printf("%s was chosen; Pacemaker promotes it now: see ods-cluster "
	       "status\n",
	    typed->source);
	return VIEW_OK;
}
