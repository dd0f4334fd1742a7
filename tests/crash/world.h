/* SPDX-License-Identifier: GPL-2.0-or-later
 * Copyright (C) The ocf-ods contributors */
#ifndef CRASH_WORLD_H
#define CRASH_WORLD_H

#include <stdbool.h>
#include <stdint.h>

struct node;

void tree_remove(const char *top);

/* All that is replicated, as text: a line for each file with its mode, time
 * and content, the rows of the ledger, nothing that is in the making.  To be
 * freed. */
char *tree_list(const struct node *n);

/* The first line that differs. */
void tree_difference(const char *want, const char *got, char *buf, size_t size);

/* A zone file as it lies in signed/: long, and every part of it says which
 * version it is. */
void zone_write(const struct node *n, const char *name, uint32_t serial);

/* The version that PATH holds, 0 when there is none; fails the test when it
 * is damaged. */
uint32_t zone_version(const char *path);

/* ods-verify for such a file on standard input. */
int zone_verify_main(void);

#endif
