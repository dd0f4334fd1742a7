/* SPDX-License-Identifier: GPL-2.0-or-later
 * Copyright (C) The ocf-ods contributors */
#ifndef ODS_RESOURCE_H
#define ODS_RESOURCE_H

#include "why.h"

/* The state resource of this node that the admin means. */
struct resource {
	char name[128]; /* "" when nobody knows */
	char state_dir[256];
	char conf[256]; /* OpenDNSSEC's conf.xml */
};

/* By the state files in /run/ocf-ods.  WANTED NULL: the only one there is.
 * 0; -ENOENT when none has been started here (state_dir is then the default);
 * -ENOTUNIQ when there are several, and the sentence names them. */
int resource_find(
    const char *wanted, struct resource *resource, struct why *why);

#endif
