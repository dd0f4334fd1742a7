/* SPDX-License-Identifier: GPL-2.0-or-later
 * Copyright (C) The ocf-ods contributors */
#include "repeats.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

static const char *skip_digits(const char *p)
{
	while (isdigit((unsigned char)*p))
		p++;
	return p;
}

static bool same_but_numbers(const char *a, const char *b)
{
	for (;;) {
		a = skip_digits(a);
		b = skip_digits(b);
		if (*a != *b)
			return false;
		if (!*a)
			return true;
		a++;
		b++;
	}
}

static bool is_free(const struct repeat *s, int64_t now)
{
	return !s->text[0] || now - s->last_ms >= REPEATS_MS;
}

static bool is_for(const struct repeat *s, const char *who, const char *text)
{
	return s->text[0] && strncmp(s->who, who, REPEATS_WHO - 1) == 0 &&
	       same_but_numbers(s->text, text);
}

static struct repeat *find(
    struct repeats *r, const char *who, const char *text, int64_t now)
{
	struct repeat *unused = NULL;
	int i;

	for (i = 0; i < REPEATS_SLOTS; i++) {
		struct repeat *s = &r->slot[i];

		if (is_for(s, who, text))
			return s;
		if (!unused && is_free(s, now))
			unused = s;
	}
	return unused ? unused : &r->slot[REPEATS_SLOTS - 1];
}

bool repeats_due(struct repeats *r, const char *who, const char *text,
    int64_t now_ms, char line[WHY_MAX])
{
	struct repeat *s = find(r, who, text, now_ms);

	if (is_free(s, now_ms)) {
		snprintf(s->who, sizeof(s->who), "%s", who);
		snprintf(s->text, sizeof(s->text), "%.*s", WHY_MAX - 1,
		    *text ? text : "unknown");
		s->more = 0;
		s->said_ms = s->last_ms = now_ms;
		snprintf(line, WHY_MAX, "%s", s->text);
		return true;
	}
	s->more++;
	s->last_ms = now_ms;
	if (now_ms - s->said_ms < REPEATS_MS)
		return false;
	snprintf(line, WHY_MAX, "%.*s (%u times since it was said last)",
	    WHY_MAX - 50, text, s->more);
	s->more = 0;
	s->said_ms = now_ms;
	return true;
}

void repeats_forget(struct repeats *r, const char *who)
{
	int i;

	for (i = 0; i < REPEATS_SLOTS; i++)
		if (strncmp(r->slot[i].who, who, REPEATS_WHO - 1) == 0)
			r->slot[i].text[0] = '\0';
}
