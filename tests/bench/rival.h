/* SPDX-License-Identifier: GPL-2.0-or-later
 * Copyright (C) The ocf-ods contributors */
#ifndef BENCH_RIVAL_H
#define BENCH_RIVAL_H

/* What an admin has without us: rsync from a timer, of the live database or of
 * a copy that SQLite makes.  The other side is an rsync daemon on the
 * loopback: rsync sends differences only to a daemon. */

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/resource.h>

#include "couple.h"

#define SAMPLES_MAX 10000
#define PASS_EVERY_MS 5000
#define PASS_LATE_S "60"
#define RSYNC_VANISHED 24

enum way {
	WAY_RSYNC,
	WAY_BACKUP,
};

/* Shared by the process that commits and the one that copies. */
struct watched {
	volatile bool ready, stop;
	volatile int commits;
	int seen; /* the first that the other side has not */
	int passes, failed;
	double committed[SAMPLES_MAX], there[SAMPLES_MAX];
	double cpu_ms; /* of all programs started */
};

struct rival {
	const struct couple *c;
	enum way way;
	int port;
	int before; /* commits of the writer before these */
	pid_t daemon;
	struct watched *w;
};

static pid_t spawn(const char *const *argv)
{
	pid_t pid = fork();
	int null;

	if (pid != 0)
		return pid;
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	null = open("/dev/null", O_RDWR);
	dup2(null, 0);
	dup2(null, 1);
	dup2(null, 2);
	execvp(argv[0], (char *const *)(uintptr_t)argv);
	_exit(127);
}

/* The exit code, -1 without one. */
static int run(const char *const *argv)
{
	int status = -1;
	pid_t pid = spawn(argv);

	waitpid(pid, &status, 0);
	return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static void daemon_start(struct rival *r)
{
	char port[16], conf[PATH_MAX], text[2 * PATH_MAX];
	const char *const argv[] = {
	    "rsync", "--daemon", "--no-detach", "--port", port, conf, NULL};

	snprintf(port, sizeof(port), "%d", r->port);
	snprintf(conf, sizeof(conf), "--config=%s",
	    node_path(&r->c->b, "rsyncd.conf"));
	snprintf(text, sizeof(text),
	    "address = 127.0.0.1\nuse chroot = no\nlog file = /dev/null\n"
	    "[copy]\npath = %s\nread only = no\n%s",
	    node_path(&r->c->b, "copy"),
	    getuid() == 0 ? "uid = 0\ngid = 0\n" : "");
	node_write(&r->c->b, "rsyncd.conf", text);
	r->daemon = spawn(argv);
}

/* It waits for those that it started, so their CPU is in its own. */
static void daemon_stop(struct rival *r)
{
	int status;

	usleep(200000);
	kill(r->daemon, SIGTERM);
	waitpid(r->daemon, &status, 0);
}

/* To the other side, the whole of directory NAME.  A journal may vanish
 * meanwhile: that is no failure. */
static bool rsync(struct rival *r, const char *name)
{
	char from[PATH_MAX], to[64];
	const char *const argv[] = {
	    "timeout", PASS_LATE_S, "rsync", "-a", from, to, NULL};
	int rc;

	snprintf(from, sizeof(from), "%s", node_path(&r->c->a, name));
	snprintf(to, sizeof(to), "rsync://127.0.0.1:%d/copy/", r->port);
	rc = run(argv);
	return rc == 0 || rc == RSYNC_VANISHED;
}

static bool pass(struct rival *r)
{
	char order[PATH_MAX + 32];
	const char *const backup[] = {"timeout", PASS_LATE_S, "sqlite3", "-cmd",
	    ".timeout 5000", r->c->a.conf.database, order, NULL};

	if (r->way == WAY_RSYNC)
		return rsync(r, "db/");
	snprintf(order, sizeof(order), ".backup '%s'",
	    node_path(&r->c->a, "backup/kasp.db"));
	return run(backup) == 0 && rsync(r, "backup/");
}

static bool has(sqlite3_stmt *row, const struct couple *c, int i)
{
	bool yes;

	sqlite3_bind_int(row, 1, i * 104729 % c->rows + 1);
	yes =
	    sqlite3_step(row) == SQLITE_ROW && sqlite3_column_int(row, 0) >= i;
	sqlite3_reset(row);
	return yes;
}

/* Which commits the copy has, by looking past its locks and journal. */
static void look(struct rival *r, double now)
{
	char uri[PATH_MAX + 32];
	struct watched *w = r->w;
	sqlite3_stmt *row = NULL;
	sqlite3 *db;

	snprintf(uri, sizeof(uri), "file:%s?immutable=1",
	    node_path(&r->c->b, "copy/kasp.db"));
	if (sqlite3_open_v2(uri, &db, SQLITE_OPEN_READONLY | SQLITE_OPEN_URI,
	        NULL) == SQLITE_OK &&
	    sqlite3_prepare_v2(
	        db, "SELECT y FROM t WHERE x = ?", -1, &row, NULL) == SQLITE_OK)
		while (w->seen < w->commits &&
		       has(row, r->c, r->before + w->seen + 1))
			w->there[w->seen++] = now;
	sqlite3_finalize(row);
	sqlite3_close(db);
}

static double children_ms(void)
{
	struct rusage u;

	getrusage(RUSAGE_CHILDREN, &u);
	return (double)(u.ru_utime.tv_sec + u.ru_stime.tv_sec) * 1e3 +
	       (double)(u.ru_utime.tv_usec + u.ru_stime.tv_usec) / 1e3;
}

/* The first copy is whole and not counted. */
static void rival_main(struct rival *r)
{
	double begun, before;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	daemon_start(r);
	usleep(300000);
	if (!pass(r))
		die("the first copy by rsync fails");
	daemon_stop(r);
	before = children_ms();
	daemon_start(r);
	usleep(300000);
	r->w->ready = true;
	while (!r->w->stop) {
		begun = now_ms();
		r->w->passes++;
		r->w->failed += !pass(r);
		look(r, now_ms());
		while (!r->w->stop && now_ms() < begun + PASS_EVERY_MS)
			usleep(20000);
	}
	daemon_stop(r);
	r->w->cpu_ms = children_ms() - before;
	_exit(0);
}

static pid_t rival_start(struct rival *r)
{
	pid_t pid;

	r->w = mmap(NULL, sizeof(*r->w), PROT_READ | PROT_WRITE,
	    MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (r->w == MAP_FAILED)
		die("no memory");
	r->port = test_port();
	r->before = r->c->commits;
	mkdir(node_path(&r->c->b, "copy"), 0755);
	mkdir(node_path(&r->c->a, "backup"), 0755);
	pid = fork();
	if (pid == 0)
		rival_main(r);
	while (!r->w->ready)
		if (waitpid(pid, NULL, WNOHANG) != 0)
			die("rsync cannot be run");
		else
			usleep(10000);
	return pid;
}

static void rival_stop(struct rival *r, pid_t pid)
{
	int status = -1;

	r->w->stop = true;
	waitpid(pid, &status, 0);
	if (status != 0)
		die("the copying process failed");
}

static UNUSED_FN bool rival_there(void)
{
	static const char *const a[] = {"rsync", "--version", NULL};
	static const char *const b[] = {"sqlite3", "--version", NULL};

	return run(a) == 0 && run(b) == 0;
}

#endif
