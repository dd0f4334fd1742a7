/* SPDX-License-Identifier: GPL-2.0-or-later
 * Copyright (C) The ocf-ods contributors */
#ifndef ODS_SERIALSRUN_H
#define ODS_SERIALSRUN_H

/* ods-syncd --serials: what the ledger of this node says that was published of
 * each zone, and what was on its way out and is not here.  The exit code. */
int serialsrun(const char *conf_file, const char *state_dir);

#endif
