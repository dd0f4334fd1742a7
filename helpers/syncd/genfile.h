/* SPDX-License-Identifier: GPL-2.0-or-later
 * Copyright (C) The ocf-ods contributors */
#ifndef ODS_GENFILE_H
#define ODS_GENFILE_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>
#include "content.h"
#include "manifest.h"
#include "record.h"

/* A generation as bytes: the source's spool, the wire and the replica's redo
 * log are the same file.
 *
 *	header		GEN_HEADER_LEN bytes
 *	record ...	u8 kind, entry, u64 length, that much content
 *	trailer		magic, SHA-256 over all records (without contents,
 *			whose sum is in their entry) and the header
 *
 * Records stand in any order; a name stands once.  The sums find damage; that
 * the bytes come from the source is TLS's to prove. */

#define GEN_IDLE 0x1 /* cut while the enforcer was idle */
#define GEN_FULL 0x2 /* the whole manifest, not a step */
#define GEN_STALE_DB                                        \
	0x4 /* the database could not be captured: its last \
	       good state, and the signconfs that go with it */

struct gen_header {
	unsigned flags;
	struct id cluster;
	uint64_t term;
	struct id term_id;
	uint64_t seq;
	uint64_t prev_seq; /* 0 when FULL, and for the first of a term */
	uint8_t prev_sum[SHA_LEN];
	uint8_t sum[SHA_LEN]; /* of the manifest that it leads to */
	uint64_t request;     /* highest cut request that it satisfies */
	uint32_t entries;     /* of that manifest */
	uint32_t records;
	uint64_t size; /* of the whole file */
};

#define GEN_HEADER_LEN 180
#define GEN_TRAILER_LEN (8 + SHA_LEN)
#define GEN_RECORD_MAX (1 + ENTRY_WIRE_MAX + 8)

/* 0; -EBADMSG; -E2BIG when it announces more than MANIFEST_ENTRIES_MAX. */
int gen_header_decode(const uint8_t *buf, size_t len, struct gen_header *h);
void gen_header_encode(const struct gen_header *h, uint8_t buf[GEN_HEADER_LEN]);

/* Writing.  A content is put down first, at genwriter_content(); it counts
 * when genwriter_add() names it, so that a copy that went wrong costs
 * nothing but to start again at the same place. */
struct genwriter {
	int fd; /* the caller's */
	uint64_t end;
	uint32_t records;
	struct sha sha;
};

void genwriter_begin(struct genwriter *w, int fd);
uint64_t genwriter_content(const struct genwriter *w, const struct entry *e);
int genwriter_add(struct genwriter *w, enum change_kind kind,
    const struct entry *e, uint64_t len);
/* Content from memory (a ledger row). */
int genwriter_text(
    struct genwriter *w, const struct entry *e, const char *text, size_t len);
/* Completes H (records, size) and the file. */
int genwriter_end(struct genwriter *w, struct gen_header *h);
void genwriter_abort(struct genwriter *w);

/* Reading: the header and the sorted list of what is in it.  SIZE is that of
 * the file.  -EBADMSG or -E2BIG when anything is not as it must be. */
struct gen {
	struct gen_header header;
	struct change_list list;
};

int gen_load(int fd, uint64_t size, struct gen *gen, struct why *why);
void gen_free(struct gen *gen);
bool gen_names(const struct gen *gen, enum set set, const char *path);

/* The record that BUF begins with, LEFT octets before the trailer: how many it
 * takes without its content, or -EBADMSG, -EXDEV.  C gets a reference, and no
 * place. */
ssize_t gen_record_get(const struct gen_header *h, const uint8_t *buf,
    size_t len, uint64_t left, struct change *c);

/* Copy the whole content of E (TO < 0: only sum it up), with the sum that
 * belongs in an entry of its set. */
int gen_content_copy(const struct entry *e, int from, uint64_t from_at, int to,
    uint64_t to_at, uint8_t sum[SHA_LEN], const struct tick *t);

/* Read every content once and compare it with its entry. */
int gen_verify(
    int fd, const struct gen *gen, const struct tick *t, struct why *why);

#endif
