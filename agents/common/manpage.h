/* SPDX-License-Identifier: GPL-2.0-or-later
 * Copyright (C) The ocf-ods contributors */
#ifndef ODS_MANPAGE_H
#define ODS_MANPAGE_H

#include <stdbool.h>
#include <stdio.h>

struct agent;

/* Print the manual page ocf_ods_NAME(7) as roff, made from the same table as
 * the metadata.  False when OUT could not be written. */
bool manpage_print(const struct agent *agent, FILE *out);

#endif
