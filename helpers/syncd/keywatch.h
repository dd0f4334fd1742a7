/* SPDX-License-Identifier: GPL-2.0-or-later
 * Copyright (C) The ocf-ods contributors */
#ifndef ODS_KEYWATCH_H
#define ODS_KEYWATCH_H

#include "conf.h"
#include "keylack.h"
#include "keynews.h"
#include "mailbox.h"

/* The keys of this node's tokens against those on record, on a thread of its
 * own (ods-hsm-probe ends with the thread that started it).  A source records
 * what its tokens have of the keys in kasp.db; every node compares, and one
 * that stands by has its keys sign once each.  Nobody waits for it. */

enum keywatch_role {
	KEYWATCH_AT_REST, /* leave the tokens alone: the role changes */
	KEYWATCH_STANDBY,
	KEYWATCH_SOURCE,
};

struct keywatch_setup {
	const struct conf *conf;
	const char *state_dir;
	struct mailbox *mail;
	mail_fn on_news;   /* arg: a struct keynews, that it frees */
	mail_fn on_lack;   /* of a source: other keys are lacking; arg: a
	                      struct keylack, that it frees, with its keys */
	mail_fn on_record; /* the ledger has other keys; arg: NULL */
};

struct keywatch;

struct keywatch *keywatch_start(
    const struct keywatch_setup *setup, struct why *why);
void keywatch_stop(struct keywatch *w);

/* What this node is now.  A probe that another role has begun is ended. */
void keywatch_role(struct keywatch *w, enum keywatch_role role);

#endif
