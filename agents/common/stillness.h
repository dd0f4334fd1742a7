/* SPDX-License-Identifier: GPL-2.0-or-later
 * Copyright (C) The ocf-ods contributors */
#ifndef ODS_STILLNESS_H
#define ODS_STILLNESS_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

/* Does a process still do anything?  A deadlocked one never does again; one
 * that works, or waits for an HSM or for a second to pass, does. */

struct stillness {
	uint64_t switches;
	int64_t since_ms;
};

/* Call it again and again.  True when no thread of PID has been given a
 * processor for MS, and none waits for a disk (proc_pid_status(5): State,
 * voluntary_ctxt_switches, nonvoluntary_ctxt_switches).  Begin with a zeroed
 * struct. */
bool stillness_lasted(struct stillness *s, pid_t pid, int ms);

#endif
