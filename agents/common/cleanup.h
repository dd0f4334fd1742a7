/* SPDX-License-Identifier: GPL-2.0-or-later
 * Copyright (C) The ocf-ods contributors */
#ifndef ODS_CLEANUP_H
#define ODS_CLEANUP_H

/* Release is declared where acquisition is:
 *
 *	CLEANUP_CLOSE int fd = open(...);
 *	CLEANUP_FREE char *text = NULL;
 *
 * so that an early return is always safe.  To hand the thing on, take it out
 * with steal_fd() / steal_ptr(). */

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static inline void cleanup_close_fd(int *fd)
{
	if (*fd >= 0)
		close(*fd);
}

static inline void cleanup_free_ptr(void *p)
{
	free(*(void **)p);
}

static inline void cleanup_close_file(FILE **f)
{
	if (*f)
		fclose(*f);
}

static inline void cleanup_close_dir(DIR **d)
{
	if (*d)
		closedir(*d);
}

#define CLEANUP(fn) __attribute__((cleanup(fn)))
#define CLEANUP_CLOSE CLEANUP(cleanup_close_fd)
#define CLEANUP_FREE CLEANUP(cleanup_free_ptr)
#define CLEANUP_FILE CLEANUP(cleanup_close_file)
#define CLEANUP_DIR CLEANUP(cleanup_close_dir)

static inline int steal_fd(int *fd)
{
	int ret = *fd;

	*fd = -1;
	return ret;
}

#define steal_ptr(pp)                                \
	__extension__({                              \
		__typeof__(*(pp)) steal_ret = *(pp); \
		*(pp) = NULL;                        \
		steal_ret;                           \
	})

#endif
