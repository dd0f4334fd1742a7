/* SPDX-License-Identifier: GPL-2.0-or-later
 * Copyright (C) The ocf-ods contributors */
#include "ledgerview.h"

#include <errno.h>
#include <inttypes.h>
#include <limits.h>
#include <sqlite3.h>
#include <stdio.h>
#include <string.h>
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
	const char *p;
	int solo, open;

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
	return count_zones(db, v);
}

int ledgerview_read(const char *state_dir, struct view *v, struct why *why)
{
	__attribute__((cleanup(cleanup_db))) sqlite3 *db = NULL;
	char path[PATH_MAX];
	int rc;

	snprintf(path, sizeof(path), "%s/ledger.db", state_dir);
	snprintf(v->state_dir, sizeof(v->state_dir), "%s", state_dir);
	if (access(path, F_OK) < 0)
		return why_set(why, -ENOENT, "%s does not exist", path);
	if (access(path, R_OK) < 0)
		return why_set(
		    why, -EACCES, "%s cannot be read: run it as root", path);
	if (sqlite3_open_v2(path, &db, SQLITE_OPEN_READONLY, NULL) != SQLITE_OK)
		return why_set(why, -EIO, "%s cannot be opened", path);
	sqlite3_busy_timeout(db, BUSY_TIMEOUT_MS);
	rc = read_all(db, v);
	if (rc < 0)
		return why_set(
		    why, rc, "%s cannot be read: %s", path, sqlite3_errmsg(db));
	v->from = VIEW_LEDGER;
	return 0;
}
