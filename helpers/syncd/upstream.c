/* SPDX-License-Identifier: GPL-2.0-or-later
 * Copyright (C) The ocf-ods contributors */
#include "upstream.h"

#include <inttypes.h>
#include <stdio.h>
#include <time.h>

#include "deadline.h"
#include "signer.h"

#define AGAIN_MS 600000 /* a version should have come of it long ago */
#define DEAF_MS 10000

enum upstream_verdict upstream_judge(
    const struct expiry *e, bool fresher, int64_t now)
{
	if (!e->keeps || fresher || !expiry_near(e, now))
		return UPSTREAM_WELL;
	return expiry_urgent(e, now) ? UPSTREAM_RAISE : UPSTREAM_STUCK;
}

static void tell_owner(struct pub_zone *z, uint32_t serial)
{
	char text[WHY_MAX];

	snprintf(text, sizeof(text),
	    "zone %.200s: the policy keeps the serial of the unsigned zone, "
	    "and the signer waits for one above %" PRIu32 ": raise it there",
	    z->entry.name, serial);
	z->stuck = true;
	outgoing_trouble(z, text);
}

/* False when the signer is deaf: it is for the others, too. */
static bool raise_serial(
    const struct outgoing *o, struct pub_zone *z, uint32_t serial)
{
	int64_t now = clock_monotonic_ms();
	bool deaf;

	if (now < z->raise_ms)
		return true;
	deaf = signer_sign_above(o->conf, z->entry.name, serial) == SIGNER_DEAF;
	z->raise_ms = now + (deaf ? DEAF_MS : AGAIN_MS);
	return !deaf;
}

static void well(struct pub_zone *z)
{
	if (z->stuck && !z->fresher_since_ms)
		outgoing_trouble(z, "");
	z->stuck = false;
	z->raise_ms = 0;
}

void upstream_follow(struct outgoing *o)
{
	int64_t now = time(NULL);
	bool listens = true;
	struct zone_row row;
	size_t i;

	for (i = 0; i < o->count; i++) {
		struct pub_zone *z = &o->zone[i];
		enum upstream_verdict v =
		    upstream_judge(&z->expiry, z->fresher_since_ms != 0, now);

		if (v == UPSTREAM_WELL) {
			well(z);
			continue;
		}
		if (ledger_zone_get(o->ledger, z->entry.name, &row, NULL) < 0)
			continue;
		tell_owner(z, row.serial);
		if (v == UPSTREAM_RAISE && listens)
			listens = raise_serial(o, z, row.serial);
	}
}
