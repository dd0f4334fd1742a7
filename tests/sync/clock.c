/* SPDX-License-Identifier: GPL-2.0-or-later
 * Copyright (C) The ocf-ods contributors */
#include "sim.h"

#include <time.h>

#include "deadline.h"

/* Each machine has a clock of its own, which may be fast or slow and may jump
 * ahead; the time of day is one for all. */

int64_t clock_monotonic_ms(void)
{
	const struct node *n = current;

	return world->now +
	       (n ? n->skew + (world->now - n->on_at) * n->drift / 1000 : 0);
}

int64_t clock_boottime_ms(void)
{
	return clock_monotonic_ms();
}

struct deadline deadline_in_ms(int64_t ms)
{
	return (struct deadline){clock_monotonic_ms() + ms};
}

struct deadline deadline_step(struct deadline d, int64_t ms)
{
	struct deadline step = deadline_in_ms(ms);

	return d.at_ms < step.at_ms ? d : step;
}

int deadline_left_ms(struct deadline d)
{
	int64_t now = clock_monotonic_ms();

	return d.at_ms > now ? (int)(d.at_ms - now) : 0;
}

bool deadline_passed(struct deadline d)
{
	return deadline_left_ms(d) == 0;
}

void deadline_sleep_ms(struct deadline d, int ms)
{
	(void)d, (void)ms;
}

time_t time(time_t *t)
{
	time_t now = (time_t)(world ? world->now / 1000 : 0);

	if (t)
		*t = now;
	return now;
}
