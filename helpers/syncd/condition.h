/* SPDX-License-Identifier: GPL-2.0-or-later
 * Copyright (C) The ocf-ods contributors */
#ifndef ODS_CONDITION_H
#define ODS_CONDITION_H

#include <pthread.h>
#include <stdint.h>

/* A condition whose waits end by CLOCK_MONOTONIC. */

void condition_init(pthread_cond_t *cond);

/* With LOCK held: until it is signalled, MS at most. */
void condition_wait_ms(pthread_cond_t *cond, pthread_mutex_t *lock, int64_t ms);

#endif
