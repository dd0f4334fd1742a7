/* SPDX-License-Identifier: GPL-2.0-or-later
 * Copyright (C) The ocf-ods contributors */
#ifndef TEST_TERMS_RUNFILE_H
#define TEST_TERMS_RUNFILE_H

/* /run and the time of day of a node of fakes.h, which includes this in its
 * middle. */

#include "../../sync/runfile.h"

#define EPOCH_S 1700000000

time_t time(time_t *t)
{
	time_t now = (time_t)(EPOCH_S + world.now_ms / 1000 +
	                      (current ? current->day_s : 0));

	if (t)
		*t = now;
	return now;
}

void claimfile_boot(char boot[BOOT_ID_MAX])
{
	snprintf(boot, BOOT_ID_MAX, "boot-%d", current->boots);
}

#endif
