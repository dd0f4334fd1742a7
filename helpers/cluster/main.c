/* SPDX-License-Identifier: GPL-2.0-or-later
 * Copyright (C) The ocf-ods contributors */

/* ods-cluster: what an admin types (docs/man/ods-cluster.8). */

#include <getopt.h>
#include <stdbool.h>
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
    "  failover --to NODE --accept-loss   go on with what NODE has, and give "
    "up the rest\n"
    "  forget NODE [--yes]            go on without a node that is gone for "
    "ever\n"
    "  explain [NODE]                 can it take over, gate by gate\n"
    "  verify [ZONE]                  judge what is served\n"
    "  publish ZONE --force [--yes]   let out what is held, once\n"
    "  ack ZONE insecure [--yes]      it may go out without signatures\n"
    "  ack ZONE hold [--yes]          the enforcer need not wait for it\n"
    "  serial ZONE --reset [--yes]    the next serial may be a lower one\n"
    "\n"
    "  -r, --resource RESOURCE        the state resource, when there are "
    "several\n"
    "  -W, --watch SECONDS            again every SECONDS\n"
    "  -h, --help    -V, --version\n"
    "\n"
    "status and verify exit with 0 ok, 1 warning, 2 critical, 3 unknown.\n";

enum {
	OPT_JSON = 256,
	OPT_SOURCE,
	OPT_YES,
	OPT_FORCE,
	OPT_RESET,
	OPT_TO,
	OPT_LOSS
};

static const struct option options[] = {
    {"resource", required_argument, NULL, 'r'},
    {"watch", required_argument, NULL, 'W'},
    {"json", no_argument, NULL, OPT_JSON},
    {"source", required_argument, NULL, OPT_SOURCE},
    {"yes", no_argument, NULL, OPT_YES},
    {"force", no_argument, NULL, OPT_FORCE},
    {"reset", no_argument, NULL, OPT_RESET},
    {"to", required_argument, NULL, OPT_TO},
    {"accept-loss", no_argument, NULL, OPT_LOSS},
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

/* What each command takes; everything else that was typed is refused. */
static const struct command {
	const char *name;
	int words, most_words; /* behind it */
	bool watch, source, yes, force, reset, loss;
	int (*run)(const struct typed *typed);
	const char *takes; /* said when it is not so */
} commands[] = {
    {"status", 0, 0, .watch = true, .run = status_run,
        .takes = "status takes -W and --json"},
    {"init", 0, 0, .source = true, .yes = true, .run = init_run,
        .takes = "init takes --source NODE, and --yes"},
    {"failover", 0, 0, .loss = true, .run = failover_run,
        .takes = "failover takes --to NODE and --accept-loss; its yes is "
                 "typed"},
    {"forget", 1, 1, .yes = true, .run = forget_run,
        .takes = "forget takes the name of a NODE, and --yes"},
    {"explain", 0, 1, .run = explain_run,
        .takes = "explain takes the name of a NODE, or none"},
    {"verify", 0, 1, .run = verify_run,
        .takes = "verify takes a ZONE, or none"},
    {"publish", 1, 1, .yes = true, .force = true, .run = publish_run,
        .takes = "publish takes a ZONE, --force, and --yes"},
    {"ack", 2, 2, .yes = true, .run = ack_run,
        .takes = "ack takes a ZONE, insecure or hold, and --yes"},
    {"serial", 1, 1, .yes = true, .reset = true, .run = serial_run,
        .takes = "serial takes a ZONE, --reset, and --yes"},
};

static bool fits(const struct command *c, const struct typed *t)
{
	int words = !!t->word[0] + !!t->word[1];

	return words >= c->words && words <= c->most_words &&
	       (c->watch || (!t->watch_s && !t->json)) &&
	       c->source == (t->source && *t->source) &&
	       (c->source || !t->source) && (c->yes || !t->yes) &&
	       c->force == t->force && c->reset == t->reset &&
	       c->loss == t->accept_loss && c->loss == (t->to && *t->to) &&
	       (c->loss || !t->to) && (!words || *t->word[0]);
}

static int run(const char *command, const struct typed *t)
{
	size_t i;

	for (i = 0; i < sizeof(commands) / sizeof(commands[0]); i++)
		if (strcmp(command, commands[i].name) == 0)
			return fits(&commands[i], t)
			           ? commands[i].run(t)
			           : usage(commands[i].takes, "");
	return usage("unknown command ", command);
}

int main(int argc, char **argv)
{
	struct typed t = {0};
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
		case OPT_FORCE:
			t.force = true;
			break;
		case OPT_RESET:
			t.reset = true;
			break;
		case OPT_TO:
			t.to = optarg;
			break;
		case OPT_LOSS:
			t.accept_loss = true;
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
	if (optind + 3 < argc)
		return usage("too many words: ", argv[optind + 3]);
	for (c = 0; optind + 1 + c < argc; c++)
		t.word[c] = argv[optind + 1 + c];
	return run(argv[optind], &t);
}
