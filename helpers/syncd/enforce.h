/* SPDX-License-Identifier: GPL-2.0-or-later
 * Copyright (C) The ocf-ods contributors */
#ifndef ODS_ENFORCE_H
#define ODS_ENFORCE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "keyclock.h"
#include "ledger.h"
#include "why.h"

/* May the enforcer run (ods-enforce-RES)?  It goes by wall time, not by what
 * is served: one that runs while a changed DNSKEY set is held makes the next
 * step before the caches are ready for it.  A late one harms nobody.
 * docs/handover.md says the rule.  Times are CLOCK_REALTIME, s. */

#define ENFORCE_SAFETY_S 3600 /* where no policy says its PublishSafety */
#define ENFORCE_TTL_S 86400   /* where no signconf says a DNSKEY TTL */
#define ENFORCE_ALARM_S 86400 /* a wait that is longer is an alarm */

struct enforce_zone {
	const char *name;
	bool served; /* some version of it is */
	struct key_clock clock;
	int64_t safety; /* PublishSafety of its policy; < 0 = not known */
	int64_t delay;  /* until each secondary has what is served */
};

struct enforce_facts {
	const struct enforce_zone *zone;
	size_t count;
	int64_t now;
	int64_t taken_at; /* this node took over then, and its enforcer has not
	                     been allowed since; 0 = it has */
};

struct enforce_verdict {
	bool allow;
	int zones;      /* that it waits for */
	char zone[256]; /* the one that matters most, "" = none */
	int64_t since;  /* it waits for that one since then */
	int64_t until;  /* ... until then; 0 = until something is done */
	int64_t next;   /* a pending one counts as held then; 0 = none does */
	bool alarm;     /* a human is needed: it may have no end */
	char why[128];  /* what is the matter with the zone */
	char fix[384];  /* what a human can do, "" = wait */
	char trouble[WHY_MAX]; /* what this goes by cannot be read for long */
};

/* Pure. */
void enforce_decide(const struct enforce_facts *f, struct enforce_verdict *v);

/* An admin takes the zone out of the rule for as long as it stays held.  Its
 * row must be in the ledger (-ENOENT); another thread may write the clock: call
 * it between ledger_begin() and ledger_commit(). */
int enforce_acked(struct ledger *l, const char *zone, struct why *why);

#endif
