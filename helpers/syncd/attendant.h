/* SPDX-License-Identifier: GPL-2.0-or-later
 * Copyright (C) The ocf-ods contributors */
#ifndef ODS_ATTENDANT_H
#define ODS_ATTENDANT_H

#include <stdbool.h>
#include "conf.h"
#include "enforce.h"
#include "mailbox.h"
#include "publisher.h"

/* Finishes a takeover (docs/handover.md), on a thread of its own, each time a
 * signer has come up while this node is source: signer ready -> update --all
 * -> the enforcer may start, once its clock permits (enforce.h) -> sign ZONE
 * where needed -> publish_command for every zone.  Then it looks after the
 * enforcer's clock. */

struct attendant;

struct attendant_setup {
	const struct conf *conf;
	const char *state_dir;
	struct mailbox *mail;
	mail_fn on_enforce; /* struct enforce_verdict, when it changes; it
	                       frees it */
	mail_fn on_clocks;  /* clocks in the ledger have changed */
	struct publisher *publisher;
};

struct attendant *attendant_start(
    const struct attendant_setup *setup, struct why *why);
void attendant_stop(struct attendant *a);

#endif
