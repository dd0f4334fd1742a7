/* SPDX-License-Identifier: GPL-2.0-or-later
 * Copyright (C) The ocf-ods contributors */
#include "syncd.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "deadline.h"
#include "log.h"
#include "utctime.h"

/* A timeout of the barrier is a state of the cluster, not of a zone: as long
 * as the source is the only holder, status, ods-why and a line an hour in the
 * log say since when. */

#define NOTE "degraded"
#define TELL_FIRST_MS 10000 /* a term may begin alone */
#define TELL_MS 3600000

const char *degraded_text(const struct syncd *s, char buf[DEGRADED_MAX])
{
	char since[UTCTIME_MAX];

	buf[0] = '\0';
	if (s->degraded_since_s)
		snprintf(buf, DEGRADED_MAX, "degraded since %s",
		    utctime(s->degraded_since_s, since));
	return buf;
}

static void set_since(struct syncd *s, int64_t since_s)
{
	char text[32];

	s->degraded_since_s = since_s;
	s->degraded_tell_ms = clock_monotonic_ms() + TELL_FIRST_MS;
	snprintf(text, sizeof(text), "%" PRId64, since_s);
	ledger_note_put(s->ledger, NOTE, text, NULL);
}

void degraded_load(struct syncd *s)
{
	char text[32] = "";

	if (ledger_note_get(s->ledger, NOTE, text, sizeof(text)) == 0)
		s->degraded_since_s = strtoll(text, NULL, 10);
	s->degraded_tell_ms = clock_monotonic_ms() + TELL_FIRST_MS;
}

void degraded_tick(struct syncd *s)
{
	int64_t now = clock_monotonic_ms();
	char text[DEGRADED_MAX];

	if (s->record.holders.count > 1) {
		if (s->degraded_since_s)
			set_since(s, 0);
		return;
	}
	if (!s->degraded_since_s)
		set_since(s, (int64_t)time(NULL));
	if (now < s->degraded_tell_ms)
		return;
	s->degraded_tell_ms = now + TELL_MS;
	log_warn("%s: no other node may take over: start it",
	    degraded_text(s, text));
}
