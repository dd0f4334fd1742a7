/* SPDX-License-Identifier: GPL-2.0-or-later
 * Copyright (C) The ocf-ods contributors */
#ifndef ODS_SETS_H
#define ODS_SETS_H

#include <limits.h>
#include <stdbool.h>
#include <stddef.h>
#include "conf.h"
#include "why.h"

/* What is replicated.  A name on the wire is (set, relative path); each node
 * maps the set to its own place by its own conf.xml.  The order is the order
 * of applying: after a crash in the middle nothing is there whose cause is
 * missing.  The numbers travel: never change one. */
enum set {
	SET_TOKENS = 1, /* of SoftHSM, in files; with tokens= only */
	SET_DB = 2,
	SET_ZONES = 3,
	SET_SIGNCONF = 4,
	SET_BACKUP = 5,
	SET_PENDING = 6,
	SET_PUBLISHED = 7,
	SET_UNSIGNED = 8,
	SET_CONFIG = 9,
	SET_LEDGER = 10, /* rows, no files: path = zone, content = row text */
	SET_END = 11,
};

#define SET_PATH_MAX 1024 /* of a relative path, with its NUL */
#define SET_DB_NAME "kasp.db"

struct sets_setup {
	const struct conf *conf;
	const char *state_dir;
	bool config_sync;
	bool signatures;
	const char *tokens;      /* SoftHSM's directory; NULL or "" = none */
	const char *zones_aside; /* zones.xml has this suffix; NULL = none */
};

/* signatures=: reuse (backup2 is replicated) or resign; -EINVAL. */
int signatures_parse(const char *name, bool *reuse);
const char *signatures_name(bool reuse);

struct sets;

int sets_open(
    const struct sets_setup *setup, struct sets **sets, struct why *why);
void sets_close(struct sets *sets);

/* backup2 belongs to its set from now on, or not.  From any thread. */
void sets_signatures(struct sets *sets, bool reuse);

const char *set_name(enum set set);

/* Is the set replicated by this node's settings?  The ledger always is. */
bool sets_active(const struct sets *sets, enum set set);

/* One or a few files with fixed names (true), or all that a directory
 * holds.  The ledger is neither. */
bool set_is_files(enum set set);

/* Directories of the set: one, but for SET_CONFIG, whose files may lie in
 * different ones.  NULL behind the last one. */
const char *sets_dir(const struct sets *sets, enum set set, int index);

/* Is PATH one that this set carries here: well-formed, not a leftover of
 * somebody's temporary file, of a kind that the set holds?  Everything that
 * comes from the network or the disk is judged by this. */
bool sets_accept(const struct sets *sets, enum set set, const char *path);

/* A relative path without "", "." or ".." components, not absolute. */
bool set_path_sound(enum set set, const char *path);

/* Where (set, path) lies here: a directory that the admin configured, and
 * the rest of the way beneath it. */
struct set_place {
	const char *dir;
	const char *local; /* relative to dir; may hold slashes */
};

int sets_place(const struct sets *sets, enum set set, const char *path,
    struct set_place *place, struct why *why);

/* The wire path of the file NAME in directory number INDEX of a set of fixed
 * names, or NULL. */
const char *sets_fixed_name(
    const struct sets *sets, enum set set, int index, const char *name);

/* Number I of the fixed names of a set (set_is_files), NULL behind the last
 * one. */
const char *sets_fixed(const struct sets *sets, enum set set, int i);

/* Is DIR (absolute) the directory of another set, so that walking SET must
 * not descend into it? */
bool sets_foreign_dir(const struct sets *sets, enum set set, const char *dir);

/* kasp.db here, symbolic links resolved; NULL when there is none. */
const char *sets_database(const struct sets *sets);
const char *sets_state_dir(const struct sets *sets);

#endif
