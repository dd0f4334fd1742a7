/* SPDX-License-Identifier: GPL-2.0-or-later
 * Copyright (C) The ocf-ods contributors */
#include "syncd.h"

#include <stdlib.h>
#include <time.h>

#include "clocks.h"
#include "deadline.h"
#include "log.h"

#define TELL 5 /* s: the others hear of a clock that was set by more */

/* What changes when somebody sets the clock, and else by its drift only. */
int64_t clocks_apart(void)
{
	return (int64_t)time(NULL) - clock_monotonic_ms() / 1000;
}

int64_t clocks_tell(struct syncd *s)
{
	s->clocks.apart = clocks_apart();
	return time(NULL);
}

void clocks_heard(struct member *m, int64_t realtime)
{
	m->clock = (struct clock_told){
	    .known = true, .apart = realtime - clock_monotonic_ms() / 1000};
}

static bool is_here(const struct syncd *s, const struct member *m)
{
	return m->nodeid != s->nodeid && m->left == LEFT_NOT && m->clock.known;
}

static struct clock_doubt look(const struct syncd *s, int64_t limit)
{
	struct clock_doubt doubt = {0};
	int64_t apart = clocks_apart(), ahead;
	int i;

	for (i = 0; i < s->members; i++) {
		if (!is_here(s, &s->member[i]))
			continue;
		ahead = clock_ahead(&s->member[i].clock, apart);
		if (llabs(ahead) > limit && llabs(ahead) > llabs(doubt.ahead))
			doubt = (struct clock_doubt){
			    .ahead = ahead, .of = s->member[i].name};
	}
	ahead = (int64_t)time(NULL) - s->clocks.newest;
	if (ahead < -limit && -ahead > llabs(doubt.ahead))
		doubt = (struct clock_doubt){.ahead = ahead};
	return doubt;
}

static void tell(struct syncd *s)
{
	bool bad = s->clocks.doubt.ahead != 0;
	char text[WHY_MAX];

	if (bad == s->clocks.told)
		return;
	s->clocks.told = bad;
	clock_doubt_text(&s->clocks.doubt, text, sizeof(text));
	if (bad)
		log_warn("%s: set both right", text);
	else
		log_notice("the clocks agree again");
}

void clocks_look(struct syncd *s)
{
	safeties_follow(&s->clocks.policies, s->conf.policy_file);
	s->clocks.doubt =
	    look(s, clock_limit(safeties_inception(&s->clocks.policies)));
	tell(s);
	if (s->publisher)
		publisher_clock(s->publisher,
		    s->clocks.doubt.ahead > 0 ? s->clocks.doubt.ahead : 0);
}

void clocks_tick(struct syncd *s)
{
	if (llabs(clocks_apart() - s->clocks.apart) > TELL)
		terms_hello(s);
}
