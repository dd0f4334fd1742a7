/* SPDX-License-Identifier: GPL-2.0-or-later
 * Copyright (C) The ocf-ods contributors */
#ifndef ODS_KEYCLOCK_H
#define ODS_KEYCLOCK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Of each zone: which DNSKEY set is served, and since when.  The enforcer
 * steps a rollover by the time at which it wrote a signconf; what caches hold
 * follows from the time at which that was served.  Part of the zone's row in
 * the ledger, so that a successor knows it.  Times are CLOCK_REALTIME, s. */

#define KEY_DIGEST_TEXT 65
#define KEY_LAG_UNKNOWN INT32_MAX

/* All zero: nothing is known. */
struct key_clock {
	/* What the signconf that led to the set asks for (key_asked()), "" =
	 * not known.  DNSKEYs of the unsigned zone are none of the enforcer's.
	 */
	char asked[KEY_DIGEST_TEXT];
	int64_t since;   /* it was first served then; 0 = nothing is known */
	int64_t ttl;     /* of that set */
	int64_t cached;  /* what was served before stays in caches for so long
	                    after SINCE; 0 = nothing was served before */
	int64_t lag;     /* from the signconf to SINCE */
	int64_t pending; /* another set is asked for since then, and not
	                    served; 0 = none is */
	bool acked;      /* an admin lets the enforcer run all the same */
};

/* What is served from now on. */
struct key_set {
	const char *asked; /* "" = not known */
	int64_t ttl;
	int64_t written; /* mtime of the signconf that asks for it; 0 = ? */
	bool first;      /* nothing of this zone was served before */
	int64_t longest; /* where history is missing: what the caches' TTL is
	                    taken to be */
};

/* Pure; what is the same already is left as it is. */
void key_clock_served(
    struct key_clock *c, const struct key_set *set, int64_t now);
/* Another set is asked for since WRITTEN, and not served. */
void key_clock_held(struct key_clock *c, int64_t written, int64_t now);
/* What is served is what is asked for. */
void key_clock_level(struct key_clock *c);

/* How it stands in a row: words, no newline.  A text that does not fit or is
 * none: -ENAMETOOLONG, -EINVAL. */
#define KEY_CLOCK_TEXT 320
int key_clock_text(const struct key_clock *c, char *text, size_t size);
int key_clock_parse(const char *text, struct key_clock *c);
bool key_clock_empty(const struct key_clock *c);

/* The keys that a signconf or a backup2 publishes, as one digest: KEY are the
 * words of struct backup2.  -EIO. */
int key_asked(const char (*key)[160], int keys, char digest[KEY_DIGEST_TEXT]);

#endif
