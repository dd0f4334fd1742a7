/* SPDX-License-Identifier: GPL-2.0-or-later
 * Copyright (C) The ocf-ods contributors */
#ifndef ODS_PARAM_H
#define ODS_PARAM_H

#include <stdbool.h>
#include "why.h"

/* One table per agent drives parsing, validation, metadata XML, usage and
 * the man page, so that they cannot drift.  A new parameter is one line. */

enum param_type {
	PARAM_STRING,  /* any text */
	PARAM_PATH,    /* absolute path */
	PARAM_PROGRAM, /* absolute path or a name looked up in PATH */
	PARAM_INTEGER, /* whole number within min..max */
	PARAM_SELECT,  /* one of options[] */
};

struct param {
	const char *name;
	enum param_type type;
	const char *dflt;      /* text as an admin would type it, or NULL */
	const char *dflt_says; /* how the default is found when dflt is NULL */
	long min, max;         /* PARAM_INTEGER */
	const char *unit;      /* "s", "%", "Mbit/s" or NULL */
	const char *const *options; /* PARAM_SELECT, NULL-terminated */
	bool reloadable;            /* may change without moving anything */
	const char *unique_group;   /* metadata unique-group or NULL */
	const char *shortdesc;      /* noun phrase, under 60 characters */
	const char *longdesc;       /* sentences; default and unit are added */
};

/* Values, in table order.  text is never NULL for a parameter with dflt;
 * number is set for PARAM_INTEGER. */
struct param_value {
	const char *text;
	long number;
	bool given; /* set by the admin */
};

#define PARAM_MAX 16

/* Read OCF_RESKEY_<name> for each row of TABLE (ended by name == NULL) into
 * VALUES and check type and range.  Touches no file.  Returns 0 or -EINVAL
 * with the first fault's sentence. */
int param_parse(
    const struct param *table, struct param_value *values, struct why *why);

/* The value of NAME; programmer error when there is none of that name. */
const struct param_value *param_get(const struct param *table,
    const struct param_value *values, const char *name);

#endif
