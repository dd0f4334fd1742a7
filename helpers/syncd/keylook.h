/* SPDX-License-Identifier: GPL-2.0-or-later
 * Copyright (C) The ocf-ods contributors */
#ifndef ODS_KEYLOOK_H
#define ODS_KEYLOOK_H

#include <stdbool.h>
#include <stdint.h>
#include "conf.h"
#include "enforce.h"
#include "ledger.h"
#include "why.h"

/* What enforce_decide() judges, as the disk and the ledger say it: a zone's
 * signconf asks for a set of keys; it is served once the version that is
 * served is the one of the signer's backup2, that has these keys, and the name
 * server was told of it.  Of one thread. */

struct keylook;

/* LEDGER is the thread's own. */
struct keylook *keylook_new(const struct conf *conf, struct ledger *ledger);
void keylook_free(struct keylook *k);

/* Is another look due?  When the ledger or the list of zones has changed, at
 * UNTIL (0 = never), and every minute.  Cheap. */
bool keylook_due(struct keylook *k, int64_t until, int64_t now);

/* Bring the clocks in the ledger up to date, and judge them: TAKEN_AT is
 * that of struct enforce_facts.  1 when a clock was written, 0, or a negative
 * errno: V does not allow it then.  V says, too, what cannot be read for long:
 * what was read before counts meanwhile.  DNS output adapters publish by
 * themselves: those zones are passed over. */
int keylook_judge(struct keylook *k, int64_t taken_at, int64_t now,
    struct enforce_verdict *v, struct why *why);

/* A signconf that the signer will never read (backup2_misses()) gets a time
 * that it does not pass over, and TELL says "update ZONE" to the signer; when
 * it returns false it is called again next time.  The second of two that the
 * enforcer writes within a second is so, and what it writes while its clock is
 * behind that of the node before.  Returns how many are still to be told. */
int keylook_missed(
    struct keylook *k, bool (*tell)(const char *zone, void *arg), void *arg);

#endif
