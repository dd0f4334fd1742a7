/* SPDX-License-Identifier: GPL-2.0-or-later
 * Copyright (C) The ocf-ods contributors */
#include "ledger_core.h"

#include <errno.h>
#include <inttypes.h>
#include <limits.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "cleanup.h"
#include "file.h"

#define BUSY_TIMEOUT_MS 5000

/* Of the tables: PRAGMA user_version.  Version 0 had no history: what is before
 * the first term that begins now is untold.  Version 1 had neither keys nor
 * clocks. */
#define SCHEMA_VERSION 2
#define TEXT_OF(x) TEXT(x)
#define TEXT(x) #x

/* An acknowledged row survives a power loss: with synchronous=FULL a commit
 * syncs the write-ahead log, once.  A rollback journal takes four syncs, on
 * either node and for each generation; and one whose unlink was not synced is
 * there again after the boot, and rolls the commit back.  local holds this
 * node's own facts, and so does proof; zone and hsmkey travel in every
 * generation, a zone with its clock: a table of its own, since another thread
 * writes it. */
static const char SQL_SETUP[] =
    "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL;";
static const char SQL_SCHEMA[] =
    "CREATE TABLE IF NOT EXISTS local ("
    " key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;"
    "CREATE TABLE IF NOT EXISTS zone ("
    " name TEXT PRIMARY KEY, line TEXT NOT NULL) WITHOUT ROWID;"
    "CREATE TABLE IF NOT EXISTS clock ("
    " name TEXT PRIMARY KEY, line TEXT NOT NULL) WITHOUT ROWID;"
    "CREATE TABLE IF NOT EXISTS history ("
    " term INTEGER PRIMARY KEY, id TEXT NOT NULL, origin TEXT NOT NULL);"
    "CREATE TABLE IF NOT EXISTS hsmkey ("
    " name TEXT PRIMARY KEY, line TEXT NOT NULL) WITHOUT ROWID;"
    "CREATE TABLE IF NOT EXISTS proof ("
    " name TEXT PRIMARY KEY, sha256 TEXT NOT NULL, serial TEXT NOT NULL)"
    " WITHOUT ROWID;"
    "PRAGMA user_version = " TEXT_OF(SCHEMA_VERSION) ";";
static const char SQL_SCHEMA_VERSION[] = "PRAGMA user_version";
static const char SQL_HISTORY_PUT[] =
    "INSERT OR REPLACE INTO history(term, id, origin) VALUES(?1, ?2, ?3)";
static const char SQL_HISTORY_CUT[] = "DELETE FROM history WHERE term > ?1";
static const char SQL_HISTORY[] =
    "SELECT term, id, origin FROM history ORDER BY term DESC";
static const char SQL_LOCAL_PUT[] =
    "INSERT INTO local(key, value) VALUES(?1, ?2)"
    " ON CONFLICT(key) DO UPDATE SET value = ?2";
static const char SQL_LOCAL_GET[] = "SELECT value FROM local WHERE key = ?1";
static const char SQL_ZONE_PUT[] = "INSERT INTO zone(name, line) VALUES(?1, ?2)"
                                   " ON CONFLICT(name) DO UPDATE SET line = ?2";
static const char SQL_ZONE_GET[] =
    "SELECT name, zone.line, clock.line FROM zone"
    " LEFT JOIN clock USING(name) WHERE name = ?1";
static const char SQL_ZONE_DROP[] = "DELETE FROM zone WHERE name = ?1";
static const char SQL_VERSION[] = "PRAGMA data_version";
static const char SQL_ZONE_ALL[] =
    "SELECT name, zone.line, clock.line FROM zone"
    " LEFT JOIN clock USING(name) ORDER BY name";
static const char SQL_CLOCK_PUT[] =
    "INSERT INTO clock(name, line) VALUES(?1, ?2)"
    " ON CONFLICT(name) DO UPDATE SET line = ?2";
static const char SQL_CLOCK_DROP[] = "DELETE FROM clock WHERE name = ?1";

#define LOCAL_VALUE_MAX 2048

int ledger_error(struct ledger *l, const char *what, struct why *why)
{
	int code = sqlite3_errcode(l->db), os = sqlite3_system_errno(l->db);
	int err = code == SQLITE_FULL || os == ENOSPC || os == EDQUOT ? -ENOSPC
	                                                              : -EIO;

	return why_set(
	    why, err, "ledger.db: cannot %s: %s", what, sqlite3_errmsg(l->db));
}

static int ledger_exec(
    struct ledger *l, const char *sql, const char *what, struct why *why)
{
	if (sqlite3_exec(l->db, sql, NULL, NULL, NULL) != SQLITE_OK)
		return ledger_error(l, what, why);
	return 0;
}

/* One number from SQL. */
static int ledger_number(
    struct ledger *l, const char *sql, int *number, struct why *why)
{
	sqlite3_stmt *stmt = NULL;
	int rc = 0;

	if (sqlite3_prepare_v2(l->db, sql, -1, &stmt, NULL) != SQLITE_OK)
		return ledger_error(l, "read", why);
	if (sqlite3_step(stmt) == SQLITE_ROW)
		*number = sqlite3_column_int(stmt, 0);
	else
		rc = ledger_error(l, "read", why);
	sqlite3_finalize(stmt);
	return rc;
}

/* Nothing is written when all is as it should be. */
static int make_tables(struct ledger *l, struct why *why)
{
	int version = 0;
	int rc = ledger_number(l, SQL_SCHEMA_VERSION, &version, why);

	if (rc < 0 || version == SCHEMA_VERSION)
		return rc;
	if (version > SCHEMA_VERSION)
		return why_set(why, -EPROTONOSUPPORT,
		    "ledger.db was written by a newer ocf-ods: install that "
		    "one");
	rc = ledger_begin(l, why);
	if (rc == 0)
		rc = ledger_exec(l, SQL_SCHEMA, "make its tables", why);
	if (rc == 0)
		return ledger_commit(l, why);
	ledger_rollback(l);
	return rc;
}

int ledger_is_here(const char *state_dir, struct why *why)
{
	char path[PATH_MAX];
	int rc = path_join(path, sizeof(path), state_dir, "ledger.db");

	if (rc == 0 && access(path, F_OK) < 0)
		rc = -errno;
	return rc < 0 ? why_set(why, rc, "%s/ledger.db: %s", state_dir,
	                    strerror(-rc))
	              : 0;
}

int ledger_open(const char *state_dir, struct ledger **ledger, struct why *why)
{
	struct ledger *l = calloc(1, sizeof(*l));
	char path[PATH_MAX];
	int rc;

	if (!l)
		return why_set(why, -ENOMEM, "out of memory");
	rc = path_join(path, sizeof(path), state_dir, "ledger.db");
	if (rc == 0 && sqlite3_open_v2(path, &l->db,
	                   SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE |
	                       SQLITE_OPEN_NOMUTEX,
	                   NULL) != SQLITE_OK)
		rc = ledger_error(l, "be opened", why);
	if (rc == 0) {
		sqlite3_busy_timeout(l->db, BUSY_TIMEOUT_MS);
		rc = ledger_exec(l, SQL_SETUP, "be set up", why);
	}
	if (rc == 0)
		rc = make_tables(l, why);
	/* The connection that makes the write-ahead log syncs its name with
	 * the first commit of its own; others commit into it, too. */
	if (rc == 0 && (rc = file_sync_parent(path)) < 0)
		why_set(
		    why, rc, "cannot sync %s: %s", state_dir, strerror(-rc));
	if (rc < 0) {
		ledger_close(l);
		return rc;
	}
	*ledger = l;
	return 0;
}

void ledger_close(struct ledger *l)
{
	if (!l)
		return;
	sqlite3_close_v2(l->db);
	free(l);
}

int ledger_begin(struct ledger *l, struct why *why)
{
	return ledger_exec(l, "BEGIN IMMEDIATE", "begin", why);
}

int ledger_commit(struct ledger *l, struct why *why)
{
	int rc = ledger_exec(l, "COMMIT", "commit", why);

	if (rc < 0)
		ledger_rollback(l);
	return rc;
}

void ledger_rollback(struct ledger *l)
{
	sqlite3_exec(l->db, "ROLLBACK", NULL, NULL, NULL);
}

int ledger_write(struct ledger *l, const char *sql, const char *a,
    const char *b, struct why *why)
{
	sqlite3_stmt *stmt = NULL;
	int rc = 0;

	if (sqlite3_prepare_v2(l->db, sql, -1, &stmt, NULL) != SQLITE_OK)
		return ledger_error(l, "write", why);
	sqlite3_bind_text(stmt, 1, a, -1, SQLITE_STATIC);
	if (b)
		sqlite3_bind_text(stmt, 2, b, -1, SQLITE_STATIC);
	if (sqlite3_step(stmt) != SQLITE_DONE)
		rc = ledger_error(l, "write", why);
	sqlite3_finalize(stmt);
	return rc;
}

int ledger_fetch(struct ledger *l, const char *sql, const char *key,
    char *value, size_t size, struct why *why)
{
	sqlite3_stmt *stmt = NULL;
	int rc = -ENOENT, step;

	if (sqlite3_prepare_v2(l->db, sql, -1, &stmt, NULL) != SQLITE_OK)
		return ledger_error(l, "read", why);
	sqlite3_bind_text(stmt, 1, key, -1, SQLITE_STATIC);
	step = sqlite3_step(stmt);
	if (step == SQLITE_ROW) {
		snprintf(value, size, "%s",
		    (const char *)sqlite3_column_text(stmt, 0));
		rc = 0;
	} else if (step != SQLITE_DONE) {
		rc = ledger_error(l, "read", why);
	}
	sqlite3_finalize(stmt);
	return rc;
}

int ledger_note_put(
    struct ledger *l, const char *key, const char *value, struct why *why)
{
	return ledger_write(l, SQL_LOCAL_PUT, key, value, why);
}

int ledger_note_get(struct ledger *l, const char *key, char *value, size_t size)
{
	return ledger_fetch(l, SQL_LOCAL_GET, key, value, size, NULL);
}

int ledger_node_id(
    struct ledger *l, struct id *id, bool *fresh, struct why *why)
{
	char text[ID_TEXT];
	int rc =
	    ledger_fetch(l, SQL_LOCAL_GET, "node_id", text, sizeof(text), why);

	*fresh = rc == -ENOENT;
	if (*fresh) {
		id_random(id);
		id_text(id, text);
		return ledger_note_put(l, "node_id", text, why);
	}
	if (rc == 0 && id_parse(text, id) < 0)
		rc = why_set(why, -EIO, "ledger.db: the node id is damaged");
	return rc;
}

int ledger_count_start(struct ledger *l, uint64_t *starts, struct why *why)
{
	char text[32];
	int rc =
	    ledger_fetch(l, SQL_LOCAL_GET, "starts", text, sizeof(text), why);

	*starts = rc == 0 ? strtoull(text, NULL, 10) : 0;
	if (rc < 0 && rc != -ENOENT)
		return rc;
	snprintf(text, sizeof(text), "%" PRIu64, ++*starts);
	return ledger_note_put(l, "starts", text, why);
}

static int record_put(
    struct ledger *l, const char *key, const struct record *r, struct why *why)
{
	char text[RECORD_TEXT];

	record_text(r, text);
	return ledger_note_put(l, key, text, why);
}

int ledger_record_put(struct ledger *l, const struct record *r, struct why *why)
{
	return record_put(l, "record", r, why);
}

int ledger_before_put(struct ledger *l, const struct record *r, struct why *why)
{
	return record_put(l, "record.before", r, why);
}

static int record_get(
    struct ledger *l, const char *key, struct record *r, struct why *why)
{
	char text[LOCAL_VALUE_MAX];
	int rc = ledger_fetch(l, SQL_LOCAL_GET, key, text, sizeof(text), why);

	if (rc < 0) {
		memset(r, 0, sizeof(*r));
		return rc;
	}
	if (record_parse(text, r) < 0)
		return why_set(why, -EIO, "ledger.db: the record is damaged");
	return 0;
}

int ledger_record_get(struct ledger *l, struct record *r, struct why *why)
{
	return record_get(l, "record", r, why);
}

int ledger_before_get(struct ledger *l, struct record *r, struct why *why)
{
	return record_get(l, "record.before", r, why);
}

static int position_put(struct ledger *l, const char *key,
    const struct position *p, struct why *why)
{
	char text[POSITION_TEXT];

	position_text(p, text);
	return ledger_note_put(l, key, text, why);
}

static int position_get(
    struct ledger *l, const char *key, struct position *p, struct why *why)
{
	char text[POSITION_TEXT + 24];
	int rc = ledger_fetch(l, SQL_LOCAL_GET, key, text, sizeof(text), why);

	memset(p, 0, sizeof(*p));
	if (rc == -ENOENT)
		return 0;
	if (rc < 0)
		return rc;
	if (position_parse(text, p) < 0)
		return why_set(why, -EIO, "ledger.db: %s is damaged", key);
	return 0;
}

int ledger_position_get(struct ledger *l, struct position *tip,
    struct position *applied, struct why *why)
{
	int rc = position_get(l, "tip", tip, why);

	return rc < 0 ? rc : position_get(l, "applied", applied, why);
}

int ledger_tip_put(
    struct ledger *l, const struct position *tip, struct why *why)
{
	char text[POSITION_TEXT + 24];

	position_text(tip, text);
	snprintf(text + strlen(text), 24, " %" PRId64, (int64_t)time(NULL));
	return ledger_note_put(l, "tip", text, why);
}

int64_t ledger_tip_time(struct ledger *l)
{
	char text[POSITION_TEXT + 24] = "";
	int64_t at = 0;

	if (ledger_fetch(l, SQL_LOCAL_GET, "tip", text, sizeof(text), NULL) <
	        0 ||
	    sscanf(text, "%*s %*u %*u %" SCNd64, &at) != 1)
		return 0;
	return at;
}

int ledger_applied_put(
    struct ledger *l, const struct position *applied, struct why *why)
{
	return position_put(l, "applied", applied, why);
}

static int history_put(
    struct ledger *l, const struct ancestor *term, struct why *why)
{
	char id[ID_TEXT], origin[ORIGIN_TEXT];
	sqlite3_stmt *stmt = NULL;
	int rc = 0;

	id_text(&term->term_id, id);
	origin_text(&term->origin, origin);
	if (sqlite3_prepare_v2(l->db, SQL_HISTORY_PUT, -1, &stmt, NULL) !=
	    SQLITE_OK)
		return ledger_error(l, "write", why);
	sqlite3_bind_int64(stmt, 1, (sqlite3_int64)term->term);
	sqlite3_bind_text(stmt, 2, id, -1, SQLITE_STATIC);
	sqlite3_bind_text(stmt, 3, origin, -1, SQLITE_STATIC);
	if (sqlite3_step(stmt) != SQLITE_DONE)
		rc = ledger_error(l, "write", why);
	sqlite3_finalize(stmt);
	return rc;
}

static int history_cut(struct ledger *l, uint64_t above, struct why *why)
{
	char text[32];

	snprintf(text, sizeof(text), "%" PRIu64, above);
	return ledger_write(l, SQL_HISTORY_CUT, text, NULL, why);
}

int ledger_term_put(
    struct ledger *l, const struct ancestor *term, struct why *why)
{
	int rc = ledger_begin(l, why);

	if (rc < 0)
		return rc;
	rc = history_cut(l, term->origin.base.term, why);
	if (rc == 0)
		rc = history_put(l, term, why);
	if (rc == 0)
		return ledger_commit(l, why);
	ledger_rollback(l);
	return rc;
}

int ledger_lineage_put(
    struct ledger *l, const struct lineage *lineage, struct why *why)
{
	int rc = history_cut(l, 0, why);
	size_t i;

	for (i = 0; rc == 0 && i < lineage->count; i++)
		rc = history_put(l, &lineage->row[i], why);
	return rc;
}

static int history_row(sqlite3_stmt *stmt, struct ancestor *row)
{
	const char *id = (const char *)sqlite3_column_text(stmt, 1);
	const char *origin = (const char *)sqlite3_column_text(stmt, 2);

	row->term = (uint64_t)sqlite3_column_int64(stmt, 0);
	return id && origin && id_parse(id, &row->term_id) == 0 &&
	               origin_parse(origin, &row->origin) == 0
	           ? 0
	           : -EIO;
}

/* Rows that lead nowhere are passed over; one beyond LINEAGE_MAX is untold. */
static int read_lineage(
    struct ledger *l, struct lineage *lineage, struct why *why)
{
	struct ancestor row;
	sqlite3_stmt *stmt = NULL;
	int rc = 0, step = SQLITE_ROW;

	if (sqlite3_prepare_v2(l->db, SQL_HISTORY, -1, &stmt, NULL) !=
	    SQLITE_OK)
		return ledger_error(l, "read", why);
	while (rc >= 0 && (step = sqlite3_step(stmt)) == SQLITE_ROW) {
		rc = history_row(stmt, &row);
		if (rc == 0)
			rc = lineage_add(lineage, &row);
	}
	if (rc >= 0 && step != SQLITE_DONE)
		rc = ledger_error(l, "read", why);
	else if (rc < 0 && rc != -E2BIG)
		why_set(why, rc, "ledger.db: the history is damaged");
	sqlite3_finalize(stmt);
	return rc > 0 || rc == -E2BIG ? 0 : rc;
}

int ledger_lineage_get(struct ledger *l, const struct id *term,
    struct lineage *lineage, struct why *why)
{
	int rc;

	*lineage = (struct lineage){0};
	rc = position_get(l, "tip", &lineage->tip, why);
	if (!id_equal(&lineage->tip.term_id, term))
		lineage->tip = (struct position){.term_id = *term};
	return rc < 0 ? rc : read_lineage(l, lineage, why);
}

/* NAME, LINE and CLOCK of a statement's row. */
static int zone_row_of(
    sqlite3_stmt *stmt, struct zone_row *row, struct why *why)
{
	const char *name = (const char *)sqlite3_column_text(stmt, 0);
	const char *line = (const char *)sqlite3_column_text(stmt, 1);
	const char *clock = (const char *)sqlite3_column_text(stmt, 2);

	if (zone_row_parse(name, line, row) < 0 ||
	    (clock && key_clock_parse(clock, &row->clock) < 0))
		return why_set(
		    why, -EIO, "ledger.db: the row of %s is damaged", name);
	return 0;
}

int ledger_zone_get(
    struct ledger *l, const char *zone, struct zone_row *row, struct why *why)
{
	sqlite3_stmt *stmt = NULL;
	int rc = -ENOENT, step;

	if (sqlite3_prepare_v2(l->db, SQL_ZONE_GET, -1, &stmt, NULL) !=
	    SQLITE_OK)
		return ledger_error(l, "read", why);
	sqlite3_bind_text(stmt, 1, zone, -1, SQLITE_STATIC);
	step = sqlite3_step(stmt);
	if (step == SQLITE_ROW)
		rc = zone_row_of(stmt, row, why);
	else if (step != SQLITE_DONE)
		rc = ledger_error(l, "read", why);
	sqlite3_finalize(stmt);
	return rc;
}

int ledger_zone_put(
    struct ledger *l, const struct zone_row *row, struct why *why)
{
	struct zone_row plain = *row;
	char line[ZONE_TEXT_MAX];

	memset(&plain.clock, 0, sizeof(plain.clock));
	if (zone_row_text(&plain, line, sizeof(line)) < 0)
		return why_set(
		    why, -EINVAL, "the row of %s is too long", row->zone);
	l->row_writes++;
	return ledger_write(l, SQL_ZONE_PUT, row->zone, line, why);
}

int ledger_clock_put(struct ledger *l, const char *zone,
    const struct key_clock *clock, struct why *why)
{
	char line[KEY_CLOCK_TEXT];

	l->row_writes++;
	if (key_clock_empty(clock))
		return ledger_write(l, SQL_CLOCK_DROP, zone, NULL, why);
	if (key_clock_text(clock, line, sizeof(line)) < 0)
		return why_set(why, -EINVAL, "the row of %s is too long", zone);
	return ledger_write(l, SQL_CLOCK_PUT, zone, line, why);
}

int ledger_zone_drop(struct ledger *l, const char *zone, struct why *why)
{
	int rc = ledger_write(l, SQL_CLOCK_DROP, zone, NULL, why);

	l->row_writes++;
	return rc < 0 ? rc : ledger_write(l, SQL_ZONE_DROP, zone, NULL, why);
}

int ledger_zone_version(struct ledger *l, uint64_t *version, struct why *why)
{
	int number = 0;
	int rc = ledger_number(l, SQL_VERSION, &number, why);

	*version = (uint64_t)l->row_writes << 32 | (uint32_t)number;
	return rc;
}

int ledger_zone_each(struct ledger *l,
    int (*fn)(const struct zone_row *row, void *arg), void *arg,
    struct why *why)
{
	sqlite3_stmt *stmt = NULL;
	struct zone_row row;
	int rc = 0, step = SQLITE_ROW;

	if (sqlite3_prepare_v2(l->db, SQL_ZONE_ALL, -1, &stmt, NULL) !=
	    SQLITE_OK)
		return ledger_error(l, "read", why);
	while (rc == 0 && (step = sqlite3_step(stmt)) == SQLITE_ROW) {
		rc = zone_row_of(stmt, &row, why);
		if (rc == 0)
			rc = fn(&row, arg);
	}
	if (rc == 0 && step != SQLITE_DONE)
		rc = ledger_error(l, "read", why);
	sqlite3_finalize(stmt);
	return rc;
}
