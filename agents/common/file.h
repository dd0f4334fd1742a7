/* SPDX-License-Identifier: GPL-2.0-or-later
 * Copyright (C) The ocf-ods contributors */
#ifndef ODS_FILE_H
#define ODS_FILE_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/stat.h>
#include <sys/types.h>
#include "why.h"

/* Read a regular file of at most MAX bytes whole.  *DATA is malloc()ed and
 * has a NUL behind the last byte; the caller frees it.  -EFBIG when larger. */
int file_read(
    const char *path, size_t max, char **data, size_t *len, struct why *why);

/* Replace PATH by LEN bytes: temporary file in the same directory, fsync,
 * rename, fsync of the directory when DURABLE.  A crash leaves the old file
 * or the new one. */
int file_replace(const char *path, const void *data, size_t len, mode_t mode,
    bool durable, struct why *why);

/* mkdir -p, durably.  Existing directories are left as they are. */
int file_mkdirs(const char *path, mode_t mode, struct why *why);

/* mkdir -p of the directory that holds PATH. */
int file_mkdirs_for(const char *path, mode_t mode, struct why *why);

/* fsync of the directory that holds PATH. */
int file_sync_parent(const char *path);

/* write() all of it; 0 or a negative errno. */
int file_write_all(int fd, const void *data, size_t len);

/* Copy FROM to TO with mode, owner and times, synced.  TO is overwritten in
 * place: give it a temporary name and rename. */
int file_copy(const char *from, const char *to, struct why *why);

/* The same; BLOCK is called with ARG for each block, and what it returns, if
 * not 0, ends the copy. */
int file_copy_with(const char *from, const char *to, int (*block)(void *arg),
    void *arg, struct why *why);

/* The same inode, and nothing was written to it between the two looks. */
bool file_same(const struct stat *a, const struct stat *b);

/* Join DIR and NAME with one slash; -ENAMETOOLONG when BUF is too small. */
int path_join(char *buf, size_t size, const char *dir, const char *name);

#endif
