/* SPDX-License-Identifier: GPL-2.0-or-later
 * Copyright (C) The ocf-ods contributors */
#ifndef ODS_DBLOCK_H
#define ODS_DBLOCK_H

/* SQLite's locks on its bytes of a database file (src/os.h, os_unix.c), taken
 * as OFD locks of our own descriptor: they end with it, and closing another
 * one does not drop them.  0, or -EAGAIN when somebody else has one that is
 * in the way. */

/* Through PENDING, as SQLite does it, so that a writer that waits for the
 * last reader is not starved by us. */
int dblock_shared(int fd);

/* Nobody else reads or writes. */
int dblock_exclusive(int fd);

/* 1 when somebody holds RESERVED, 0 when not. */
int dblock_is_reserved(int fd);

#endif
