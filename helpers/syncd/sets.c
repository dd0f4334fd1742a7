/* SPDX-License-Identifier: GPL-2.0-or-later
 * Copyright (C) The ocf-ods contributors */
#include "sets.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cleanup.h"
#include "file.h"
#include "tokenfile.h"

#define FIXED_MAX 8
#define NAME_LEN_MAX (NAME_MAX - 8) /* leaves room for a suffix */

/* A file with a name of its own on the wire. */
struct fixed {
	enum set set;
	const char *wire;
	char dir[PATH_MAX];
	char name[NAME_MAX + 1];
};

struct sets {
	char dir[SET_END][PATH_MAX]; /* "" = not replicated */
	struct fixed fixed[FIXED_MAX];
	int fixed_count;
	char state_dir[PATH_MAX];
	char database[PATH_MAX];
	bool signatures; /* by __atomic only */
	bool config_sync;
};

static const char *const set_names[SET_END] = {
    [SET_TOKENS] = "tokens",
    [SET_DB] = "db",
    [SET_ZONES] = "zones",
    [SET_SIGNCONF] = "signconf",
    [SET_BACKUP] = "backup",
    [SET_PENDING] = "pending",
    [SET_PUBLISHED] = "published",
    [SET_UNSIGNED] = "unsigned",
    [SET_CONFIG] = "config",
    [SET_LEDGER] = "ledger",
};

const char *set_name(enum set set)
{
	const char *name = NULL;

	if (set > 0 && set < SET_END)
		name = set_names[set];
	return name ? name : "unknown";
}

bool set_is_files(enum set set)
{
	return set == SET_DB || set == SET_ZONES || set == SET_CONFIG;
}

static int set_dir(struct sets *s, enum set set, const char *dir)
{
	size_t len = strlen(dir);

	while (len > 1 && dir[len - 1] == '/')
		len--;
	if (len >= PATH_MAX)
		return -ENAMETOOLONG;
	memcpy(s->dir[set], dir, len);
	s->dir[set][len] = '\0';
	return 0;
}

static int set_fixed(
    struct sets *s, enum set set, const char *wire, const char *path)
{
	struct fixed *f = &s->fixed[s->fixed_count];
	const char *slash = strrchr(path, '/');
	size_t len = slash ? (size_t)(slash - path) : 0;

	if (path[0] == '\0')
		return 0;
	if (!slash || slash[1] == '\0' || len >= PATH_MAX ||
	    strlen(slash + 1) > NAME_MAX || s->fixed_count == FIXED_MAX)
		return -EINVAL;
	f->set = set;
	f->wire = wire;
	memcpy(f->dir, path, len);
	f->dir[len] = '\0';
	if (len == 0)
		snprintf(f->dir, sizeof(f->dir), "/");
	snprintf(f->name, sizeof(f->name), "%s", slash + 1);
	s->fixed_count++;
	return 0;
}

static int set_config(struct sets *s, const struct conf *conf)
{
	char addns[PATH_MAX];
	char dir[PATH_MAX];
	char *slash;
	int rc;

	snprintf(dir, sizeof(dir), "%s", conf->path);
	slash = strrchr(dir, '/');
	if (!slash)
		return -EINVAL;
	*slash = '\0';
	rc = path_join(addns, sizeof(addns), dir, "addns.xml");
	if (rc == 0)
		rc = set_fixed(s, SET_CONFIG, "kasp.xml", conf->policy_file);
	if (rc == 0)
		rc = set_fixed(
		    s, SET_CONFIG, "zonelist.xml", conf->zonelist_file);
	if (rc == 0)
		rc = set_fixed(s, SET_CONFIG, "addns.xml", addns);
	return rc;
}

static int set_database(struct sets *s, const struct conf *conf)
{
	CLEANUP_FREE char *real = NULL;

	if (conf->mysql || conf->database[0] == '\0')
		return 0;
	real = realpath(conf->database, NULL);
	snprintf(s->database, sizeof(s->database), "%s",
	    real ? real : conf->database);
	return set_fixed(s, SET_DB, SET_DB_NAME, s->database);
}

static int set_state(struct sets *s, enum set set, const char *name)
{
	char dir[PATH_MAX];
	int rc = path_join(dir, sizeof(dir), s->state_dir, name);

	if (rc < 0)
		return rc;
	rc = file_mkdirs(dir, set == SET_PENDING ? 0700 : 0755, NULL);
	return rc < 0 ? rc : set_dir(s, set, dir);
}

static int set_zones(struct sets *s, const struct sets_setup *setup)
{
	char path[PATH_MAX + 32];

	snprintf(path, sizeof(path), "%s%s", setup->conf->zones_file,
	    setup->zones_aside ? setup->zones_aside : "");
	return set_fixed(s, SET_ZONES, "zones.xml", path);
}

static int set_all(struct sets *s, const struct sets_setup *setup)
{
	const struct conf *conf = setup->conf;
	int rc = set_database(s, conf);

	if (rc == 0)
		rc = set_zones(s, setup);
	if (rc == 0)
		rc = set_dir(s, SET_SIGNCONF, conf->signconf_dir);
	if (rc == 0)
		rc = set_dir(s, SET_BACKUP, conf->signer_dir);
	if (rc == 0)
		rc = set_dir(s, SET_UNSIGNED, conf->unsigned_dir);
	if (rc == 0)
		rc = set_state(s, SET_PENDING, "pending");
	if (rc == 0)
		rc = set_state(s, SET_PUBLISHED, "published");
	if (rc == 0 && setup->config_sync)
		rc = set_config(s, conf);
	if (rc == 0 && setup->tokens)
		rc = set_dir(s, SET_TOKENS, setup->tokens);
	return rc;
}

int sets_open(
    const struct sets_setup *setup, struct sets **sets, struct why *why)
{
	struct sets *s = calloc(1, sizeof(*s));
	int rc;

	if (!s)
		return why_set(why, -ENOMEM, "out of memory");
	s->signatures = setup->signatures;
	s->config_sync = setup->config_sync;
	if (snprintf(s->state_dir, sizeof(s->state_dir), "%s",
	        setup->state_dir) >= (int)sizeof(s->state_dir))
		rc = -ENAMETOOLONG;
	else
		rc = set_all(s, setup);
	if (rc < 0) {
		free(s);
		return why_set(why, rc,
		    "cannot find where %s keeps its files: %s",
		    setup->conf->path, strerror(-rc));
	}
	*sets = s;
	return 0;
}

void sets_close(struct sets *sets)
{
	free(sets);
}

void sets_signatures(struct sets *s, bool reuse)
{
	__atomic_store_n(&s->signatures, reuse, __ATOMIC_RELAXED);
}

int signatures_parse(const char *name, bool *reuse)
{
	*reuse = strcmp(name, "reuse") == 0;
	return *reuse || strcmp(name, "resign") == 0 ? 0 : -EINVAL;
}

const char *signatures_name(bool reuse)
{
	return reuse ? "reuse" : "resign";
}

bool sets_active(const struct sets *s, enum set set)
{
	int i;

	if (set <= 0 || set >= SET_END)
		return false;
	if (set == SET_LEDGER || s->dir[set][0] != '\0')
		return true;
	for (i = 0; i < s->fixed_count; i++)
		if (s->fixed[i].set == set)
			return true;
	return false;
}

static const struct fixed *fixed_number(
    const struct sets *s, enum set set, int number)
{
	int i;

	for (i = 0; i < s->fixed_count; i++)
		if (s->fixed[i].set == set && number-- == 0)
			return &s->fixed[i];
	return NULL;
}

const char *sets_dir(const struct sets *s, enum set set, int index)
{
	const struct fixed *f;

	if (set <= 0 || set >= SET_END || set == SET_LEDGER)
		return NULL;
	if (!set_is_files(set))
		return index == 0 && s->dir[set][0] ? s->dir[set] : NULL;
	f = fixed_number(s, set, index);
	return f ? f->dir : NULL;
}

const char *sets_fixed(const struct sets *s, enum set set, int i)
{
	const struct fixed *f = fixed_number(s, set, i);

	return f ? f->wire : NULL;
}

const char *sets_fixed_name(
    const struct sets *s, enum set set, int index, const char *name)
{
	const struct fixed *f = fixed_number(s, set, index);

	return f && strcmp(f->name, name) == 0 ? f->wire : NULL;
}

static bool ends_with(const char *text, const char *end)
{
	size_t len = strlen(text), n = strlen(end);

	return len > n && strcmp(text + len - n, end) == 0;
}

/* What a program leaves between its open and its rename, and what name
 * servers write beside the zone that they serve.  Zone files may have any
 * name, and new is a top-level domain: only a signconf.new is none. */
static bool is_leftover(enum set set, const char *path)
{
	static const char *const ends[] = {
	    ".tmp", ".ods-new", ".ods-held", ".ods-foreign", ".jnl", "~"};
	size_t i;

	for (i = 0; i < sizeof(ends) / sizeof(ends[0]); i++)
		if (ends_with(path, ends[i]))
			return true;
	return (set == SET_SIGNCONF && ends_with(path, ".new")) ||
	       (set == SET_PUBLISHED && ends_with(path, ".ixfr"));
}

static bool is_signer_state(const struct sets *s, const char *path)
{
	return (ends_with(path, ".backup2") &&
	           __atomic_load_n(&s->signatures, __ATOMIC_RELAXED)) ||
	       ends_with(path, ".axfr") || ends_with(path, ".ixfr");
}

bool set_path_sound(enum set set, const char *path)
{
	const char *at = path;
	size_t len = strlen(path);

	if (len == 0 || len >= SET_PATH_MAX)
		return false;
	if (set == SET_LEDGER)
		return len <= NAME_MAX;
	for (;;) {
		size_t n = strcspn(at, "/");

		if (n == 0 || n > NAME_LEN_MAX || (n == 1 && at[0] == '.') ||
		    (n == 2 && at[0] == '.' && at[1] == '.'))
			return false;
		if (at[n] == '\0')
			return true;
		at += n + 1;
	}
}

static const struct fixed *fixed_wire(
    const struct sets *s, enum set set, const char *path)
{
	int i;

	for (i = 0; i < s->fixed_count; i++)
		if (s->fixed[i].set == set &&
		    strcmp(s->fixed[i].wire, path) == 0)
			return &s->fixed[i];
	return NULL;
}

bool sets_accept(const struct sets *s, enum set set, const char *path)
{
	if (!sets_active(s, set) || !set_path_sound(set, path))
		return false;
	if (set == SET_LEDGER)
		return true;
	if (set_is_files(set))
		return fixed_wire(s, set, path) != NULL;
	if (set == SET_TOKENS)
		return tokenfile_is_name(path);
	if (is_leftover(set, path))
		return false;
	return set != SET_BACKUP || is_signer_state(s, path);
}

int sets_place(const struct sets *s, enum set set, const char *path,
    struct set_place *place, struct why *why)
{
	const struct fixed *f;

	if (set == SET_LEDGER || !sets_accept(s, set, path))
		return why_set(why, -EPERM, "%s/%s has no place on this node",
		    set_name(set), path);
	place->dir = s->dir[set];
	place->local = path;
	if (set_is_files(set)) {
		f = fixed_wire(s, set, path);
		place->dir = f->dir;
		place->local = f->name;
	}
	return 0;
}

bool sets_foreign_dir(const struct sets *s, enum set set, const char *dir)
{
	int i;

	if (strcmp(dir, s->state_dir) == 0)
		return true;
	for (i = 1; i < SET_END; i++)
		if (i != (int)set && strcmp(s->dir[i], dir) == 0)
			return true;
	return false;
}

const char *sets_database(const struct sets *s)
{
	return s->database[0] ? s->database : NULL;
}

const char *sets_state_dir(const struct sets *s)
{
	return s->state_dir;
}
