/* SPDX-License-Identifier: GPL-2.0-or-later
 * Copyright (C) The ocf-ods contributors */
#ifndef ODS_VERIFYRUN_H
#define ODS_VERIFYRUN_H

/* ods-syncd --verify=ZONE (or "" = all): what is served of a zone, judged by
 * itself, and what was typed or let through.  Beside a daemon, or without one;
 * nothing is changed.  Returns 0 ok, 1 soft, 2 hard, 3 not known. */
int verifyrun(const char *conf_file, const char *state_dir, const char *zone);

#endif
