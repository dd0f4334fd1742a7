/* SPDX-License-Identifier: GPL-2.0-or-later
 * Copyright (C) The ocf-ods contributors */
#include "param.h"

#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int parse_integer(
    const struct param *p, struct param_value *v, struct why *why)
{
	char *end;

	errno = 0;
	v->number = strtol(v->text, &end, 10);
	if (end == v->text || *end != '\0' || errno)
		return why_set(why, -EINVAL,
		    "%s=%s is not a whole number: set %ld to %ld%s%s", p->name,
		    v->text, p->min, p->max, p->unit ? " " : "",
		    p->unit ? p->unit : "");
	if (v->number < p->min || v->number > p->max)
		return why_set(why, -EINVAL,
		    "%s=%s is out of range: set %ld to %ld%s%s", p->name,
		    v->text, p->min, p->max, p->unit ? " " : "",
		    p->unit ? p->unit : "");
	return 0;
}

static int parse_select(
    const struct param *p, const struct param_value *v, struct why *why)
{
	char list[128] = "";
	const char *const *o;

	for (o = p->options; *o; o++) {
		size_t used = strlen(list);

		if (strcmp(*o, v->text) == 0)
			return 0;
		snprintf(list + used, sizeof(list) - used, "%s%s",
		    used ? ", " : "", *o);
	}
	return why_set(why, -EINVAL, "%s=%s is unknown: set one of %s", p->name,
	    v->text, list);
}

static int parse_one(
    const struct param *p, struct param_value *v, struct why *why)
{
	if (strpbrk(v->text, "\n\r"))
		return why_set(why, -EINVAL, "%s holds a line break", p->name);
	switch (p->type) {
	case PARAM_INTEGER:
		return parse_integer(p, v, why);
	case PARAM_SELECT:
		return parse_select(p, v, why);
	case PARAM_PATH:
		if (v->text[0] != '/')
			return why_set(why, -EINVAL,
			    "%s=%s is not an absolute path: start it with /",
			    p->name, v->text);
		return 0;
	case PARAM_PROGRAM:
		if (v->text[0] != '/' && strchr(v->text, '/'))
			return why_set(why, -EINVAL,
			    "%s=%s: give an absolute path or a plain name",
			    p->name, v->text);
		return 0;
	case PARAM_STRING:
		return 0;
	}
	return 0;
}

int param_parse(
    const struct param *table, struct param_value *values, struct why *why)
{
	const struct param *p;
	char var[96];
	int rc = 0;

	for (p = table; p->name; p++, values++) {
		const char *env;

		snprintf(var, sizeof(var), "OCF_RESKEY_%s", p->name);
		env = getenv(var);
		memset(values, 0, sizeof(*values));
		values->given = env && *env;
		values->text = values->given ? env : p->dflt;
		if (!values->text)
			continue;
		if (parse_one(p, values, rc == 0 ? why : NULL) < 0)
			rc = -EINVAL;
	}
	return rc;
}

const struct param_value *param_get(const struct param *table,
    const struct param_value *values, const char *name)
{
	const struct param *p;

	for (p = table; p->name; p++, values++)
		if (strcmp(p->name, name) == 0)
			return values;
	assert(p->name); /* not in the agent's table */
	return NULL;
}
