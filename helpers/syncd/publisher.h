/* SPDX-License-Identifier: GPL-2.0-or-later
 * Copyright (C) The ocf-ods contributors */
#ifndef ODS_PUBLISHER_H
#define ODS_PUBLISHER_H

#include <stdbool.h>
#include <stdint.h>
#include "conf.h"
#include "mailbox.h"
#include "order.h"
#include "why.h"

/* verify -> barrier -> install -> tell (docs/publish.md), on a thread of its
 * own, while this node is source. */

struct keylack;
struct publisher;

struct publisher_setup {
	const struct conf *conf;
	const char *state_dir;
	const char *publish_command; /* "" = none */
	bool need_backup2;           /* signatures=reuse */
	int held_retry_ms; /* a refusal is looked at again: 0 = a minute */
	struct mailbox *mail;
	mail_fn on_barrier; /* asks the control thread: a batch is ready */
	/* The batch has waited for long, and a zone has little time left: may
	 * it go without the barrier?  Or shall newer versions be taken? */
	mail_fn on_escape, on_regather;
	int escape_look_ms; /* each time after so long; 0 = 10 s */
	mail_fn on_resumed; /* what was on its way out at the start is not */
	mail_fn on_news;    /* struct publisher_news; it frees it */
};

/* A zone whose newest version is held. */
struct zone_hold {
	char zone[256];
	char why[WHY_MAX];
	int64_t since; /* realtime s */
};
#define NEWS_HOLDS 8 /* that are told; REFUSED says how many there are */

struct publisher_news {
	int zones, served, waiting, refused, ungated;
	char trouble[WHY_MAX]; /* of one of them, "" = none */
	int holds;
	struct zone_hold hold[NEWS_HOLDS];
	int colliding;
	char collision[WHY_MAX]; /* one of them, "" = none */
	int64_t bogus_at;        /* realtime s, of what is served; 0 = never */
	char bogus_zone[256];
	int least_percent; /* what is left of a policy's Refresh (expiry.h) */
	char least_zone[256];
	int escaped; /* served in spite of a refusal */
	char escaped_zone[256];
	int late; /* fresher ones are signed, and held for too long */
	char late_zone[256];
	int untold;               /* publish_command fails for them, for long */
	char untold_why[WHY_MAX]; /* of one of them, "" = none */
	char blind[WHY_MAX];      /* kasp.db cannot be read for long */
};

struct publisher *publisher_start(
    const struct publisher_setup *setup, struct why *why);

/* Kills its children; installs nothing once this has been called.  It waits
 * for the thread; publisher_halt() before it does not. */
void publisher_stop(struct publisher *p);
void publisher_halt(struct publisher *p);

/* The control thread's answer to on_barrier: every holder has it. */
void publisher_barrier_done(struct publisher *p);

/* ... or to the other two, if it has not been given: the batch ends.  ESCAPE:
 * what has little time left may go out before that. */
void publisher_barrier_held(struct publisher *p, bool escape);

/* signatures=: a version waits for its backup2, or not. */
void publisher_signatures(struct publisher *p, bool reuse);

/* Look again now (signed/ or the unsigned zone changed). */
void publisher_wake(struct publisher *p);

/* signed/ is looked at only while a signer is ready: before, it may hold what
 * an earlier term left there, and no command may reach the signer (O 5.5). */
void publisher_signer(struct publisher *p, bool ready);

/* The clock here is so many s ahead of another node's; 0: of none. */
void publisher_clock(struct publisher *p, int64_t ahead);

/* The keys that the signer lacks, from now on.  -ENOMEM: they are as before. */
int publisher_lack(struct publisher *p, const struct keylack *lack);

/* What an admin has typed, for the next pass.  -EBUSY: too much at once. */
int publisher_order(struct publisher *p, const struct order *order);

/* Tell the name server of every zone once more (takeover). */
void publisher_tell_all(struct publisher *p);

#endif
