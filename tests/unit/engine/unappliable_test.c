/* SPDX-License-Identifier: GPL-2.0-or-later
 * Copyright (C) The ocf-ods contributors */
#include "pair.h"

#include <dlfcn.h>
#include <stdatomic.h>
#include <sys/statvfs.h>

/* B11: a replica does not ack what it could not apply. */

static atomic_bool full;

int statvfs(const char *path, struct statvfs *st)
{
	int (*real)(const char *, struct statvfs *) = (int (*)(
	    const char *, struct statvfs *))dlsym(RTLD_NEXT, "statvfs");
	int rc = real(path, st);

	if (full && strstr(path, "/ods-b-"))
		st->f_bavail = 0;
	return rc;
}

static int setup(void **state)
{
	struct pair *p = pair_make();

	full = false;
	node_write(&p->a, "unsigned/example.com", "zone\n");
	*state = p;
	return 0;
}

/* The copies that applying makes would not fit; the log itself does. */
static void ack_unappliable(void **state)
{
	struct pair *p = *state;
	struct node *a = &p->a, *b = &p->b;
	uint64_t request, acked, received;

	pair_open(p);
	pair_source(p);
	pair_follow(p);
	nodes_sync(a, b);
	acked = a->acked;
	received = b->received;
	full = true;
	node_signconf(a, "example.com", 2);
	request = engine_cut(a->engine);
	wait_until(a, b, a->request >= request && b->fault);
	if (!strstr(b->text, "MB free: make room, it goes on by itself"))
		fail_msg("%s", b->text);
	deadline_sleep_ms(deadline_in_ms(300), 300);
	node_poll(a, 0);
	node_poll(b, 0);
	assert_int_equal(a->acked, acked);
	assert_int_equal(b->received, received);
	full = false;
	wait_until(a, b, a->acked >= a->cut && !b->fault);
	nodes_sync(a, b);
	assert_alike(a, b);
}

/* Another conf.xml: what the source has there has no place here. */
static void no_such_directory(void **state)
{
	struct pair *p = *state;
	struct node *a = &p->a, *b = &p->b;

	b->conf.unsigned_dir[0] = '\0';
	pair_open(p);
	pair_source(p);
	node_replica(b, &p->term, p->port, a);
	wait_until(a, b, b->fault);
	if (!strstr(b->text, "unsigned/example.com has no place on this node"))
		fail_msg("%s", b->text);
	deadline_sleep_ms(deadline_in_ms(300), 300);
	node_poll(a, 0);
	node_poll(b, 0);
	assert_int_equal(a->acked, 0);
	assert_int_equal(b->received, 0);
	assert_null(node_read(b, "signconf/example.com.xml"));
}

#define TEST(name) PAIR_TEST(name, setup)

int main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(ack_unappliable),
	    TEST(no_such_directory),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
