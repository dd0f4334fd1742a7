/* SPDX-License-Identifier: GPL-2.0-or-later
 * Copyright (C) The ocf-ods contributors */

/* A generation file: the spool, the wire, the redo log.  The first octet says
 * whether the rest is the file itself, or what a source puts into one; such a
 * file must load exactly when its records may be, and not any more when one
 * octet of it is another. */
#include <sys/mman.h>
#include <unistd.h>

#include "database.h"
#include "entries.h"
#include "genfile.h"
#include "ledger.h"
#include "pieces.h"

#define RAW 0
#define BUILT 1

static int fd = -1;

static int load(uint64_t size, struct gen *gen)
{
	int rc = gen_load(fd, size, gen, NULL);

	if (rc < 0)
		return rc;
	rc = gen_verify(fd, gen, NULL, NULL);
	if (rc < 0)
		gen_free(gen);
	return rc;
}

/* A row of the ledger, as the standby reads it. */
static void look_at_row(const struct change *c)
{
	char text[ROW_TEXT_MAX], again[ROW_TEXT_MAX];
	struct zone_row row;
	struct keyrecord key;

	if (c->kind != CHANGE_WHOLE || c->len >= sizeof(text))
		return;
	must(pread(fd, text, (size_t)c->len, (off_t)c->at) == (ssize_t)c->len);
	text[c->len] = '\0';
	if (zone_row_parse(c->entry->path, text, &row) == 0)
		must(zone_row_text(&row, again, sizeof(again)) == 0);
	if (keyrecord_decode(text, &key) == 0)
		must(keyrecord_encode(&key, again, sizeof(again)) > 0);
}

static void look(const struct gen *gen, uint64_t size)
{
	struct manifest *m = NULL;
	size_t i;

	must(gen->header.size == size);
	must(gen->list.count == gen->header.records);
	for (i = 0; i < gen->list.count; i++) {
		const struct change *c = &gen->list.change[i];

		must(c->at >= GEN_HEADER_LEN && c->at <= size &&
		     c->len <= size - c->at);
		must(i == 0 || entry_order(c[-1].entry, c->entry) < 0);
		if (c->entry->set == SET_LEDGER)
			look_at_row(c);
	}
	if (gen->header.flags & GEN_FULL)
		must(manifest_next(NULL, &gen->list, &m) == 0);
	manifest_unref(m);
}

struct pieces {
	uint64_t size, end;
	size_t count;
};

static int one_piece(const struct piece *p, void *arg)
{
	struct pieces *all = arg;

	must(p->at >= all->end && p->len <= PIECE_MAX && p->len >= PIECE_MIN);
	must(p->at + p->len <= all->size);
	all->end = p->at + p->len;
	all->count++;
	return 0;
}

/* Of the first SIZE octets, also where they are no generation: how many. */
static size_t pieces_in(uint64_t size)
{
	struct pieces all = {.size = size};

	must(pieces_each(fd, size, one_piece, &all, NULL) == 0);
	return all.count;
}

static void fuzz_raw(const uint8_t *data, size_t len)
{
	struct gen gen;

	must(ftruncate(fd, 0) == 0);
	must(pwrite(fd, data, len, 0) == (ssize_t)len);
	must(pieces_in(len / 2) <= pieces_in(len));
	if (load(len, &gen) < 0)
		return;
	look(&gen, len);
	gen_free(&gen);
}

struct building {
	struct genwriter w;
	struct gen_header h;
	struct change_list names;
	bool sound;
};

static bool may_be(const struct gen_header *h, uint8_t kind)
{
	switch (kind) {
	case CHANGE_WHOLE:
	case CHANGE_META:
		return true;
	case CHANGE_GONE:
		return !(h->flags & GEN_FULL);
	case CHANGE_OWED:
		return h->flags & GEN_FULL || h->prev_seq == 0;
	default:
		return false;
	}
}

/* A database is what the content has letters for: it travels whole, or as the
 * step from one that has the first letter only. */
static void build_db(struct building *b, uint8_t kind, struct entry *e,
    const uint8_t *content, size_t len)
{
	struct fuzz_db db, before;
	uint64_t n = 0;

	fuzz_db_make(&db, content, len);
	fuzz_db_make(&before, content, len > 1);
	e->size = fuzz_db_size(&db);
	memcpy(e->sha, db.table->sum, SHA_LEN);
	if (kind == CHANGE_WHOLE) {
		must(genwriter_text(&b->w, e, (const char *)db.page,
		         fuzz_db_size(&db)) == 0);
	} else {
		if (kind == CHANGE_PAGES)
			n = fuzz_db_step(
			    b->w.fd, genwriter_content(&b->w, e), &before, &db);
		must(genwriter_add(&b->w, (enum change_kind)kind, e, n) == 0);
	}
	pages_unref(db.table);
	pages_unref(before.table);
}

static void build_one(struct building *b, uint8_t kind, struct entry *e,
    const uint8_t *content, size_t len)
{
	struct sha sha;

	if (e->set == SET_DB) {
		build_db(b, kind, e, content, len);
	} else if (kind == CHANGE_WHOLE) {
		e->size = len;
		sha_begin(&sha);
		sha_add(&sha, content, len);
		must(sha_end(&sha, e->sha) == 0);
		must(genwriter_text(&b->w, e, (const char *)content, len) == 0);
	} else {
		must(genwriter_add(&b->w, (enum change_kind)kind, e, 0) == 0);
	}
	b->sound = b->sound && (may_be(&b->h, kind) ||
	                           (kind == CHANGE_PAGES && e->set == SET_DB));
	must(changes_add(&b->names, CHANGE_META, e, 0, 0) == 0);
}

static void build(struct building *b, struct wire_reader *r)
{
	uint8_t content[256], kind;
	struct entry *e;
	size_t len;

	b->h.flags = wire_get_u8(r) & (GEN_IDLE | GEN_FULL | GEN_STALE_DB);
	b->h.prev_seq = wire_get_u8(r);
	b->h.seq = b->h.prev_seq + 1;
	b->sound = true;
	genwriter_begin(&b->w, fd);
	while (r->left > 0) {
		kind = wire_get_u8(r);
		len = wire_get_u8(r);
		wire_get_bytes(r, content, len);
		e = entry_get(r);
		if (e)
			build_one(b, kind, e, content, len);
	}
	must(genwriter_end(&b->w, &b->h) == 0);
	b->sound = changes_sort(&b->names) == 0 && b->sound;
	changes_free(&b->names);
}

static void other_octet(uint64_t size, uint64_t at)
{
	struct gen gen;
	uint8_t octet;

	must(pread(fd, &octet, 1, (off_t)at) == 1);
	octet ^= 0x10;
	must(pwrite(fd, &octet, 1, (off_t)at) == 1);
	must(load(size, &gen) < 0);
}

static void fuzz_built(const uint8_t *data, size_t len)
{
	struct building b = {0};
	struct wire_reader r;
	struct gen gen;
	uint16_t at;

	must(ftruncate(fd, 0) == 0);
	wire_read_begin(&r, data, len);
	at = wire_get_u16(&r);
	build(&b, &r);
	if (!b.sound) {
		must(load(b.h.size, &gen) < 0);
		return;
	}
	must(load(b.h.size, &gen) == 0);
	look(&gen, b.h.size);
	gen_free(&gen);
	must(pieces_in(at % b.h.size) <= pieces_in(b.h.size));
	other_octet(b.h.size, at % b.h.size);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	if (fd < 0)
		fd = memfd_create("generation", MFD_CLOEXEC);
	must(fd >= 0);
	if (len == 0)
		return 0;
	if (data[0] == BUILT)
		fuzz_built(data + 1, len - 1);
	else
		fuzz_raw(data + 1, len - 1);
	return 0;
}

static void put_record(struct wire_writer *w, enum change_kind kind,
    const char *content, enum set set, const char *path)
{
	wire_put_u8(w, (uint8_t)kind);
	wire_put_u8(w, (uint8_t)strlen(content));
	wire_put_bytes(w, content, strlen(content));
	fuzz_put_entry(w, set, path);
}

static void make_seeds(void)
{
	uint8_t buf[8192], file[8192] = {RAW};
	struct building b = {0};
	struct wire_writer w;
	struct wire_reader r;

	wire_write_begin(&w, buf, sizeof(buf));
	wire_put_u8(&w, BUILT);
	wire_put_u16(&w, 300);
	wire_put_u8(&w, GEN_IDLE);
	wire_put_u8(&w, 4);
	put_record(&w, CHANGE_WHOLE, "<Zone/>\n", SET_SIGNCONF, "a/b.xml");
	put_record(&w, CHANGE_GONE, "", SET_SIGNCONF, "gone.xml");
	put_record(&w, CHANGE_META, "", SET_UNSIGNED, "example.org");
	put_record(&w, CHANGE_WHOLE, "1 7 - 1 7 - - 1", SET_LEDGER, "org");
	put_record(&w, CHANGE_PAGES, "abc", SET_DB, SET_DB_NAME);
	fuzz_seed("built", buf, w.used);
	buf[3] = GEN_FULL;
	fuzz_seed("built-full", buf, w.used);
	buf[3] = GEN_IDLE;
	fd = memfd_create("generation", MFD_CLOEXEC);
	wire_read_begin(&r, buf + 3, w.used - 3);
	build(&b, &r);
	must(b.sound && b.h.size < sizeof(file));
	must(pread(fd, file + 1, (size_t)b.h.size, 0) == (ssize_t)b.h.size);
	fuzz_seed("file", file, 1 + (size_t)b.h.size);
}

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
	(void)argc;
	(void)argv;
	return fuzz_seeds(make_seeds);
}
