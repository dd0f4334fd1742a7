/* SPDX-License-Identifier: GPL-2.0-or-later
 * Copyright (C) The ocf-ods contributors */
#ifndef ODS_REPEATS_H
#define ODS_REPEATS_H

#include <stdbool.h>
#include <stdint.h>
#include "why.h"

/* What is tried again and again fails again and again: it is logged when it
 * begins, then once an hour with how often it has come since.  Pure: the
 * caller has the clock and logs. */

#define REPEATS_MS (3600 * 1000)
#define REPEATS_SLOTS 16 /* as many lines an hour, whoever asks for them */
#define REPEATS_WHO 64

struct repeats {
	struct repeat {
		char who[REPEATS_WHO];
		char text[WHY_MAX]; /* "" = free */
		int64_t said_ms, last_ms;
		unsigned more; /* since it was said */
	} slot[REPEATS_SLOTS];
};

/* TEXT has befallen WHO.  True: LINE is to be logged.  Texts that differ in
 * their numbers only are the same.  What has not come for an hour begins
 * anew; when all slots are taken, the others share the last one. */
bool repeats_due(struct repeats *r, const char *who, const char *text,
    int64_t now_ms, char line[WHY_MAX]);

/* It goes well with WHO: what comes next is logged at once. */
void repeats_forget(struct repeats *r, const char *who);

#endif
