/* SPDX-License-Identifier: GPL-2.0-or-later
 * Copyright (C) The ocf-ods contributors */
#include "ledger_core.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define KEY_PREFIX "key "
#define KEY_NAME_MAX \
	(sizeof(KEY_PREFIX) + KEYRECORD_NAME_MAX + KEYRECORD_LOCATOR_MAX)

static const char SQL_KEY_PUT[] = "INSERT INTO hsmkey(name, line)"
                                  " VALUES(?1, ?2)"
                                  " ON CONFLICT(name) DO UPDATE SET line = ?2";
static const char SQL_KEY_GET[] = "SELECT line FROM hsmkey WHERE name = ?1";
static const char SQL_KEY_DROP[] = "DELETE FROM hsmkey WHERE name = ?1";
static const char SQL_KEY_ALL[] = "SELECT line FROM hsmkey ORDER BY name";
static const char SQL_KEYS_CHANGE[] =
    "INSERT INTO local(key, value) VALUES('keys.version', ?1)"
    " ON CONFLICT(key) DO UPDATE SET value = value + 1";
static const char SQL_KEYS_VERSION[] = "SELECT value FROM local WHERE key = ?1";
static const char SQL_ROWS[] =
    "SELECT name, zone.line, clock.line FROM zone"
    " LEFT JOIN clock USING(name) UNION ALL"
    " SELECT name, line, NULL FROM hsmkey ORDER BY name";
static const char SQL_PROOF_PUT[] =
    "INSERT OR REPLACE INTO proof(name, sha256, serial) VALUES(?1, ?2, ?3)";
static const char SQL_PROOF_PRUNE[] =
    "DELETE FROM proof WHERE name NOT IN (SELECT name FROM hsmkey)";
static const char SQL_PROOF_ALL[] =
    "SELECT name, sha256, serial FROM proof ORDER BY name";

static bool is_key(const char *name)
{
	return strncmp(name, KEY_PREFIX, strlen(KEY_PREFIX)) == 0;
}

static void key_name(const struct keyrecord *key, char name[KEY_NAME_MAX])
{
	snprintf(name, KEY_NAME_MAX, KEY_PREFIX "%s %s", key->repository,
	    key->locator);
}

static bool key_parse(const char *name, const char *text, struct keyrecord *key)
{
	char want[KEY_NAME_MAX];

	if (keyrecord_decode(text, key) < 0)
		return false;
	key_name(key, want);
	return strcmp(name, want) == 0;
}

/* Behind the change: who reads between the two reads once more. */
static int keys_changed(struct ledger *l, struct why *why)
{
	return ledger_write(l, SQL_KEYS_CHANGE, "1", NULL, why);
}

int ledger_key_put(
    struct ledger *l, const struct keyrecord *key, struct why *why)
{
	char name[KEY_NAME_MAX], line[KEYRECORD_LINE_MAX];
	int rc;

	if (keyrecord_encode(key, line, sizeof(line)) < 0)
		return why_set(why, -EINVAL, "%s is no key", key->locator);
	key_name(key, name);
	l->row_writes++;
	rc = ledger_write(l, SQL_KEY_PUT, name, line, why);
	return rc < 0 ? rc : keys_changed(l, why);
}

int ledger_key_version(struct ledger *l, uint64_t *version, struct why *why)
{
	char text[32] = "0";
	int rc = ledger_fetch(
	    l, SQL_KEYS_VERSION, "keys.version", text, sizeof(text), why);

	*version = strtoull(text, NULL, 10);
	return rc == -ENOENT ? 0 : rc;
}

int ledger_key_drop(
    struct ledger *l, const struct keyrecord *key, struct why *why)
{
	char name[KEY_NAME_MAX];

	key_name(key, name);
	return ledger_row_drop(l, name, why);
}

/* FN for each row; what it returns below 0 ends the walk. */
static int walk(struct ledger *l, const char *sql,
    int (*fn)(struct ledger *l, sqlite3_stmt *row, void *arg, struct why *why),
    void *arg, struct why *why)
{
	sqlite3_stmt *stmt = NULL;
	int rc = 0, step = SQLITE_ROW;

	if (sqlite3_prepare_v2(l->db, sql, -1, &stmt, NULL) != SQLITE_OK)
		return ledger_error(l, "read", why);
	while (rc == 0 && (step = sqlite3_step(stmt)) == SQLITE_ROW)
		rc = fn(l, stmt, arg, why);
	if (rc == 0 && step != SQLITE_DONE)
		rc = ledger_error(l, "read", why);
	sqlite3_finalize(stmt);
	return rc;
}

static const char *text_of(sqlite3_stmt *row, int column)
{
	const char *text = (const char *)sqlite3_column_text(row, column);

	return text ? text : "";
}

struct key_walk {
	int (*fn)(const struct keyrecord *key, void *arg);
	void *arg;
};

static int each_key(
    struct ledger *l, sqlite3_stmt *row, void *arg, struct why *why)
{
	struct key_walk *w = arg;
	struct keyrecord key;

	(void)l;
	if (keyrecord_decode(text_of(row, 0), &key) < 0)
		return why_set(
		    why, -EIO, "ledger.db: the row of a key is damaged");
	return w->fn(&key, w->arg);
}

int ledger_key_each(struct ledger *l,
    int (*fn)(const struct keyrecord *key, void *arg), void *arg,
    struct why *why)
{
	struct key_walk w = {fn, arg};

	return walk(l, SQL_KEY_ALL, each_key, &w, why);
}

int ledger_proof_put(struct ledger *l, const struct keyrecord *key,
    const char *serial, struct why *why)
{
	sqlite3_stmt *stmt = NULL;
	char name[KEY_NAME_MAX];
	int rc = 0;

	key_name(key, name);
	if (sqlite3_prepare_v2(l->db, SQL_PROOF_PUT, -1, &stmt, NULL) !=
	    SQLITE_OK)
		return ledger_error(l, "write", why);
	sqlite3_bind_text(stmt, 1, name, -1, SQLITE_STATIC);
	sqlite3_bind_text(stmt, 2, key->sha256, -1, SQLITE_STATIC);
	sqlite3_bind_text(stmt, 3, serial, -1, SQLITE_STATIC);
	if (sqlite3_step(stmt) != SQLITE_DONE)
		rc = ledger_error(l, "write", why);
	sqlite3_finalize(stmt);
	return rc;
}

int ledger_proof_prune(struct ledger *l, struct why *why)
{
	if (sqlite3_exec(l->db, SQL_PROOF_PRUNE, NULL, NULL, NULL) != SQLITE_OK)
		return ledger_error(l, "write", why);
	return 0;
}

struct proof_walk {
	int (*fn)(const struct keyrecord *key, const char *serial, void *arg);
	void *arg;
};

static int each_proof(
    struct ledger *l, sqlite3_stmt *row, void *arg, struct why *why)
{
	struct proof_walk *w = arg;
	struct keyrecord key = {.in_use = true};

	(void)l;
	if (sscanf(text_of(row, 0), KEY_PREFIX "%63s %128s", key.repository,
	        key.locator) != 2)
		return why_set(why, -EIO, "ledger.db: a proof is damaged");
	snprintf(key.sha256, sizeof(key.sha256), "%s", text_of(row, 1));
	return w->fn(&key, text_of(row, 2), w->arg);
}

int ledger_proof_each(struct ledger *l,
    int (*fn)(const struct keyrecord *key, const char *serial, void *arg),
    void *arg, struct why *why)
{
	struct proof_walk w = {fn, arg};

	return walk(l, SQL_PROOF_ALL, each_proof, &w, why);
}

/* TEXT as it is written now, with the zone's CLOCK, "" = none: a row may be of
 * an earlier version. */
static int normal(const char *name, const char *text, const char *clock,
    char out[ROW_TEXT_MAX])
{
	struct zone_row row;
	struct keyrecord key;

	if (is_key(name))
		return key_parse(name, text, &key) &&
		               keyrecord_encode(&key, out, ROW_TEXT_MAX) > 0
		           ? 0
		           : -EBADMSG;
	if (zone_row_parse(name, text, &row) < 0 ||
	    (clock[0] && key_clock_parse(clock, &row.clock) < 0))
		return -EBADMSG;
	return zone_row_text(&row, out, ROW_TEXT_MAX);
}

static int damaged(const char *name, struct why *why)
{
	return why_set(
	    why, -EIO, "ledger.db: the row of %.200s is damaged", name);
}

int ledger_row_put(
    struct ledger *l, const char *name, const char *text, struct why *why)
{
	struct zone_row row;
	struct keyrecord key;
	int rc;

	if (is_key(name) && key_parse(name, text, &key))
		return ledger_key_put(l, &key, why);
	if (!is_key(name) && zone_row_parse(name, text, &row) == 0) {
		rc = ledger_zone_put(l, &row, why);
		return rc < 0 ? rc : ledger_clock_put(l, name, &row.clock, why);
	}
	return why_set(why, -EBADMSG, "the ledger row of %.200s is none", name);
}

int ledger_row_get(struct ledger *l, const char *name, char text[ROW_TEXT_MAX],
    struct why *why)
{
	char line[ROW_TEXT_MAX];
	struct zone_row row;
	int rc;

	if (!is_key(name)) {
		rc = ledger_zone_get(l, name, &row, why);
		return rc < 0 ? rc : zone_row_text(&row, text, ROW_TEXT_MAX);
	}
	rc = ledger_fetch(l, SQL_KEY_GET, name, line, sizeof(line), why);
	if (rc < 0)
		return rc;
	return normal(name, line, "", text) < 0 ? damaged(name, why) : 0;
}

int ledger_row_drop(struct ledger *l, const char *name, struct why *why)
{
	int rc;

	if (!is_key(name))
		return ledger_zone_drop(l, name, why);
	l->row_writes++;
	rc = ledger_write(l, SQL_KEY_DROP, name, NULL, why);
	return rc < 0 ? rc : keys_changed(l, why);
}

struct raw_walk {
	int (*fn)(const struct ledger_raw *row, void *arg, struct why *why);
	void *arg;
};

static int each_raw(
    struct ledger *l, sqlite3_stmt *row, void *arg, struct why *why)
{
	struct raw_walk *w = arg;
	const struct ledger_raw raw = {
	    text_of(row, 0), text_of(row, 1), text_of(row, 2)};

	(void)l;
	return w->fn(&raw, w->arg, why);
}

int ledger_raw_each(struct ledger *l,
    int (*fn)(const struct ledger_raw *row, void *arg, struct why *why),
    void *arg, struct why *why)
{
	struct raw_walk w = {fn, arg};

	return walk(l, SQL_ROWS, each_raw, &w, why);
}

int ledger_raw_text(
    const struct ledger_raw *row, char text[ROW_TEXT_MAX], struct why *why)
{
	return normal(row->name, row->line, row->clock, text) < 0
	           ? damaged(row->name, why)
	           : 0;
}

struct row_walk {
	int (*fn)(const char *name, const char *text, void *arg);
	void *arg;
};

static int each_row(const struct ledger_raw *row, void *arg, struct why *why)
{
	struct row_walk *w = arg;
	char text[ROW_TEXT_MAX];
	int rc = ledger_raw_text(row, text, why);

	return rc < 0 ? rc : w->fn(row->name, text, w->arg);
}

int ledger_row_each(struct ledger *l,
    int (*fn)(const char *name, const char *text, void *arg), void *arg,
    struct why *why)
{
	struct row_walk w = {fn, arg};

	return ledger_raw_each(l, each_row, &w, why);
}
