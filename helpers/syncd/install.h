/* SPDX-License-Identifier: GPL-2.0-or-later
 * Copyright (C) The ocf-ods contributors */
#ifndef ODS_INSTALL_H
#define ODS_INSTALL_H

#include "conf.h"
#include "ledger.h"
#include "why.h"
#include "zones.h"

/* From pending/ to published/, by rename. */
int install_zone(const struct conf *conf, const char *state_dir,
    const struct zone_entry *zone, struct why *why);

/* What the ledger holds as intent is served from now on. */
int install_served(struct ledger *ledger, const char *zone, struct why *why);

/* At promote, before the name server starts: install each intent whose file
 * is in pending/ with the digest of its ledger row. */
int install_pending(const struct conf *conf, const char *state_dir,
    struct ledger *ledger, struct why *why);

#endif
