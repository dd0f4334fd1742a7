/* SPDX-License-Identifier: GPL-2.0-or-later
 * Copyright (C) The ocf-ods contributors */
#ifndef ODS_IDS_H
#define ODS_IDS_H

#include <stdio.h>

#include "conf.h"

/* The numbers of the users and groups in <Privileges>, as "enforcer_uid=",
 * "enforcer_gid=", "signer_uid=" and "signer_gid=" lines.  Nothing follows the
 * sign where there is no name or this node does not know it. */
void ids_print(const struct conf *conf, FILE *out);

#endif
