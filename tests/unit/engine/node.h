/* SPDX-License-Identifier: GPL-2.0-or-later
 * Copyright (C) The ocf-ods contributors */
#ifndef TEST_NODE_H
#define TEST_NODE_H

/* A node of a cluster in a directory below /tmp: its conf, its files, its
 * engine.  For tests of everything that replicates. */

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <poll.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <cmocka.h>
#include <sqlite3.h>

#include "cleanup.h"
#include "deadline.h"
#include "engine.h"
#include "file.h"
#include "ledger.h"
#include "log.h"

#define UNUSED_FN __attribute__((unused))

struct node {
	char base[64];
	char state[128];
	struct conf conf;
	struct id id;
	struct engine *engine;
	bool guard; /* of a standby */
	bool tokens;
	long bandwidth;
	/* last events seen */
	uint64_t cut, acked, received, applied, request;
	bool joined, connected, lost, fault, judged, stale, withheld;
	enum ancestry ancestry;
	char verdict[WHY_MAX];
	char text[WHY_MAX];
};

static UNUSED_FN const char *node_path(const struct node *n, const char *name)
{
	static char path[4][PATH_MAX];
	static int turn;
	char *p = path[turn++ % 4];

	snprintf(p, PATH_MAX, "%s/%s", n->base, name);
	return p;
}

static UNUSED_FN void node_write(
    const struct node *n, const char *name, const char *text)
{
	char tmp[PATH_MAX];
	int fd;

	snprintf(tmp, sizeof(tmp), "%s/%s.new", n->base, name);
	assert_int_equal(file_mkdirs_for(tmp, 0755, NULL), 0);
	fd = open(tmp, O_WRONLY | O_CREAT | O_TRUNC, 0644);
	assert_true(fd >= 0);
	assert_int_equal(file_write_all(fd, text, strlen(text)), 0);
	close(fd);
	assert_int_equal(rename(tmp, node_path(n, name)), 0);
}

static UNUSED_FN char *node_read(const struct node *n, const char *name)
{
	char *data = NULL;
	size_t len;

	if (file_read(node_path(n, name), 1 << 26, &data, &len, NULL) < 0)
		return NULL;
	return data;
}

static UNUSED_FN void assert_file(
    const struct node *n, const char *name, const char *text)
{
	char *data = node_read(n, name);

	assert_non_null(data);
	assert_string_equal(data, text);
	free(data);
}

static UNUSED_FN long node_size(const struct node *n, const char *name)
{
	struct stat st;

	return stat(node_path(n, name), &st) < 0 ? -1 : (long)st.st_size;
}

static UNUSED_FN void node_signconf(
    const struct node *n, const char *zone, int version)
{
	char name[300], text[256];

	snprintf(name, sizeof(name), "signconf/%s.xml", zone);
	snprintf(text, sizeof(text),
	    "<?xml version=\"1.0\"?>\n<SignerConfiguration>\n <v>%d</v>\n"
	    "</SignerConfiguration>\n",
	    version);
	node_write(n, name, text);
}

static UNUSED_FN void node_backup2(
    const struct node *n, const char *zone, int serial)
{
	char name[300], text[256];

	snprintf(name, sizeof(name), "signer/%s.backup2", zone);
	snprintf(text, sizeof(text),
	    ";OpenDNSSEC-backup-v3\n;;Zone: %s 1 1 %d %d\n;;\n"
	    ";OpenDNSSEC-backup-v3\n",
	    zone, serial, serial);
	node_write(n, name, text);
}

static UNUSED_FN void node_sql(const struct node *n, const char *sql)
{
	sqlite3 *db;

	assert_int_equal(sqlite3_open(node_path(n, "db/kasp.db"), &db), 0);
	sqlite3_busy_timeout(db, 5000);
	if (sqlite3_exec(db, sql, NULL, NULL, NULL) != SQLITE_OK)
		fail_msg("%s: %s", sql, sqlite3_errmsg(db));
	sqlite3_close(db);
}

static UNUSED_FN void node_init(struct node *n, const char *name)
{
	static const char *const dirs[] = {"state", "db", "signer", "signconf",
	    "unsigned", "enforcer", "etc", "tokens"};
	struct conf *c = &n->conf;
	size_t i;

	if (!n)
		abort();
	memset(n, 0, sizeof(*n));
	snprintf(n->base, sizeof(n->base), "/tmp/ods-%s-XXXXXX", name);
	assert_non_null(mkdtemp(n->base));
	for (i = 0; i < sizeof(dirs) / sizeof(dirs[0]); i++)
		assert_int_equal(mkdir(node_path(n, dirs[i]), 0755), 0);
	snprintf(n->state, sizeof(n->state), "%s/state", n->base);
	snprintf(c->path, PATH_MAX, "%s/etc/conf.xml", n->base);
	snprintf(c->policy_file, PATH_MAX, "%s/etc/kasp.xml", n->base);
	snprintf(c->zonelist_file, PATH_MAX, "%s/etc/zonelist.xml", n->base);
	snprintf(c->enforcer_dir, PATH_MAX, "%s/enforcer", n->base);
	snprintf(c->signer_dir, PATH_MAX, "%s/signer", n->base);
	snprintf(c->database, PATH_MAX, "%s/db/kasp.db", n->base);
	snprintf(c->signconf_dir, PATH_MAX, "%s/signconf", n->base);
	snprintf(c->unsigned_dir, PATH_MAX, "%s/unsigned", n->base);
	snprintf(c->zones_file, PATH_MAX, "%s/enforcer/zones.xml", n->base);
	id_random(&n->id);
}

static UNUSED_FN void node_open(struct node *n)
{
	const struct engine_setup setup = {
	    .conf = &n->conf,
	    .state_dir = n->state,
	    .self = n->id,
	    .config_sync = true,
	    .signatures = true,
	    .tokens = n->tokens ? node_path(n, "tokens") : NULL,
	    .guard = n->guard,
	    .bandwidth_mbit = n->bandwidth,
	};
	struct why why = {0};

	if (engine_open(&setup, &n->engine, &why) < 0)
		fail_msg("%s", why.text);
	n->cut = n->acked = n->received = n->applied = n->request = 0;
	n->joined = n->connected = n->lost = n->fault = false;
}

static UNUSED_FN void node_close(struct node *n)
{
	engine_close(n->engine);
	n->engine = NULL;
}

static UNUSED_FN int node_unlink(
    const char *path, const struct stat *st, int type, struct FTW *ftw)
{
	(void)st;
	(void)type;
	(void)ftw;
	return remove(path);
}

static UNUSED_FN void node_end(struct node *n)
{
	node_close(n);
	nftw(n->base, node_unlink, 16, FTW_DEPTH | FTW_PHYS);
}

static UNUSED_FN void node_take(struct node *n, const struct engine_event *ev)
{
	if (getenv("TEST_TRACE"))
		printf("%s: event %d seq %llu %s\n", n->base, ev->type,
		    (unsigned long long)ev->seq, ev->text);
	if (ev->type == ENGINE_CUT) {
		assert_true(ev->seq > n->cut);
		n->cut = ev->seq;
		n->request = ev->request;
		n->stale = ev->stale;
		n->withheld = ev->withheld;
	} else if (ev->type == ENGINE_ACKED) {
		assert_true(ev->seq <= n->cut);
		n->acked = ev->seq;
	} else if (ev->type == ENGINE_JOINED) {
		n->joined = true;
	} else if (ev->type == ENGINE_LOST) {
		n->lost = true;
		n->joined = n->connected = false;
	} else if (ev->type == ENGINE_JUDGED) {
		n->judged = true;
		n->ancestry = ev->ancestry;
		snprintf(n->verdict, sizeof(n->verdict), "%s", ev->text);
	} else if (ev->type == ENGINE_CONNECTED) {
		n->connected = true;
	} else if (ev->type == ENGINE_RECEIVED) {
		n->received = ev->seq;
	} else if (ev->type == ENGINE_APPLIED) {
		n->applied = ev->seq;
	} else {
		n->fault = ev->type == ENGINE_FAULT;
	}
	if (ev->text[0])
		snprintf(n->text, sizeof(n->text), "%s", ev->text);
}

static UNUSED_FN void node_poll(struct node *n, int ms)
{
	struct pollfd p = {.fd = engine_event_fd(n->engine), .events = POLLIN};
	struct engine_event ev;

	poll(&p, 1, ms);
	while (engine_next_event(n->engine, &ev))
		node_take(n, &ev);
}

#define WAIT_MS 20000
#define wait_until(a, b, condition)                                          \
	do {                                                                 \
		struct deadline wait_d = deadline_in_ms(WAIT_MS);            \
		while (!(condition)) {                                       \
			node_poll(a, 1);                                     \
			node_poll(b, 1);                                     \
			if (deadline_passed(wait_d))                         \
				fail_msg(                                    \
				    "never: %s; %s", #condition, (a)->text); \
		}                                                            \
	} while (0)

#define TEST_ADDRESS "127.0.0.1"

static UNUSED_FN struct engine_term term_make(uint64_t number)
{
	static const struct id cluster = {{7, 7, 7}};
	struct engine_term t = {.cluster = cluster, .term = number};

	id_random(&t.term_id);
	memset(t.psk, (int)number + 1, sizeof(t.psk));
	return t;
}

static UNUSED_FN int test_port(void)
{
	static int next;

	return 20000 + getpid() % 1250 * 16 + next++ % 16;
}

static UNUSED_FN void node_source(struct node *n, const struct engine_term *t,
    int port, const struct node *peer)
{
	struct node_list members = {.count = 1};
	struct why why = {0};

	members.id[0] = peer->id;
	engine_members(n->engine, &members);
	if (engine_source(n->engine, t, TEST_ADDRESS, port, &why) < 0)
		fail_msg("%s", why.text);
	n->cut = 0;
}

static UNUSED_FN void node_replica(struct node *n, const struct engine_term *t,
    int port, const struct node *source)
{
	struct why why = {0};

	if (engine_replica(
	        n->engine, t, &source->id, TEST_ADDRESS, port, &why) < 0)
		fail_msg("%s", why.text);
}

/* A cut from now on, durable and applied on the replica. */
static UNUSED_FN void nodes_sync(struct node *source, struct node *replica)
{
	uint64_t request = engine_cut(source->engine);

	wait_until(source, replica, source->request >= request);
	wait_until(source, replica, replica->applied >= source->cut);
	wait_until(source, replica, source->acked >= source->cut);
}

static UNUSED_FN void assert_same_file(const char *a, const char *b)
{
	struct stat x, y;
	char *p, *q;
	size_t n, m;

	assert_int_equal(stat(a, &x), 0);
	if (stat(b, &y) < 0)
		fail_msg("%s is missing", b);
	assert_int_equal(x.st_size, y.st_size);
	assert_int_equal(x.st_mode, y.st_mode);
	assert_int_equal(x.st_uid, y.st_uid);
	assert_int_equal(x.st_gid, y.st_gid);
	if (x.st_mtim.tv_sec != y.st_mtim.tv_sec ||
	    x.st_mtim.tv_nsec != y.st_mtim.tv_nsec)
		if (!strstr(a, "kasp.db"))
			fail_msg("%s: mtime differs", b);
	assert_int_equal(file_read(a, 1 << 26, &p, &n, NULL), 0);
	assert_int_equal(file_read(b, 1 << 26, &q, &m, NULL), 0);
	assert_int_equal(n, m);
	assert_memory_equal(p, q, n);
	free(p);
	free(q);
}

/* All files below NAME of A are in B, byte for byte; returns how many. */
static UNUSED_FN int assert_within(
    const struct node *a, const struct node *b, const char *name)
{
	CLEANUP_DIR DIR *dir = opendir(node_path(a, name));
	char sub[512];
	struct dirent *d;
	struct stat st;
	int n = 0;

	assert_non_null(dir);
	while ((d = readdir(dir))) {
		if (d->d_name[0] == '.')
			continue;
		snprintf(sub, sizeof(sub), "%s/%s", name, d->d_name);
		assert_int_equal(stat(node_path(a, sub), &st), 0);
		if (S_ISDIR(st.st_mode)) {
			n += assert_within(a, b, sub);
			continue;
		}
		assert_same_file(node_path(a, sub), node_path(b, sub));
		n++;
	}
	return n;
}

static UNUSED_FN void assert_alike(const struct node *a, const struct node *b)
{
	static const char *const dirs[] = {"db", "signer", "signconf",
	    "unsigned", "enforcer", "etc", "state/pending", "state/published"};
	size_t i;

	for (i = 0; i < sizeof(dirs) / sizeof(dirs[0]); i++)
		assert_int_equal(
		    assert_within(a, b, dirs[i]), assert_within(b, a, dirs[i]));
}

#endif
