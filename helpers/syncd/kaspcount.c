/* SPDX-License-Identifier: GPL-2.0-or-later
 * Copyright (C) The ocf-ods contributors */
#include "kaspcount.h"

#include <errno.h>
#include <signal.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "cleanup.h"
#include "deadline.h"
#include "file.h"

#define COUNT_DEADLINE_MS 5000 /* the control thread waits */
#define BUSY_MS 2000

/* The number that SQL asks for, 0 where the table is not there yet, -1 when it
 * cannot be told: a database that is locked or damaged is not an empty one. */
static long count_rows(sqlite3 *db, const char *sql)
{
	sqlite3_stmt *stmt = NULL;
	long count = -1;
	int rc = sqlite3_prepare_v2(db, sql, -1, &stmt, NULL);

	if (rc == SQLITE_ERROR) /* no such table */
		count = 0;
	else if (rc == SQLITE_OK && sqlite3_step(stmt) == SQLITE_ROW)
		count = (long)sqlite3_column_int64(stmt, 0);
	sqlite3_finalize(stmt);
	return count;
}

static void count_in_child(const char *database, int out)
{
	sqlite3 *db = NULL;
	char text[64];
	long zones, keys;
	int n;

	if (sqlite3_open_v2(database, &db, SQLITE_OPEN_READONLY, NULL) !=
	    SQLITE_OK)
		_exit(EXIT_FAILURE);
	sqlite3_busy_timeout(db, BUSY_MS);
	zones = count_rows(db, "SELECT count(*) FROM zone");
	keys = count_rows(db, /* keyData says where an hsmKey is used */
	    "SELECT max((SELECT count(*) FROM keyData),"
	    " (SELECT count(*) FROM hsmKey))");
	sqlite3_close(db);
	if (zones < 0 || keys < 0)
		_exit(EXIT_FAILURE);
	n = snprintf(text, sizeof(text), "%ld %ld", zones, keys);
	_exit(file_write_all(out, text, (size_t)n) < 0);
}

int kasp_count(const struct conf *conf, long *zones, long *keys)
{
	struct deadline deadline = deadline_in_ms(COUNT_DEADLINE_MS);
	int pipefd[2], status, rc = -EIO;
	CLEANUP_CLOSE int in = -1;
	char text[64] = "";
	pid_t pid;

	*zones = *keys = 0;
	if (!conf->database[0] || access(conf->database, F_OK) < 0)
		return 0;
	if (pipe(pipefd) < 0)
		return -errno;
	pid = fork();
	if (pid == 0)
		count_in_child(conf->database, pipefd[1]);
	close(pipefd[1]);
	in = pipefd[0];
	if (pid < 0)
		return -errno;
	while (waitpid(pid, &status, WNOHANG) == 0) {
		if (deadline_passed(deadline)) {
			kill(pid, SIGKILL);
			waitpid(pid, &status, 0);
			return -ETIMEDOUT;
		}
		deadline_sleep_ms(deadline, 10);
	}
	if (read(in, text, sizeof(text) - 1) > 0 &&
	    sscanf(text, "%ld %ld", zones, keys) == 2)
		rc = 0;
	return rc;
}
