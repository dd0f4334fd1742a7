/* SPDX-License-Identifier: GPL-2.0-or-later
 * Copyright (C) The ocf-ods contributors */
#ifndef ODS_KASPCOUNT_H
#define ODS_KASPCOUNT_H

#include "conf.h"

/* What kasp.db holds, asked by a child: this process never opens it through
 * SQLite (POSIX locks die with any close).  A missing file counts nothing;
 * one that is locked or damaged is an error, for it may hold something.  0 or
 * negative errno, after 5 s at most. */
int kasp_count(const struct conf *conf, long *zones, long *keys);

#endif
