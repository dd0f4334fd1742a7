/* SPDX-License-Identifier: GPL-2.0-or-later
 * Copyright (C) The ocf-ods contributors */
#include "ledger.h"

#include <errno.h>
#include <inttypes.h>
#include <limits.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cleanup.h"
#include "file.h"

#define BUSY_TIMEOUT_MS 5000

/* synchronous=FULL with a rollback journal: an acknowledged row survives a
 * power loss.  local holds this node's own facts, zone travels in every
 * generation. */
static const char SQL_SCHEMA[] =
    "CREATE TABLE IF NOT EXISTS local ("
    " key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;"
    "CREATE TABLE IF NOT EXISTS zone ("
    " name TEXT PRIMARY KEY, line TEXT NOT NULL) WITHOUT ROWID;";
static const char SQL_LOCAL_PUT[] =
    "INSERT INTO local(key, value) VALUES(?1, ?2)"
    " ON CONFLICT(key) DO UPDATE SET value = ?2";
static const char SQL_LOCAL_GET[] = "SELECT value FROM local WHERE key = ?1";
static const char SQL_ZONE_PUT[] = "INSERT INTO zone(name, line) VALUES(?1, ?2)"
                                   " ON CONFLICT(name) DO UPDATE SET line = ?2";
static const char SQL_ZONE_GET[] = "SELECT line FROM zone WHERE name = ?1";
static const char SQL_ZONE_DROP[] = "DELETE FROM zone WHERE name = ?1";
static const char SQL_ZONE_ALL[] = "SELECT name, line FROM zone ORDER BY name";

#define LOCAL_VALUE_MAX 2048

struct ledger {
	sqlite3 *db;
};

static int ledger_error(struct ledger *l, const char *what, struct why *why)
{
	int code = sqlite3_errcode(l->db);
	int err = code == SQLITE_FULL ? -ENOSPC : -EIO;

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
		rc =
		    ledger_exec(l, "PRAGMA synchronous=FULL", "be set up", why);
	}
	if (rc == 0)
		rc = ledger_exec(l, SQL_SCHEMA, "make its tables", why);
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

/* Run SQL with one or two text arguments; nothing is read back. */
static int ledger_write(struct ledger *l, const char *sql, const char *a,
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

/* One text value for one key: 0, -ENOENT, or -EIO. */
static int ledger_fetch(struct ledger *l, const char *sql, const char *key,
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

/* The record as one line of words; lists are comma-separated ids. */
static int record_put(
    struct ledger *l, const char *key, const struct record *r, struct why *why)
{
	char text[LOCAL_VALUE_MAX], cluster[ID_TEXT], term[ID_TEXT];
	char source[ID_TEXT], holder[ID_TEXT];
	int i, n;

	id_text(&r->cluster, cluster);
	id_text(&r->term_id, term);
	id_text(&r->source, source);
	n = snprintf(text, sizeof(text),
	    "%s %" PRIu64 " %s %" PRIu64 " %s %d %d %d %d %" PRIu64 " ",
	    cluster, r->term, term, r->revision, source, r->voters, r->fencing,
	    r->solo, r->open, r->last_seq);
	for (i = 0; i < r->holders.count; i++) {
		id_text(&r->holders.id[i], holder);
		n += snprintf(text + n, sizeof(text) - (size_t)n, "%s%s",
		    i ? "," : "", holder);
	}
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

static int holders_parse(const char *text, struct node_list *list)
{
	char one[ID_TEXT];
	struct id id;

	list->count = 0;
	while (*text) {
		size_t len = strcspn(text, ",");

		if (len != ID_TEXT - 1)
			return -EIO;
		snprintf(one, sizeof(one), "%.*s", (int)len, text);
		if (id_parse(one, &id) < 0 || nodes_add(list, &id) < 0)
			return -EIO;
		text += len + (text[len] == ',');
	}
	return 0;
}

static int record_get(
    struct ledger *l, const char *key, struct record *r, struct why *why)
{
	char text[LOCAL_VALUE_MAX], cluster[64], term[64], source[64];
	char holders[LOCAL_VALUE_MAX] = "";
	int fencing, solo, open;
	int rc = ledger_fetch(l, SQL_LOCAL_GET, key, text, sizeof(text), why);

	memset(r, 0, sizeof(*r));
	if (rc < 0)
		return rc;
	if (sscanf(text,
	        "%63s %" SCNu64 " %63s %" SCNu64 " %63s %d %d %d %d %" SCNu64
	        " %2047s",
	        cluster, &r->term, term, &r->revision, source, &r->voters,
	        &fencing, &solo, &open, &r->last_seq, holders) < 10 ||
	    id_parse(cluster, &r->cluster) < 0 ||
	    id_parse(term, &r->term_id) < 0 ||
	    id_parse(source, &r->source) < 0 ||
	    holders_parse(holders, &r->holders) < 0)
		return why_set(why, -EIO, "ledger.db: the record is damaged");
	r->fencing = fencing;
	r->solo = solo;
	r->open = open;
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
	char text[128], term[ID_TEXT];

	id_text(&p->term_id, term);
	snprintf(text, sizeof(text), "%s %" PRIu64 " %" PRIu64, term, p->term,
	    p->seq);
	return ledger_note_put(l, key, text, why);
}

static int position_get(
    struct ledger *l, const char *key, struct position *p, struct why *why)
{
	char text[128], term[64];
	int rc = ledger_fetch(l, SQL_LOCAL_GET, key, text, sizeof(text), why);

	memset(p, 0, sizeof(*p));
	if (rc == -ENOENT)
		return 0;
	if (rc < 0)
		return rc;
	if (sscanf(text, "%63s %" SCNu64 " %" SCNu64, term, &p->term,
	        &p->seq) != 3 ||
	    id_parse(term, &p->term_id) < 0)
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
	return position_put(l, "tip", tip, why);
}

int ledger_applied_put(
    struct ledger *l, const struct position *applied, struct why *why)
{
	return position_put(l, "applied", applied, why);
}

static const char *or_dash(const char *text)
{
	return *text ? text : "-";
}

static void from_dash(char *text)
{
	if (strcmp(text, "-") == 0)
		*text = '\0';
}

int zone_row_text(const struct zone_row *row, char *text, size_t size)
{
	int n = snprintf(text, size, "1 %" PRIu32 " %s %d %" PRIu32 " %s %s %d",
	    row->serial, or_dash(row->digest), row->state, row->served_serial,
	    or_dash(row->served_digest), or_dash(row->unsigned_digest),
	    row->ever);

	return n < 0 || (size_t)n >= size ? -ENAMETOOLONG : 0;
}

int zone_row_parse(const char *zone, const char *text, struct zone_row *row)
{
	int version, state, ever;

	memset(row, 0, sizeof(*row));
	if (snprintf(row->zone, sizeof(row->zone), "%s", zone) >=
	    (int)sizeof(row->zone))
		return -ENAMETOOLONG;
	if (sscanf(text, "%d %" SCNu32 " %64s %d %" SCNu32 " %64s %64s %d",
	        &version, &row->serial, row->digest, &state,
	        &row->served_serial, row->served_digest, row->unsigned_digest,
	        &ever) != 8 ||
	    version != 1 || state < ZONE_INTENT || state > ZONE_SERVED)
		return -EINVAL;
	from_dash(row->digest);
	from_dash(row->served_digest);
	from_dash(row->unsigned_digest);
	row->state = (enum zone_state)state;
	row->ever = ever;
	return 0;
}

int ledger_zone_get(
    struct ledger *l, const char *zone, struct zone_row *row, struct why *why)
{
	char line[512];
	int rc = ledger_fetch(l, SQL_ZONE_GET, zone, line, sizeof(line), why);

	if (rc < 0)
		return rc;
	if (zone_row_parse(zone, line, row) < 0)
		return why_set(
		    why, -EIO, "ledger.db: the row of %s is damaged", zone);
	return 0;
}

int ledger_zone_put(
    struct ledger *l, const struct zone_row *row, struct why *why)
{
	char line[512];

	if (zone_row_text(row, line, sizeof(line)) < 0)
		return why_set(
		    why, -EINVAL, "the row of %s is too long", row->zone);
	return ledger_write(l, SQL_ZONE_PUT, row->zone, line, why);
}

int ledger_zone_drop(struct ledger *l, const char *zone, struct why *why)
{
	return ledger_write(l, SQL_ZONE_DROP, zone, NULL, why);
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
		const char *name = (const char *)sqlite3_column_text(stmt, 0);
		const char *line = (const char *)sqlite3_column_text(stmt, 1);

		rc = zone_row_parse(name, line, &row);
		rc = rc < 0 ? why_set(why, -EIO,
		                  "ledger.db: the row of %s is damaged", name)
		            : fn(&row, arg);
	}
	if (rc == 0 && step != SQLITE_DONE)
		rc = ledger_error(l, "read", why);
	sqlite3_finalize(stmt);
	return rc;
}
