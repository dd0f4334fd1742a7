/* SPDX-License-Identifier: GPL-2.0-or-later
 * Copyright (C) The ocf-ods contributors */
#ifndef TEST_KASPLAB_H
#define TEST_KASPLAB_H

/* The module with the program that was built beside this test, and writers
 * that die in a transaction. */

#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>
#include <cmocka.h>
#include <sqlite3.h>

#undef ODS_LIBEXECDIR
#define ODS_LIBEXECDIR "."
#include "file.h"
#include "proc.h"

int kasp_find(const char *binary, pid_t *pids, int max);

#define proc_find kasp_find
#include "kaspchild.c"
#undef proc_find

/* Others on this machine are none of ours. */
static pid_t kasp_enforcer;

int kasp_find(const char *binary, pid_t *pids, int max)
{
	(void)pids, (void)max;
	return proc_is(kasp_enforcer, binary);
}

/* BUILD/unit/MODULE/TEST -> BUILD, which has ods-kasp. */
static inline void kasp_program(void)
{
	char path[4096] = "";
	int i;

	assert_true(readlink("/proc/self/exe", path, sizeof(path) - 1) > 0);
	for (i = 0; i < 3; i++)
		*strrchr(path, '/') = '\0';
	assert_int_equal(chdir(path), 0);
	assert_int_equal(access(PROGRAM, X_OK), 0);
}

static inline void kasp_sql(const char *database, const char *text)
{
	sqlite3 *db;

	assert_int_equal(sqlite3_open(database, &db), SQLITE_OK);
	assert_int_equal(sqlite3_exec(db, text, NULL, NULL, NULL), SQLITE_OK);
	sqlite3_close(db);
}

/* A writer in the middle of its transaction: pages are in the file already. */
static inline pid_t kasp_writer(const char *database, const char *text)
{
	int ready[2];
	char c;
	pid_t pid;

	assert_int_equal(pipe(ready), 0);
	pid = fork();
	if (pid == 0) {
		sqlite3 *db;

		if (sqlite3_open(database, &db) != SQLITE_OK ||
		    sqlite3_exec(db, "PRAGMA cache_size=5; BEGIN", NULL, NULL,
		        NULL) != SQLITE_OK ||
		    sqlite3_exec(db, text, NULL, NULL, NULL) != SQLITE_OK ||
		    write(ready[1], "", 1) != 1)
			_exit(1);
		pause();
		_exit(1);
	}
	close(ready[1]);
	assert_int_equal(read(ready[0], &c, 1), 1);
	close(ready[0]);
	return pid;
}

static inline void kasp_kill(pid_t pid)
{
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
}

#define KASP_TORN "UPDATE zone SET name = 'torn'"

static inline void kasp_fill(const char *database)
{
	kasp_sql(database,
	    "CREATE TABLE zone(name); CREATE TABLE keyData(k);"
	    "CREATE TABLE hsmKey(k);"
	    "WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM c"
	    " WHERE x < 300) INSERT INTO zone SELECT hex(randomblob(900))"
	    " FROM c");
}

/* As it lies there, without SQLite: some pages of the dead transaction. */
static inline bool kasp_is_torn(const char *database)
{
	char *data = NULL, *at;
	size_t len;
	bool torn;

	assert_int_equal(file_read(database, 1 << 26, &data, &len, NULL), 0);
	at = memmem(data, len, "torn", 4);
	torn = at != NULL;
	free(data);
	return torn;
}

#endif
