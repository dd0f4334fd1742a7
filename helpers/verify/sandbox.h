/* SPDX-License-Identifier: GPL-2.0-or-later
 * Copyright (C) The ocf-ods contributors */
#ifndef ODS_SANDBOX_H
#define ODS_SANDBOX_H

#include "why.h"

/* From here on this process reads and writes the descriptors it has, takes
 * memory, and ends; nothing else: user nobody (when it was root), no new
 * privileges, no new descriptors, no file that grows, no process, no core, and
 * where the kernel has it a seccomp filter that refuses any other system
 * call.  0, or a negative errno: do not go on. */
int sandbox_enter(struct why *why);

#endif
