/* SPDX-License-Identifier: GPL-2.0-or-later
 * Copyright (C) The ocf-ods contributors */
#ifndef BENCH_COUPLE_H
#define BENCH_COUPLE_H

/* A source (this process), a standby and one who writes: three processes, with
 * SQLite, TLS over TCP on the loopback and fdatasync as they are.  The writer
 * is enforcer and signer at once: it commits in kasp.db, and replaces the
 * files of zones by rename. */

#include "gauge.h"

#define LATE_MS 20000
#define SEED_LATE_MS 600000
#define ROW_BYTES 3900

/* Bytes a file, of 1,000 real zones with 21 records each. */
#define SIGNCONF_BYTES 1010
#define SIGNED_BYTES 9590
#define BACKUP2_BYTES 12420

struct couple {
	struct node a, b;
	struct engine_term term;
	int port;
	int rows;
	int zones;
	int commits; /* ordered */
	char *noise;
	pid_t standby, writer;
	int order, answer; /* pipes to and from the writer */
	int applied;       /* pipe from the standby */
};

#define NOISE (1 << 20)

/* Text that no one can compress, for all files. */
static void noise_make(struct couple *c)
{
	static const char digit[] = "0123456789abcdef";
	size_t i;

	c->noise = malloc(NOISE);
	if (!c->noise)
		die("no memory");
	for (i = 0; i < NOISE; i++)
		c->noise[i] = i % 80 == 79 ? '\n' : digit[random() % 16];
}

/* SIZE bytes between HEAD and TAIL, replaced as the signer does. */
static void put_file(const struct couple *c, const char *path, size_t size,
    const char *head, const char *tail)
{
	CLEANUP_CLOSE int fd = -1;
	char tmp[PATH_MAX + 8];
	size_t edge = strlen(head) + strlen(tail);
	size_t at = (size_t)random() % (NOISE / 2);

	snprintf(tmp, sizeof(tmp), "%s.tmp", path);
	fd = open(tmp, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
	if (fd < 0 || size < edge || size - edge > NOISE / 2 ||
	    file_write_all(fd, head, strlen(head)) < 0 ||
	    file_write_all(fd, c->noise + at, size - edge - 1) < 0 ||
	    file_write_all(fd, "\n", 1) < 0 ||
	    file_write_all(fd, tail, strlen(tail)) < 0 || rename(tmp, path) < 0)
		die("cannot write a file");
}

static void put_backup2(const struct couple *c, int zone, size_t size)
{
	char name[64];

	snprintf(name, sizeof(name), "signer/z%05d.example.backup2", zone);
	put_file(c, node_path(&c->a, name), size, ";OpenDNSSEC-backup-v3\n",
	    ";OpenDNSSEC-backup-v3\n");
}

/* The three files of a zone that a key's step replaces: the signconf, the
 * signed zone (as the publisher takes it to pending/), the backup2. */
static void put_zone(const struct couple *c, int zone)
{
	char name[64];

	snprintf(name, sizeof(name), "signconf/z%05d.example.xml", zone);
	put_file(c, node_path(&c->a, name), SIGNCONF_BYTES,
	    "<?xml version=\"1.0\"?>\n<SignerConfiguration>\n",
	    "</SignerConfiguration>\n");
	snprintf(name, sizeof(name), "state/pending/z%05d.example", zone);
	put_file(c, node_path(&c->a, name), SIGNED_BYTES, "; a zone\n", "");
	put_backup2(c, zone, BACKUP2_BYTES);
}

static void put_zones(const struct couple *c)
{
	int i;

	for (i = 0; i < c->zones; i++)
		put_zone(c, i);
}

static bool commit(const struct couple *c, sqlite3 *db, int i)
{
	char sql[256];

	snprintf(sql, sizeof(sql),
	    "BEGIN IMMEDIATE;"
	    "UPDATE t SET y = %d WHERE x = %d;"
	    "UPDATE t SET y = %d WHERE x = %d; COMMIT",
	    i, i * 7919 % c->rows + 1, i, i * 104729 % c->rows + 1);
	return sqlite3_exec(db, sql, NULL, NULL, NULL) == SQLITE_OK;
}

/* 'c' is a commit, 'z' replaces the files of all zones; it answers with the
 * time when that was done. */
static void writer_main(const struct couple *c, int order, int answer)
{
	double done;
	sqlite3 *db;
	char what;
	int i = 0;

	if (sqlite3_open(c->a.conf.database, &db) != SQLITE_OK)
		_exit(1);
	sqlite3_busy_timeout(db, 20000);
	while (read(order, &what, 1) == 1) {
		if (what == 'z')
			put_zones(c);
		else if (!commit(c, db, ++i))
			_exit(1);
		done = now_ms();
		if (write(answer, &done, sizeof(done)) != sizeof(done))
			_exit(1);
	}
	_exit(0);
}

static UNUSED_FN void start_writer(struct couple *c)
{
	int to[2], from[2];

	if (pipe2(to, O_CLOEXEC) < 0 || pipe2(from, O_CLOEXEC) < 0)
		die("no pipe");
	c->writer = fork();
	if (c->writer == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		close(to[1]);
		close(from[0]);
		writer_main(c, to[0], from[1]);
	}
	close(to[0]);
	close(from[1]);
	c->order = to[1];
	c->answer = from[0];
}

static UNUSED_FN void writer_order(struct couple *c, char what)
{
	if (write(c->order, &what, 1) != 1)
		die("the writer has gone");
	c->commits += what == 'c';
}

static UNUSED_FN double writer_answer(const struct couple *c)
{
	double done;

	if (read(c->answer, &done, sizeof(done)) != sizeof(done))
		die("the writer has gone");
	return done;
}

/* In a process of its own: SQLite here would drop the engine's locks. */
static void fill_database(struct couple *c, double mb)
{
	char sql[512];
	int status = -1;
	pid_t pid;

	c->rows = (int)(mb * 1e6 / 4096);
	snprintf(sql, sizeof(sql),
	    "PRAGMA synchronous=OFF;"
	    "CREATE TABLE t(x INTEGER PRIMARY KEY, y, z);"
	    "WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM c "
	    "WHERE x < %d) INSERT INTO t SELECT x, 0, randomblob(%d) FROM c",
	    c->rows, ROW_BYTES);
	pid = fork();
	if (pid == 0) {
		node_sql(&c->a, sql);
		_exit(0);
	}
	waitpid(pid, &status, 0);
	if (status != 0)
		die("cannot write the database");
}

/* FILES more files of BYTES each. */
static UNUSED_FN void fill_files(
    const struct couple *c, int files, size_t bytes)
{
	char name[64];
	int i;

	for (i = 0; i < files / 2; i++)
		put_backup2(c, i, bytes);
	for (i = files / 2; i < files; i++) {
		snprintf(name, sizeof(name), "unsigned/z%05d.example", i);
		put_file(c, node_path(&c->a, name), bytes, "; a zone\n", "");
	}
}

struct applied {
	uint64_t seq;
	double ms;
};

static void standby_main(struct couple *c, int told)
{
	struct applied done = {0};

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	log_open("standby");
	node_open(&c->b);
	node_replica(&c->b, &c->term, c->port, &c->a);
	for (;;) {
		node_poll(&c->b, -1);
		if (c->b.applied == done.seq)
			continue;
		done = (struct applied){c->b.applied, now_ms()};
		if (write(told, &done, sizeof(done)) != sizeof(done))
			_exit(1);
	}
}

static UNUSED_FN void start_standby(struct couple *c)
{
	int p[2];

	if (pipe2(p, O_CLOEXEC) < 0)
		die("no pipe");
	c->standby = fork();
	if (c->standby == 0)
		standby_main(c, p[1]);
	close(p[1]);
	c->applied = p[0];
}

/* When the standby had applied SEQ; it tells once only. */
static UNUSED_FN double applied_ms(const struct couple *c, uint64_t seq)
{
	struct applied a = {0};

	while (a.seq < seq)
		if (read(c->applied, &a, sizeof(a)) != sizeof(a))
			die("the standby has gone");
	return a.ms;
}

/* Events until TIME_MS, or until generation ACKED is acknowledged (0: none is
 * waited for). */
static UNUSED_FN void follow(struct couple *c, double time_ms, uint64_t acked)
{
	struct pollfd p = {
	    .fd = engine_event_fd(c->a.engine), .events = POLLIN};
	double left;

	while ((left = time_ms - now_ms()) > 0) {
		poll(&p, 1, (int)left + 1);
		node_poll(&c->a, 0);
		if (acked > 0 && c->a.acked >= acked)
			return;
	}
	if (acked > 0)
		die("a change was never acknowledged");
}

/* Until a generation is cut that holds REQUEST, and that one is acknowledged:
 * what the publisher's barrier waits for. */
static UNUSED_FN void follow_request(
    struct couple *c, double time_ms, uint64_t request)
{
	struct pollfd p = {
	    .fd = engine_event_fd(c->a.engine), .events = POLLIN};

	while (c->a.request < request) {
		if (now_ms() > time_ms)
			die("a generation was never cut");
		poll(&p, 1, 100);
		node_poll(&c->a, 0);
	}
	follow(c, time_ms, c->a.cut);
}

/* Disk as it is to be, no process yet. */
static UNUSED_FN void couple_make(struct couple *c, double mb, int zones)
{
	memset(c, 0, sizeof(*c));
	c->zones = zones;
	c->term = term_make(1);
	c->port = test_port();
	node_init(&c->a, "bench-a");
	node_init(&c->b, "bench-b");
	noise_make(c);
	fill_database(c, mb);
	if (mkdir(node_path(&c->a, "state/pending"), 0700) < 0)
		die("cannot make a directory");
	put_zones(c);
}

/* The standby has all that there is. */
static UNUSED_FN void couple_join(struct couple *c)
{
	start_standby(c);
	node_open(&c->a);
	node_source(&c->a, &c->term, c->port, &c->b);
	follow(c, now_ms() + SEED_LATE_MS, 1);
	follow(c, now_ms() + 1000, 0);
}

static UNUSED_FN void couple_part(struct couple *c)
{
	node_close(&c->a);
	stop(c->standby);
	close(c->applied);
	c->standby = 0;
}

static UNUSED_FN void couple_end(struct couple *c)
{
	if (c->standby > 0)
		couple_part(c);
	if (c->writer > 0)
		stop(c->writer);
	nftw(c->a.base, node_unlink, 16, FTW_DEPTH | FTW_PHYS);
	nftw(c->b.base, node_unlink, 16, FTW_DEPTH | FTW_PHYS);
	free(c->noise);
}

#endif
