/* SPDX-License-Identifier: GPL-2.0-or-later
 * Copyright (C) The ocf-ods contributors */
#include "sim.h"

#include <errno.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
#include <cmocka.h>

/* Random faults under a Pacemaker that fences, promotes, demotes and stops.
 * judge.c says what must never be; when the faults are over, one source and
 * holders everywhere are left without a human.
 *
 *	SYNC_SEEDS=N	so many seeds (2000)
 *	SYNC_FIRST=N	the first one (1)
 *	SYNC_SEED=N	this one, with all that happens
 *	SYNC_JOBS=N	at once (one per processor) */

#define SEEDS 2000
#define FAULTS 20
#define GENERATIONS 300
#define SETTLE_MS 400000
#define TRACE_LINES 150

static struct shared {
	long done, failed, generations, publications, virtual_s, nodes[6];
	long unnoticed; /* the same, and another had it */
	long asked;     /* a cold start waits for a human who knows that one */
	long lost;      /* a restored disk was promoted: nobody knew better */
	long few;       /* seeds with too few faults, generations or nodes */
} * shared;

static void add(long *total, int64_t n)
{
	__atomic_fetch_add(total, (long)n, __ATOMIC_RELAXED);
}

static void boot(uint64_t seed)
{
	int nodes = seed % 3 == 0 ? 2 : 3 + (int)(seed / 3 % 3);
	int i, with_zones;

	world_begin(seed, nodes);
	world->fencing = roll(8) > 0;
	world->freeze = chance(30);
	with_zones = chance(50) ? roll(nodes) : -1;
	for (i = 0; i < nodes; i++)
		if (i == with_zones) {
			world->parent[++world->versions] = 0;
			world->node[i].disk.live.version = world->versions;
		}
	trace("seed %d: %d nodes, fencing %s, %s without quorum", (int)seed,
	    nodes, world->fencing ? "on" : "off",
	    world->freeze ? "goes on" : "stops");
	add(&shared->nodes[nodes], 1);
}

static void forked(void)
{
	int64_t end;
	int i;

	fault_fork();
	for (end = world->now + 60000; world->now < end;) {
		world_step();
		for (i = 0; i < world->nodes; i++)
			if (is_source(&world->node[i]))
				sim_fail("n%d is source in a fork", i + 1);
	}
	fault_init(&world->node[roll(2)]);
	run_until_converged("init");
}

static void decide(void)
{
	add(world->asked       ? &shared->asked
	    : world->unnoticed ? &shared->unnoticed
	                       : &shared->lost,
	    1);
	fault_decide();
}

/* A disk that went back may yet be promoted where nobody knows of it. */
static void settle(void)
{
	int64_t end = world->now + SETTLE_MS;

	while (!world->lost && !converged() && world->now < end)
		world_step();
	if (world->lost)
		decide();
}

static void seed_body(uint64_t seed)
{
	long before = tally_faults();
	int faults = 0;

	boot(seed);
	run_until_converged("the first start");
	while (faults < FAULTS || tally_faults() - before < FAULTS ||
	       world->generations < GENERATIONS) {
		if (world->lost)
			decide();
		faults += fault_one();
		run_ms(roll(4) ? roll(2500) : roll(15000));
		if (world->now > 100000000)
			sim_fail("no %d generations", GENERATIONS);
	}
	fault_mend();
	settle();
	run_until_converged("the faults");
	add(&shared->generations, world->generations);
	add(&shared->publications, world->publications);
	add(&shared->virtual_s, world->now / 1000 - 1000);
	add(&shared->few, world->nodes < 2 || world->nodes > 5 ||
	                      (world->nodes == 2) != (seed % 3 == 0) ||
	                      world->generations < GENERATIONS ||
	                      tally_faults() - before < FAULTS);
	if (world->nodes <= 3 && chance(25))
		forked();
}

static bool seed_passes(uint64_t seed)
{
	return sim_run(seed_body, seed);
}

/* Once more, and show the end of it. */
static void show(uint64_t seed)
{
	char line[TRACE_LINES][256];
	long shown = 0, i;
	FILE *file = tmpfile();
	int out = dup(STDOUT_FILENO);

	fflush(stdout);
	if (!file || out < 0)
		return;
	dup2(fileno(file), STDOUT_FILENO);
	sim_trace = true;
	seed_passes(seed);
	sim_trace = false;
	fflush(stdout);
	dup2(out, STDOUT_FILENO);
	close(out);
	rewind(file);
	while (fgets(line[shown % TRACE_LINES], 256, file))
		shown++;
	for (i = shown > TRACE_LINES ? shown - TRACE_LINES : 0; i < shown; i++)
		fputs(line[i % TRACE_LINES], stdout);
	fclose(file);
}

static void seed_run(uint64_t seed)
{
	if (!seed_passes(seed)) {
		printf("# seed %d: %s\n# again: SYNC_SEED=%d tests/run sync "
		       "random\n",
		    (int)seed, sim_why, (int)seed);
		if (__atomic_fetch_add(&shared->failed, 1, __ATOMIC_RELAXED) ==
		    0)
			show(seed);
		fflush(stdout);
	}
	add(&shared->done, 1);
}

static uint64_t number(const char *name, uint64_t dflt)
{
	const char *text = getenv(name);

	return text ? strtoull(text, NULL, 10) : dflt;
}

static void every_seed(void **state)
{
	uint64_t seeds = number("SYNC_SEEDS", SEEDS);
	uint64_t first = number("SYNC_FIRST", 1);
	uint64_t jobs =
	    number("SYNC_JOBS", (uint64_t)sysconf(_SC_NPROCESSORS_ONLN));
	struct timespec a, b;
	uint64_t i, seed;
	double s;

	(void)state;
	clock_gettime(CLOCK_MONOTONIC, &a);
	fflush(stdout);
	for (i = 0; i < jobs; i++)
		if (fork() == 0) {
			for (seed = i; seed < seeds; seed += jobs)
				seed_run(first + seed);
			fflush(stdout);
			_exit(0);
		}
	while (wait(NULL) > 0)
		;
	clock_gettime(CLOCK_MONOTONIC, &b);
	s = (double)(b.tv_sec - a.tv_sec) +
	    (double)(b.tv_nsec - a.tv_nsec) / 1e9;
	printf(
	    "# %ld seeds in %.1f s, %.1f a second; 2 to 5 nodes: %ld %ld "
	    "%ld %ld; %ld generations, %ld publications, %ld h; only a "
	    "restored disk was left %ld times, and won %ld times; a human was "
	    "asked about one %ld times\n",
	    shared->done, s, (double)shared->done / s, shared->nodes[2],
	    shared->nodes[3], shared->nodes[4], shared->nodes[5],
	    shared->generations, shared->publications, shared->virtual_s / 3600,
	    shared->lost, shared->unnoticed, shared->asked);
	tally_print();
	assert_int_equal(shared->failed, 0);
	assert_int_equal(shared->done, seeds);
	assert_int_equal(shared->few, 0);
}

static void everything_happened(void **state)
{
	(void)state;
	if (number("SYNC_SEEDS", SEEDS) < 500)
		skip();
	assert_int_equal(tally_zeros(), 0);
}

static void one_seed(void **state)
{
	(void)state;
	sim_trace = true;
	if (!seed_passes(number("SYNC_SEED", 1)))
		fail_msg("%s", sim_why);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(every_seed),
	    cmocka_unit_test(everything_happened),
	};
	const struct CMUnitTest one[] = {cmocka_unit_test(one_seed)};

	tally_begin();
	shared = mmap(NULL, sizeof(*shared), PROT_READ | PROT_WRITE,
	    MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (shared == MAP_FAILED)
		return 1;
	if (getenv("SYNC_SEED"))
		return cmocka_run_group_tests(one, NULL, NULL);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
