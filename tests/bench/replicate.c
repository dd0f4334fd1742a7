/* SPDX-License-Identifier: GPL-2.0-or-later
 * Copyright (C) The ocf-ods contributors */
/* What replication costs, and what rsync from a timer costs: one table, told
 * line by line in docs/replication-bench.md.
 *
 *	replicate		all of it, about 13 minutes
 *	replicate quick		0.4 and 50 MB, 20 s each
 *	replicate MB ...	commits at these sizes only
 *
 * Two commits a second, as a busy enforcer makes.  Fails beyond the limits in
 * the tables below. */
#include "rival.h"

#include "dbscan.h"

#define EVERY_MS 500
#define UNLIMITED 1e9

static const struct limit {
	double mb, median_ms, p99_ms;
} limits[] = {
    {1, 10, 250},
    {60, 30, 250},
    {1000, 250, 1000},
};

#define RESIGN_LIMIT_S 5
#define IDLE_LIMIT_PERCENT 0.5
#define PEAK_LIMIT_MB 64

static const struct plan {
	double mb[3];
	int sizes;
	int commits;
	double rest_mb; /* database of the nodes that rest */
	int rest_files, rest_bytes, rest_s;
} full = {{0.4, 50, 500}, 3, 100, 500, 50000, 10000, 60},
  quick = {{0.4, 50}, 2, 40, 50, 5000, 10000, 20};

struct costs {
	double p50, p99, max, kb, cpu_ms;
	int never; /* commits that did not arrive */
	int passes, failed;
};

/* --- the table --------------------------------------------------------- */

static void head(void)
{
	printf("%-26s %-22s %9s %9s %9s %10s %9s\n", "", "", "p50", "p99",
	    "max", "moved", "CPU");
	printf("%-26s %-22s %9s %9s %9s %10s %9s  %s\n", "what", "size", "ms",
	    "ms", "ms", "kB/change", "ms/change", "limit");
}

static void row(const char *what, const char *size, const struct costs *c)
{
	printf("%-26s %-22s %9.1f %9.1f %9.1f %10.1f %9.2f", what, size, c->p50,
	    c->p99, c->max, c->kb, c->cpu_ms);
	if (c->failed > 0)
		printf("  %d of %d runs failed", c->failed, c->passes);
	if (c->never > 0)
		printf("  %d of the commits never", c->never);
}

static void ratio(const struct costs *c, const struct costs *ours)
{
	printf("%-26s %-22s %8.0fx %8.0fx %8.0fx %9.1fx %8.1fx\n",
	    "  times ocf-ods", "", c->p50 / ours->p50, c->p99 / ours->p99,
	    c->max / ours->max, c->kb / ours->kb, c->cpu_ms / ours->cpu_ms);
}

/* One figure; true within the limit. */
static bool figure(const char *what, const char *size, double value,
    const char *unit, double limit)
{
	printf("%-26s %-22s %9.2f %s", what, size, value, unit);
	if (limit < UNLIMITED)
		printf("  limit %g%s", limit, value < limit ? "" : " EXCEEDED");
	printf("\n");
	return value < limit;
}

__attribute__((format(printf, 1, 2))) static const char *text(
    const char *fmt, ...)
{
	static char out[2][64];
	static int turn;
	char *t = out[turn++ % 2];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(t, sizeof(out[0]), fmt, ap);
	va_end(ap);
	return t;
}

/* --- commits ----------------------------------------------------------- */

static double scan_ms(const struct couple *c)
{
	int fd = open(node_path(&c->a, "scan"), O_RDWR | O_CREAT, 0600), i;
	struct dbscan_step first = {.to = fd}, next = {.to = fd};
	struct dbscan *scan;
	double ms[11], begun;

	if (dbscan_open(c->a.conf.database, &scan, NULL) < 0 ||
	    dbscan_read(scan, false, &first, NULL, NULL) < 0)
		die("cannot scan");
	next.base = first.now;
	for (i = 0; i < 11; i++) {
		begun = now_ms();
		if (dbscan_read(scan, false, &next, NULL, NULL) < 0)
			die("cannot scan");
		ms[i] = now_ms() - begun;
		pages_unref(next.now);
	}
	pages_unref(first.now);
	dbscan_close(scan);
	close(fd);
	unlink(node_path(&c->a, "scan"));
	return percentile(ms, 11, 50);
}

/* Between two commits the source comes to rest: the next generation is this
 * commit's.  The writer's answer waits in the pipe until that has travelled;
 * it has the time in it. */
static double commit_once(struct couple *c)
{
	double begun = now_ms(), acked;

	writer_order(c, 'c');
	follow(c, begun + LATE_MS, c->a.cut + 1);
	acked = now_ms();
	follow(c, begun + EVERY_MS, 0);
	return acked - writer_answer(c);
}

static void sum_up(
    struct costs *s, double *ms, int n, int changes, double bytes, double cpu)
{
	s->p50 = percentile(ms, n, 50);
	s->p99 = percentile(ms, n, 99);
	s->max = n > 0 ? ms[n - 1] : 0;
	s->kb = bytes / 1e3 / changes;
	s->cpu_ms = cpu / changes;
}

static struct costs our_commits(struct couple *c, int commits)
{
	static double ms[SAMPLES_MAX];
	struct costs s = {0};
	double bytes, cpu;
	int i;

	couple_join(c);
	bytes = loopback_bytes();
	cpu = cpu_ms(getpid()) + cpu_ms(c->standby);
	for (i = 0; i < commits; i++)
		ms[i] = commit_once(c);
	bytes = loopback_bytes() - bytes;
	cpu = cpu_ms(getpid()) + cpu_ms(c->standby) - cpu;
	sum_up(&s, ms, commits, commits, bytes, cpu);
	couple_part(c);
	return s;
}

/* As many commits again; then the copy has as long again to arrive. */
static struct costs their_commits(struct couple *c, enum way way, int commits)
{
	struct rival r = {.c = c, .way = way};
	pid_t pid = rival_start(&r);
	struct watched *w = r.w;
	double begun = now_ms(), bytes = loopback_bytes(), left;
	struct costs s = {0};
	int i;

	for (i = 0; i < commits; i++) {
		writer_order(c, 'c');
		w->committed[i] = writer_answer(c);
		w->commits = i + 1;
		left = begun + (i + 1) * EVERY_MS - now_ms();
		if (left > 0)
			usleep((useconds_t)(left * 1e3));
	}
	left = now_ms() + commits * EVERY_MS;
	while (w->seen < commits && now_ms() < left)
		usleep(10000);
	rival_stop(&r, pid);
	bytes = loopback_bytes() - bytes;
	for (i = 0; i < w->seen; i++)
		w->there[i] -= w->committed[i];
	sum_up(&s, w->there, w->seen, commits, bytes, w->cpu_ms);
	s.never = commits - w->seen;
	s.passes = w->passes;
	s.failed = w->failed;
	munmap(w, sizeof(*w));
	return s;
}

static bool judge(double mb, const char *size, const struct costs *ours)
{
	const struct limit *l = limits;
	bool good;

	while (mb > l->mb && l + 1 < limits + 3)
		l++;
	good = ours->p50 < l->median_ms && ours->p99 < l->p99_ms;
	row("ocf-ods: acknowledged", size, ours);
	printf("  p50 %.0f, p99 %.0f%s\n", l->median_ms, l->p99_ms,
	    good ? "" : " EXCEEDED");
	return good;
}

struct commits {
	double mb;
	int count;
	bool rivals;
};

static void their_rows(struct couple *c, const struct commits *arg,
    const char *size, const struct costs *ours)
{
	static const char *const name[] = {
	    "rsync -a every 5 s", ".backup, rsync, each 5 s"};
	struct costs s;
	int way;

	for (way = WAY_RSYNC; way <= WAY_BACKUP; way++) {
		s = their_commits(c, (enum way)way, arg->count);
		row(name[way], size, &s);
		printf("\n");
		ratio(&s, ours);
	}
}

static bool commits_at(const void *of)
{
	const struct commits *arg = of;
	static struct couple c;
	const char *size = text("kasp.db %.1f MB", arg->mb);
	struct costs ours;
	bool good;

	couple_make(&c, arg->mb, 0);
	figure("scan of all pages", size, scan_ms(&c), "ms", UNLIMITED);
	start_writer(&c);
	ours = our_commits(&c, arg->count);
	good = judge(arg->mb, size, &ours);
	if (arg->rivals)
		their_rows(&c, arg, size, &ours);
	couple_end(&c);
	return good;
}

/* --- files ------------------------------------------------------------- */

static void assert_equal(const struct couple *c)
{
	static const char *const dirs[] = {
	    "signer", "signconf", "state/pending", "unsigned"};
	size_t i;

	for (i = 0; i < sizeof(dirs) / sizeof(dirs[0]); i++)
		if (assert_within(&c->a, &c->b, dirs[i]) !=
		    assert_within(&c->b, &c->a, dirs[i]))
			die("the standby is not equal");
}

#define ZONES 1000

/* A step of a key: signer and enforcer replace three files of every zone. */
static bool resigned(const void *unused)
{
	static struct couple c;
	const char *size = text("%d files, %.1f MB", 3 * ZONES,
	    ZONES * (SIGNCONF_BYTES + SIGNED_BYTES + BACKUP2_BYTES) / 1e6);
	double begun, written, acked, bytes, cpu;
	bool good;

	(void)unused;
	couple_make(&c, 0.75, ZONES);
	start_writer(&c);
	couple_join(&c);
	bytes = loopback_bytes();
	cpu = cpu_ms(getpid()) + cpu_ms(c.standby);
	begun = now_ms();
	writer_order(&c, 'z');
	while (
	    poll(&(struct pollfd){.fd = c.answer, .events = POLLIN}, 1, 0) == 0)
		follow(&c, now_ms() + 5, 0);
	written = writer_answer(&c);
	follow_request(&c, begun + LATE_MS, engine_cut(c.a.engine));
	acked = now_ms();
	figure("1,000 zones: written", size, (written - begun) / 1e3, "s",
	    UNLIMITED);
	good = figure("1,000 zones: acknowledged", size, (acked - begun) / 1e3,
	    "s since the first", RESIGN_LIMIT_S);
	figure("1,000 zones: acknowledged", size, (acked - written) / 1e3,
	    "s since the last", UNLIMITED);
	figure("1,000 zones: applied", size,
	    (applied_ms(&c, c.a.cut) - begun) / 1e3, "s since the first",
	    UNLIMITED);
	figure("1,000 zones: moved", size, (loopback_bytes() - bytes) / 1e6,
	    "MB", UNLIMITED);
	figure("1,000 zones: CPU", size,
	    (cpu_ms(getpid()) + cpu_ms(c.standby) - cpu) / 1e3, "s, both nodes",
	    UNLIMITED);
	assert_equal(&c);
	couple_end(&c);
	return good;
}

/* The whole state to a standby that has nothing. */
static void seed(struct couple *c, double mb, const char *size)
{
	double begun = now_ms(), acked, bytes = loopback_bytes();

	node_open(&c->a);
	node_source(&c->a, &c->term, c->port, &c->b);
	while (c->a.cut == 0) {
		follow(c, now_ms() + 10, 0);
		if (now_ms() > begun + SEED_LATE_MS)
			die("no first generation");
	}
	figure("first generation: cut", size, (now_ms() - begun) / 1e3, "s",
	    UNLIMITED);
	begun = now_ms();
	start_standby(c);
	follow(c, begun + SEED_LATE_MS, c->a.cut);
	acked = now_ms() - begun;
	figure("seeding: acknowledged", size, acked / 1e3, "s", UNLIMITED);
	figure(
	    "seeding: acknowledged", size, mb / acked * 1e3, "MB/s", UNLIMITED);
	figure("seeding: applied", size,
	    (applied_ms(c, c->a.cut) - begun) / 1e3, "s", UNLIMITED);
	figure("seeding: moved", size, (loopback_bytes() - bytes) / 1e6, "MB",
	    UNLIMITED);
}

static bool rest(struct couple *c, const struct plan *p, const char *size)
{
	double begun, a, b, percent;
	bool good;

	follow(c, now_ms() + 3000, 0);
	begun = now_ms();
	a = cpu_ms(getpid());
	b = cpu_ms(c->standby);
	follow(c, begun + p->rest_s * 1e3, 0);
	percent = 100 / (now_ms() - begun);
	a = (cpu_ms(getpid()) - a) * percent;
	b = (cpu_ms(c->standby) - b) * percent;
	good = figure("at rest: CPU of source", size, a, "% of a core",
	    IDLE_LIMIT_PERCENT);
	good &= figure("at rest: CPU of standby", size, b, "% of a core",
	    IDLE_LIMIT_PERCENT);
	good &= figure("memory of source", size, peak_mb(getpid()), "MB peak",
	    PEAK_LIMIT_MB);
	good &= figure("memory of standby", size, peak_mb(c->standby),
	    "MB peak", PEAK_LIMIT_MB);
	return good;
}

static bool seeded(const void *of)
{
	const struct plan *p = of;
	static struct couple c;
	double mb = p->rest_mb + p->rest_files * (p->rest_bytes / 1e6);
	const char *size = text("%d files, %.0f MB", p->rest_files, mb);
	bool good;

	couple_make(&c, p->rest_mb, 0);
	fill_files(&c, p->rest_files, (size_t)p->rest_bytes);
	seed(&c, mb, size);
	good = rest(&c, p, size);
	assert_equal(&c);
	couple_end(&c);
	return good;
}

/* --- all --------------------------------------------------------------- */

static bool machine(const void *own)
{
	static struct node n;
	double load[3] = {0}, ms[SYNCS], p50;

	getloadavg(load, 3);
	node_init(&n, "bench-sync");
	sync_times(&n, ms);
	p50 = percentile(ms, SYNCS, 50);
	printf("machine: %ld cores, load average %.2f %.2f %.2f at start, "
	       "fdatasync of 4 kB p50 %.2f p99 %.2f ms%s\n",
	    sysconf(_SC_NPROCESSORS_ONLN), load[0], load[1], load[2], p50,
	    percentile(ms, SYNCS, 99),
	    *(const bool *)own
	        ? ""
	        : "; not root: moved counts all of the loopback");
	nftw(n.base, node_unlink, 16, FTW_DEPTH | FTW_PHYS);
	return true;
}

static bool plan_run(const struct plan *p)
{
	struct commits c = {.count = p->commits, .rivals = rival_there()};
	bool good = true;
	int i;

	for (i = 0; i < p->sizes; i++) {
		c.mb = p->mb[i];
		good &= apart(commits_at, &c);
	}
	good &= apart(resigned, NULL);
	good &= apart(seeded, p);
	if (!c.rivals)
		printf("rsync or sqlite3 is missing, nothing to compare with: "
		       "tests/install-packages bench\n");
	return good && c.rivals;
}

static bool sizes_run(int count, char **mb)
{
	struct commits c = {.count = full.commits, .rivals = rival_there()};
	bool good = true;

	for (; count > 0; count--, mb++) {
		c.mb = atof(*mb);
		if (c.mb < 0.1)
			die("usage: replicate [quick | MB ...]");
		good &= apart(commits_at, &c);
	}
	return good;
}

int main(int argc, char **argv)
{
	bool own = loopback_own();

	setvbuf(stdout, NULL, _IOLBF, 0);
	log_open("source");
	apart(machine, &own);
	head();
	if (argc > 1 && strcmp(argv[1], "quick") == 0)
		return plan_run(&quick) ? 0 : 1;
	if (argc > 1)
		return sizes_run(argc - 1, argv + 1) ? 0 : 1;
	return plan_run(&full) ? 0 : 1;
}
