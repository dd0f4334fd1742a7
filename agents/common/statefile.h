/* SPDX-License-Identifier: GPL-2.0-or-later
 * Copyright (C) The ocf-ods contributors */
#ifndef ODS_STATEFILE_H
#define ODS_STATEFILE_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>
#include "why.h"

/* /run/ocf-ods/RESOURCE.state: what a start leaves for its monitors, and
 * what ods-syncd tells the state agent.  Text, "key=value" lines, written by
 * rename.  The first line is "time=" CLOCK_BOOTTIME in ms at writing, so that
 * a reader knows its age. */

#define STATEFILE_MAX 8192
#define STATEFILE_PAIRS 32

struct statefile {
	char text[STATEFILE_MAX];
	int count;
	const char *key[STATEFILE_PAIRS];
	const char *value[STATEFILE_PAIRS];
};

/* RUNDIR "/" RESOURCE "." SUFFIX */
int statefile_path(
    char *buf, size_t size, const char *resource, const char *suffix);

/* Read RESOURCE.state.  -ENOENT when there is none. */
int statefile_read(struct statefile *sf, const char *resource);

/* The pure part: find the pairs in sf->text, which is cut into them.  Lines
 * without "=" and pairs above STATEFILE_PAIRS are passed over. */
void statefile_parse(struct statefile *sf);

/* Value of KEY or NULL. */
const char *statefile_get(const struct statefile *sf, const char *key);
long statefile_number(const struct statefile *sf, const char *key, long dflt);

/* Age in ms by its time= line; INT64_MAX when there is none or it lies ahead
 * (an other boot). */
int64_t statefile_age_ms(const struct statefile *sf);

/* Write "time=...\n" followed by BODY ("key=value\n" lines), mode 0644. */
int statefile_write(const char *resource, const char *body, struct why *why);
int statefile_remove(const char *resource);

/* Call FN for every RESOURCE.state in RUNDIR until it returns non-zero;
 * returns that. */
int statefile_each(
    int (*fn)(const char *resource, const struct statefile *sf, void *arg),
    void *arg);

#endif
