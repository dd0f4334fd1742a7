/* SPDX-License-Identifier: GPL-2.0-or-later
 * Copyright (C) The ocf-ods contributors */
#include "judgement.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

/* The line of TEXT that begins with WORD, NULL when there is none. */
static const char *line_of(const char *text, const char *word)
{
	size_t len = strlen(word);

	while (text && strncmp(text, word, len) != 0) {
		text = strchr(text, '\n');
		text = text ? text + 1 : NULL;
	}
	return text;
}

/* The number behind NAME in LINE, and only there. */
static bool number_of(const char *line, const char *name, int64_t *value)
{
	const char *at = strstr(line, name);

	return at && (size_t)(at - line) < strcspn(line, "\n") &&
	       sscanf(at + strlen(name), "%" SCNd64, value) == 1;
}

static void read_zone(struct judgement *j, const char *line)
{
	int64_t serial, is_signed = 0;

	j->is_read = number_of(line, " serial=", &serial) &&
	             number_of(line, " earliest_expiry=", &j->expires) &&
	             serial >= 0 && serial <= UINT32_MAX;
	if (!j->is_read)
		return;
	j->serial = (uint32_t)serial;
	number_of(line, " signed=", &is_signed);
	j->is_signed = is_signed != 0;
}

static void read_bogus(struct judgement *j, const char *line)
{
	int64_t n;

	if (number_of(line, " candidate=", &n))
		j->bogus = n;
	if (number_of(line, " served=", &n))
		j->bogus_served = n;
}

void judgement_parse(struct judgement *j, int code, const char *text)
{
	const char *zone = line_of(text, code == 0 ? "ok " : "zone ");
	const char *bogus = line_of(text, "bogus ");

	memset(j, 0, sizeof(*j));
	j->bogus_served = -1;
	snprintf(j->sentence, sizeof(j->sentence), "%.*s",
	    (int)strcspn(text, "\n"), text);
	j->judged = code == 0   ? JUDGED_OK
	            : code == 1 ? JUDGED_HARD
	            : code == 3 ? JUDGED_SOFT
	                        : JUDGED_FAILED;
	if (zone)
		read_zone(j, zone);
	if (bogus)
		read_bogus(j, bogus);
	j->gone = line_of(text, "gone ") != NULL;
	/* Only what is not read to its end has no line of the zone. */
	if (!j->is_read && j->judged != JUDGED_HARD)
		j->judged = JUDGED_FAILED;
}

enum gate gate_decide(const struct judgement *j, bool urgent, bool forced)
{
	switch (j->judged) {
	case JUDGED_OK:
		return GATE_PASS;
	case JUDGED_SOFT:
		return urgent || forced ? GATE_ESCAPE : GATE_HOLD;
	case JUDGED_HARD:
		if (!j->is_read)
			return GATE_HOLD;
		return forced || (j->bogus_served >= 0 &&
		                     j->bogus < j->bogus_served)
		           ? GATE_ESCAPE
		           : GATE_HOLD;
	case JUDGED_FAILED:
		break;
	}
	return GATE_RETRY;
}

enum gate gate_lacking(
    enum gate gate, enum keytruth_verdict lacks, bool compared, bool lapses)
{
	if (gate != GATE_PASS || lacks != KEYTRUTH_DIFFERENT || compared)
		return gate;
	return lapses ? GATE_ESCAPE : GATE_HOLD;
}
