/* SPDX-License-Identifier: GPL-2.0-or-later
 * Copyright (C) The ocf-ods contributors */
#ifndef ODS_METADATA_H
#define ODS_METADATA_H

#include <stdbool.h>
#include <stdio.h>

struct agent;

/* Print OCF 1.1 metadata (OCF-spec ra/1.1/ra-api.rng) made from the agent's
 * table.  False when OUT could not be written. */
bool metadata_print(const struct agent *agent, FILE *out);

#endif
