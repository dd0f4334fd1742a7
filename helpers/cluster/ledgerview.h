/* SPDX-License-Identifier: GPL-2.0-or-later
 * Copyright (C) The ocf-ods contributors */
#ifndef ODS_LEDGERVIEW_H
#define ODS_LEDGERVIEW_H

#include "view.h"

/* What STATE_DIR/ledger.db says, read only, for a node whose daemon does not
 * run (helpers/syncd/ledger.c writes it).  0; -ENOENT when there is none;
 * -EIO when it cannot be read. */
int ledgerview_read(const char *state_dir, struct view *view, struct why *why);

/* The pure part: the daemon's record line. */
int ledgerview_record(const char *line, struct view *view);

#endif
