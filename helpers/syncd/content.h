/* SPDX-License-Identifier: GPL-2.0-or-later
 * Copyright (C) The ocf-ods contributors */
#ifndef ODS_CONTENT_H
#define ODS_CONTENT_H

#include <stddef.h>
#include <stdint.h>
#include "sha.h"

/* Contents of files, read and written at offsets. */

/* A reader of contents is asked now and then whether to go on: 0, or the
 * negative errno to stop with. */
struct tick {
	int (*fn)(void *arg);
	void *arg;
};

int tick(const struct tick *t);

/* -ESTALE when the file is shorter. */
int content_read(int fd, void *buf, size_t len, uint64_t at);
int content_write(int fd, const void *buf, size_t len, uint64_t at);

#define CONTENT_BUFFER (256 * 1024)

/* Copy LEN bytes between files through a buffer of at most 256 KB, hashing
 * (TO < 0: only hashing).  -ESTALE when the source is shorter. */
int content_copy(int from, uint64_t from_at, uint64_t len, int to,
    uint64_t to_at, uint8_t sha[SHA_LEN], const struct tick *t);

#endif
