/* SPDX-License-Identifier: GPL-2.0-or-later
 * Copyright (C) The ocf-ods contributors */
#include "lasting.h"

#include <stdio.h>

#include "utctime.h"

/* A clock that is set back begins anew. */
void lasting_note(struct lasting *l, const char *what, int64_t now)
{
	snprintf(l->what, sizeof(l->what), "%s", what);
	if (!what[0])
		l->since = 0;
	else if (!l->since || l->since > now)
		l->since = now;
}

bool lasting_alarm(const struct lasting *l, int64_t now, char text[WHY_MAX])
{
	char since[UTCTIME_MAX];

	text[0] = '\0';
	if (!l->since || now - l->since < LASTING_ALARM_S)
		return false;
	snprintf(text, WHY_MAX, "%s, since %s: see the log of ods-syncd",
	    l->what, utctime(l->since, since));
	return true;
}
