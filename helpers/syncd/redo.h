/* SPDX-License-Identifier: GPL-2.0-or-later
 * Copyright (C) The ocf-ods contributors */
#ifndef ODS_REDO_H
#define ODS_REDO_H

#include <limits.h>
#include <stdbool.h>
#include <stdint.h>
#include "record.h"
#include "why.h"

/* state_dir/log: generations by name, TERMID-SEQ.gen.  On the source what
 * the replicas still have to get; on a replica what it has acked and not yet
 * applied.  NAME.part is one in the making and is worth nothing after a
 * crash, but for a full one that comes in: those whose NAME begins with
 * REDO_SEED (kept.h). */

#define REDO_SEED "seed"

int redo_open(const char *state_dir, struct why *why); /* make it; drop parts */

/* A new empty NAME.part, open for reading and writing. */
int redo_part(const char *state_dir, const char *name, struct why *why);

/* Take its name away: it ends with its descriptor. */
void redo_unlink_part(const char *state_dir, const char *name);

/* One that is there; -ENOENT. */
int redo_part_open(const char *state_dir, const char *name, uint64_t *size);
int redo_part_rename(const char *state_dir, const char *from, const char *to);

/* Its name is durable. */
int redo_sync(const char *state_dir);

/* Give it its name. */
int redo_name(const char *state_dir, const char *name,
    const struct position *pos, struct why *why);

/* The same, durably: content first, then the name. */
int redo_commit(const char *state_dir, const char *name, int fd,
    const struct position *pos, struct why *why);

int redo_read(const char *state_dir, const struct position *pos,
    uint64_t *size); /* a descriptor; -ENOENT when there is none */
int redo_remove(const char *state_dir, const struct position *pos);

/* The name of a generation's file, and back; false when NAME is none. */
#define REDO_NAME (ID_TEXT + 32)
void redo_name_text(const struct position *pos, char name[REDO_NAME]);
bool redo_name_parse(const char *name, struct id *term_id, uint64_t *seq);

/* Sequence numbers of a term that are there, rising.  *SEQS is the caller's
 * to free. */
int redo_list(const char *state_dir, const struct id *term_id, uint64_t **seqs,
    size_t *count);

/* Remove everything but the generations of TERM_ID (NULL: everything). */
int redo_purge(const char *state_dir, const struct id *term_id);

#endif
