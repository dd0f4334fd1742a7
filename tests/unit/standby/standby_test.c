/* SPDX-License-Identifier: GPL-2.0-or-later
 * Copyright (C) The ocf-ods contributors */
#include "../engine/node.h"

#include <time.h>

#include "../kaspchild/kasplab.h"

#include "instance.h"
#include "standby.h"
#include "zones.h"

/* SQLite in another process is the enforcer. */

struct lab {
	struct node n;
	struct standby *sb;
	pid_t enforcer;
};

static struct standby_news take(struct lab *l, bool own)
{
	struct standby_news news;
	struct why why = {0};

	if (standby_take(l->sb, own, &news, &why) < 0)
		fail_msg("%s", why.text);
	return news;
}

static int setup(void **state)
{
	struct lab *l = calloc(1, sizeof(*l));

	if (!l)
		return -1;
	kasp_program(); /* what zones.xml has against kasp.db */
	node_init(&l->n, "standby");
	node_sql(&l->n, "CREATE TABLE t(x)");
	node_write(&l->n, "enforcer/zones.xml", "two zones\n");
	assert_int_equal(standby_open(&l->n.conf, NULL, &l->sb, NULL), 0);
	*state = l;
	return 0;
}

static int teardown(void **state)
{
	struct lab *l = *state;

	if (l->enforcer > 0) {
		kill(l->enforcer, SIGKILL);
		waitpid(l->enforcer, NULL, 0);
	}
	standby_close(l->sb);
	node_end(&l->n);
	free(l);
	return 0;
}

/* What SQLite of another process says, which waits 50 ms. */
static int other_process(const struct lab *l, const char *sql)
{
	int status;
	pid_t pid = fork();
	sqlite3 *db;

	if (pid == 0) {
		if (sqlite3_open(node_path(&l->n, "db/kasp.db"), &db))
			_exit(99);
		sqlite3_busy_timeout(db, 50);
		_exit(sqlite3_exec(db, sql, NULL, NULL, NULL));
	}
	assert_true(pid > 0);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status));
	return WEXITSTATUS(status);
}

static bool exists(const struct lab *l, const char *name)
{
	return access(node_path(&l->n, name), F_OK) == 0;
}

static bool is_locked(int fd)
{
	struct flock lock = {.l_type = F_RDLCK,
	    .l_whence = SEEK_SET,
	    .l_start = 0x40000000,
	    .l_len = 512};

	assert_int_equal(fcntl(fd, F_OFD_GETLK, &lock), 0);
	return lock.l_type != F_UNLCK;
}

/* Somebody starts an enforcer on a standby. */
static void enforcer_by_hand(void **state)
{
	struct lab *l = *state;

	assert_false(take(l, false).written);
	assert_int_equal(other_process(l, "SELECT * FROM t"), SQLITE_BUSY);
	assert_int_equal(
	    other_process(l, "INSERT INTO t VALUES(1)"), SQLITE_BUSY);
	assert_false(take(l, false).written); /* twice = once */
	assert_int_equal(
	    other_process(l, "INSERT INTO t VALUES(1)"), SQLITE_BUSY);
	assert_int_equal(standby_give_back(l->sb, NULL), 0);
	assert_int_equal(other_process(l, "INSERT INTO t VALUES(1)"), 0);
	/* What the enforcer of a source has written is no stranger's. */
	assert_false(take(l, true).written);
}

/* Somebody starts a signer on a standby. */
static void signer_by_hand(void **state)
{
	struct lab *l = *state;

	assert_false(take(l, false).zones);
	assert_false(exists(l, "enforcer/zones.xml"));
	assert_file(&l->n, "enforcer/zones.xml.ods-held", "two zones\n");
	assert_false(take(l, false).zones); /* twice = once */
	assert_false(exists(l, "enforcer/zones.xml"));
	assert_int_equal(standby_give_back(l->sb, NULL), 0);
	assert_file(&l->n, "enforcer/zones.xml", "two zones\n");
	assert_false(exists(l, "enforcer/zones.xml.ods-held"));
	assert_int_equal(standby_give_back(l->sb, NULL), 0);
	assert_file(&l->n, "enforcer/zones.xml", "two zones\n");
}

static void end_of_the_process_leaves_zones_aside(void **state)
{
	struct lab *l = *state;

	take(l, false);
	standby_close(l->sb);
	assert_int_equal(standby_open(&l->n.conf, NULL, &l->sb, NULL), 0);
	assert_int_equal(other_process(l, "SELECT * FROM t"), 0);
	assert_true(exists(l, "enforcer/zones.xml.ods-held"));
	take(l, false);
	assert_int_equal(other_process(l, "SELECT * FROM t"), SQLITE_BUSY);
}

static void in_use_at_this_moment(void **state)
{
	struct lab *l = *state;
	struct standby_news news;
	int hold[2], status;
	struct why why;
	char byte = 0;
	pid_t pid;

	assert_int_equal(pipe(hold), 0);
	pid = fork();
	if (pid == 0) {
		sqlite3 *db;

		close(hold[0]);
		sqlite3_open(node_path(&l->n, "db/kasp.db"), &db);
		sqlite3_exec(db, "BEGIN IMMEDIATE", NULL, NULL, NULL);
		byte = 1;
		_exit(write(hold[1], &byte, 1) == 1 && pause());
	}
	close(hold[1]);
	assert_int_equal(read(hold[0], &byte, 1), 1);
	close(hold[0]);
	assert_int_equal(standby_take(l->sb, false, &news, &why), -EAGAIN);
	assert_false(exists(l, "enforcer/zones.xml"));
	kill(pid, SIGKILL);
	waitpid(pid, &status, 0);
	take(l, false);
}

/* ---- strangers ----------------------------------------------------------- */

static void a_zone_list_that_somebody_put_there(void **state)
{
	struct lab *l = *state;
	struct standby_news news;

	take(l, false);
	node_write(&l->n, "enforcer/zones.xml", "a stranger's\n");
	news = take(l, false);
	assert_true(news.zones);
	assert_false(exists(l, "enforcer/zones.xml"));
	assert_file(&l->n, "enforcer/zones.xml.ods-held", "two zones\n");
	assert_file(&l->n, "enforcer/zones.xml.ods-foreign", "a stranger's\n");
	news = take(l, false);
	assert_false(news.zones);
}

static void write_list(struct lab *l, const char *name, int zones, int age_s)
{
	struct timespec at[2] = {
	    {.tv_nsec = UTIME_OMIT}, {.tv_sec = time(NULL) - age_s}};
	char text[1024];
	int i, n = snprintf(text, sizeof(text), "<ZoneList>\n");

	for (i = 0; i < zones; i++)
		n += snprintf(text + n, sizeof(text) - (size_t)n,
		    "<Zone name=\"z%d\"/>\n", i);
	snprintf(text + n, sizeof(text) - (size_t)n, "</ZoneList>\n");
	node_write(&l->n, name, text);
	assert_int_equal(utimensat(AT_FDCWD, node_path(&l->n, name), at, 0), 0);
}

static int zones_in(const struct lab *l, const char *name)
{
	struct zone_list list;
	int count;

	if (!exists(l, name))
		return -1;
	assert_int_equal(zones_load(node_path(&l->n, name), &list, NULL), 0);
	count = (int)list.count;
	zones_free(&list);
	return count;
}

#define PLACE "enforcer/zones.xml"
#define HELD "enforcer/zones.xml.ods-held"
#define FOREIGN "enforcer/zones.xml.ods-foreign"

static void assert_lists(struct lab *l, int place, int held, int foreign)
{
	assert_int_equal(zones_in(l, PLACE), place);
	assert_int_equal(zones_in(l, HELD), held);
	assert_int_equal(zones_in(l, FOREIGN), foreign);
}

/* Somebody has used OpenDNSSEC on a node that was the last source: its list
 * counts, and the old one is kept. */
static void a_zone_list_of_its_own(void **state)
{
	struct lab *l = *state;

	write_list(l, HELD, 3, 60);
	write_list(l, PLACE, 3, 0);
	assert_false(take(l, true).zones);
	assert_lists(l, -1, 3, 3);
	assert_int_equal(standby_give_back(l->sb, NULL), 0);
	assert_lists(l, 3, -1, 3);
}

/* "zone add" without a zones.xml makes one of one zone (O 1.6), a package
 * brings an empty one: all zones but those would go. */
static void a_list_that_lost_its_zones(void **state)
{
	struct lab *l = *state;

	write_list(l, HELD, 3, 60);
	write_list(l, PLACE, 1, 0);
	take(l, true);
	assert_lists(l, -1, 3, 1);
	assert_int_equal(standby_give_back(l->sb, NULL), 0);
	assert_lists(l, 3, -1, 1);
}

/* Zones were deleted: the key database says so. */
static void the_database_knows_how_many(void **state)
{
	struct lab *l = *state;

	node_sql(&l->n, "CREATE TABLE zone(name); CREATE TABLE keyData(id);"
	                "CREATE TABLE hsmKey(id); INSERT INTO zone VALUES(1)");
	write_list(l, HELD, 3, 60);
	write_list(l, PLACE, 1, 0);
	take(l, true);
	assert_lists(l, -1, 1, 3);
}

/* What a source that goes on as source works with stays. */
static void given_back_without_having_been_taken(void **state)
{
	struct lab *l = *state;

	write_list(l, HELD, 2, 60);
	write_list(l, PLACE, 3, 0);
	assert_int_equal(standby_give_back(l->sb, NULL), 0);
	assert_lists(l, 3, -1, 2);
	write_list(l, HELD, 3, 60);
	write_list(l, PLACE, 0, 0);
	assert_int_equal(standby_give_back(l->sb, NULL), 0);
	assert_lists(l, 3, -1, 0);
}

/* It came after the last look. */
static void a_strangers_list_at_the_promote(void **state)
{
	struct lab *l = *state;

	write_list(l, PLACE, 2, 60);
	take(l, false);
	write_list(l, PLACE, 3, 0);
	assert_int_equal(standby_give_back(l->sb, NULL), 0);
	assert_lists(l, 2, -1, 3);
}

/* The process dies between any two steps: what is done again ends the same,
 * and the list is never gone. */
static void a_crash_between_two_renames(void **state)
{
	struct lab *l = *state;

	write_list(l, PLACE, 3, 0); /* before: aside went to foreign */
	write_list(l, FOREIGN, 2, 60);
	take(l, true);
	assert_lists(l, -1, 3, 2);
	standby_close(l->sb); /* aside, and nobody is there */
	assert_int_equal(standby_open(&l->n.conf, NULL, &l->sb, NULL), 0);
	take(l, true);
	assert_lists(l, -1, 3, 2);
	standby_close(l->sb); /* a give-back that nobody heard of */
	assert_int_equal(standby_open(&l->n.conf, NULL, &l->sb, NULL), 0);
	assert_int_equal(standby_give_back(l->sb, NULL), 0);
	assert_int_equal(standby_give_back(l->sb, NULL), 0);
	assert_lists(l, 3, -1, 2);
}

static void which_list_counts(void **state)
{
	const struct standby_list none = {-1, 9}, old = {3, 1}, new = {3, 2},
	                          small = {1, 3};

	(void)state;
	assert_true(standby_place_counts(&new, &old, 0));
	assert_false(standby_place_counts(&old, &new, 0));
	assert_false(standby_place_counts(&small, &old, 0));
	assert_true(standby_place_counts(&old, &small, 0));
	assert_true(standby_place_counts(&small, &old, 1));
	assert_false(standby_place_counts(&old, &small, 1));
	assert_false(standby_place_counts(&small, &old, 3));
	assert_false(standby_place_counts(&small, &old, 2)); /* neither */
	assert_false(standby_place_counts(&none, &small, 0));
	assert_true(standby_place_counts(&small, &none, 0));
}

static void a_write_is_seen_once(void **state)
{
	struct lab *l = *state;
	int fd = open(node_path(&l->n, "db/kasp.db"), O_RDWR | O_CLOEXEC);

	take(l, false);
	assert_int_equal(pwrite(fd, "\1\2\3\4", 4, 24), 4);
	close(fd);
	assert_true(take(l, false).written);
	assert_false(take(l, false).written);
}

static void another_file_in_its_place(void **state)
{
	struct lab *l = *state;

	take(l, false);
	node_write(&l->n, "db/kasp.db", "restored by somebody");
	assert_true(take(l, false).written);
	assert_int_equal(other_process(l, "SELECT * FROM t"), SQLITE_BUSY);
}

static void a_write_while_no_daemon_ran(void **state)
{
	char mark[STANDBY_MARK_MAX];
	struct lab *l = *state;

	take(l, false);
	standby_mark(l->sb, mark);
	assert_true(mark[0] != '\0');
	standby_close(l->sb);
	assert_int_equal(standby_open(&l->n.conf, mark, &l->sb, NULL), 0);
	assert_false(take(l, false).written);
	standby_close(l->sb);
	node_sql(&l->n, "INSERT INTO t VALUES(1)");
	assert_int_equal(standby_open(&l->n.conf, mark, &l->sb, NULL), 0);
	assert_true(take(l, false).written);
	standby_close(l->sb);
	assert_int_equal(standby_open(&l->n.conf, mark, &l->sb, NULL), 0);
	assert_false(take(l, true).written); /* a source's own */
}

/* ---- a new database ------------------------------------------------------ */

static int replace(struct lab *l, const char *text)
{
	CLEANUP_CLOSE int dir = open(node_path(&l->n, "db"), O_RDONLY);

	node_write(&l->n, "db/temp", text);
	return standby_replace(l->sb, dir, "temp", "kasp.db");
}

static void locked_before_it_has_the_name(void **state)
{
	struct lab *l = *state;
	CLEANUP_CLOSE int old =
	    open(node_path(&l->n, "db/kasp.db"), O_RDWR | O_CLOEXEC);
	CLEANUP_CLOSE int new = -1;

	assert_int_equal(replace(l, "not taken yet"), 0);
	take(l, false);
	assert_int_equal(replace(l, "a new one"), 0);
	assert_file(&l->n, "db/kasp.db", "a new one");
	new = open(node_path(&l->n, "db/kasp.db"), O_RDWR | O_CLOEXEC);
	assert_true(is_locked(new));
	assert_false(is_locked(old));
	assert_false(take(l, false).written);
}

/* A process of that name that does nothing, and has no children. */
/* It has the name before it has the arguments. */
static bool enforcer_seen(const struct lab *l)
{
	struct instance list[INSTANCE_MAX];
	int i, n = instance_find("ods-enforcerd", list, INSTANCE_MAX);

	for (i = 0; i < n; i++)
		if (instance_same_conf(list[i].conf, l->n.conf.path))
			return true;
	return false;
}

static void start_enforcer(struct lab *l)
{
	char script[PATH_MAX];
	pid_t pid;

	node_write(&l->n, "ods-enforcerd", "#!/bin/sh\nkill -STOP $$\n");
	snprintf(
	    script, sizeof(script), "%s", node_path(&l->n, "ods-enforcerd"));
	assert_int_equal(chmod(script, 0755), 0);
	pid = fork();
	if (pid == 0) {
		execl(script, script, "-c", l->n.conf.path, (char *)NULL);
		_exit(127);
	}
	while (!enforcer_seen(l))
		usleep(1000);
	l->enforcer = pid;
}

static void end_enforcer(struct lab *l)
{
	kill(l->enforcer, SIGKILL);
	waitpid(l->enforcer, NULL, 0);
	l->enforcer = 0;
}

/* It opened the one before, and waits: it must not get that either. */
static void the_one_that_an_enforcer_waits_for(void **state)
{
	struct lab *l = *state;
	CLEANUP_CLOSE int old =
	    open(node_path(&l->n, "db/kasp.db"), O_RDWR | O_CLOEXEC);

	take(l, false);
	start_enforcer(l);
	assert_int_equal(replace(l, "second"), 0);
	assert_true(is_locked(old));
	assert_int_equal(replace(l, "third"), -EBUSY);
	assert_file(&l->n, "db/kasp.db", "second");
	end_enforcer(l);
	assert_int_equal(replace(l, "third"), 0);
	assert_false(is_locked(old));
}

static void nothing_to_guard(void **state)
{
	struct lab *l = *state;
	struct standby_news news;

	unlink(node_path(&l->n, "db/kasp.db"));
	unlink(node_path(&l->n, "enforcer/zones.xml"));
	news = take(l, false);
	assert_false(news.written || news.zones);
	assert_int_equal(replace(l, "the first one"), 0);
	assert_false(take(l, false).written);
	assert_int_equal(standby_take(NULL, false, &news, NULL), 0);
	assert_int_equal(standby_give_back(NULL, NULL), 0);
}

static void touch_header(int fd, const char *bytes)
{
	assert_int_equal(pwrite(fd, bytes, 4, 24), 4);
}

/* Pages that we write are no foreign write, whenever somebody looks; the lock
 * outlives the descriptor that was lent. */
static void patch_is_ours(void **state)
{
	struct lab *l = *state;
	int dir = open(node_path(&l->n, "db"), O_RDONLY | O_DIRECTORY), fd;

	assert_int_equal(standby_patch(l->sb, dir, "kasp.db"), -ENOLCK);
	standby_patched(l->sb);
	take(l, false);
	fd = standby_patch(l->sb, dir, "kasp.db");
	assert_true(fd >= 0);
	touch_header(fd, "abcd");
	assert_false(take(l, false).written);
	touch_header(fd, "efgh");
	close(fd);
	standby_patched(l->sb);
	assert_false(take(l, false).written);
	fd = open(node_path(&l->n, "db/kasp.db"), O_RDWR);
	assert_true(is_locked(fd));
	touch_header(fd, "ijkl");
	close(fd);
	assert_true(take(l, false).written);
	node_write(&l->n, "db/kasp.db", "another file");
	assert_int_equal(standby_patch(l->sb, dir, "kasp.db"), -ENOLCK);
	standby_patched(l->sb);
	close(dir);
}

#define t(fn) cmocka_unit_test_setup_teardown(fn, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
	    t(enforcer_by_hand),
	    t(signer_by_hand),
	    t(end_of_the_process_leaves_zones_aside),
	    t(in_use_at_this_moment),
	    t(a_zone_list_that_somebody_put_there),
	    t(a_zone_list_of_its_own),
	    t(a_list_that_lost_its_zones),
	    t(the_database_knows_how_many),
	    t(given_back_without_having_been_taken),
	    t(a_strangers_list_at_the_promote),
	    t(a_crash_between_two_renames),
	    cmocka_unit_test(which_list_counts),
	    t(a_write_is_seen_once),
	    t(another_file_in_its_place),
	    t(a_write_while_no_daemon_ran),
	    t(locked_before_it_has_the_name),
	    t(the_one_that_an_enforcer_waits_for),
	    t(nothing_to_guard),
	    t(patch_is_ours),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
