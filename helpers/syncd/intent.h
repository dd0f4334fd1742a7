/* SPDX-License-Identifier: GPL-2.0-or-later
 * Copyright (C) The ocf-ods contributors */
#ifndef ODS_INTENT_H
#define ODS_INTENT_H

#include <stdbool.h>
#include "conf.h"
#include "ledger.h"
#include "why.h"
#include "zones.h"

struct tick; /* content.h */

/* A version on its way out: its ledger row (serial, digest) and its file in
 * pending/.  Both are in the generation that the barrier waits for. */

/* Is ROW an intent, and that very file in pending/? */
bool intent_is_here(const struct conf *conf, const char *state_dir,
    const struct zone_entry *z, const struct zone_row *row,
    const struct tick *t);

/* Rename it into published/, durably. */
int intent_install(const struct conf *conf, const char *state_dir,
    const struct zone_entry *z, struct why *why);

/* The zone's ROW, as it then is, says that it is served.  1 when it has other
 * keys than what was served, 0, or a negative errno. */
int intent_served(struct ledger *l, const char *zone,
    const struct zone_reach *reach, struct zone_row *row, struct why *why);

/* At a promote, before the name server starts: all that was on its way out.
 * Each other holder must have it (resume.c).  T is asked for each zone and
 * block of a file: there can be thousands.  TOLD: struct zone_reach.  Fails
 * for the ledger and the list of zones only. */
int intent_install_all(const struct conf *conf, const char *state_dir,
    struct ledger *l, bool told, const struct tick *t, struct why *why);

#endif
