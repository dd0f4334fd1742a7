/* SPDX-License-Identifier: GPL-2.0-or-later
 * Copyright (C) The ocf-ods contributors */
#include "pair.h"

#include <sys/syscall.h>

/* A replica that is to be a source while a generation is being synced. */

static char slow_dir[160];
static int slow, held;

/* A disk that takes its time with the log below SLOW_DIR. */
int fdatasync(int fd)
{
	char link[64], path[PATH_MAX] = "";

	snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
	if (readlink(link, path, sizeof(path) - 1) > 0 && slow_dir[0] &&
	    strncmp(path, slow_dir, strlen(slow_dir)) == 0)
		while (__atomic_load_n(&slow, __ATOMIC_ACQUIRE)) {
			__atomic_store_n(&held, 1, __ATOMIC_RELEASE);
			usleep(1000);
		}
	return (int)syscall(SYS_fdatasync, fd);
}

static int setup(void **state)
{
	struct pair *p = pair_make();

	pair_open(p);
	pair_source(p);
	pair_follow(p);
	snprintf(slow_dir, sizeof(slow_dir), "%s/log/", p->b.state);
	*state = p;
	return 0;
}

static void what_is_being_synced_is_waited_for(void **state)
{
	struct pair *p = *state;
	struct engine_term next = term_make(2);
	struct why why = {0};

	nodes_sync(&p->a, &p->b);
	__atomic_store_n(&slow, 1, __ATOMIC_RELEASE);
	node_write(&p->a, "state/pending/example.com", "the last version\n");
	engine_cut(p->a.engine);
	wait_until(&p->a, &p->b, __atomic_load_n(&held, __ATOMIC_ACQUIRE));
	engine_freeze(p->b.engine);
	assert_int_equal(
	    engine_drain(p->b.engine, deadline_in_ms(100), &why), -ETIMEDOUT);
	__atomic_store_n(&slow, 0, __ATOMIC_RELEASE);
	assert_int_equal(
	    engine_drain(p->b.engine, deadline_in_ms(10000), &why), 0);
	assert_file(&p->b, "state/pending/example.com", "the last version\n");
	node_poll(&p->a, 0);
	node_poll(&p->b, 0); /* what it says is not lost */
	assert_int_equal(p->b.applied, p->a.cut);
	if (engine_source(p->b.engine, &next, TEST_ADDRESS, test_port(), &why) <
	    0)
		fail_msg("%s", why.text);
}

static int end(void **state)
{
	__atomic_store_n(&slow, 0, __ATOMIC_RELEASE);
	return pair_end(state);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup_teardown(
	        what_is_being_synced_is_waited_for, setup, end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
