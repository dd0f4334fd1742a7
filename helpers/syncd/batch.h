/* SPDX-License-Identifier: GPL-2.0-or-later
 * Copyright (C) The ocf-ods contributors */
#ifndef ODS_BATCH_H
#define ODS_BATCH_H

#include "hold.h"
#include "takes.h"

/* The zones that wait for one barrier.  Of the publisher's thread. */

/* Put Z to work.  False when it is at work, or there is no memory. */
bool batch_begin(struct outgoing *o, struct takes *takes, struct pub_zone *z);

/* What has become of TAKE, which is freed.  Those that are ready are in the
 * batch: their intents are stored.  Returns how many; none once STOP. */
size_t batch_end(struct outgoing *o, const struct hold *hold, struct take *take,
    const volatile bool *stop);

#endif
