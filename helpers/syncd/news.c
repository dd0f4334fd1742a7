/* SPDX-License-Identifier: GPL-2.0-or-later
 * Copyright (C) The ocf-ods contributors */
#include "news.h"

#include <stdio.h>
#include <time.h>

#include "deadline.h"
#include "told.h"
#include "utctime.h"

/* What runs out first, of what is served. */
static void add_expiry(struct publisher_news *news, const struct pub_zone *z)
{
	int64_t fresher = z->fresher_since_ms
	                      ? clock_monotonic_ms() - z->fresher_since_ms
	                      : 0;
	int64_t now = time(NULL);
	int percent;

	percent = expiry_percent(&z->expiry, now);
	if (percent < news->least_percent) {
		news->least_percent = percent;
		snprintf(news->least_zone, sizeof(news->least_zone), "%s",
		    z->entry.name);
	}
	if (z->expiry.at &&
	    (!news->bogus_at || z->expiry.at < news->bogus_at)) {
		news->bogus_at = z->expiry.at;
		snprintf(news->bogus_zone, sizeof(news->bogus_zone), "%s",
		    z->entry.name);
	}
	if (expiry_late(&z->expiry, fresher / 1000, now) && news->late++ == 0)
		snprintf(news->late_zone, sizeof(news->late_zone), "%s",
		    z->entry.name);
}

/* Nothing newer can be signed: "" when it can. */
static void say_lack(const struct pub_zone *z, char text[WHY_MAX])
{
	text[0] = '\0';
	if (keylack_holds(z->lacks, z->now.st_mtim.tv_sec))
		snprintf(text, WHY_MAX, "zone %s: %s", z->entry.name,
		    z->lacks->text);
}

static void add_hold(
    struct publisher_news *news, const struct pub_zone *z, const char *why)
{
	int64_t held = z->fresher_since_ms
	                   ? clock_monotonic_ms() - z->fresher_since_ms
	                   : 0;
	struct zone_hold *h;

	snprintf(news->trouble, sizeof(news->trouble), "%s", why);
	news->refused++;
	if (news->holds == NEWS_HOLDS)
		return;
	h = &news->hold[news->holds++];
	snprintf(h->zone, sizeof(h->zone), "%s", z->entry.name);
	snprintf(h->why, sizeof(h->why), "%s", why);
	h->since = z->trouble[0] ? time(NULL) - held / 1000 : z->lacks->since;
}

static void add_untold(struct publisher_news *news, const struct pub_zone *z)
{
	int64_t since = z->untold_since;
	char text[UTCTIME_MAX];

	if (!since || time(NULL) - since < TOLD_ALARM_S || news->untold++ > 0)
		return;
	snprintf(news->untold_why, sizeof(news->untold_why),
	    "zone %.100s: publish_command has failed since %s: see the log of "
	    "ods-syncd",
	    z->entry.name, utctime(since, text));
}

void news_add(struct publisher_news *news, const struct pub_zone *z)
{
	char lack[WHY_MAX];

	add_expiry(news, z);
	add_untold(news, z);
	say_lack(z, lack);
	if (z->escaped && news->escaped++ == 0)
		snprintf(news->escaped_zone, sizeof(news->escaped_zone), "%s",
		    z->entry.name);
	if (!z->entry.output[0])
		news->ungated++;
	else if (z->trouble[0] || lack[0])
		add_hold(news, z, z->trouble[0] ? z->trouble : lack);
	else if (z->verdict == CANDIDATE_WAIT || z->in_batch)
		news->waiting++;
	else if (z->settled)
		news->served++;
}
