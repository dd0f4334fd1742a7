/* SPDX-License-Identifier: GPL-2.0-or-later
 * Copyright (C) The ocf-ods contributors */
#ifndef ODS_LASTING_H
#define ODS_LASTING_H

#include <stdbool.h>
#include <stdint.h>
#include "why.h"

/* Something that cannot be done, and since when: a moment of it is nothing,
 * ten minutes are an alarm.  Pure; times are realtime s.  All zero: it works.
 */

#define LASTING_ALARM_S 600

struct lasting {
	int64_t since; /* 0 = it works */
	char what[160];
};

/* WHAT is the matter at NOW; "" = nothing. */
void lasting_note(struct lasting *l, const char *what, int64_t now);

/* Is it an alarm at NOW?  TEXT gets the sentence, "" = it is none. */
bool lasting_alarm(const struct lasting *l, int64_t now, char text[WHY_MAX]);

#endif
