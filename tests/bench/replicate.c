/* SPDX-License-Identifier: GPL-2.0-or-later
 * Copyright (C) The ocf-ods contributors */
/* How long a commit in kasp.db takes until it is durable on a standby, and
 * the source knows: from the writer's COMMIT to ENGINE_ACKED.  Source,
 * standby and the enforcer's stand-in are three processes; SQLite, TLS over
 * TCP on the loopback and fdatasync are the real ones.
 *
 *	replicate [COMMITS [MB ...]]	100 commits at 0.4, 50 and 500 MB
 *
 * Two commits a second, as a busy enforcer makes.  Fails beyond the limits in
 * the table below. */
#include "../unit/engine/node.h"

#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>

#include "dbscan.h"

#define EVERY_MS 500
#define LATE_MS 20000
#define SAMPLES_MAX 10000
#define ROW_BYTES 3900

static const struct limit {
	double mb, median_ms, p99_ms;
} limits[] = {
    {1, 10, 250},
    {60, 30, 250},
    {1000, 250, 1000},
};

struct bench {
	struct node a, b;
	struct engine_term term;
	int port;
	double mb;
	int rows;
	pid_t standby, writer;
	int order, answer; /* pipes to and from the writer */
	double ms[SAMPLES_MAX];
	int samples;
};

static double now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec * 1e3 + (double)t.tv_nsec / 1e6;
}

static void die(const char *what)
{
	fprintf(stderr, "replicate: %s\n", what);
	exit(1);
}

static int less(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return x < y ? -1 : x > y;
}

static double percentile(double *ms, int n, int percent)
{
	qsort(ms, (size_t)n, sizeof(*ms), less);
	return ms[(n - 1) * percent / 100];
}

/* What the disk itself takes for one block. */
static double sync_ms(const struct bench *b)
{
	int fd = open(node_path(&b->a, "sync"), O_RDWR | O_CREAT, 0600), i;
	char block[4096] = {0};
	double ms[51], begun;

	for (i = 0; i < 51; i++) {
		begun = now_ms();
		if (pwrite(fd, block, sizeof(block), 4096L * i) < 0 ||
		    fdatasync(fd) < 0)
			die("cannot write");
		ms[i] = now_ms() - begun;
	}
	close(fd);
	return percentile(ms, 51, 50);
}

static double scan_ms(const struct bench *b)
{
	int fd = open(node_path(&b->a, "scan"), O_RDWR | O_CREAT, 0600), i;
	struct dbscan_step first = {.to = fd}, next = {.to = fd};
	struct dbscan *scan;
	double ms[11], begun;

	if (dbscan_open(b->a.conf.database, &scan, NULL) < 0 ||
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
	unlink(node_path(&b->a, "scan"));
	return percentile(ms, 11, 50);
}

/* In a process of its own: SQLite here would drop the engine's locks. */
static void in_child(const struct bench *b, const char *sql)
{
	int status = -1;
	pid_t pid = fork();

	if (pid == 0) {
		node_sql(&b->a, sql);
		_exit(0);
	}
	waitpid(pid, &status, 0);
	if (status != 0)
		die("cannot write the database");
}

static void fill(struct bench *b)
{
	char sql[512];

	b->rows = (int)(b->mb * 1e6 / 4096);
	snprintf(sql, sizeof(sql),
	    "PRAGMA synchronous=OFF;"
	    "CREATE TABLE t(x INTEGER PRIMARY KEY, y, z);"
	    "WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM c "
	    "WHERE x < %d) INSERT INTO t SELECT x, 0, randomblob(%d) FROM c",
	    b->rows, ROW_BYTES);
	in_child(b, sql);
}

/* A transaction for each octet that comes; answers when it is committed. */
static void writer_main(const struct bench *b, int order, int answer)
{
	char sql[256], c;
	double done;
	sqlite3 *db;
	int i = 0;

	if (sqlite3_open(b->a.conf.database, &db) != SQLITE_OK)
		_exit(1);
	sqlite3_busy_timeout(db, 5000);
	while (read(order, &c, 1) == 1) {
		i++;
		snprintf(sql, sizeof(sql),
		    "BEGIN IMMEDIATE;"
		    "UPDATE t SET y = %d WHERE x = %d;"
		    "UPDATE t SET y = %d WHERE x = %d; COMMIT",
		    i, i * 7919 % b->rows + 1, i, i * 104729 % b->rows + 1);
		if (sqlite3_exec(db, sql, NULL, NULL, NULL) != SQLITE_OK)
			_exit(1);
		done = now_ms();
		if (write(answer, &done, sizeof(done)) != sizeof(done))
			_exit(1);
	}
	_exit(0);
}

static void start_writer(struct bench *b)
{
	int to[2], from[2];

	if (pipe2(to, O_CLOEXEC) < 0 || pipe2(from, O_CLOEXEC) < 0)
		die("no pipe");
	b->writer = fork();
	if (b->writer == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		close(to[1]);
		close(from[0]);
		writer_main(b, to[0], from[1]);
	}
	close(to[0]);
	close(from[1]);
	b->order = to[1];
	b->answer = from[0];
}

static void standby_main(struct bench *b)
{
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	log_open("standby");
	node_open(&b->b);
	node_replica(&b->b, &b->term, b->port, &b->a);
	for (;;)
		node_poll(&b->b, 1000);
}

static void start_standby(struct bench *b)
{
	b->standby = fork();
	if (b->standby == 0)
		standby_main(b);
}

static void stop(pid_t pid)
{
	int status;

	kill(pid, SIGKILL);
	waitpid(pid, &status, 0);
}

/* Events until TIME_MS, or until generation ACKED is acknowledged (0: none is
 * waited for). */
static void follow(struct bench *b, double time_ms, uint64_t acked)
{
	struct pollfd p = {
	    .fd = engine_event_fd(b->a.engine), .events = POLLIN};
	double left;

	while ((left = time_ms - now_ms()) > 0) {
		poll(&p, 1, (int)left + 1);
		node_poll(&b->a, 0);
		if (acked > 0 && b->a.acked >= acked)
			return;
	}
	if (acked > 0)
		die("a commit was never acknowledged");
}

/* Between two commits the source comes to rest: the next generation is this
 * commit's.  The writer's answer waits in the pipe until that has travelled;
 * it has the time in it. */
static void commit_once(struct bench *b)
{
	double begun = now_ms(), committed;

	if (write(b->order, "c", 1) != 1)
		die("the writer has gone");
	follow(b, begun + LATE_MS, b->a.cut + 1);
	if (read(b->answer, &committed, sizeof(committed)) != sizeof(committed))
		die("the writer has gone");
	b->ms[b->samples++] = now_ms() - committed;
	follow(b, begun + EVERY_MS, 0);
}

static void begin(struct bench *b, double mb)
{
	memset(b, 0, sizeof(*b));
	b->mb = mb;
	b->term = term_make(1);
	b->port = test_port();
	node_init(&b->a, "bench-a");
	node_init(&b->b, "bench-b");
	fill(b);
}

static void end(struct bench *b)
{
	close(b->order);
	close(b->answer);
	node_end(&b->a);
	stop(b->standby);
	stop(b->writer);
	nftw(b->b.base, node_unlink, 16, FTW_DEPTH | FTW_PHYS);
}

static bool judge(struct bench *b, double scan, double sync)
{
	double p50 = percentile(b->ms, b->samples, 50);
	double p99 = percentile(b->ms, b->samples, 99);
	const struct limit *l = limits;

	while (b->mb > l->mb && l + 1 < limits + 3)
		l++;
	printf("%5.1f MB: scan %.2f ms, fdatasync %.2f ms; %d commits until "
	       "acknowledged: p50 %.1f, p99 %.1f, max %.1f ms\n",
	    b->mb, scan, sync, b->samples, p50, p99, b->ms[b->samples - 1]);
	if (p50 < l->median_ms && p99 < l->p99_ms)
		return true;
	printf("more than p50 %.0f, p99 %.0f ms\n", l->median_ms, l->p99_ms);
	return false;
}

static bool measure(double mb, int commits)
{
	static struct bench b;
	double scan, sync;
	bool good;
	int i;

	begin(&b, mb);
	sync = sync_ms(&b);
	scan = scan_ms(&b);
	start_standby(&b);
	start_writer(&b);
	node_open(&b.a);
	node_source(&b.a, &b.term, b.port, &b.b);
	follow(&b, now_ms() + LATE_MS * 5, 1);
	follow(&b, now_ms() + 1000, 0);
	for (i = 0; i < commits && i < SAMPLES_MAX; i++)
		commit_once(&b);
	good = judge(&b, scan, sync);
	fflush(stdout);
	end(&b);
	return good;
}

int main(int argc, char **argv)
{
	static const double sizes[] = {0.4, 50, 500};
	int commits = argc > 1 ? atoi(argv[1]) : 100, i;
	bool good = true;

	setvbuf(stdout, NULL, _IOLBF, 0);
	log_open("source");
	for (i = 2; i < argc; i++)
		good = measure(atof(argv[i]), commits) && good;
	for (i = 0; argc < 3 && i < 3; i++)
		good = measure(sizes[i], commits) && good;
	return good ? 0 : 1;
}
