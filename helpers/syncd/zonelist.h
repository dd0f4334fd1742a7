/* SPDX-License-Identifier: GPL-2.0-or-later
 * Copyright (C) The ocf-ods contributors */
#ifndef ODS_ZONELIST_H
#define ODS_ZONELIST_H

#include <stdint.h>
#include <sys/stat.h>
#include <time.h>
#include "why.h"

/* Has the running signer got the zones of zones.xml?  It reads the file only
 * when its time, in whole seconds, is above that of the last reading
 * (OpenDNSSEC signer zonelist.c), so that the second of two changes within a
 * second is never noticed: "zone add" succeeds and the zone is not signed. */

struct zonelist {
	struct stat settled; /* the file that the signer is known to have */
	uint64_t told;       /* what was different, and how often it was told */
	int times;
};

/* Once zones.xml has been left alone for two seconds, compare it with what
 * the signer answers to "zones"; where they differ, give the file a new time
 * and tell the signer "update --all".  Call it now and then while the signer
 * is ready.  NOW is realtime, s.  0 same or too early, 1 told (look again),
 * negative errno when file or signer cannot be asked, or when the signer does
 * not take the list after three times. */
int zonelist_follow(struct zonelist *zl, const char *zones_xml,
    const char *signer_socket, time_t now, struct why *why);

#endif
