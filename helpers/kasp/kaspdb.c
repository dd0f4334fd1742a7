/* SPDX-License-Identifier: GPL-2.0-or-later
 * Copyright (C) The ocf-ods contributors */
#include "kaspdb.h"

#include <errno.h>
#include <grp.h>
#include <sqlite3.h>
#include <stdbool.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define BUSY_MS 2000

#define SQL_ZONES "SELECT count(*) FROM zone"
#define SQL_KEYS                                     \
	"SELECT max((SELECT count(*) FROM keyData)," \
	" (SELECT count(*) FROM hsmKey))"
#define SQL_READ "SELECT count(*) FROM sqlite_master"

int kaspdb_become_owner(const char *file, struct why *why)
{
	struct stat st;

	if (stat(file, &st) < 0)
		return why_set(why, -errno, "cannot look at %s: %s", file,
		    strerror(errno));
	if (geteuid() != 0 || st.st_uid == 0)
		return 0;
	if (setgroups(0, NULL) < 0 || setgid(st.st_gid) < 0 ||
	    setuid(st.st_uid) < 0)
		return why_set(why, -errno, "cannot become the owner of %s: %s",
		    file, strerror(errno));
	return 0;
}

static int fail(sqlite3 *db, const char *file, int rc, struct why *why)
{
	bool busy = (rc & 0xff) == SQLITE_BUSY || (rc & 0xff) == SQLITE_LOCKED;

	why_set(why, busy ? -EBUSY : -EIO, "%s: %s", file,
	    db ? sqlite3_errmsg(db) : sqlite3_errstr(rc));
	sqlite3_close(db);
	return why->err;
}

static int open_db(const char *file, int flags, sqlite3 **db, struct why *why)
{
	int rc = sqlite3_open_v2(file, db, flags, NULL);

	if (rc != SQLITE_OK)
		return fail(*db, file, rc, why);
	sqlite3_busy_timeout(*db, BUSY_MS);
	return 0;
}

/* SQLITE_OK and the number, 0 where the table is not there yet. */
static int count_rows(sqlite3 *db, const char *sql, long *count)
{
	sqlite3_stmt *stmt = NULL;
	int rc = sqlite3_prepare_v2(db, sql, -1, &stmt, NULL);

	*count = 0;
	if (rc == SQLITE_OK) {
		rc = sqlite3_step(stmt);
		if (rc == SQLITE_ROW) {
			*count = (long)sqlite3_column_int64(stmt, 0);
			rc = SQLITE_OK;
		}
	} else if (rc == SQLITE_ERROR) { /* no such table */
		rc = SQLITE_OK;
	}
	sqlite3_finalize(stmt);
	return rc;
}

int kaspdb_count(const char *file, long *zones, long *keys, struct why *why)
{
	sqlite3 *db = NULL;
	int rc = open_db(file, SQLITE_OPEN_READONLY, &db, why);

	if (rc < 0)
		return rc;
	rc = count_rows(db, SQL_ZONES, zones);
	if (rc == SQLITE_OK)
		rc = count_rows(db, SQL_KEYS, keys);
	if (rc != SQLITE_OK)
		return fail(db, file, rc, why);
	sqlite3_close(db);
	return 0;
}

int kaspdb_rollback(const char *file, struct why *why)
{
	sqlite3 *db = NULL;
	long count;
	int rc = open_db(file, SQLITE_OPEN_READWRITE, &db, why);

	if (rc < 0)
		return rc;
	rc = count_rows(db, SQL_READ, &count);
	if (rc != SQLITE_OK)
		return fail(db, file, rc, why);
	sqlite3_close(db);
	return 0;
}
