/* SPDX-License-Identifier: GPL-2.0-or-later
 * Copyright (C) The ocf-ods contributors */
#include "expiry.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "backup2.h"
#include "file.h"

#define LATE_S 600
#define DAY_S 86400

static int64_t unit_s(char unit, bool time)
{
	static const struct {
		char unit;
		bool time;
		int64_t s;
	} units[] = {
	    {'Y', false, 365 * DAY_S},
	    {'M', false, 31 * DAY_S},
	    {'W', false, 7 * DAY_S},
	    {'D', false, DAY_S},
	    {'H', true, 3600},
	    {'M', true, 60},
	    {'S', true, 1},
	};
	size_t i;

	for (i = 0; i < sizeof(units) / sizeof(units[0]); i++)
		if (units[i].unit == unit && units[i].time == time)
			return units[i].s;
	return -1;
}

int64_t expiry_duration(const char *text)
{
	int64_t sum = 0;
	bool time = false;
	int terms = 0;

	if (*text++ != 'P')
		return -1;
	while (*text) {
		char *end;
		long n;

		if (*text == 'T' && !time) {
			time = true;
			text++;
			continue;
		}
		n = isdigit((unsigned char)*text) ? strtol(text, &end, 10) : -1;
		if (n < 0 || n > INT32_MAX || unit_s(*end, time) < 0)
			return -1;
		sum += n * unit_s(*end, time);
		text = end + 1;
		terms++;
	}
	return terms > 0 ? sum : -1;
}

void expiry_follow(struct expiry *e, const char *signconf)
{
	struct signconf s;
	struct stat st;
	int64_t refresh;

	if (stat(signconf, &st) < 0 || file_same(&st, &e->seen) ||
	    signconf_load(signconf, &s, NULL) < 0)
		return;
	refresh = expiry_duration(s.refresh);
	e->by_validity = refresh <= 0;
	e->keeps = strcmp(s.serial_mode, "keep") == 0;
	e->bridged = s.bridged;
	e->span = refresh > 0 ? refresh : expiry_duration(s.validity);
	e->seen = st;
}

int expiry_percent(const struct expiry *e, int64_t now)
{
	int64_t left = e->at > now ? e->at - now : 0;

	if (e->at == 0 || e->span <= 0 || left / e->span >= EXPIRY_NEVER / 100)
		return EXPIRY_NEVER;
	return (int)(left * 100 / e->span);
}

/* For how long a doubt counts. */
static int64_t lapse_s(const struct expiry *e)
{
	return e->span / (e->by_validity ? 4 : 2);
}

bool expiry_urgent(const struct expiry *e, int64_t now)
{
	return e->at != 0 && e->span > 0 && e->at - now < lapse_s(e);
}

bool expiry_near(const struct expiry *e, int64_t now)
{
	return e->at != 0 && e->span > 0 &&
	       e->at - now < lapse_s(e) + lapse_s(e) / 2;
}

bool expiry_late(const struct expiry *e, int64_t fresher, int64_t now)
{
	int64_t left = e->at > now ? e->at - now : 0;

	if (e->at == 0 || left / 10 > LATE_S)
		return fresher > LATE_S;
	return fresher > left / 10;
}
