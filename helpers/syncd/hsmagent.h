/* SPDX-License-Identifier: GPL-2.0-or-later
 * Copyright (C) The ocf-ods contributors */
#ifndef ODS_HSMAGENT_H
#define ODS_HSMAGENT_H

#include <limits.h>
#include <stdbool.h>

/* What ocf:ods:hsm leaves in its state file on this node. */

#define CAPACITY_WARN_DEFAULT 90

struct hsmagent {
	char attr[16];          /* ok, lost, unknown; "" = there is no agent */
	char envfile[PATH_MAX]; /* "" = it names none */
	int capacity_warn;      /* % */
};

/* Of the agent of that CONF, if one says which it has. */
void hsmagent_read(struct hsmagent *agent, const char *conf);

#endif
