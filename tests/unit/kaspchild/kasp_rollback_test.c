/* SPDX-License-Identifier: GPL-2.0-or-later
 * Copyright (C) The ocf-ods contributors */
#include "kasplab.h"

static char dir[64], database[128], journal[160];

static int setup(void **state)
{
	(void)state;
	kasp_program();
	snprintf(dir, sizeof(dir), "/tmp/kaspchild_XXXXXX");
	if (!mkdtemp(dir))
		return -1;
	snprintf(database, sizeof(database), "%s/kasp.db", dir);
	snprintf(journal, sizeof(journal), "%s-journal", database);
	kasp_fill(database);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	unlink(journal);
	unlink(database);
	return rmdir(dir);
}

static void dead_writer(void **state)
{
	struct why why = {0};

	(void)state;
	kasp_kill(kasp_writer(database, KASP_TORN));
	assert_int_equal(access(journal, F_OK), 0);
	assert_true(kasp_is_torn(database));
	if (kasp_rollback(database, &why) < 0)
		fail_msg("%s", why.text);
	assert_int_equal(access(journal, F_OK), -1);
	assert_false(kasp_is_torn(database));
}

/* Nothing of a transaction that goes on is touched. */
static void live_writer(void **state)
{
	struct why why = {0};
	struct stat before, after;
	pid_t pid;

	(void)state;
	pid = kasp_writer(database, KASP_TORN);
	assert_int_equal(stat(database, &before), 0);
	assert_true(kasp_rollback(database, &why) < 0);
	assert_non_null(strstr(why.text, "ods-kasp: "));
	assert_int_equal(stat(database, &after), 0);
	assert_true(before.st_mtim.tv_sec == after.st_mtim.tv_sec &&
	            before.st_mtim.tv_nsec == after.st_mtim.tv_nsec);
	assert_int_equal(access(journal, F_OK), 0);
	kasp_kill(pid);
	assert_int_equal(kasp_rollback(database, &why), 0);
}

static void nothing_to_do(void **state)
{
	struct why why = {0};

	(void)state;
	assert_int_equal(kasp_rollback(database, &why), 0);
}

/* It rolls back itself, and its journal may not be hot. */
static void enforcer_runs(void **state)
{
	char program[128];
	struct why why = {0};
	pid_t pid;

	(void)state;
	kasp_kill(kasp_writer(database, KASP_TORN));
	snprintf(program, sizeof(program), "%s/ods-enforcerd", dir);
	assert_int_equal(file_copy("/bin/sleep", program, NULL), 0);
	assert_int_equal(chmod(program, 0755), 0);
	kasp_enforcer = pid = fork();
	if (pid == 0) {
		execl(program, program, "30", NULL);
		_exit(1);
	}
	while (!proc_is(pid, "ods-enforcerd"))
		usleep(1000);
	assert_int_equal(kasp_rollback(database, &why), -EBUSY);
	kasp_kill(pid);
	unlink(program);
	assert_int_equal(access(journal, F_OK), 0);
	assert_int_equal(kasp_rollback(database, &why), 0);
}

/* Root would delete whatever the journal names: it is done as the owner of
 * the database, who can do no more than he may. */
static void as_the_owner(void **state)
{
	struct why why = {0};

	(void)state;
	if (geteuid() != 0)
		skip();
	kasp_kill(kasp_writer(database, KASP_TORN));
	assert_int_equal(chown(database, 65534, 65534), 0);
	assert_int_equal(chown(journal, 65534, 65534), 0);
	assert_int_equal(chmod(dir, 0755), 0);
	assert_true(kasp_rollback(database, &why) < 0);
	assert_int_equal(access(journal, F_OK), 0);
	assert_int_equal(chown(dir, 65534, 65534), 0);
	assert_int_equal(kasp_rollback(database, &why), 0);
	assert_int_equal(access(journal, F_OK), -1);
}

static void no_database(void **state)
{
	struct why why = {0};

	(void)state;
	unlink(database);
	assert_true(kasp_rollback(database, &why) < 0);
	assert_int_equal(access(database, F_OK), -1);
	kasp_fill(database);
}

static void damaged(void **state)
{
	char text[4097] = "no database";
	struct why why = {0};

	(void)state;
	memset(text + 11, 'x', sizeof(text) - 12);
	assert_int_equal(
	    file_replace(database, text, sizeof(text) - 1, 0600, false, NULL),
	    0);
	assert_true(kasp_rollback(database, &why) < 0);
}

#define T(t) cmocka_unit_test_setup_teardown(t, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
	    T(dead_writer),
	    T(live_writer),
	    T(nothing_to_do),
	    T(enforcer_runs),
	    T(as_the_owner),
	    T(no_database),
	    T(damaged),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
