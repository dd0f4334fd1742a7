/* SPDX-License-Identifier: GPL-2.0-or-later
 * Copyright (C) The ocf-ods contributors */
#include "ledgerview.h"

#include <errno.h>
#include <inttypes.h>
#include <limits.h>
#include <sqlite3.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define BUSY_TIMEOUT_MS 1000

static const char SQL_LOCAL[] = "SELECT value FROM local WHERE key = ?1";
/* A zone's line begins "1 SERIAL DIGEST STATE SERVED-SERIAL". */
static const char SQL_ZONES[] = "SELECT line FROM zone";

static void cleanup_db(sqlite3 **db)
{
	sqlite3_close_v2(*db);
}

static void cleanup_stmt(sqlite3_stmt **stmt)
{
	sqlite3_finalize(*stmt);
}

int ledgerview_record(const char *line, struct view *v)
{
	char cluster[64], holders[2048] = "";
	size_t origin = strcspn(line, " ");
	const char *p;
	int solo, open;

	if (memchr(line, ',', origin)) /* since records have one */
		line += origin;
	if (sscanf(line,
	        "%63s %" SCNu64 " %*s %" SCNu64 " %*s %*d %*d %d %d %*u "
	        "%2047s",
	        cluster, &v->term, &v->revision, &solo, &open, holders) < 5)
		return -EIO;
	snprintf(v->cluster, sizeof(v->cluster), "%s", cluster);
	v->solo = solo;
	v->open = open;
	v->holders = holders[0] != '\0';
	for (p = holders; *p; p++)
		v->holders += *p == ',';
	return 0;
}

static int local_value(sqlite3 *db, const char *key, char *buf, size_t size)
{
	__attribute__((cleanup(cleanup_stmt))) sqlite3_stmt *stmt = NULL;
	int step;

	if (sqlite3_prepare_v2(db, SQL_LOCAL, -1, &stmt, NULL) != SQLITE_OK)
		return -EIO;
	sqlite3_bind_text(stmt, 1, key, -1, SQLITE_STATIC);
	step = sqlite3_step(stmt);
	if (step == SQLITE_DONE)
		return -ENOENT;
	if (step != SQLITE_ROW)
		return -EIO;
	snprintf(buf, size, "%s", (const char *)sqlite3_column_text(stmt, 0));
	return 0;
}

static int count_zones(sqlite3 *db, struct view *v)
{
	__attribute__((cleanup(cleanup_stmt))) sqlite3_stmt *stmt = NULL;
	int step;

	if (sqlite3_prepare_v2(db, SQL_ZONES, -1, &stmt, NULL) != SQLITE_OK)
		return -EIO;
	v->zones = v->served = 0; /* of a try that failed */
	while ((step = sqlite3_step(stmt)) == SQLITE_ROW) {
		const char *line = (const char *)sqlite3_column_text(stmt, 0);
		unsigned long served = 0;

		v->zones++;
		if (line && sscanf(line, "%*d %*u %*s %*d %lu", &served) == 1)
			v->served += served != 0;
	}
	return step == SQLITE_DONE ? 0 : -EIO;
}

static int read_all(sqlite3 *db, struct view *v)
{
	char text[4096];
	int rc = local_value(db, "record", text, sizeof(text));

	if (rc == 0)
		rc = ledgerview_record(text, v);
	if (rc < 0 && rc != -ENOENT)
		return rc;
	rc = local_value(db, "tip", text, sizeof(text));
	if (rc == 0 && sscanf(text, "%*s %*u %" SCNu64, &v->seq) != 1)
		return -EIO;
	if (rc < 0 && rc != -ENOENT)
		return rc;
	if (local_value(db, "loss", text, sizeof(text)) == 0)
		view_loss(text, v);
	return count_zones(db, v);
}

/* SQLite makes a file beside one in WAL mode even to read it.  After an error
 * of the file system, not of the content: can it be read without? */
static bool is_blocked(sqlite3 *db)
{
	switch (sqlite3_errcode(db) & 0xff) {
	case SQLITE_CANTOPEN:
	case SQLITE_READONLY:
	case SQLITE_IOERR:
	case SQLITE_FULL:
		return true;
	default:
		return false;
	}
}

/* All that was committed is in the file itself. */
static bool wal_is_empty(const char *path)
{
	char wal[PATH_MAX + 8];
	struct stat st;

	snprintf(wal, sizeof(wal), "%s-wal", path);
	return stat(wal, &st) < 0 ? errno == ENOENT : st.st_size == 0;
}

/* As a URI that says that nobody writes; -1 when it is too long. */
static int immutable_uri(const char *path, char *uri, size_t size)
{
	static const char tail[] = "?immutable=1";
	size_t at = (size_t)snprintf(uri, size, "file:");

	for (; *path; path++) {
		if (at + 4 + sizeof(tail) > size)
			return -1;
		at +=
		    (size_t)(strchr("%?#", *path)
		                 ? snprintf(uri + at, size - at, "%%%02X",
		                       (unsigned char)*path)
		                 : snprintf(uri + at, size - at, "%c", *path));
	}
	snprintf(uri + at, size - at, "%s", tail);
	return 0;
}

static int open_and_read(const char *path, bool immutable, struct view *v,
    bool *blocked, struct why *why)
{
	__attribute__((cleanup(cleanup_db))) sqlite3 *db = NULL;
	char uri[3 * PATH_MAX];
	int rc = 0;

	if (immutable && immutable_uri(path, uri, sizeof(uri)) < 0)
		return why_set(why, -ENAMETOOLONG, "%s is too long", path);
	if (sqlite3_open_v2(immutable ? uri : path, &db,
	        SQLITE_OPEN_READONLY | (immutable ? SQLITE_OPEN_URI : 0),
	        NULL) != SQLITE_OK)
		rc = -EIO;
	sqlite3_busy_timeout(db, BUSY_TIMEOUT_MS);
	if (rc == 0)
		rc = read_all(db, v);
	if (rc == 0)
		return 0;
	*blocked = is_blocked(db);
	return why_set(
	    why, rc, "%s cannot be read: %s", path, sqlite3_errmsg(db));
}

int ledgerview_read(const char *state_dir, struct view *v, struct why *why)
{
	char path[PATH_MAX];
	bool blocked = false;
	int rc;

	snprintf(path, sizeof(path), "%s/ledger.db", state_dir);
	snprintf(v->state_dir, sizeof(v->state_dir), "%s", state_dir);
	if (access(path, F_OK) < 0)
		return why_set(why, -ENOENT, "%s does not exist", path);
	if (access(path, R_OK) < 0)
		return why_set(
		    why, -EACCES, "%s cannot be read: run it as root", path);
	rc = open_and_read(path, false, v, &blocked, why);
	if (rc < 0 && blocked && !wal_is_empty(path))
		return why_set(why, rc,
		    "%s cannot be read: its -wal has changes, and SQLite has "
		    "to write beside them: free some space, or mount it "
		    "writable",
		    path);
	if (rc < 0 && blocked)
		rc = open_and_read(path, true, v, &blocked, why);
	if (rc < 0)
		return rc;
	v->from = VIEW_LEDGER;
	return 0;
}
