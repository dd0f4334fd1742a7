/* SPDX-License-Identifier: GPL-2.0-or-later
 * Copyright (C) The ocf-ods contributors */
#include "agent.h"

#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "log.h"
#include "manpage.h"
#include "metadata.h"

#define VALIDATE_TIMEOUT_MS 5000

const char *call_text(const struct call *call, const char *param)
{
	return param_get(call->agent->params, call->values, param)->text;
}

long call_number(const struct call *call, const char *param)
{
	return param_get(call->agent->params, call->values, param)->number;
}

bool call_given(const struct call *call, const char *param)
{
	return param_get(call->agent->params, call->values, param)->given;
}

int call_fail(struct call *call)
{
	return ocf_code(&call->why);
}

int call_error(struct call *call, int code, const char *fmt, ...)
{
	va_list ap;

	call->why.err = -1;
	va_start(ap, fmt);
	vsnprintf(call->why.text, sizeof(call->why.text), fmt, ap);
	va_end(ap);
	return code;
}

static void usage(const struct agent *agent, FILE *out)
{
	const struct action *a;
	const struct param *p;
	const char *last = "";

	fprintf(out, "usage: %s {", agent->name);
	for (a = agent->actions; a->name; a++) {
		if (strcmp(a->name, last) != 0)
			fprintf(out, "%s|", a->name);
		last = a->name;
	}
	fprintf(out, "validate-all|meta-data|--man}\n");
	fprintf(out, "parameters, as OCF_RESKEY_NAME in the environment:\n");
	for (p = agent->params; p->name; p++)
		fprintf(out, "  %-16s %s\n", p->name, p->shortdesc);
}

/* A role monitor is one function; the first row of that name serves all. */
static const struct action *action_find(
    const struct agent *agent, const char *name)
{
	const struct action *a;

	for (a = agent->actions; a->name; a++)
		if (strcmp(a->name, name) == 0)
			return a;
	return NULL;
}

static int action_validate(struct call *call)
{
	const struct agent *agent = call->agent;
	int depth = ocf_check_level();

	if (param_parse(agent->params, call->values, &call->why) < 0)
		return call_fail(call);
	return agent->validate ? agent->validate(call, depth) : PCMK_OCF_OK;
}

static int action_run(struct call *call, const struct action *action)
{
	const struct agent *agent = call->agent;
	bool tolerant = action->tolerant || call->probe;

	call->deadline = ocf_deadline(action->timeout_s * 1000);
	if (param_parse(agent->params, call->values, &call->why) < 0 &&
	    !tolerant)
		return call_fail(call);
	return action->run(call);
}

static bool code_is_error(int code)
{
	return code != PCMK_OCF_OK && code != PCMK_OCF_NOT_RUNNING &&
	       code != PCMK_OCF_RUNNING_PROMOTED;
}

static void process_init(const struct agent *agent)
{
	char ident[64];

	umask(022);
	if (chdir("/") < 0)
		_exit(PCMK_OCF_UNKNOWN_ERROR);
	signal(SIGPIPE, SIG_IGN);
	snprintf(ident, sizeof(ident), "ods-%s", agent->name);
	log_open(ident);
}

int agent_main(const struct agent *agent, int argc, char **argv)
{
	const char *name = argc > 1 ? argv[1] : "";
	const struct action *action = action_find(agent, name);
	struct call call = {.agent = agent, .action = name};
	int code;

	if (strcmp(name, "meta-data") == 0)
		return metadata_print(agent, stdout) ? PCMK_OCF_OK
		                                     : PCMK_OCF_UNKNOWN_ERROR;
	if (strcmp(name, "--man") == 0)
		return manpage_print(agent, stdout) ? PCMK_OCF_OK
		                                    : PCMK_OCF_UNKNOWN_ERROR;
	if (!action && strcmp(name, "validate-all") != 0) {
		usage(agent, strcmp(name, "--help") == 0 ? stdout : stderr);
		return strcmp(name, "--help") == 0
		           ? PCMK_OCF_OK
		           : PCMK_OCF_UNIMPLEMENT_FEATURE;
	}
	process_init(agent);
	call.instance = ocf_instance();
	call.probe = ocf_is_probe(name);
	call.deadline = deadline_in_ms(VALIDATE_TIMEOUT_MS);
	code = action ? action_run(&call, action) : action_validate(&call);
	if (code_is_error(code) ||
	    (code == PCMK_OCF_NOT_RUNNING && call.why.err))
		ocf_exit_reason(call.why.text);
	return code;
}
