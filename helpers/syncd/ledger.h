/* SPDX-License-Identifier: GPL-2.0-or-later
 * Copyright (C) The ocf-ods contributors */
#ifndef ODS_LEDGER_H
#define ODS_LEDGER_H

#include <stdbool.h>
#include <stdint.h>
#include "ancestry.h"
#include "keyrecord.h"
#include "keyclock.h"
#include "record.h"
#include "why.h"
#include "zonepast.h"

/* ledger.db: SQLite, WAL, synchronous=FULL, one connection per thread (each
 * ledger_open() is one).  Local part: node id, start counter, position,
 * record, history, proofs of keys.  Replicated part: one row per zone, one per
 * key of an HSM. */

struct ledger;

int ledger_open(const char *state_dir, struct ledger **ledger, struct why *why);
void ledger_close(struct ledger *ledger);

/* Who only looks makes none: 0, or a negative errno. */
int ledger_is_here(const char *state_dir, struct why *why);

/* Local part */
int ledger_node_id(struct ledger *l, struct id *id, bool *fresh,
    struct why *why); /* made at first use; fresh = made now */
int ledger_count_start(struct ledger *l, uint64_t *starts, struct why *why);
int ledger_record_get(struct ledger *l, struct record *r, struct why *why);
/* The record that was ours before one whose term may never begin. */
int ledger_before_put(
    struct ledger *l, const struct record *r, struct why *why);
int ledger_before_get(struct ledger *l, struct record *r, struct why *why);
int ledger_record_put(struct ledger *l, const struct record *r,
    struct why *why); /* durable on return */

/* Newest generation that is durable here (the tip), and whether it has been
 * applied. */
int ledger_position_get(struct ledger *l, struct position *tip,
    struct position *applied, struct why *why);
int ledger_tip_put(
    struct ledger *l, const struct position *tip, struct why *why);
int64_t ledger_tip_time(struct ledger *l); /* when it came; 0 = not known */
int ledger_applied_put(
    struct ledger *l, const struct position *applied, struct why *why);

/* The history: the terms that had a generation here, and how each began.
 * ledger_term_put() when a source begins TERM on the tip that it has: what
 * was begun since in vain is forgotten.  ledger_lineage_get() gives what led
 * to TERM, with the tip if it is of that term; free it also after a failure.
 * ledger_lineage_put() replaces all rows, for a copy that brings the source's;
 * it is not atomic by itself. */
int ledger_term_put(
    struct ledger *l, const struct ancestor *term, struct why *why);
int ledger_lineage_get(struct ledger *l, const struct id *term,
    struct lineage *lineage, struct why *why);
int ledger_lineage_put(
    struct ledger *l, const struct lineage *lineage, struct why *why);

/* Small named values of the local part ("fenced.NODEID" ...). */
int ledger_note_put(
    struct ledger *l, const char *key, const char *value, struct why *why);
int ledger_note_get(struct ledger *l, const char *key, char *value,
    size_t size); /* 0 or -ENOENT */

/* Replicated part: what was published, or is about to be. */
enum zone_state {
	ZONE_INTENT, /* the candidate is in pending/, the barrier is open */
	ZONE_SERVED, /* installed */
};

struct zone_row {
	char zone[256];
	uint32_t serial; /* SOA of that version */
	char digest[65]; /* SHA-256 of its file, hex */
	enum zone_state state;
	uint32_t served_serial; /* last installed one, 0 = none */
	char served_digest[65];
	char unsigned_digest[65]; /* unsigned file that led to it, "" = ? */
	bool ever;                /* serial fields are meaningful */
	int64_t expires;          /* first RRSIG of DIGEST, realtime s; 0 = */
	int64_t served_expires;   /* ... of served_digest;  none, unknown */
	char past[ZONE_PAST_MAX]; /* what the world may hold beside it */
	struct key_clock clock;   /* not written by ledger_zone_put() */
};

#define ZONE_TEXT_MAX 8192 /* octets of zone_row_text(), with its end */

/* While that is the same, so is every row (not the other way round).  Of this
 * connection only. */
int ledger_zone_version(struct ledger *l, uint64_t *version, struct why *why);

int ledger_zone_get(struct ledger *l, const char *zone, struct zone_row *row,
    struct why *why); /* -ENOENT when never published */
int ledger_zone_put(
    struct ledger *l, const struct zone_row *row, struct why *why);
int ledger_clock_put(struct ledger *l, const char *zone,
    const struct key_clock *clock, struct why *why);
int ledger_zone_drop(struct ledger *l, const char *zone, struct why *why);
int ledger_zone_each(struct ledger *l,
    int (*fn)(const struct zone_row *row, void *arg), void *arg,
    struct why *why);

/* Replicated part, too: the keys of the HSM as a source recorded them. */
int ledger_key_put(
    struct ledger *l, const struct keyrecord *key, struct why *why);
int ledger_key_drop(
    struct ledger *l, const struct keyrecord *key, struct why *why);
int ledger_key_version(struct ledger *l, uint64_t *version,
    struct why *why); /* while that is the same, so are they */
int ledger_key_each(struct ledger *l,
    int (*fn)(const struct keyrecord *key, void *arg), void *arg,
    struct why *why); /* by name */

/* Local part: KEY has signed in the token with that SERIAL.  The second drops
 * the proofs of keys that are not on record any more. */
int ledger_proof_put(struct ledger *l, const struct keyrecord *key,
    const char *serial, struct why *why);
int ledger_proof_prune(struct ledger *l, struct why *why);
int ledger_proof_each(struct ledger *l,
    int (*fn)(const struct keyrecord *key, const char *serial, void *arg),
    void *arg, struct why *why);

/* A row of the replicated part as it travels in a generation (set "ledger"):
 * NAME is its path, a zone or "key REPOSITORY LOCATOR" (no zone's name has a
 * blank), TEXT its content (zone_row_text(), keyrecord_encode()).
 * ledger_row_put(): -EBADMSG when TEXT is no such row.  ledger_row_get():
 * -ENOENT.  ledger_row_each() goes by name. */
#define ROW_TEXT_MAX ZONE_TEXT_MAX
int ledger_row_put(
    struct ledger *l, const char *name, const char *text, struct why *why);
int ledger_row_get(struct ledger *l, const char *name, char text[ROW_TEXT_MAX],
    struct why *why);
int ledger_row_drop(struct ledger *l, const char *name, struct why *why);
int ledger_row_each(struct ledger *l,
    int (*fn)(const char *name, const char *text, void *arg), void *arg,
    struct why *why);

/* The same, as it lies there: for who has seen most of them before.
 * ledger_raw_text() makes the TEXT of it. */
struct ledger_raw {
	const char *name, *line, *clock;
};
int ledger_raw_each(struct ledger *l,
    int (*fn)(const struct ledger_raw *row, void *arg, struct why *why),
    void *arg, struct why *why);
int ledger_raw_text(
    const struct ledger_raw *row, char text[ROW_TEXT_MAX], struct why *why);

/* Many puts in one transaction: begin ... commit. */
int ledger_begin(struct ledger *l, struct why *why);
int ledger_commit(struct ledger *l, struct why *why);
void ledger_rollback(struct ledger *l);

/* A zone row as one line of text and back: how it travels in a generation
 * (set "ledger", path = zone name).  zone_row_text() never fails for a row
 * that came from the ledger. */
int zone_row_text(const struct zone_row *row, char *text, size_t size);
int zone_row_parse(const char *zone, const char *text, struct zone_row *row);

#endif
