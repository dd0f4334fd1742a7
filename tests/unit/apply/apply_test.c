/* SPDX-License-Identifier: GPL-2.0-or-later
 * Copyright (C) The ocf-ods contributors */
#include "../engine/node.h"

#include <sys/statvfs.h>

#include "apply.h"
#include "capture.h"

struct lab {
	struct node a, b;
	struct sets *sa, *sb;
	struct ledger *la, *lb;
	int fd; /* the generation */
	struct gen gen;
};

static struct sets *open_sets(const struct node *n)
{
	const struct sets_setup setup = {.conf = &n->conf,
	    .state_dir = n->state,
	    .config_sync = true,
	    .signatures = true};
	struct sets *s;

	assert_int_equal(sets_open(&setup, &s, NULL), 0);
	return s;
}

static int temp_fd(const struct node *n)
{
	int fd = open(node_path(n, "gen"), O_RDWR | O_CREAT | O_TRUNC, 0600);

	assert_true(fd >= 0);
	return fd;
}

static void before(const struct node *n)
{
	node_signconf(n, "old.example", 1);
	node_signconf(n, "gone.example", 1);
	node_write(n, "unsigned/meta.example", "same\n");
	node_write(
	    n, "unsigned/dir.example/sub", "a directory, later a file\n");
}

static void make_db(const struct node *n)
{
	node_sql(n, "CREATE TABLE t(x);"
	            "WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x + 1 "
	            "FROM c WHERE x < 30) "
	            "INSERT INTO t SELECT hex(randomblob(900)) FROM c");
}

static void copy_file(const char *from, const char *to)
{
	int in = open(from, O_RDONLY);
	int out = open(to, O_WRONLY | O_CREAT | O_TRUNC, 0644);
	uint8_t sum[SHA_LEN];
	struct stat st;

	assert_int_equal(fstat(in, &st), 0);
	assert_int_equal(
	    content_copy(in, 0, (uint64_t)st.st_size, out, 0, sum, NULL), 0);
	close(in);
	close(out);
}

static void after(const struct node *n)
{
	int i;
	char name[32];

	node_signconf(n, "old.example", 2);
	unlink(node_path(n, "signconf/gone.example.xml"));
	chmod(node_path(n, "unsigned/meta.example"), 0640);
	node_write(n, "unsigned/a/b/c", "deep\n");
	node_sql(n, "UPDATE t SET x = 'new' WHERE rowid = 7; "
	            "INSERT INTO t SELECT hex(randomblob(900)) FROM t");
	for (i = 0; i < 20; i++) {
		snprintf(name, sizeof(name), "z%d.example", i);
		node_backup2(n, name, i);
	}
}

static void cut(struct capture *c, int fd, uint64_t seq, struct cut *cut_)
{
	struct why why = {0};

	memset(cut_, 0, sizeof(*cut_));
	cut_->fd = fd;
	cut_->force = true;
	cut_->header.seq = seq;
	cut_->header.prev_seq = seq - 1;
	if (capture_cut(c, cut_, &why) < 0)
		fail_msg("%s", why.text);
	assert_true(cut_->made);
	capture_settle(c, true);
}

static int setup(void **state)
{
	struct lab *l = calloc(1, sizeof(*l));
	struct capture_setup setup = {0};
	struct capture *c;
	struct cut got;
	struct zone_row row = {.zone = "old.example", .serial = 3};
	int fd;

	node_init(&l->a, "a");
	node_init(&l->b, "b");
	l->sa = open_sets(&l->a);
	l->sb = open_sets(&l->b);
	assert_int_equal(ledger_open(l->a.state, &l->la, NULL), 0);
	assert_int_equal(ledger_open(l->b.state, &l->lb, NULL), 0);
	setup.sets = l->sa;
	setup.ledger = l->la;
	before(&l->a);
	make_db(&l->a);
	copy_file(node_path(&l->a, "db/kasp.db"), node_path(&l->a, "old.db"));
	assert_int_equal(capture_open(&setup, &c, NULL), 0);
	fd = temp_fd(&l->a);
	cut(c, fd, 1, &got);
	assert_int_equal(got.manifest->count, 5);
	close(fd);
	after(&l->a);
	assert_int_equal(ledger_zone_put(l->la, &row, NULL), 0);
	l->fd = temp_fd(&l->a);
	cut(c, l->fd, 2, &got);
	capture_close(c);
	assert_int_equal(gen_load(l->fd, got.header.size, &l->gen, NULL), 0);
	assert_int_equal(apply_check(l->sb, false, &l->gen, NULL), 0);
	assert_int_equal(l->gen.list.change[0].kind, CHANGE_PAGES);
	*state = l;
	return 0;
}

static int teardown(void **state)
{
	struct lab *l = *state;

	gen_free(&l->gen);
	close(l->fd);
	ledger_close(l->la);
	ledger_close(l->lb);
	sets_close(l->sa);
	sets_close(l->sb);
	node_end(&l->a);
	node_end(&l->b);
	free(l);
	return 0;
}

static int count_down(void *arg)
{
	int *left = arg;

	return (*left)-- > 0 ? 0 : -ECANCELED;
}

static void clean(const struct node *n)
{
	static const char *const dirs[] = {
	    "db", "signer", "signconf", "unsigned"};
	size_t i;

	for (i = 0; i < sizeof(dirs) / sizeof(dirs[0]); i++) {
		nftw(node_path(n, dirs[i]), node_unlink, 16,
		    FTW_DEPTH | FTW_PHYS);
		assert_int_equal(mkdir(node_path(n, dirs[i]), 0755), 0);
	}
}

static void copy_before(struct lab *l)
{
	struct timespec times[2] = {{0}};
	struct stat st;

	clean(&l->b);
	before(&l->b);
	copy_file(node_path(&l->a, "old.db"), node_path(&l->b, "db/kasp.db"));
	assert_int_equal(
	    stat(node_path(&l->a, "unsigned/meta.example"), &st), 0);
	times[0] = times[1] = st.st_mtim;
	utimensat(
	    AT_FDCWD, node_path(&l->b, "unsigned/meta.example"), times, 0);
	stat(node_path(&l->a, "unsigned/dir.example/sub"), &st);
	times[0] = times[1] = st.st_mtim;
	utimensat(
	    AT_FDCWD, node_path(&l->b, "unsigned/dir.example/sub"), times, 0);
}

/* Stopped after each of its steps and run again it ends the same. */
static void crash_anywhere_then_again(void **state)
{
	struct lab *l = *state;
	int left, crashes = 0, rc;
	const struct tick t = {.fn = count_down, .arg = &left};
	struct apply_setup setup = {.sets = l->sb, .ledger = l->lb, .tick = &t};
	struct zone_row row;
	struct why why = {0};

	do {
		copy_before(l);
		ledger_zone_drop(l->lb, "old.example", NULL);
		left = crashes;
		rc = apply_generation(&setup, l->fd, &l->gen, &why);
		if (rc < 0) {
			assert_int_equal(rc, -ECANCELED);
			crashes++;
			left = 1000000;
			assert_int_equal(
			    apply_generation(&setup, l->fd, &l->gen, &why), 0);
		}
		assert_alike(&l->a, &l->b);
		assert_int_equal(
		    ledger_zone_get(l->lb, "old.example", &row, NULL), 0);
		assert_int_equal(row.serial, 3);
	} while (rc < 0);
	assert_true(crashes > 40);
}

/* How many files there are below quarantine/ of this term in SET. */
static int quarantined(const struct node *n, const char *set)
{
	char path[200];
	CLEANUP_DIR DIR *dir = NULL;
	struct dirent *d;
	int count = 0;

	snprintf(path, sizeof(path), "state/quarantine/%032d/%s", 0, set);
	dir = opendir(node_path(n, path));
	while (dir && (d = readdir(dir)))
		count += d->d_name[0] != '.';
	return count;
}

/* However often it is tried: what was here is set aside once, and nothing of
 * what the tries have put. */
static void old_files_are_kept_once(void **state)
{
	struct lab *l = *state;
	int left, crashes = 0, rc;
	const struct tick t = {.fn = count_down, .arg = &left};
	struct apply_setup setup = {
	    .sets = l->sb, .ledger = l->lb, .unsaved = true, .tick = &t};
	struct why why = {0};

	l->gen.header.flags |= GEN_FULL;
	do {
		copy_before(l);
		nftw(node_path(&l->b, "state/quarantine"), node_unlink, 16,
		    FTW_DEPTH | FTW_PHYS);
		left = crashes;
		rc = apply_generation(&setup, l->fd, &l->gen, &why);
		if (rc < 0) {
			assert_int_equal(rc, -ECANCELED);
			crashes++;
			left = 1000000;
			assert_int_equal(
			    apply_generation(&setup, l->fd, &l->gen, &why), 0);
		}
		assert_int_equal(quarantined(&l->b, "db"), 1);
		assert_int_equal(quarantined(&l->b, "signconf"), 1);
	} while (rc < 0);
	assert_true(crashes > 40);
}

static uint64_t free_mb = 1 << 20;

int statvfs(const char *path, struct statvfs *st)
{
	(void)path;
	memset(st, 0, sizeof(*st));
	st->f_frsize = 1 << 20;
	st->f_bavail = free_mb;
	return 0;
}

static void there_is_space_for_old_files(void **state)
{
	struct lab *l = *state;
	struct why why = {0};

	copy_before(l);
	l->gen.header.flags |= GEN_FULL;
	free_mb = 10;
	assert_int_equal(apply_check(l->sb, true, &l->gen, &why), 0);
	assert_int_equal(
	    truncate(node_path(&l->b, "signconf/old.example.xml"), 3 << 20), 0);
	assert_int_equal(apply_check(l->sb, false, &l->gen, &why), 0);
	assert_int_equal(apply_check(l->sb, true, &l->gen, &why), -ENOSPC);
	l->gen.header.flags = 0;
	assert_int_equal(apply_check(l->sb, true, &l->gen, &why), 0);
	free_mb = 1 << 20;
}

/* A generation that comes to a database which it does not continue. */
static void changed_database_is_refused(void **state)
{
	struct lab *l = *state;
	struct apply_setup setup = {.sets = l->sb, .ledger = l->lb};
	struct why why = {0};
	char *old, *now;

	copy_before(l);
	node_sql(&l->b, "DELETE FROM t WHERE rowid > 5");
	old = node_read(&l->b, "db/kasp.db");
	assert_int_equal(
	    apply_generation(&setup, l->fd, &l->gen, &why), -ESTALE);
	assert_non_null(strstr(why.text, "changed by somebody"));
	now = node_read(&l->b, "db/kasp.db");
	assert_memory_equal(old, now, (size_t)node_size(&l->b, "db/kasp.db"));
	free(old);
	free(now);
	assert_int_equal(unlink(node_path(&l->b, "db/kasp.db")), 0);
	assert_int_equal(
	    apply_generation(&setup, l->fd, &l->gen, &why), -ESTALE);
}

/* A standby's path through a link leads nowhere. */
static void link_is_not_followed(void **state)
{
	struct lab *l = *state;
	struct apply_setup setup = {.sets = l->sb, .ledger = l->lb};
	struct why why = {0};

	copy_before(l);
	assert_int_equal(symlink("/tmp", node_path(&l->b, "unsigned/a")), 0);
	assert_int_equal(
	    apply_generation(&setup, l->fd, &l->gen, &why), -ELOOP);
}

static void foreign_name_is_refused(void **state)
{
	struct lab *l = *state;
	static const struct {
		enum set set;
		const char *path;
	} bad[] = {
	    {SET_DB, "other.db"},
	    {SET_UNSIGNED, "x.ods-new"},
	    {SET_PUBLISHED, "x.jnl"},
	    {SET_ZONES, "passwd"},
	    {SET_TOKENS, "token"},
	};
	struct gen gen;
	struct why why = {0};
	size_t i;

	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		memset(&gen, 0, sizeof(gen));
		changes_add(&gen.list, CHANGE_WHOLE,
		    entry_new(bad[i].set, bad[i].path), 0, 0);
		assert_int_equal(apply_check(l->sb, false, &gen, &why), -EPERM);
		gen_free(&gen);
	}
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(crash_anywhere_then_again),
	    TEST(old_files_are_kept_once),
	    TEST(there_is_space_for_old_files),
	    TEST(changed_database_is_refused),
	    TEST(link_is_not_followed),
	    TEST(foreign_name_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
