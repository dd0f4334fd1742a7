/* SPDX-License-Identifier: GPL-2.0-or-later
 * Copyright (C) The ocf-ods contributors */
#ifndef ODS_TOLD_H
#define ODS_TOLD_H

#include "outgoing.h"
#include "takes.h"
#include "tell.h"

/* What publish_command has come to: before it has succeeded for a zone, caches
 * may get the version before from the name server (zonepast.h).  Of the
 * publisher's thread. */

#define TOLD_ALARM_S 60 /* it has failed for so long: an admin hears of it */

/* The name server is to be told of what is installed of Z; where nobody has to
 * be told, it was. */
void told_begin(struct tell *t, struct pub_zone *z, const char *zonefile);

/* What is installed of Z since then has other keys than what was. */
void told_other_keys(struct pub_zone *z);

/* Keep in the ledger which zones it was told of since.  What the ledger does
 * not take is kept for the next time, and so are zones at work in TAKES, whose
 * rows are in use. */
void told_follow(struct outgoing *o, struct tell *t, struct takes *takes);

#endif
