/* SPDX-License-Identifier: GPL-2.0-or-later
 * Copyright (C) The ocf-ods contributors */
#include "../engine/node.h"

#include <time.h>

#include "capture.h"

/* What a generation costs follows the change, not the state.  The times are
 * printed, what is asserted does not depend on the machine. */

#define FILES 4000
#define RUNS 20

struct lab {
	struct node n;
	struct sets *sets;
	struct ledger *ledger;
	struct capture *c;
	uint64_t seq;
};

static int setup(void **state)
{
	struct lab *l = calloc(1, sizeof(*l));
	struct sets_setup ss = {.signatures = true};
	struct capture_setup cs = {0};

	node_init(&l->n, "cost");
	ss.conf = &l->n.conf;
	ss.state_dir = l->n.state;
	assert_int_equal(sets_open(&ss, &l->sets, NULL), 0);
	assert_int_equal(ledger_open(l->n.state, &l->ledger, NULL), 0);
	cs.sets = l->sets;
	cs.ledger = l->ledger;
	assert_int_equal(capture_open(&cs, &l->c, NULL), 0);
	*state = l;
	return 0;
}

static int teardown(void **state)
{
	struct lab *l = *state;

	capture_close(l->c);
	ledger_close(l->ledger);
	sets_close(l->sets);
	node_end(&l->n);
	free(l);
	return 0;
}

static double now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec * 1e3 + (double)t.tv_nsec / 1e6;
}

/* Cut; bytes of the generation, and how long it took. */
static uint64_t cut(struct lab *l, double *ms)
{
	struct cut made = {0};
	struct why why = {0};
	double begun;

	made.fd =
	    open(node_path(&l->n, "gen"), O_RDWR | O_CREAT | O_TRUNC, 0600);
	made.header.seq = l->seq + 1;
	made.header.prev_seq = l->seq;
	begun = now_ms();
	if (capture_cut(l->c, &made, &why) < 0)
		fail_msg("%s", why.text);
	*ms = now_ms() - begun;
	assert_true(made.made);
	capture_settle(l->c, true);
	close(made.fd);
	l->seq++;
	return made.header.size;
}

static int less(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return x < y ? -1 : x > y;
}

static uint64_t measure(
    struct lab *l, const char *what, void (*change)(struct lab *l, int i))
{
	double ms[RUNS], first;
	uint64_t size = 0, whole = cut(l, &first);
	int i;

	for (i = 0; i < RUNS; i++) {
		change(l, i);
		size = cut(l, &ms[i]);
	}
	qsort(ms, RUNS, sizeof(ms[0]), less);
	print_message("%s: %llu bytes, %.2f ms (at most %.2f); the first "
	              "generation: %llu bytes, %.1f ms\n",
	    what, (unsigned long long)size, ms[RUNS / 2], ms[RUNS - 1],
	    (unsigned long long)whole, first);
	return size;
}

static void change_row(struct lab *l, int i)
{
	char sql[64];

	snprintf(sql, sizeof(sql), "UPDATE t SET y = %d WHERE x = 5000", i);
	node_sql(&l->n, sql);
}

static void one_page_of_fifty_megabytes(void **state)
{
	struct lab *l = *state;

	node_sql(&l->n,
	    "PRAGMA synchronous=OFF; CREATE TABLE t(x INTEGER PRIMARY KEY, y);"
	    "WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM c "
	    "WHERE x < 12800) INSERT INTO t SELECT x, randomblob(3900) FROM c");
	assert_true(node_size(&l->n, "db/kasp.db") > 50000000);
	assert_true(measure(l, "one row in 50 MB", change_row) < 64 * 1024);
}

static void change_file(struct lab *l, int i)
{
	node_signconf(&l->n, "z1000.example", i + 2);
}

static void one_file_of_four_thousand(void **state)
{
	struct lab *l = *state;
	char name[32];
	int i;

	for (i = 0; i < FILES; i++) {
		snprintf(name, sizeof(name), "z%d.example", i);
		node_signconf(&l->n, name, 1);
	}
	assert_true(measure(l, "one file in 4,000", change_file) < 4096);
}

static void one_row_beside_four_thousand_zones(void **state)
{
	struct lab *l = *state;
	struct zone_row row = {.serial = 1, .ever = true};
	int i;

	node_sql(
	    &l->n, "CREATE TABLE t(x, y); INSERT INTO t VALUES(5000, 'x')");
	assert_int_equal(ledger_begin(l->ledger, NULL), 0);
	for (i = 0; i < FILES; i++) {
		snprintf(row.zone, sizeof(row.zone), "z%d.example", i);
		assert_int_equal(ledger_zone_put(l->ledger, &row, NULL), 0);
	}
	assert_int_equal(ledger_commit(l->ledger, NULL), 0);
	assert_true(measure(l, "one row, 4,000 zones in the ledger",
	                change_row) < 64 * 1024);
}

/* The look at everything, each minute, reads no file that stat says is the
 * same. */
static long bytes_read(void)
{
	FILE *f = fopen("/proc/self/io", "r");
	long n = -1;

	assert_int_equal(fscanf(f, "rchar: %ld", &n), 1);
	fclose(f);
	return n;
}

static void look_at_everything_reads_nothing(void **state)
{
	struct lab *l = *state;
	char name[32], text[8192] = {0};
	long before;
	double ms;
	int i;

	memset(text, 'x', sizeof(text) - 1);
	for (i = 0; i < FILES; i++) {
		snprintf(name, sizeof(name), "unsigned/z%d.example", i);
		node_write(&l->n, name, text);
	}
	node_sql(&l->n, "CREATE TABLE t(x)");
	deadline_sleep_ms(deadline_in_ms(100), 100);
	cut(l, &ms);
	node_sql(&l->n, "INSERT INTO t VALUES(1)");
	assert_true(capture_turn(l->c, clock_monotonic_ms() + RESCAN_MS + 1));
	before = bytes_read();
	cut(l, &ms);
	print_message("a look at 4,000 files: %.1f ms, %ld bytes read\n", ms,
	    bytes_read() - before);
	assert_true(bytes_read() - before < 1000000);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(one_page_of_fifty_megabytes),
	    TEST(one_file_of_four_thousand),
	    TEST(one_row_beside_four_thousand_zones),
	    TEST(look_at_everything_reads_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
