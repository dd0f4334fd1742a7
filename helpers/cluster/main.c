/* SPDX-License-Identifier: GPL-2.0-or-later
 * Copyright (C) The ocf-ods contributors */

/* ods-cluster: what an admin types (docs/man/ods-cluster.8). */

#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "commands.h"
#include "version.h"
#include "view.h"

#define WATCH_MAX_S 3600

static const char usage_text[] =
    "usage: ods-cluster [-r RESOURCE] COMMAND [OPTIONS]\n"
    "\n"
    "  status [-W SECONDS] [--json]   who signs, who can take over, what to "
    "do\n"
    "  init --source NODE [--yes]     begin a history with what lies on "
    "NODE\n"
    "  forget NODE [--yes]            go on without a node that is gone for "
    "ever\n"
    "  ack ZONE hold [--yes]          the enforcer need not wait for a held "
    "zone\n"
    "\n"
    "  -r, --resource RESOURCE        the state resource, when there are "
    "several\n"
    "  -W, --watch SECONDS            again every SECONDS\n"
    "  -h, --help    -V, --version\n"
    "\n"
    "status exits with 0 ok, 1 warning, 2 critical, 3 unknown.\n";

enum { OPT_JSON = 256, OPT_SOURCE, OPT_YES };

static const struct option options[] = {
    {"resource", required_argument, NULL, 'r'},
    {"watch", required_argument, NULL, 'W'},
    {"json", no_argument, NULL, OPT_JSON},
    {"source", required_argument, NULL, OPT_SOURCE},
    {"yes", no_argument, NULL, OPT_YES},
    {"help", no_argument, NULL, 'h'},
    {"version", no_argument, NULL, 'V'},
    {NULL, 0, NULL, 0},
};

static int usage(const char *what, const char *name)
{
	if (what)
		fprintf(stderr, "ods-cluster: %s%s\n\n", what, name);
	fputs(usage_text, stderr);
	return VIEW_UNKNOWN;
}

/* 0, or -1 with a word on stderr. */
static int parse_watch(const char *text, int *seconds)
{
	char *end;
	long n = strtol(text, &end, 10);

	if (end == text || *end || n < 1 || n > WATCH_MAX_S) {
		fprintf(stderr, "ods-cluster: -W takes 1 to %d seconds\n",
		    WATCH_MAX_S);
		return -1;
	}
	*seconds = (int)n;
	return 0;
}

static int run(const char *command, const struct typed *t)
{
	if (strcmp(command, "status") == 0) {
		if (t->source || t->yes)
			return usage("status takes -W and --json", "");
		return status_run(t);
	}
	if (strcmp(command, "init") == 0) {
		if (!t->source || !*t->source)
			return usage("init needs --source NODE", "");
		if (t->json || t->watch_s)
			return usage("init takes --source and --yes", "");
		return init_run(t);
	}
	if (strcmp(command, "forget") == 0) {
		if (!t->node || !*t->node)
			return usage("forget needs the name of a NODE", "");
		if (t->json || t->watch_s || t->source)
			return usage("forget takes --yes", "");
		return forget_run(t);
	}
	if (strcmp(command, "ack") == 0) {
		if (!t->zone || !*t->zone)
			return usage("ack needs ZONE hold", "");
		if (t->json || t->watch_s || t->source)
			return usage("ack takes --yes", "");
		return ack_run(t);
	}
	return usage("unknown command ", command);
}

int main(int argc, char **argv)
{
	struct typed t = {0};
	const char *command;
	int c;

	while ((c = getopt_long(argc, argv, "r:W:hV", options, NULL)) != -1) {
		switch (c) {
		case 'r':
			t.resource = optarg;
			break;
		case 'W':
			if (parse_watch(optarg, &t.watch_s) < 0)
				return VIEW_UNKNOWN;
			break;
		case OPT_JSON:
			t.json = true;
			break;
		case OPT_SOURCE:
			t.source = optarg;
			break;
		case OPT_YES:
			t.yes = true;
			break;
		case 'h':
			fputs(usage_text, stdout);
			return fflush(stdout) == 0 ? 0 : VIEW_UNKNOWN;
		case 'V':
			printf("ods-cluster (ocf-ods) %s\n", ODS_VERSION);
			return fflush(stdout) == 0 ? 0 : VIEW_UNKNOWN;
		default:
			return usage(NULL, NULL);
		}
	}
	if (optind >= argc)
		return usage("a command is missing", "");
	command = argv[optind];
	if (optind + 1 < argc && strcmp(command, "forget") == 0)
		t.node = argv[++optind];
	if (optind + 2 < argc && strcmp(command, "ack") == 0) {
		if (strcmp(argv[optind + 2], "hold") == 0)
			t.zone = argv[optind + 1];
		optind += 2;
	}
	if (optind + 1 < argc)
		return usage("too many words: ", argv[optind + 1]);
	return run(command, &t);
}
