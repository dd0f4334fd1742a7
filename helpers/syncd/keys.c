/* SPDX-License-Identifier: GPL-2.0-or-later
 * Copyright (C) The ocf-ods contributors */
#include "syncd.h"

#include <stdlib.h>
#include <string.h>

#include "keywatch.h"
#include "log.h"

static enum keywatch_role role_of(const struct syncd *s)
{
	if (s->promoting || s->demoting || s->stopping || s->restarting)
		return KEYWATCH_AT_REST;
	switch (s->role) {
	case ROLE_SOURCE:
		return KEYWATCH_SOURCE;
	case ROLE_UNPROMOTED:
		return KEYWATCH_STANDBY;
	case ROLE_MINTING:
	case ROLE_DEMOTING:
		break;
	}
	return KEYWATCH_AT_REST;
}

void keys_tick(struct syncd *s)
{
	keywatch_role(s->keywatch, role_of(s));
}

/* Logged when it is another sentence, or none any more. */
static void tell(const struct keynews *was, const struct keynews *now)
{
	bool bad = now->level >= KEYNEWS_WARN;

	if (bad && strcmp(was->sentence, now->sentence) != 0)
		log_at(now->level == KEYNEWS_REFUSE ? LOG_ERR : LOG_WARNING,
		    "%s: %s", now->sentence, now->fix);
	else if (!bad && was->level >= KEYNEWS_WARN)
		log_notice("the keys of the HSM are in order again");
}

static void on_news(void *owner, void *arg)
{
	struct syncd *s = owner;
	struct keynews *news = arg;

	tell(&s->keynews, news);
	s->keynews = *news;
	free(news);
	facts_judge(s);
}

/* The zones that use them are the publisher's. */
static void on_lack(void *owner, void *arg)
{
	struct syncd *s = owner;
	struct keylack *lack = arg;

	if (s->publisher)
		publisher_lack(s->publisher, lack);
	keylack_free(lack);
	free(lack);
}

static void on_record(void *owner, void *arg)
{
	struct syncd *s = owner;

	(void)arg;
	if (s->role == ROLE_SOURCE && s->engine)
		engine_cut(s->engine);
}

void keys_start(struct syncd *s)
{
	struct keywatch_setup setup = {
	    .conf = &s->conf,
	    .state_dir = s->opt.state_dir,
	    .mail = s->mail,
	    .on_news = on_news,
	    .on_lack = on_lack,
	    .on_record = on_record,
	};
	struct why why = {0};

	s->keywatch = keywatch_start(&setup, &why);
	if (!s->keywatch)
		log_err("nobody looks at the keys of the HSM: %s", why.text);
}

void keys_stop(struct syncd *s)
{
	keywatch_stop(s->keywatch);
	s->keywatch = NULL;
}
