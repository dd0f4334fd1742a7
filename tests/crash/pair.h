/* SPDX-License-Identifier: GPL-2.0-or-later
 * Copyright (C) The ocf-ods contributors */
#ifndef CRASH_PAIR_H
#define CRASH_PAIR_H

#include "actor.h"

/* A source and its replica, the states that the source was in, and the deaths
 * of one of the two. */

#define VERSIONS_MAX 16384

/* How a process dies, and with it perhaps its machine. */
struct death {
	long step; /* past the last one: when all is done */
	bool after, power;
	unsigned seed; /* of the power loss */
};

struct pair {
	struct node na, nb;
	struct actor a, b;
	struct engine_term term;
	int port;
	/* What the source held, and its last generation before that. */
	struct {
		char *list;
		uint64_t base;
	} version[VERSIONS_MAX];
	int last;
	char *before; /* what the replica holds instead, or NULL */
	/* of the test */
	const char *what;
	struct death death;
	struct actor *victim;
	unsigned seed;
	int round;
	uint8_t kind[STEPS_MAX + 1];
	long steps; /* that it made before it died */
	long
	    hits[STEP_KINDS + 1]; /* deaths at a step of that kind, and after */
	bool passed;
};

struct pair *pair_make(void);

/* Two zones, z1 and z2; each time the file of z2 is in another directory,
 * which is called p->round. */
void pair_zones(struct pair *p);

int pair_end(void **state);
void pair_poll(struct pair *p, int ms);

#define pair_until(p, condition)                                          \
	do {                                                              \
		struct deadline until_d = deadline_in_ms(WAIT_MS);        \
		while (!(condition)) {                                    \
			pair_poll(p, 100);                                \
			if (deadline_passed(until_d))                     \
				fail_msg("never: %s; %s; %s", #condition, \
				    (p)->a.text, (p)->b.text);            \
		}                                                         \
	} while (0)

/* A new term whose source is a; b follows if it lives. */
void pair_term(struct pair *p, bool publish);
void pair_follow(struct pair *p);

/* Change what the source holds while it stands still, and ask for a cut. */
enum edit { EDIT_FEW, EDIT_MANY };
void pair_edit(struct pair *p, enum edit edit);

bool pair_is_level(const struct pair *p);
void pair_assert_alike(struct pair *p);

/* The replica has just been started without a source: what it holds is one of
 * the source's generations, and none before the last one that it acked. */
void pair_assert_whole(struct pair *p);

/* The victim died, or does now. */
void pair_bury(struct pair *p);

/* The steps to die at: of the rounds that ROUND makes, first one without a
 * death before its end, then some or all. */
void pair_rounds(
    struct pair *p, const char *what, bool power, void (*round)(struct pair *));

#endif
