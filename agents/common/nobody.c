/* SPDX-License-Identifier: GPL-2.0-or-later
 * Copyright (C) The ocf-ods contributors */
#include "nobody.h"

#include <errno.h>
#include <grp.h>
#include <unistd.h>

#define NOBODY 65534 /* on every Linux; no NSS module is asked */

int nobody_become(void)
{
	if (geteuid() != 0)
		return 0;
	if (setgroups(0, NULL) < 0 || setresgid(NOBODY, NOBODY, NOBODY) < 0 ||
	    setresuid(NOBODY, NOBODY, NOBODY) < 0)
		return -errno;
	return setuid(0) == 0 ? -EPERM : 0;
}
