/* SPDX-License-Identifier: GPL-2.0-or-later
 * Copyright (C) The ocf-ods contributors */
#include "deadline.h"

#include <errno.h>
#include <limits.h>
#include <time.h>

static int64_t clock_ms(clockid_t id)
{
	struct timespec ts;

	clock_gettime(id, &ts);
	return (int64_t)ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
}

int64_t clock_monotonic_ms(void)
{
	return clock_ms(CLOCK_MONOTONIC);
}

int64_t clock_boottime_ms(void)
{
	return clock_ms(CLOCK_BOOTTIME);
}

struct deadline deadline_in_ms(int64_t ms)
{
	return (struct deadline){.at_ms = clock_monotonic_ms() + ms};
}

struct deadline deadline_step(struct deadline d, int64_t ms)
{
	struct deadline step = deadline_in_ms(ms);

	return step.at_ms < d.at_ms ? step : d;
}

int deadline_left_ms(struct deadline d)
{
	int64_t left = d.at_ms - clock_monotonic_ms();

	if (left < 0)
		return 0;
	return left > INT_MAX ? INT_MAX : (int)left;
}

bool deadline_passed(struct deadline d)
{
	return deadline_left_ms(d) == 0;
}

void deadline_sleep_ms(struct deadline d, int ms)
{
	int left = deadline_left_ms(d);
	struct timespec ts;

	if (ms > left)
		ms = left;
	ts.tv_sec = ms / 1000;
	ts.tv_nsec = (long)(ms % 1000) * 1000000L;
	while (nanosleep(&ts, &ts) < 0 && errno == EINTR)
		;
}
