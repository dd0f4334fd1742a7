/* SPDX-License-Identifier: GPL-2.0-or-later
 * Copyright (C) The ocf-ods contributors */
#ifndef ODS_WORKER_H
#define ODS_WORKER_H

#include "syncd.h"

/* The worker process: runs until it is told to stop (0), or fails.  BEAT_FD
 * gets a byte each second and when the role changes; READY_FD (-1 = nobody
 * waits) gets one line, "ok" or the sentence that says why it could not start.
 */
#define WORKER_UNFIT 3 /* exit status: it could not start */
#define BEAT_PLAIN '.'
#define BEAT_SOURCE 'S' /* the next worker goes on as source */

int worker_run(struct options *opt, int beat_fd, int ready_fd);

#endif
