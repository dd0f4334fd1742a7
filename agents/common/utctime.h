/* SPDX-License-Identifier: GPL-2.0-or-later
 * Copyright (C) The ocf-ods contributors */
#ifndef ODS_UTCTIME_H
#define ODS_UTCTIME_H

#include <stdint.h>

/* "2027-01-15 08:00:00 UTC" of EPOCH, in BUF, which is returned; "" when it is
 * no time. */
#define UTCTIME_MAX 32
const char *utctime(int64_t epoch, char buf[UTCTIME_MAX]);

#endif
