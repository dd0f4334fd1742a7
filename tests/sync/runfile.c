/* SPDX-License-Identifier: GPL-2.0-or-later
 * Copyright (C) The ocf-ods contributors */
#include "sim.h"

#include "runfile.h"

void claimfile_boot(char boot[BOOT_ID_MAX])
{
	snprintf(
	    boot, BOOT_ID_MAX, "n%d-%d", index_of(current) + 1, current->boots);
}
