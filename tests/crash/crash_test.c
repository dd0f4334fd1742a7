/* SPDX-License-Identifier: GPL-2.0-or-later
 * Copyright (C) The ocf-ods contributors */
#include "pair.h"

#include <signal.h>
#include <sys/wait.h>

#include "power.h"
#include "world.h"

/* A source and a replica; one of them dies at a step of its own, killed or by
 * a loss of power, and comes back.
 *
 *	crash_test [NAME]	all tests, or that one
 *	CRASH_ALL=1		at each step (an hour), else at some of each
 *kind CRASH_SEED=N		other ones (1)
 *	CRASH_TRACE=1		says which */

static void set_up_once(struct pair *p, struct actor *victim, bool publish)
{
	p->victim = victim;
	assert_true(actor_start(&p->a));
	assert_true(actor_start(&p->b));
	pair_term(p, publish);
	actor_cut(&p->a);
	pair_until(p, pair_is_level(p));
	p->version[0].list = tree_list(&p->na);
}

static void arm(struct pair *p)
{
	struct actor *v = p->victim;

	if (v->pid)
		actor_pause(v);
	shim_arm(v->shim, p->death.step, p->death.after);
	if (v->pid)
		actor_resume(v);
}

/* The replica comes back, alone at first.  Now and then it dies at that,
 * too. */
static void replica_returns(struct pair *p)
{
	struct death *d = &p->death;

	shim_arm(p->b.shim, d->step % 3 == 1 ? 1 + d->step / 3 : 0, d->after);
	if (!actor_start(&p->b)) {
		if (d->power)
			power_loss(p->b.shim, d->seed);
		shim_arm(p->b.shim, 0, false);
		assert_true(actor_start(&p->b));
	}
	p->b.shim->arm = 0;
	pair_assert_whole(p);
	pair_follow(p);
	pair_until(p, p->b.connected && pair_is_level(p));
	pair_assert_alike(p);
}

static void few_changes(struct pair *p)
{
	arm(p);
	pair_edit(p, EDIT_FEW);
	pair_until(p, !p->b.pid || pair_is_level(p));
	pair_bury(p);
	replica_returns(p);
}

static void many_files(struct pair *p)
{
	arm(p);
	pair_edit(p, EDIT_MANY);
	pair_until(p, !p->b.pid || pair_is_level(p));
	pair_bury(p);
	replica_returns(p);
}

/* It was away, and somebody wrote into its files: it dies on its way back, or
 * soon after. */
static void comes_back(struct pair *p)
{
	actor_kill(&p->b);
	pair_until(p, !p->a.joined);
	node_write(&p->nb, "unsigned/surplus", "of somebody\n");
	node_write(&p->nb, "signconf/example.com.xml", "<Foreign/>\n");
	free(p->before);
	p->before = tree_list(&p->nb);
	pair_edit(p, EDIT_MANY);
	pair_until(p, p->a.asked > 0 && p->a.request >= p->a.asked);
	arm(p);
	if (actor_start(&p->b))
		pair_follow(p);
	pair_until(p, !p->b.pid || (p->b.connected && pair_is_level(p)));
	if (p->b.pid)
		pair_edit(p, EDIT_FEW);
	pair_until(p, !p->b.pid || pair_is_level(p));
	pair_bury(p);
	replica_returns(p);
}

/* It has files of its own and no past: they are set aside, not lost. */
static void joins_first(struct pair *p)
{
	char path[PATH_MAX], term[ID_TEXT];
	const char *const dirs[] = {
	    "state", "db", "signer", "signconf", "unsigned", "enforcer", "etc"};
	size_t i;

	actor_kill(&p->b);
	pair_until(p, !p->a.joined);
	p->a.acked = 0;
	tree_remove(p->nb.base);
	assert_int_equal(mkdir(p->nb.base, 0755), 0);
	for (i = 0; i < sizeof(dirs) / sizeof(dirs[0]); i++)
		assert_int_equal(mkdir(node_path(&p->nb, dirs[i]), 0755), 0);
	node_write(&p->nb, "unsigned/mine", "mine\n");
	node_signconf(&p->nb, "example.com", 0);
	arm(p);
	free(p->before);
	p->before = tree_list(&p->nb);
	/* That has made a ledger: not yet. */
	unlink(node_path(&p->nb, "state/ledger.db"));
	if (actor_start(&p->b))
		pair_follow(p);
	pair_until(
	    p, !p->b.pid || (p->b.connected && p->b.applied >= p->a.cut &&
	                        p->a.acked >= p->a.cut));
	pair_bury(p);
	replica_returns(p);
	id_text(&p->term.term_id, term);
	snprintf(path, sizeof(path), "state/quarantine/%s/unsigned/mine", term);
	assert_file(&p->nb, path, "mine\n");
	assert_int_equal(node_size(&p->nb, "state/log/seed.part"), -1);
	assert_int_equal(node_size(&p->nb, "state/log/seed-0.part"), -1);
	assert_int_equal(node_size(&p->nb, "state/log/seed-1.part"), -1);
}

static void replica(struct pair *p, bool power)
{
	set_up_once(p, &p->b, false);
	pair_rounds(p, "a few changes", power, few_changes);
	pair_rounds(p, "many files", power, many_files);
	pair_rounds(p, "comes back", power, comes_back);
	pair_rounds(p, "joins first", power, joins_first);
}

/* What the world was told of ZONE, by the witness. */
static uint32_t told(const struct pair *p, const char *zone)
{
	FILE *f = fopen(p->a.witness, "re");
	uint32_t serial, most = 0;
	char name[64];

	while (f && fscanf(f, "%63s %u\n", name, &serial) == 2)
		if (strcmp(name, zone) == 0 && serial > most)
			most = serial;
	if (f)
		fclose(f);
	return most;
}

static const char *const zone_name[] = {"z1", "z2"};

static uint32_t version_in(
    const struct node *n, const char *in, int zone, int round)
{
	char path[64];

	if (zone == 0)
		snprintf(path, sizeof(path), "state/%s/z1", in);
	else
		snprintf(path, sizeof(path), "state/%s/%d/z2", in, round);
	return zone_version(node_path(n, path));
}

/* Where it is in this round, or was in the last one. */
static uint32_t published(
    const struct pair *p, const struct node *n, const char *in, int zone)
{
	uint32_t now = version_in(n, in, zone, p->round);

	return now ? now : version_in(n, in, zone, p->round - 1);
}

static uint32_t row_serial(const struct node *n, const char *zone)
{
	struct zone_row row = {0};
	struct ledger *l;

	assert_int_equal(ledger_open(n->state, &l, NULL), 0);
	ledger_zone_get(l, zone, &row, NULL);
	ledger_close(l);
	return row.serial;
}

static bool is_out(const struct pair *p, uint32_t serial)
{
	int i;

	for (i = 0; i < 2; i++)
		if (told(p, zone_name[i]) < serial)
			return false;
	return true;
}

/* The world was told of a version: the source serves it or a later one, knows
 * that it did, and the replica has it. */
static void assert_published(struct pair *p, const uint32_t *served)
{
	uint32_t known, copy;
	int i;

	for (i = 0; i < 2; i++) {
		known = told(p, zone_name[i]);
		assert_true(published(p, &p->na, "published", i) >= known);
		assert_true(published(p, &p->na, "published", i) >= served[i]);
		assert_true(row_serial(&p->na, zone_name[i]) >= known);
		assert_true(row_serial(&p->nb, zone_name[i]) >= known);
		copy = published(p, &p->nb, "published", i);
		if (copy < known)
			copy = published(p, &p->nb, "pending", i);
		assert_true(copy >= known);
	}
}

static bool in_the_making(const struct pair *p)
{
	char z2[64];

	snprintf(z2, sizeof(z2), "state/pending/%d/z2.ods-new", p->round);
	return access(node_path(&p->na, "state/pending/z1.ods-new"), F_OK) ==
	           0 ||
	       access(node_path(&p->na, z2), F_OK) == 0;
}

/* The source comes back, and is the source of a new term. */
static void source_returns(struct pair *p, const uint32_t *served)
{
	static uint32_t serial;
	struct actor *a = &p->a, *b = &p->b;
	uint64_t received;

	pair_until(p, !b->connected);
	pair_until(p, b->applied >= b->received);
	received = b->received;
	shim_arm(a->shim, 0, false);
	assert_true(actor_start(a));
	if (received > 0) {
		assert_true(id_equal(&a->tip.term_id, &p->term.term_id));
		assert_true(a->tip.seq >= received);
	}
	if (served)
		assert_published(p, served);
	pair_term(p, true);
	serial = zone_version(node_path(&p->na, "out/z1"));
	pair_until(p, is_out(p, serial));
	/* It looks at signed/ once more. */
	pair_until(p, !in_the_making(p));
	actor_cut(a);
	pair_until(p, b->connected && pair_is_level(p));
	pair_assert_alike(p);
}

static void write_zones(struct pair *p, uint32_t serial)
{
	char z2[64];

	snprintf(z2, sizeof(z2), "%d/z2", p->round);
	zone_write(&p->na, "z1", serial);
	zone_write(&p->na, z2, serial);
}

static void publishes(struct pair *p)
{
	uint32_t serial = zone_version(node_path(&p->na, "out/z1")) + 1;
	uint32_t served[2];
	int i;

	for (i = 0; i < 2; i++)
		served[i] = published(p, &p->na, "published", i);
	arm(p);
	pair_zones(p);
	write_zones(p, serial);
	actor_wake(&p->a);
	pair_until(p, !p->a.pid || is_out(p, serial));
	if (p->a.pid)
		actor_cut(&p->a);
	pair_until(p, !p->a.pid || pair_is_level(p));
	pair_bury(p);
	source_returns(p, served);
}

static void begins(struct pair *p)
{
	actor_kill(&p->a);
	pair_until(p, !p->b.connected);
	node_signconf(&p->na, "example.com", p->last++);
	arm(p);
	if (actor_start(&p->a))
		pair_term(p, true);
	else
		p->b.received = p->b.applied = 0;
	if (p->a.pid)
		actor_cut(&p->a);
	pair_until(p, !p->a.pid || (p->b.connected && pair_is_level(p)));
	pair_bury(p);
	source_returns(p, NULL);
}

static void source(struct pair *p, bool power)
{
	write_zones(p, 1);
	set_up_once(p, &p->a, true);
	pair_until(p, is_out(p, 1));
	pair_rounds(p, "publishes", power, publishes);
	pair_rounds(p, "begins", power, begins);
}

static void conclude(struct pair *p)
{
	int i;

	printf("# deaths:");
	for (i = 0; i <= STEP_KINDS; i++)
		printf(" %ld %s", p->hits[i], step_name(i));
	printf("\n");
	for (i = 0; i <= STEP_KINDS; i++)
		if (p->hits[i] == 0)
			fail_msg("no death at: %s", step_name(i));
	p->passed = true;
}

static void replica_killed(void **state)
{
	replica(*state, false);
	conclude(*state);
}

static void replica_loses_power(void **state)
{
	replica(*state, true);
	conclude(*state);
}

static void source_killed(void **state)
{
	source(*state, false);
	conclude(*state);
}

static void source_loses_power(void **state)
{
	source(*state, true);
	conclude(*state);
}

static int setup(void **state)
{
	*state = pair_make();
	return 0;
}

static int told_main(char **argv)
{
	FILE *f = fopen(argv[2], "ae");

	if (!f)
		return 1;
	fprintf(f, "%s %u\n", argv[3], zone_version(argv[4]));
	return fclose(f);
}

/* They mostly wait: all at once, each in a program of its own, what they say
 * one after the other. */
static int run_all(const struct CMUnitTest *tests, size_t count)
{
	int failed = 0, status;
	FILE *out[8];
	pid_t pid[8];
	size_t i;
	char line[4096];

	for (i = 0; i < count; i++) {
		out[i] = tmpfile();
		pid[i] = fork();
		if (pid[i] == 0) {
			dup2(fileno(out[i]), STDOUT_FILENO);
			dup2(fileno(out[i]), STDERR_FILENO);
			execl("/proc/self/exe", "crash_test", tests[i].name,
			    NULL);
			_exit(127);
		}
	}
	for (i = 0; i < count; i++) {
		if (waitpid(pid[i], &status, 0) != pid[i] || status != 0)
			failed++;
		rewind(out[i]);
		while (fgets(line, sizeof(line), out[i]))
			fputs(line, stdout);
		fclose(out[i]);
	}
	return failed;
}

#define T(t) cmocka_unit_test_setup_teardown(t, setup, pair_end)

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
	    T(replica_killed),
	    T(replica_loses_power),
	    T(source_killed),
	    T(source_loses_power),
	};

	if (argc == 2 && strcmp(argv[1], "--verify") == 0)
		return zone_verify_main();
	if (argc == 5 && strcmp(argv[1], "--told") == 0)
		return told_main(argv);
	signal(SIGPIPE, SIG_IGN);
	setvbuf(stdout, NULL, _IOLBF, 0);
	if (argc != 2)
		return run_all(tests, sizeof(tests) / sizeof(tests[0]));
	cmocka_set_test_filter(argv[1]);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
