/* SPDX-License-Identifier: GPL-2.0-or-later
 * Copyright (C) The ocf-ods contributors */
#ifndef ODS_KASPDB_H
#define ODS_KASPDB_H

#include "why.h"

/* kasp.db through SQLite, in a process of its own.  0 or negative errno. */

/* Whoever owns FILE can make SQLite delete what a journal names: as root we
 * become the owner first, whose files those are. */
int kaspdb_become_owner(const char *file, struct why *why);

/* Zones, and keys (keyData says where an hsmKey is used).  Tables that are not
 * there yet hold nothing; what cannot be read is an error, for it may hold
 * something. */
int kaspdb_count(const char *file, long *zones, long *keys, struct why *why);

/* SQLite rolls a hot journal back before it reads anything: 0 when FILE can be
 * read; -EBUSY when a program writes it.  No file is ever made. */
int kaspdb_rollback(const char *file, struct why *why);

#endif
