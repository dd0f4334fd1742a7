/* SPDX-License-Identifier: GPL-2.0-or-later
 * Copyright (C) The ocf-ods contributors */
#include "commands.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "client.h"
#include "deadline.h"
#include "peers.h"
#include "resource.h"
#include "view.h"

/* ods-cluster explain: each gate of a promotion (docs/promote.md). */

#define EXPLAIN_MS 5000

static int fail(const char *text)
{
	fprintf(stderr, "ods-cluster: %s\n", text);
	return VIEW_UNKNOWN;
}

static const char *value(
    const char *reply, const char *key, char *buf, size_t size)
{
	if (client_value(reply, key, buf, size) < 0)
		buf[0] = '\0';
	return buf;
}

static void print_gate(const char *reply, int i)
{
	char key[24], name[64], says[16], why[WHY_MAX];

	snprintf(key, sizeof(key), "gate.%d.name", i);
	value(reply, key, name, sizeof(name));
	snprintf(key, sizeof(key), "gate.%d.says", i);
	value(reply, key, says, sizeof(says));
	snprintf(key, sizeof(key), "gate.%d.why", i);
	value(reply, key, why, sizeof(why));
	printf("  %-8s %s%s%s\n", says, name, why[0] ? ": " : "", why);
}

/* Zone gates refuse no node: they hold their zone, on the source. */
static void print_holds(const char *reply)
{
	char key[24], zone[256], why[WHY_MAX];
	int i, count = atoi(value(reply, "holds", key, sizeof(key)));

	for (i = 0; i < count; i++) {
		snprintf(key, sizeof(key), "hold.%d.zone", i);
		value(reply, key, zone, sizeof(zone));
		snprintf(key, sizeof(key), "hold.%d.why", i);
		printf("  held     %s: %s\n", zone,
		    value(reply, key, why, sizeof(why)));
	}
}

/* The exit code: 0 it may, or does, 1 it will by itself, 2 a human is needed.
 */
static int print_here(const char *reply)
{
	char self[128], text[WHY_MAX], plan[16];
	bool source =
	    strcmp(value(reply, "source", text, sizeof(text)), "1") == 0;
	int i, count = atoi(value(reply, "gates", text, sizeof(text)));

	value(reply, "self", self, sizeof(self));
	value(reply, "plan", plan, sizeof(plan));
	value(reply, "plan_why", text, sizeof(text));
	if (source)
		printf(
		    "%s is the source: what follows is for a standby\n", self);
	else if (strcmp(plan, "go") == 0)
		printf("%s can take over: %s\n", self, text);
	else
		printf("%s cannot take over: %s\n", self, text);
	for (i = 0; i < count; i++)
		print_gate(reply, i);
	print_holds(reply);
	return source || strcmp(plan, "go") == 0 ? VIEW_OK
	       : strcmp(plan, "not yet") == 0    ? VIEW_WARNING
	                                         : VIEW_CRITICAL;
}

/* Of another node its own word is known, in one sentence. */
static int print_other(const struct resource *r, const char *node)
{
	static struct view v;
	int i;

	snprintf(v.res, sizeof(v.res), "%s", r->name);
	snprintf(v.node[0].name, sizeof(v.node[0].name), "%s", node);
	v.node[0].present = true;
	v.nodes = 1;
	peers_ask(&v, deadline_in_ms(EXPLAIN_MS));
	for (i = 0; i < v.nodes; i++)
		if (strcmp(v.node[i].name, node) == 0 && v.node[i].why[0]) {
			printf("%s: %s\n  gate by gate: ods-cluster explain, "
			       "typed there\n",
			    node, v.node[i].why);
			return v.node[i].promotable == VIEW_YES ? VIEW_OK
			                                        : VIEW_WARNING;
		}
	fprintf(stderr, "ods-cluster: %s says nothing: see pcs status\n", node);
	return VIEW_UNKNOWN;
}

int explain_run(const struct typed *typed)
{
	static char reply[CLIENT_REPLY_MAX];
	char self[128];
	struct resource r;
	struct why why = {0};

	if (resource_find(typed->resource, &r, &why) < 0 ||
	    client_ask(r.name, "explain\n", reply, sizeof(reply),
	        deadline_in_ms(EXPLAIN_MS), &why) < 0)
		return fail(why.text);
	value(reply, "self", self, sizeof(self));
	if (typed->word[0] && strcmp(typed->word[0], self) != 0)
		return print_other(&r, typed->word[0]);
	return print_here(reply);
}
