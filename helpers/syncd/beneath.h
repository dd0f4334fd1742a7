/* SPDX-License-Identifier: GPL-2.0-or-later
 * Copyright (C) The ocf-ods contributors */
#ifndef ODS_BENEATH_H
#define ODS_BENEATH_H

#include <stdbool.h>

/* Paths that came from elsewhere are walked beneath a directory that the
 * admin configured, and never through a symbolic link: openat2() with
 * RESOLVE_BENEATH, or component by component where the kernel has none.
 * All return a descriptor or a negative errno (-ELOOP for a link). */

int beneath_open(int root, const char *path, int flags);

/* The directory that holds PATH, and in *NAME the last component.  CREATE
 * makes what is missing, with owner and mode of the directory above. */
int beneath_parent(int root, const char *path, bool create, const char **name);

/* Directories opened once for a run over many files. */
#define ROOTS_MAX 16

struct roots {
	int count;
	const char *dir[ROOTS_MAX]; /* the caller's */
	int fd[ROOTS_MAX];
};

int roots_fd(struct roots *roots, const char *dir);
void roots_close(struct roots *roots);

#endif
