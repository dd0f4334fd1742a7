/* SPDX-License-Identifier: GPL-2.0-or-later
 * Copyright (C) The ocf-ods contributors */
#ifndef ODS_TOKENFILE_H
#define ODS_TOKENFILE_H

#include <stdbool.h>
#include <stddef.h>

/* The files of a token of SoftHSM 2, file backend: TOKEN/KEY.object and its
 * .lock, TOKEN/token.object, TOKEN/generation.  Pure. */

/* PATH is relative to directories.tokendir. */
bool tokenfile_is_name(const char *path);

#define TOKENFILE_MAX (1 << 20)

/* Is that all of it?  SoftHSM empties a file and writes it anew in its place,
 * and 2.6.1 gives up its lock between the two.  By the form that
 * src/lib/object_store/ObjectFile.cpp gives it: the file's generation, then
 * attributes to the end. */
bool tokenfile_is_whole(const char *path, const void *data, size_t len);

#endif
