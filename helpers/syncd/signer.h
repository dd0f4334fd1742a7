/* SPDX-License-Identifier: GPL-2.0-or-later
 * Copyright (C) The ocf-ods contributors */
#ifndef ODS_SIGNER_H
#define ODS_SIGNER_H

#include <stdbool.h>
#include <stdint.h>
#include "conf.h"

/* What the publisher tells the signer after a refusal that waiting cannot
 * mend.  True when the signer has taken it. */

/* The next serial shall be above SERIAL. */
bool signer_sign_above(
    const struct conf *conf, const char *zone, uint32_t serial);

/* Once more: the signer can leave the SOA of a new zone without a signature
 * when an update comes while it signs, and never mends that by itself. */
bool signer_sign(const struct conf *conf, const char *zone);

#endif
