/* SPDX-License-Identifier: GPL-2.0-or-later
 * Copyright (C) The ocf-ods contributors */
#ifndef ODS_AGENT_H
#define ODS_AGENT_H

#include <stddef.h>
#include "deadline.h"
#include "ocf.h"
#include "param.h"
#include "why.h"

struct agent;

/* What an action function works with. */
struct call {
	const struct agent *agent;
	const char *action;
	const char *instance; /* resource name: RES of the state agent */
	struct param_value values[PARAM_MAX];
	struct deadline deadline;
	bool probe;
	struct why why; /* filled when the return value is an error */
};

/* Runs one action.  Returns an OCF code (PCMK_OCF_*); for anything but OK,
 * NOT_RUNNING and RUNNING_PROMOTED it has filled call->why. */
typedef int (*action_fn)(struct call *call);

struct action {
	const char *name;
	int timeout_s;    /* advertised */
	int interval_s;   /* monitors; 0 = none advertised */
	const char *role; /* "Promoted", "Unpromoted" or NULL */
	bool tolerant;    /* runs although parameters are wrong (stop, demote,
	                     probe: a typo must not fence) */
	action_fn run;
};

struct agent {
	const char *name;             /* file name below resource.d/ods */
	const char *shortdesc;        /* noun phrase */
	const char *longdesc;         /* paragraphs, parted by an empty line */
	const char *example;          /* pcs command for the man page */
	const struct param *params;   /* ended by name == NULL */
	const struct action *actions; /* ended by name == NULL; meta-data and
	                                 validate-all are the framework's */
	/* Further checks: depth 0 looks at values only, depth 10 at this
	 * node too.  May be NULL. */
	int (*validate)(struct call *call, int depth);
	/* What functions that several agents share know this one by; they
	 * alone know its type.  NULL when there are none. */
	const void *kind;
};

/* The whole main() of an agent: meta-data, --man, usage, parameter parsing,
 * dispatch, exit reason. */
int agent_main(const struct agent *agent, int argc, char **argv);

/* Shorthands for action functions. */
const char *call_text(const struct call *call, const char *param);
long call_number(const struct call *call, const char *param);
bool call_given(const struct call *call, const char *param);

/* return call_fail(call): the OCF code that belongs to call->why. */
int call_fail(struct call *call);

/* Fill call->why and return CODE (PCMK_OCF_*). */
int call_error(struct call *call, int code, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));

#endif
