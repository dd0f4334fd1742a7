/* SPDX-License-Identifier: GPL-2.0-or-later
 * Copyright (C) The ocf-ods contributors */
#ifndef ODS_TABLE_H
#define ODS_TABLE_H

#include <stdio.h>
#include "view.h"

/* The status for people: line 1, the nodes, the zones. */
void table_print(const struct view *view, const struct headline *h, FILE *out);

#endif
