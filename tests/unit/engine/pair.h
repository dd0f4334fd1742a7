/* SPDX-License-Identifier: GPL-2.0-or-later
 * Copyright (C) The ocf-ods contributors */
#ifndef TEST_PAIR_H
#define TEST_PAIR_H

#include "node.h"

/* a is the source of term 1, b follows it. */
struct pair {
	struct node a, b;
	struct engine_term term;
	int port;
};

/* Two directories; whoever has a past gets it now, before pair_open(). */
static UNUSED_FN struct pair *pair_make(void)
{
	struct pair *p = calloc(1, sizeof(*p));

	log_open("engine_test");
	if (!p)
		abort();
	node_init(&p->a, "a");
	node_init(&p->b, "b");
	p->term = term_make(1);
	p->port = test_port();
	node_signconf(&p->a, "example.com", 1);
	return p;
}

static UNUSED_FN void pair_open(struct pair *p)
{
	node_open(&p->a);
	node_open(&p->b);
}

static UNUSED_FN void pair_source(struct pair *p)
{
	node_source(&p->a, &p->term, p->port, &p->b);
}

/* b has the first generation that a sends it. */
static UNUSED_FN void pair_follow(struct pair *p)
{
	node_replica(&p->b, &p->term, p->port, &p->a);
	wait_until(&p->a, &p->b, p->b.connected && p->b.applied > 0);
}

static UNUSED_FN int pair_end(void **state)
{
	struct pair *p = *state;

	node_end(&p->a);
	node_end(&p->b);
	free(p);
	return 0;
}

#define PAIR_TEST(name, setup) \
	cmocka_unit_test_setup_teardown(name, setup, pair_end)

#endif
