/* SPDX-License-Identifier: GPL-2.0-or-later
 * Copyright (C) The ocf-ods contributors */
#ifndef CRASH_SHADOW_H
#define CRASH_SHADOW_H

#include <limits.h>
#include <stdbool.h>
#include <sys/types.h>

/* What is durable, as files in a directory beside the tree: fINO holds the
 * content of an inode, its mode and time are the durable ones; dINO lists a
 * directory, one "TYPE INO NAME" a line. */

void shadow_path(const char *shadow, char type, ino_t ino, char *path);
void shadow_file(const char *shadow, int fd, bool data_only);
void shadow_dir(const char *shadow, int fd);
/* A syncfs(); LOCKS: of a process that has the ledger open. */
void shadow_tree(const char *shadow, const char *top, bool locks);
void shadow_drop(const char *shadow, int fd); /* the inode is a new one */

#endif
