/* SPDX-License-Identifier: GPL-2.0-or-later
 * Copyright (C) The ocf-ods contributors */
#include "keyclock.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "sha.h"

static int64_t greater(int64_t a, int64_t b)
{
	return a > b ? a : b;
}

/* Is SET another one?  What cannot be compared is taken to be the same: a
 * digest that was not known is learned. */
static bool changed(const struct key_clock *c, const struct key_set *set)
{
	return c->asked[0] && set->asked[0] &&
	       strcmp(c->asked, set->asked) != 0;
}

static void learn(struct key_clock *c, const struct key_set *set)
{
	if (set->asked[0])
		snprintf(c->asked, sizeof(c->asked), "%s", set->asked);
	c->ttl = greater(c->ttl, set->ttl);
}

/* A time that lies ahead is that of a clock which is wrong. */
static int64_t begun(int64_t written, int64_t now)
{
	return written > 0 && written < now ? written : now;
}

/* For how long the enforcer's clock ran before SET was served. */
static int64_t lag_of(
    const struct key_clock *c, const struct key_set *set, int64_t now)
{
	if (c->pending)
		return now - begun(c->pending, now);
	return now - begun(set->written, now);
}

void key_clock_served(
    struct key_clock *c, const struct key_set *set, int64_t now)
{
	struct key_clock next = {.since = now, .ttl = set->ttl};

	if (c->since && !changed(c, set)) {
		learn(c, set);
		return;
	}
	if (c->since) {
		next.cached = greater(greater(c->ttl, set->ttl), 1);
		next.lag = lag_of(c, set, now);
	} else if (!set->first) {
		next.cached = greater(greater(set->longest, set->ttl), 1);
		next.lag = KEY_LAG_UNKNOWN;
	}
	*c = next;
	learn(c, set);
}

void key_clock_held(struct key_clock *c, int64_t written, int64_t now)
{
	if (c->pending)
		return;
	c->pending = begun(written, now);
	c->acked = false;
}

void key_clock_level(struct key_clock *c)
{
	if (!c->pending)
		return;
	c->pending = 0;
	c->acked = false;
}

bool key_clock_empty(const struct key_clock *c)
{
	return c->since == 0 && c->pending == 0;
}

static const char *or_dash(const char *text)
{
	return *text ? text : "-";
}

static void from_dash(char *text)
{
	if (strcmp(text, "-") == 0)
		*text = '\0';
}

int key_clock_text(const struct key_clock *c, char *text, size_t size)
{
	int n = snprintf(text, size,
	    "%s %" PRId64 " %" PRId64 " %" PRId64 " %" PRId64 " %" PRId64 " %d",
	    or_dash(c->asked), c->since, c->ttl, c->cached, c->lag, c->pending,
	    c->acked);

	return n < 0 || (size_t)n >= size ? -ENAMETOOLONG : 0;
}

/* Sums of them do not overflow. */
static bool sane(int64_t time)
{
	return time >= 0 && time <= INT64_MAX / 8;
}

static bool parse(const char *text, struct key_clock *c)
{
	int acked;

	memset(c, 0, sizeof(*c));
	if (sscanf(text,
	        "%64s %" SCNd64 " %" SCNd64 " %" SCNd64 " %" SCNd64 " %" SCNd64
	        " %d",
	        c->asked, &c->since, &c->ttl, &c->cached, &c->lag, &c->pending,
	        &acked) != 7 ||
	    !sane(c->since) || !sane(c->ttl) || !sane(c->cached) ||
	    !sane(c->lag) || !sane(c->pending))
		return false;
	from_dash(c->asked);
	c->acked = acked;
	return true;
}

/* A row of before has one word more, at its beginning. */
int key_clock_parse(const char *text, struct key_clock *c)
{
	const char *rest = strchr(text, ' ');

	if (parse(text, c) || (rest && parse(rest, c)))
		return 0;
	memset(c, 0, sizeof(*c));
	return -EINVAL;
}

int key_asked(const char (*key)[160], int keys, char digest[KEY_DIGEST_TEXT])
{
	uint8_t sum[SHA_LEN];
	struct sha sha;
	int i, rc;

	sha_begin(&sha);
	for (i = 0; i < keys; i++) {
		char locator[97], words[128];
		unsigned algorithm, flags;
		int publish, n;

		if (sscanf(key[i], "%96s %u %u %d", locator, &algorithm, &flags,
		        &publish) != 4 ||
		    !publish)
			continue;
		n = snprintf(words, sizeof(words), "%s %u %u\n", locator,
		    algorithm, flags);
		sha_add(&sha, words, (size_t)n);
	}
	rc = sha_end(&sha, sum);
	for (i = 0; i < SHA_LEN; i++)
		snprintf(digest + 2 * i, 3, "%02x", sum[i]);
	return rc;
}
