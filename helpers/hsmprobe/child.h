/* SPDX-License-Identifier: GPL-2.0-or-later
 * Copyright (C) The ocf-ods contributors */
#ifndef ODS_CHILD_H
#define ODS_CHILD_H

#include "conf.h"
#include "deadline.h"
#include "token.h"

/* No core dump and no ptrace of this process: it holds PINs. */
void child_protect(void);

/* Probe one repository in a child of its own, as USER and GROUP (those of the
 * daemons, "" = as we are), and wait until DEADLINE.  A child that hangs is
 * killed (HSM_HUNG, detail is the call), one that dies is HSM_ERROR; neither
 * can take the other repositories with it.  Never waits for a child that
 * cannot be killed. */
void child_probe(const struct conf_repository *repository, const char *user,
    const char *group, struct deadline deadline, struct token_answer *answer);

#endif
