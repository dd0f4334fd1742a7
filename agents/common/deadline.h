/* SPDX-License-Identifier: GPL-2.0-or-later
 * Copyright (C) The ocf-ods contributors */
#ifndef ODS_DEADLINE_H
#define ODS_DEADLINE_H

#include <stdbool.h>
#include <stdint.h>

/* A point in time on CLOCK_MONOTONIC.  Every wait has one. */
struct deadline {
	int64_t at_ms;
};

int64_t clock_monotonic_ms(void); /* ms since an arbitrary start */
int64_t clock_boottime_ms(void);  /* the same, counting suspend */

struct deadline deadline_in_ms(int64_t ms);

/* The earlier of D and now + MS: a step inside a larger budget. */
struct deadline deadline_step(struct deadline d, int64_t ms);

/* Time left in ms, never negative, at most INT_MAX (fit for poll()). */
int deadline_left_ms(struct deadline d);
bool deadline_passed(struct deadline d);

/* Sleep for MS or until D, whichever comes first. */
void deadline_sleep_ms(struct deadline d, int ms);

#endif
