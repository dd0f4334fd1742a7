/* SPDX-License-Identifier: GPL-2.0-or-later
 * Copyright (C) The ocf-ods contributors */
#include "kaspdb.h"

#include <errno.h>
#include <grp.h>
#include <sqlite3.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "hsmreport.h"
#include "log.h"

#define BUSY_MS 2000

#define SQL_ZONES "SELECT count(*) FROM zone"
#define SQL_KEYS                                     \
	"SELECT max((SELECT count(*) FROM keyData)," \
	" (SELECT count(*) FROM hsmKey))"
#define SQL_KEY_TABLES                       \
	"SELECT count(*) FROM sqlite_master" \
	" WHERE type = 'table' AND name IN ('hsmKey', 'keyData')"
#define SQL_IN_USE                                               \
	"EXISTS(SELECT 1 FROM keyData k WHERE k.hsmKeyId = h.id" \
	" AND (k.publish = 1 OR k.activeKsk = 1 OR k.activeZsk = 1))"
#define SQL_HSM_KEYS                                                       \
	"SELECT repository, locator, algorithm, role, backup, " SQL_IN_USE \
	" FROM hsmKey h WHERE state <> 4 ORDER BY repository, locator"
#define SQL_UNBACKED                                                       \
	"SELECT repository, locator, algorithm, role, backup, " SQL_IN_USE \
	" AS used FROM hsmKey h WHERE backup IN (1, 2) AND used"           \
	" ORDER BY repository, locator"
/* keyState type 0 is the DS: 0 hidden, 4 does not apply. */
#define SQL_DS                                                                \
	"SELECT z.name, ifnull(k.algorithm, 0), ifnull(k.keytag, 0),"         \
	" EXISTS(SELECT 1 FROM keyState s WHERE s.keyDataId = k.id"           \
	" AND s.type = 0 AND s.state = 2)"                                    \
	" FROM zone z LEFT JOIN keyData k ON k.zoneId = z.id"                 \
	" AND (k.dsAtParent IN (1, 2, 3) OR EXISTS(SELECT 1 FROM keyState s"  \
	" WHERE s.keyDataId = k.id AND s.type = 0 AND s.state IN (1, 2, 3)))" \
	" ORDER BY z.name"
#define SQL_CHECK "PRAGMA quick_check(1)"
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

/* VALUE as one of COUNT words, "-" for another value or NULL. */
static void word_of(char *buf, size_t size, sqlite3_stmt *stmt, int column,
    const char *const *words, int count)
{
	int value = sqlite3_column_int(stmt, column);
	bool known = sqlite3_column_type(stmt, column) == SQLITE_INTEGER &&
	             value >= 0 && value < count;

	snprintf(buf, size, "%s", known ? words[value] : "-");
}

static const char *text_of(sqlite3_stmt *stmt, int column)
{
	const unsigned char *text = sqlite3_column_text(stmt, column);

	return text ? (const char *)text : "";
}

static bool row_take(sqlite3_stmt *stmt, struct kaspdb_key *key)
{
	static const char *const roles[] = {"-", "KSK", "ZSK", "CSK"};
	static const char *const backups[] = {
	    "none", "required", "requested", "done"};
	struct keyrecord *r = &key->record;
	char line[KEYRECORD_LINE_MAX];

	memset(key, 0, sizeof(*key));
	hsmreport_word(r->repository, sizeof(r->repository), text_of(stmt, 0));
	snprintf(r->locator, sizeof(r->locator), "%s", text_of(stmt, 1));
	r->algorithm = sqlite3_column_int(stmt, 2);
	r->in_use = sqlite3_column_int(stmt, 5) != 0;
	word_of(key->role, sizeof(key->role), stmt, 3, roles, 4);
	word_of(key->backup, sizeof(key->backup), stmt, 4, backups, 4);
	return keyrecord_encode(r, line, sizeof(line)) > 0;
}

static int rows_walk(sqlite3 *db, const char *sql,
    void (*fn)(const struct kaspdb_key *key, void *arg), void *arg)
{
	sqlite3_stmt *stmt = NULL;
	struct kaspdb_key key;
	int rc = sqlite3_prepare_v2(db, sql, -1, &stmt, NULL);

	if (rc == SQLITE_OK) {
		while ((rc = sqlite3_step(stmt)) == SQLITE_ROW) {
			if (row_take(stmt, &key))
				fn(&key, arg);
			else
				log_warn("kasp.db: a row of hsmKey names no "
				         "key: %.64s",
				    key.record.locator);
		}
		if (rc == SQLITE_DONE)
			rc = SQLITE_OK;
	}
	sqlite3_finalize(stmt);
	return rc;
}

static int keys_walk(const char *file, const char *sql,
    void (*fn)(const struct kaspdb_key *key, void *arg), void *arg,
    struct why *why)
{
	sqlite3 *db = NULL;
	long tables;
	int rc = open_db(file, SQLITE_OPEN_READONLY, &db, why);

	if (rc < 0)
		return rc;
	rc = count_rows(db, SQL_KEY_TABLES, &tables);
	if (rc == SQLITE_OK && tables == 2)
		rc = rows_walk(db, sql, fn, arg);
	if (rc != SQLITE_OK)
		return fail(db, file, rc, why);
	sqlite3_close(db);
	return 0;
}

int kaspdb_keys(const char *file,
    void (*fn)(const struct kaspdb_key *key, void *arg), void *arg,
    struct why *why)
{
	return keys_walk(file, SQL_HSM_KEYS, fn, arg, why);
}

int kaspdb_unbacked(const char *file,
    void (*fn)(const struct kaspdb_key *key, void *arg), void *arg,
    struct why *why)
{
	return keys_walk(file, SQL_UNBACKED, fn, arg, why);
}

static int ds_walk(sqlite3 *db, kaspdb_ds_fn fn, void *arg)
{
	sqlite3_stmt *stmt = NULL;
	int rc = sqlite3_prepare_v2(db, SQL_DS, -1, &stmt, NULL);

	if (rc == SQLITE_OK) {
		while ((rc = sqlite3_step(stmt)) == SQLITE_ROW)
			fn(text_of(stmt, 0), sqlite3_column_int(stmt, 1),
			    sqlite3_column_int(stmt, 2),
			    sqlite3_column_int(stmt, 3) != 0, arg);
		if (rc == SQLITE_DONE)
			rc = SQLITE_OK;
	}
	sqlite3_finalize(stmt);
	return rc;
}

int kaspdb_ds(const char *file, kaspdb_ds_fn fn, void *arg, struct why *why)
{
	sqlite3 *db = NULL;
	int rc = open_db(file, SQLITE_OPEN_READONLY, &db, why);

	if (rc < 0)
		return rc;
	rc = ds_walk(db, fn, arg);
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

int kaspdb_check(const char *file, struct why *why)
{
	sqlite3 *db = NULL;
	sqlite3_stmt *stmt = NULL;
	int rc = open_db(file, SQLITE_OPEN_READONLY, &db, why), bad = 0;

	if (rc < 0)
		return rc;
	rc = sqlite3_prepare_v2(db, SQL_CHECK, -1, &stmt, NULL);
	if (rc == SQLITE_OK)
		rc = sqlite3_step(stmt);
	if (rc == SQLITE_ROW) {
		rc = SQLITE_OK;
		if (strcmp(text_of(stmt, 0), "ok") != 0)
			bad = why_set(why, -EBADMSG, "%s is damaged: %.150s",
			    file, text_of(stmt, 0));
	}
	sqlite3_finalize(stmt);
	if (rc == SQLITE_CORRUPT || rc == SQLITE_NOTADB)
		bad = why_set(why, -EBADMSG, "%s is damaged: %s", file,
		    sqlite3_errmsg(db));
	else if (rc != SQLITE_OK)
		return fail(db, file, rc, why);
	sqlite3_close(db);
	return bad;
}
