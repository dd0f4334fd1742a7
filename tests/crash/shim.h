/* SPDX-License-Identifier: GPL-2.0-or-later
 * Copyright (C) The ocf-ods contributors */
#ifndef CRASH_SHIM_H
#define CRASH_SHIM_H

#include <limits.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

/* The calls that change a file system, as a process of the test makes them:
 * shim.c defines write(), rename(), fsync() and the like, so that both the
 * product's code and libsqlite3 end up there.  What they do below ROOT is a
 * step; at step ARM the process kills itself, before or after the call.
 *
 * No disk is ever waited for.  A sync puts what it makes durable into SHADOW,
 * from which power_loss() makes the disk that the next boot would see. */

enum step_kind {
	STEP_WRITE, /* content, also its length */
	STEP_NAME,  /* create, mkdir, rename, link, unlink */
	STEP_META,  /* mode, owner, times */
	STEP_SYNC,
	STEP_KINDS,
};

#define STEPS_MAX 4096

/* Shared by the test and the process that it watches. */
struct shim {
	char root[PATH_MAX];
	char shadow[PATH_MAX];
	volatile pid_t pid; /* whose calls count, 0 = nobody's */
	volatile long arm;  /* 0 = never */
	volatile bool after;
	volatile bool fired;
	volatile long steps;
	uint8_t kind[STEPS_MAX + 1];
	char what[PATH_MAX]; /* the call that it died at */
};

extern struct shim *shim;

struct shim *shim_make(const char *root, const char *shadow);

/* Count from here; all that is there now is durable.  The process, if there
 * is one, is at rest. */
void shim_arm(struct shim *s, long step, bool after);

void shim_die(void);
const char *step_name(enum step_kind kind);

#endif
