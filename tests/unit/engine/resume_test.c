/* SPDX-License-Identifier: GPL-2.0-or-later
 * Copyright (C) The ocf-ods contributors */
#include "relay.h"

/* A copy that breaks off goes on: what has come is not sent again. */

#define FILES 8
#define FILE_BYTES 1000000
#define DB_BYTES 1000000 /* about */
#define BYTES (FILES * FILE_BYTES + DB_BYTES)

#define MUCH 20000000

/* Of one interruption: a block, a frame and what leads up to the contents. */
#define LOSS (2 * 262144 + 60000)

struct bed {
	struct pair *p;
	struct relay relay;
	unsigned seed;
};

static void put_random(struct bed *b, int file)
{
	char name[64], *data = malloc(FILE_BYTES + 1);
	int i;

	snprintf(name, sizeof(name), "unsigned/bulk/%d", file);
	for (i = 0; i < FILE_BYTES; i++)
		data[i] = (char)('!' + rand_r(&b->seed) % 90);
	data[FILE_BYTES] = '\0';
	node_write(&b->p->a, name, data);
	free(data);
}

static int setup(void **state)
{
	struct bed *b = calloc(1, sizeof(*b));
	int i;

	b->p = pair_make();
	for (i = 0; i < FILES; i++)
		put_random(b, i);
	node_sql(&b->p->a,
	    "CREATE TABLE t(b BLOB); WITH RECURSIVE n(i) AS (SELECT 1 UNION "
	    "SELECT i + 1 FROM n WHERE i < 250) INSERT INTO t "
	    "SELECT randomblob(3900) FROM n");
	pair_open(b->p);
	pair_source(b->p);
	relay_open(&b->relay, b->p->port);
	*state = b;
	return 0;
}

static int teardown(void **state)
{
	struct bed *b = *state;
	void *p = b->p;

	node_close(&b->p->a);
	node_close(&b->p->b);
	relay_close(&b->relay);
	free(b);
	return pair_end(&p);
}

static void follow(struct bed *b)
{
	node_replica(&b->p->b, &b->p->term, b->relay.port, &b->p->a);
}

/* The worker dies, another one begins. */
static void restart(struct bed *b)
{
	node_close(&b->p->b);
	node_open(&b->p->b);
}

/* The connection ends when that much has come, and the worker, too. */
static void broken_after(struct bed *b, uint64_t bytes)
{
	int cuts = relay_cuts(&b->relay);

	relay_limit(&b->relay, bytes);
	follow(b);
	wait_until(&b->p->a, &b->p->b, relay_cuts(&b->relay) > cuts);
	relay_limit(&b->relay, 0);
	assert_int_equal(b->p->b.applied, 0);
	restart(b);
}

/* What is sent in the session that gets through. */
static uint64_t the_rest(struct bed *b)
{
	uint64_t sent;

	follow(b);
	wait_until(&b->p->a, &b->p->b, b->p->b.applied > 0);
	sent = relay_sent(&b->relay);
	nodes_sync(&b->p->a, &b->p->b);
	assert_alike(&b->p->a, &b->p->b);
	return sent;
}

static void assert_no_leftovers(const struct node *n)
{
	assert_int_equal(node_size(n, "state/log/seed.part"), -1);
	assert_int_equal(node_size(n, "state/log/seed-0.part"), -1);
	assert_int_equal(node_size(n, "state/log/seed-1.part"), -1);
}

static void assert_about(uint64_t sent, uint64_t want, int interruptions)
{
	if (sent > want + (uint64_t)interruptions * LOSS + 100000)
		fail_msg("%llu were sent again, %llu had to be",
		    (unsigned long long)sent, (unsigned long long)want);
	assert_true(sent + LOSS > want);
}

static void once(struct bed *b, uint64_t bytes)
{
	broken_after(b, bytes);
	assert_about(the_rest(b), BYTES - bytes, 1);
	assert_no_leftovers(&b->p->b);
}

static void in_the_database(void **state)
{
	once(*state, 700001);
}

static void in_the_files(void **state)
{
	once(*state, 4123457);
}

static void near_the_end(void **state)
{
	once(*state, BYTES - 50000);
}

static void before_anything(void **state)
{
	once(*state, 2000);
}

/* More often than there is place for. */
static void many_times(void **state)
{
	static const uint64_t at[] = {
	    1500000, 1100001, 1700003, 900007, 1300011};
	struct bed *b = *state;
	uint64_t all = 0;
	size_t i, n = sizeof(at) / sizeof(at[0]);

	for (i = 0; i < n; i++) {
		broken_after(b, at[i]);
		all += at[i];
	}
	assert_about(the_rest(b), BYTES - all, (int)n);
	assert_no_leftovers(&b->p->b);
}

/* The connection alone, and both ends tell that it goes on. */
static void the_same_worker(void **state)
{
	struct bed *b = *state;
	struct pair *p = b->p;
	struct progress here, there;
	bool came = false, sent = false;

	relay_limit(&b->relay, 5000000);
	follow(b);
	wait_until(&p->a, &p->b, relay_cuts(&b->relay) > 0);
	relay_limit(&b->relay, 0);
	engine_bandwidth(p->a.engine, 40); /* long enough to be seen */
	while (p->b.applied == 0) {
		node_poll(&p->a, 0);
		node_poll(&p->b, 0);
		engine_progress(p->b.engine, NULL, &here);
		engine_progress(p->a.engine, &p->b.id, &there);
		if (here.spared > 0) {
			came = true;
			assert_true(here.done >= here.spared);
			assert_true(here.spared > 5000000 - LOSS);
			assert_true(here.done <= here.total);
		}
		sent = sent || (there.spared > 5000000 - LOSS &&
		                   there.done >= there.spared);
	}
	assert_true(came && sent);
	assert_about(relay_sent(&b->relay), BYTES - 5000000, 1);
	nodes_sync(&p->a, &p->b);
	assert_alike(&p->a, &p->b);
}

/* So much that copying it takes its time, and each block like the other. */
static void much_at_once(void **state)
{
	struct bed *b = *state;
	struct node *a = &b->p->a;
	uint64_t request;

	node_write(a, "unsigned/bulk/zero", "");
	assert_int_equal(truncate(node_path(a, "unsigned/bulk/zero"), MUCH), 0);
	request = engine_cut(a->engine);
	wait_until(a, &b->p->b, a->request >= request);
	broken_after(b, BYTES + MUCH - 2000000);
	/* What has not come is like what has. */
	assert_true(the_rest(b) < LOSS);
}

/* The source has gone on meanwhile: a file, a page, a new time. */
static void to_a_newer_generation(void **state)
{
	struct bed *b = *state;
	struct timespec times[2] = {{.tv_nsec = UTIME_NOW}, {.tv_sec = 77}};

	broken_after(b, 5000000);
	put_random(b, 0);
	node_sql(&b->p->a, "UPDATE t SET b = randomblob(3900) WHERE rowid = 9");
	assert_int_equal(utimensat(AT_FDCWD,
	                     node_path(&b->p->a, "unsigned/bulk/1"), times, 0),
	    0);
	assert_about(the_rest(b), BYTES - 5000000 + FILE_BYTES, 1);
}

/* Another source, another term. */
static void from_another_source(void **state)
{
	struct bed *b = *state;
	uint64_t request;

	broken_after(b, 5000000);
	engine_idle(b->p->a.engine);
	b->p->term = term_make(2);
	b->p->term.cluster.byte[0] ^= 1;
	pair_source(b->p);
	request = engine_cut(b->p->a.engine);
	wait_until(&b->p->a, &b->p->b, b->p->a.request >= request);
	assert_about(the_rest(b), BYTES - 5000000, 1);
}

static void flip(const char *path, off_t at)
{
	uint8_t buf[1];
	int fd = open(path, O_RDWR);

	assert_true(fd >= 0);
	assert_int_equal(pread(fd, buf, 1, at), 1);
	buf[0] ^= 0x55;
	assert_int_equal(pwrite(fd, buf, 1, at), 1);
	close(fd);
}

/* A block that was torn by a loss of power comes again, no other one. */
static void a_torn_block(void **state)
{
	struct bed *b = *state;

	broken_after(b, 5000000);
	flip(node_path(&b->p->b, "state/log/seed.part"), 3000000);
	assert_about(the_rest(b), BYTES - 5000000 + 262144, 1);
	assert_no_leftovers(&b->p->b);
}

/* What nobody can make sense of does no harm, and does not stay. */
static void leftovers_of_anything(void **state)
{
	struct bed *b = *state;

	node_write(&b->p->b, "state/log/seed.part",
	    "no generation at all, "
	    "and long enough that it could be one: "
	    "...........................");
	node_write(&b->p->b, "state/log/seed-1.part", "");
	broken_after(b, 3000000);
	flip(node_path(&b->p->b, "state/log/seed.part"), 3);
	assert_about(the_rest(b), BYTES, 0);
	assert_no_leftovers(&b->p->b);
}

static void a_source_has_none(void **state)
{
	struct bed *b = *state;
	struct pair *p = b->p;

	broken_after(b, 3000000);
	assert_true(node_size(&p->b, "state/log/seed.part") > 2000000);
	p->term = term_make(2);
	node_source(&p->b, &p->term, test_port(), &p->a);
	wait_until(&p->a, &p->b, p->b.cut > 0);
	assert_no_leftovers(&p->b);
}

#define T(test) cmocka_unit_test_setup_teardown(test, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
	    T(before_anything),
	    T(in_the_database),
	    T(in_the_files),
	    T(near_the_end),
	    T(many_times),
	    T(the_same_worker),
	    T(much_at_once),
	    T(to_a_newer_generation),
	    T(from_another_source),
	    T(a_torn_block),
	    T(leftovers_of_anything),
	    T(a_source_has_none),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
