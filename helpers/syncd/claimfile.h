/* SPDX-License-Identifier: GPL-2.0-or-later
 * Copyright (C) The ocf-ods contributors */
#ifndef ODS_CLAIMFILE_H
#define ODS_CLAIMFILE_H

#include "claim.h"

/* RUNDIR "/" RES ".claim", 0600: kept while the machine runs, lost with it. */

/* -ENOENT when there is none; else TEXT is what it holds, "" when that cannot
 * be read. */
int claimfile_read(const char *res, char text[CLAIM_TEXT]);
int claimfile_write(const char *res, const char *text, struct why *why);
void claimfile_remove(const char *res);

/* The kernel's id of this boot; "" when it tells none. */
void claimfile_boot(char boot[BOOT_ID_MAX]);

#endif
