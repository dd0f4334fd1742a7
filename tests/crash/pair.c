/* SPDX-License-Identifier: GPL-2.0-or-later
 * Copyright (C) The ocf-ods contributors */
#include "pair.h"

#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/time.h>

#include "power.h"
#include "world.h"

#define STEPS_OF_EACH 3 /* in a sample */
#define STEPS_MOST 24
#define MANY 24 /* files, more than are synced one by one */

static void shim_for(struct actor *a, struct node *n, const char *root)
{
	char path[PATH_MAX], shadow[PATH_MAX];

	snprintf(path, sizeof(path), "%s%s", n->base, root);
	snprintf(shadow, sizeof(shadow), "%s.shadow", n->base);
	a->node = n;
	a->shim = shim_make(path, shadow);
	shim_arm(a->shim, 0, false);
}

void pair_zones(struct pair *p)
{
	char text[1024];

	p->round++;
	snprintf(p->na.conf.signed_dir, PATH_MAX, "%s/out", p->na.base);
	snprintf(text, sizeof(text),
	    "<ZoneList><Zone name=\"z1\"><Adapters><Output><Adapter "
	    "type=\"File\">%s/out/z1</Adapter></Output></Adapters></Zone>"
	    "<Zone name=\"z2\"><Adapters><Output><Adapter "
	    "type=\"File\">%s/out/%d/z2</Adapter></Output></Adapters></Zone>"
	    "</ZoneList>\n",
	    p->na.base, p->na.base, p->round);
	node_write(&p->na, "enforcer/zones.xml", text);
}

struct pair *pair_make(void)
{
	static char witness[PATH_MAX];
	const char *seed = getenv("CRASH_SEED");
	struct pair *p = calloc(1, sizeof(*p));

	if (!p)
		abort();
	p->seed = seed ? (unsigned)atoi(seed) : 1;
	node_init(&p->na, "a");
	node_init(&p->nb, "b");
	/* On a source the daemons' own files are no business of ours. */
	shim_for(&p->a, &p->na, "/state");
	shim_for(&p->b, &p->nb, "");
	snprintf(witness, sizeof(witness), "%s.told", p->na.base);
	p->a.witness = witness;
	pair_zones(p);
	node_signconf(&p->na, "example.com", 1);
	node_backup2(&p->na, "example.com", 5);
	node_write(&p->na, "etc/kasp.xml", "<KASP/>\n");
	node_sql(&p->na, "CREATE TABLE zone(name TEXT)");
	return p;
}

static void forget(struct actor *a, bool keep)
{
	static const char *const ends[] = {"", ".shadow", ".log", ".told"};
	char path[PATH_MAX];
	size_t i;

	actor_kill(a);
	for (i = 0; !keep && i < sizeof(ends) / sizeof(ends[0]); i++) {
		snprintf(path, sizeof(path), "%s%s", a->node->base, ends[i]);
		tree_remove(path);
	}
}

int pair_end(void **state)
{
	struct pair *p = *state;
	int i;

	if (!p->passed)
		printf("# %s: died %s (step %ld); %s, seed %u: see %s and %s\n",
		    p->what, p->victim ? p->victim->shim->what : "?",
		    p->death.step, p->death.power ? "power loss" : "killed",
		    p->death.seed, p->na.base, p->nb.base);
	forget(&p->a, !p->passed);
	forget(&p->b, !p->passed);
	for (i = 0; i <= p->last; i++)
		free(p->version[i].list);
	free(p->before);
	free(p);
	return 0;
}

void pair_poll(struct pair *p, int ms)
{
	struct actor *const both[] = {&p->a, &p->b};

	actors_poll(both, 2, ms);
}

void pair_follow(struct pair *p)
{
	actor_replica(&p->b, &p->term, p->port, &p->a);
}

static int free_port(void)
{
	struct sockaddr_in sin = {
	    .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	union {
		struct sockaddr_in *in;
		struct sockaddr *any;
	} sa = {&sin};
	socklen_t len = sizeof(sin);
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	assert_int_equal(bind(fd, sa.any, len), 0);
	assert_int_equal(getsockname(fd, sa.any, &len), 0);
	close(fd);
	return ntohs(sin.sin_port);
}

void pair_term(struct pair *p, bool publish)
{
	p->term = term_make(p->term.term + 1);
	p->port = free_port();
	actor_source(&p->a, &p->term, p->port, &p->b, publish);
	if (p->b.pid)
		pair_follow(p);
}

static void set_row(struct pair *p, int v)
{
	struct zone_row row = {.zone = "example.com",
	    .serial = (uint32_t)v,
	    .state = ZONE_SERVED,
	    .served_serial = (uint32_t)v,
	    .ever = true};
	struct ledger *l;

	assert_int_equal(ledger_open(p->na.state, &l, NULL), 0);
	assert_int_equal(ledger_zone_put(l, &row, NULL), 0);
	ledger_close(l);
}

static void edit_few(struct pair *p, int v)
{
	const struct timeval times[2] = {{.tv_sec = v}, {.tv_sec = v}};
	const struct node *n = &p->na;
	char text[4000], name[64];

	snprintf(text, sizeof(text), "INSERT INTO zone VALUES('%01500d')", v);
	node_sql(n, text);
	node_signconf(n, "example.com", v);
	node_backup2(n, "example.com", v);
	memset(text, 'a' + v % 26, sizeof(text) - 1);
	text[sizeof(text) - 1] = '\0';
	node_write(n, "state/pending/example.com", text);
	node_write(n, "state/published/example.com", text);
	snprintf(name, sizeof(name), "unsigned/%d/zone", v);
	node_write(n, name, text);
	snprintf(name, sizeof(name), "unsigned/%d/zone", v - 1);
	unlink(node_path(n, name));
	*strrchr(name, '/') = '\0';
	rmdir(node_path(n, name));
	chmod(node_path(n, "etc/kasp.xml"), v % 2 ? 0644 : 0640);
	utimes(node_path(n, "etc/kasp.xml"), times);
	set_row(p, v);
}

static void edit_many(struct pair *p, int v)
{
	char name[64], text[64];
	int i;

	for (i = 0; i < MANY; i++) {
		snprintf(name, sizeof(name), "unsigned/many/%d", i);
		snprintf(text, sizeof(text), "file %d version %d\n", i, v);
		node_write(&p->na, name, text);
	}
	node_signconf(&p->na, "example.org", v);
	set_row(p, v);
}

void pair_edit(struct pair *p, enum edit edit)
{
	struct actor *a = &p->a;
	uint64_t cut;
	int v;

	/* Else a generation that only says "idle" may be in the making. */
	pair_until(p, a->cut > 0 && a->idle);
	actor_pause(a);
	do {
		cut = a->cut;
		actors_poll(&a, 1, 0);
	} while (cut != a->cut);
	v = ++p->last;
	assert_true(v < VERSIONS_MAX);
	if (edit == EDIT_FEW)
		edit_few(p, v);
	else
		edit_many(p, v);
	p->version[v].list = tree_list(&p->na);
	p->version[v].base = a->cut;
	actor_cut(a);
	actor_resume(a);
}

bool pair_is_level(const struct pair *p)
{
	const struct actor *a = &p->a, *b = &p->b;

	return a->asked > 0 && a->request >= a->asked && a->acked >= a->cut &&
	       b->applied >= a->cut;
}

void pair_assert_alike(struct pair *p)
{
	char *a = tree_list(&p->na), *b = tree_list(&p->nb), text[512];

	if (strcmp(a, b) != 0) {
		tree_difference(a, b, text, sizeof(text));
		fail_msg("not alike: %s", text);
	}
	free(a);
	free(b);
	assert_alike(&p->na, &p->nb);
}

void pair_assert_whole(struct pair *p)
{
	int v, acked = p->last;
	char *list, text[512];

	while (acked > 0 && p->a.acked <= p->version[acked].base)
		acked--;
	if (p->a.acked > 0 && p->b.tip.seq < p->a.acked)
		fail_msg("generation %llu was acked, the ledger knows %llu",
		    (unsigned long long)p->a.acked,
		    (unsigned long long)p->b.tip.seq);
	assert_int_equal(p->b.tip.seq, p->b.applied_at.seq);
	list = tree_list(&p->nb);
	for (v = p->last; v >= acked; v--)
		if (p->version[v].list && strcmp(list, p->version[v].list) == 0)
			break;
	if (v < acked &&
	    (!p->before || acked == p->last || strcmp(list, p->before) != 0)) {
		tree_difference(
		    p->version[acked].list, list, text, sizeof(text));
		fail_msg("version %d of %d was acked; no whole one: %s", acked,
		    p->last, text);
	}
	free(list);
}

void pair_bury(struct pair *p)
{
	struct actor *v = p->victim;
	struct shim *s = v->shim;

	actor_kill(v);
	p->steps = s->steps;
	memcpy(p->kind, s->kind, sizeof(p->kind));
	p->hits[s->fired ? s->kind[s->steps] : STEP_KINDS]++;
	/* Acks that were on their way arrive. */
	if (v == &p->b && p->a.pid)
		pair_until(p, !p->a.joined);
	if (p->death.power)
		power_loss(s, p->death.seed);
	if (getenv("CRASH_TRACE"))
		printf("# %s: step %ld %s\n", p->what, s->steps, s->what);
}

static unsigned dice(struct pair *p, unsigned n)
{
	return (unsigned)rand_r(&p->seed) / 7 % n;
}

static void play(struct pair *p, long step, bool after, unsigned seed,
    void (*round)(struct pair *))
{
	p->death.step = step;
	p->death.after = after;
	p->death.seed = seed;
	round(p);
}

/* Step KIND is there COUNT times: the Nth one. */
static long nth_of(const uint8_t *kind, long steps, int which, long nth)
{
	long k;

	for (k = 1; k <= steps; k++)
		if (kind[k] == which && nth-- == 0)
			return k;
	return steps + 1;
}

static void sample(struct pair *p, const uint8_t *kind, long steps,
    void (*round)(struct pair *))
{
	long count[STEP_KINDS] = {0}, k, before;
	int i, j;

	for (k = 1; k <= steps; k++)
		count[kind[k]]++;
	for (i = 0; i < STEP_KINDS; i++) {
		before = p->hits[i];
		/* Threads are not in step: another kind may come in its
		 * place. */
		for (j = 0; j < count[i] &&
		            (j < STEPS_OF_EACH ||
		                (p->hits[i] == before && j < STEPS_MOST));
		     j++)
			play(p,
			    nth_of(kind, steps, i, dice(p, (unsigned)count[i])),
			    dice(p, 2), dice(p, 2) * (1 + dice(p, 1 << 20)),
			    round);
	}
	if (p->death.power)
		play(p, 0, false, 1 + dice(p, 1 << 20), round);
}

void pair_rounds(
    struct pair *p, const char *what, bool power, void (*round)(struct pair *))
{
	static uint8_t kind[STEPS_MAX + 1];
	long steps, k;

	p->what = what;
	p->death.power = power;
	play(p, 0, false, 0, round);
	steps = p->steps;
	memcpy(kind, p->kind, sizeof(kind));
	if (!getenv("CRASH_ALL")) {
		sample(p, kind, steps, round);
	} else {
		for (k = 1; k <= steps; k++) {
			play(p, k, false, 0, round);
			play(p, k, true, 1 + dice(p, 1 << 20), round);
		}
		play(p, 0, false, 1, round);
	}
	printf(
	    "# %s, %s: %ld steps\n", what, power ? "power" : "killed", steps);
}
