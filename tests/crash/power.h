/* SPDX-License-Identifier: GPL-2.0-or-later
 * Copyright (C) The ocf-ods contributors */
#ifndef CRASH_POWER_H
#define CRASH_POWER_H

/* The process of S is dead, and so is its machine: make below its root what
 * the next boot may find.  SEED 0 is the worst case, where all that was not
 * synced is gone; with another one each name and each sector is, by chance,
 * as it was synced last or as it was written since.  What POSIX leaves open is
 * used, but no file is lost by a rename: a name that moved within a directory
 * is in its old place or in its new one, one that moved to another directory
 * may be in both. */
struct shim;

void power_loss(const struct shim *s, unsigned seed);

#endif
