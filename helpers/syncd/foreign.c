/* SPDX-License-Identifier: GPL-2.0-or-later
 * Copyright (C) The ocf-ods contributors */
#include "syncd.h"

#include <stdio.h>
#include <string.h>

#include "engine_core.h"
#include "instance.h"
#include "log.h"

/*
 * A daemon of OpenDNSSEC, or a write of somebody, on a standby:
 *
 *	NONE	--daemon seen--------------> DAEMON
 *	NONE	--write seen---------------> COMPARE
 *	DAEMON	--it is gone---------------> COMPARE	(a session begins anew)
 *	COMPARE	--all compared and applied-> NONE
 *	any	--promoted by init---------> NONE
 *
 * In all but NONE this node is not promoted.  The ledger keeps the word, and
 * what is overwritten by the comparison goes to the quarantine.  A node whose
 * record names it as source has its own files: gate 1 asks for its daemons,
 * and nothing is locked or moved under them.
 */

#define NOTE_FOREIGN "foreign"

static bool is_standby(const struct syncd *s)
{
	return s->role == ROLE_UNPROMOTED && !s->restarting &&
	       s->record.term > 0 &&
	       (s->state == STATE_LEDGER || s->state == STATE_SEEDING);
}

static bool is_own(const struct syncd *s)
{
	return id_equal(&s->record.source, &s->self);
}

static bool find_daemon(const struct syncd *s, char *what, size_t size)
{
	static const char *const name[] = {"ods-enforcerd", "ods-signerd"};
	struct instance list[INSTANCE_MAX];
	size_t i;
	int j, n;

	for (i = 0; i < sizeof(name) / sizeof(name[0]); i++) {
		n = instance_find(name[i], list, INSTANCE_MAX);
		for (j = 0; j < n; j++) {
			if (!instance_same_conf(list[j].conf, s->opt.conf))
				continue;
			snprintf(what, size, "%s (pid %ld)", name[i],
			    (long)list[j].pid);
			return true;
		}
	}
	return false;
}

static void begin(struct syncd *s, enum foreign_state state)
{
	struct foreign *f = &s->foreign;

	f->anew = f->fresh = false;
	if (f->state == state)
		return;
	f->state = state;
	ledger_note_put(s->ledger, NOTE_FOREIGN, "1", NULL);
	ledger_note_put(s->ledger, NOTE_UNSAVED, "1", NULL);
	terms_hello(s);
	facts_judge(s);
}

static void end(struct syncd *s)
{
	s->foreign = (struct foreign){0};
	ledger_note_put(s->ledger, NOTE_FOREIGN, "", NULL);
}

static void compare(struct syncd *s)
{
	begin(s, FOREIGN_COMPARE);
	s->foreign.anew = true;
	terms_follow_anew(s);
}

static void judge(
    struct syncd *s, bool daemons, const struct standby_news *news)
{
	struct foreign *f = &s->foreign;

	if (daemons && find_daemon(s, f->daemon, sizeof(f->daemon))) {
		if (f->state != FOREIGN_DAEMON)
			log_crit("%s runs on this standby: stop it", f->daemon);
		begin(s, FOREIGN_DAEMON);
	} else if (news->written || news->zones) {
		log_crit("somebody has written %s on this standby: all is "
		         "compared with the source",
		    news->written ? "kasp.db" : "zones.xml");
		compare(s);
	} else if (f->state == FOREIGN_DAEMON) {
		compare(s);
	}
}

/* Lock and move what is not yet, on a node that is no source; DAEMONS: some
 * run here. */
static bool guard(struct syncd *s, bool daemons, struct standby_news *news)
{
	struct why why = {0};

	memset(news, 0, sizeof(*news));
	if (!is_standby(s) || !s->engine || (is_own(s) && daemons))
		return false;
	if (standby_take(engine_standby(s->engine), is_own(s), news, &why) <
	    0) {
		if (strcmp(s->foreign.trouble, why.text) != 0)
			log_err("%s", why.text);
		snprintf(s->foreign.trouble, sizeof(s->foreign.trouble), "%s",
		    why.text);
	} else {
		s->foreign.trouble[0] = '\0';
	}
	return true;
}

void foreign_guard(struct syncd *s)
{
	struct standby_news news;

	if (!guard(s, is_own(s) && !facts_daemons_dead(), &news))
		return;
	s->foreign.written |= news.written;
	s->foreign.zones |= news.zones;
}

void foreign_tick(struct syncd *s, bool daemons)
{
	struct standby_news news;

	if (!guard(s, daemons, &news))
		return;
	news.written |= s->foreign.written;
	news.zones |= s->foreign.zones;
	s->foreign.written = s->foreign.zones = false;
	if (!is_own(s))
		judge(s, daemons, &news);
}

int foreign_give_back(struct syncd *s, struct why *why)
{
	int rc = standby_give_back(engine_standby(s->engine), why);

	if (rc == 0 && s->foreign.state != FOREIGN_NONE)
		end(s);
	return rc;
}

/* The last source that is known here may be used without the cluster: with no
 * zones.xml a signer that an admin starts would drop all zones, and without a
 * word (O 1.6).  Any other node has an old list. */
void foreign_stop(struct syncd *s)
{
	struct why why = {0};

	if (is_standby(s) && is_own(s) && s->state == STATE_LEDGER &&
	    s->foreign.state == FOREIGN_NONE &&
	    standby_give_back(engine_standby(s->engine), &why) < 0)
		log_err("%s", why.text);
}

void foreign_load(struct syncd *s)
{
	char text[8] = "";

	ledger_note_get(s->ledger, NOTE_FOREIGN, text, sizeof(text));
	if (strcmp(text, "1") != 0)
		return;
	s->foreign.state = FOREIGN_COMPARE;
	s->foreign.anew = true; /* there was no session yet */
}

void foreign_connected(struct syncd *s)
{
	s->foreign.fresh = s->foreign.anew;
}

void foreign_lost(struct syncd *s)
{
	s->foreign.fresh = false;
}

/* The first generation of a session is the whole state. */
void foreign_applied(struct syncd *s)
{
	if (s->foreign.state != FOREIGN_COMPARE || !s->foreign.fresh)
		return;
	end(s);
	log_notice("all that somebody may have changed here is as the source "
	           "has it");
	terms_hello(s);
	facts_judge(s);
}
