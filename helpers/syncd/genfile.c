/* SPDX-License-Identifier: GPL-2.0-or-later
 * Copyright (C) The ocf-ods contributors */
#include "genfile.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cleanup.h"
#include "pagedelta.h"

#define GEN_VERSION 2

static const uint8_t head_magic[8] = {'O', 'D', 'S', 'G', 'E', 'N', '\r', '\n'};
static const uint8_t tail_magic[8] = {'O', 'D', 'S', 'E', 'N', 'D', '\r', '\n'};

void gen_header_encode(const struct gen_header *h, uint8_t buf[GEN_HEADER_LEN])
{
	struct wire_writer w;

	memset(buf, 0, GEN_HEADER_LEN);
	wire_write_begin(&w, buf, GEN_HEADER_LEN);
	wire_put_bytes(&w, head_magic, sizeof(head_magic));
	wire_put_u16(&w, GEN_VERSION);
	wire_put_u16(&w, (uint16_t)h->flags);
	wire_put_bytes(&w, h->cluster.byte, ID_LEN);
	wire_put_u64(&w, h->term);
	wire_put_bytes(&w, h->term_id.byte, ID_LEN);
	wire_put_u64(&w, h->seq);
	wire_put_u64(&w, h->prev_seq);
	wire_put_bytes(&w, h->prev_sum, SHA_LEN);
	wire_put_bytes(&w, h->sum, SHA_LEN);
	wire_put_u64(&w, h->request);
	wire_put_u32(&w, h->entries);
	wire_put_u32(&w, h->records);
	wire_put_u64(&w, h->size);
}

int gen_header_decode(const uint8_t *buf, size_t len, struct gen_header *h)
{
	uint8_t magic[sizeof(head_magic)], rest[GEN_HEADER_LEN - 156];
	static const uint8_t zero[sizeof(rest)];
	struct wire_reader r;

	wire_read_begin(&r, buf, len);
	wire_get_bytes(&r, magic, sizeof(magic));
	if (memcmp(magic, head_magic, sizeof(magic)) != 0 ||
	    wire_get_u16(&r) != GEN_VERSION)
		wire_read_fail(&r);
	h->flags = wire_get_u16(&r);
	wire_get_bytes(&r, h->cluster.byte, ID_LEN);
	h->term = wire_get_u64(&r);
	wire_get_bytes(&r, h->term_id.byte, ID_LEN);
	h->seq = wire_get_u64(&r);
	h->prev_seq = wire_get_u64(&r);
	wire_get_bytes(&r, h->prev_sum, SHA_LEN);
	wire_get_bytes(&r, h->sum, SHA_LEN);
	h->request = wire_get_u64(&r);
	h->entries = wire_get_u32(&r);
	h->records = wire_get_u32(&r);
	h->size = wire_get_u64(&r);
	wire_get_bytes(&r, rest, sizeof(rest));
	if (h->flags & ~(unsigned)(GEN_IDLE | GEN_FULL | GEN_STALE_DB) ||
	    h->seq == 0 || h->prev_seq >= h->seq || h->size > INT64_MAX ||
	    h->size < GEN_HEADER_LEN + GEN_TRAILER_LEN ||
	    memcmp(rest, zero, sizeof(rest)) != 0)
		wire_read_fail(&r);
	if (wire_read_end(&r) < 0)
		return -EBADMSG;
	return h->entries > MANIFEST_ENTRIES_MAX ||
	               h->records > MANIFEST_ENTRIES_MAX
	           ? -E2BIG
	           : 0;
}

static size_t record_len(const struct entry *e)
{
	return 1 + entry_wire_len(e) + 8;
}

void genwriter_begin(struct genwriter *w, int fd)
{
	w->fd = fd;
	w->end = GEN_HEADER_LEN;
	w->records = 0;
	sha_begin(&w->sha);
}

uint64_t genwriter_content(const struct genwriter *w, const struct entry *e)
{
	return w->end + record_len(e);
}

int genwriter_add(struct genwriter *w, enum change_kind kind,
    const struct entry *e, uint64_t len)
{
	uint8_t buf[GEN_RECORD_MAX];
	struct wire_writer out;
	int rc;

	wire_write_begin(&out, buf, sizeof(buf));
	wire_put_u8(&out, (uint8_t)kind);
	entry_put(&out, e);
	wire_put_u64(&out, len);
	rc = out.err ? out.err : content_write(w->fd, buf, out.used, w->end);
	if (rc < 0)
		return rc;
	sha_add(&w->sha, buf, out.used);
	w->end += out.used + len;
	w->records++;
	return 0;
}

int genwriter_text(
    struct genwriter *w, const struct entry *e, const char *text, size_t len)
{
	int rc = content_write(w->fd, text, len, genwriter_content(w, e));

	return rc < 0 ? rc : genwriter_add(w, CHANGE_WHOLE, e, len);
}

int genwriter_end(struct genwriter *w, struct gen_header *h)
{
	uint8_t head[GEN_HEADER_LEN], tail[GEN_TRAILER_LEN];
	int rc;

	h->records = w->records;
	h->size = w->end + GEN_TRAILER_LEN;
	gen_header_encode(h, head);
	sha_add(&w->sha, head, sizeof(head));
	memcpy(tail, tail_magic, sizeof(tail_magic));
	rc = sha_end(&w->sha, tail + sizeof(tail_magic));
	if (rc == 0)
		rc = content_write(w->fd, head, sizeof(head), 0);
	if (rc == 0)
		rc = content_write(w->fd, tail, sizeof(tail), w->end);
	if (rc == 0 && ftruncate(w->fd, (off_t)h->size) < 0)
		rc = -errno;
	return rc;
}

void genwriter_abort(struct genwriter *w)
{
	uint8_t sum[SHA_LEN];

	sha_end(&w->sha, sum);
}

struct loader {
	int fd;
	uint64_t at, end; /* end = where the trailer begins */
	struct sha sha;
	struct gen *gen;
};

static bool is_db(const struct entry *e)
{
	return e->set == SET_DB;
}

/* What a database is to become is one, and its sum says so. */
static bool fits_db(const struct change *c)
{
	struct page_sum sum;

	return c->kind == CHANGE_GONE || c->kind == CHANGE_OWED ||
	       page_sum_decode(c->entry->sha, c->entry->size, &sum);
}

static bool record_fits(
    const struct gen_header *h, const struct change *c, uint64_t left)
{
	if (c->len > left)
		return false;
	if (is_db(c->entry) && !fits_db(c))
		return false;
	switch ((int)c->kind) {
	case CHANGE_WHOLE:
		return c->len == c->entry->size;
	case CHANGE_PAGES:
		return is_db(c->entry);
	case CHANGE_META:
		return c->len == 0;
	case CHANGE_GONE:
		return c->len == 0 && !(h->flags & GEN_FULL);
	case CHANGE_OWED:
		return c->len == 0 && (h->flags & GEN_FULL || h->prev_seq == 0);
	default:
		return false;
	}
}

/* The delta's head says from where it is a step. */
static int load_from(struct loader *l, struct change *c)
{
	const struct delta d = {.fd = l->fd, .at = c->at, .len = c->len};
	struct delta_head h;
	int rc = c->kind == CHANGE_PAGES ? delta_open(&d, &h) : 0;

	if (rc == 0 && c->kind == CHANGE_PAGES)
		memcpy(c->from, h.from, SHA_LEN);
	return rc;
}

ssize_t gen_record_get(const struct gen_header *h, const uint8_t *buf,
    size_t len, uint64_t left, struct change *c)
{
	struct wire_reader r;
	size_t used;

	memset(c, 0, sizeof(*c));
	wire_read_begin(&r, buf, len);
	c->kind = (enum change_kind)wire_get_u8(&r);
	c->entry = entry_get(&r);
	if (!c->entry)
		return r.err;
	c->len = wire_get_u64(&r);
	used = len - r.left;
	if (!r.err && record_fits(h, c, left - used))
		return (ssize_t)used;
	entry_unref(c->entry);
	c->entry = NULL;
	return -EBADMSG;
}

/* One record; the buffer may hold more than it, so what the reader took is
 * what counts. */
static int load_record(struct loader *l)
{
	uint8_t buf[GEN_RECORD_MAX];
	uint64_t left = l->end - l->at;
	size_t n = left < sizeof(buf) ? (size_t)left : sizeof(buf);
	struct change c;
	int rc = content_read(l->fd, buf, n, l->at);
	ssize_t used;

	if (rc < 0)
		return rc == -ESTALE ? -EBADMSG : rc;
	used = gen_record_get(&l->gen->header, buf, n, left, &c);
	if (used < 0)
		return (int)used;
	sha_add(&l->sha, buf, (size_t)used);
	c.at = l->at + (uint64_t)used;
	l->at = c.at + c.len;
	rc = load_from(l, &c);
	if (rc < 0) {
		entry_unref(c.entry);
		return rc;
	}
	if (c.kind == CHANGE_PAGES)
		return changes_add_pages(
		    &l->gen->list, c.entry, c.at, c.len, c.from);
	return changes_add(&l->gen->list, c.kind, c.entry, c.at, c.len);
}

static int load_trailer(struct loader *l, const uint8_t *head)
{
	uint8_t tail[GEN_TRAILER_LEN], sum[SHA_LEN];
	int rc;

	sha_add(&l->sha, head, GEN_HEADER_LEN);
	rc = sha_end(&l->sha, sum);
	if (rc == 0)
		rc = content_read(l->fd, tail, sizeof(tail), l->end);
	if (rc < 0)
		return rc;
	if (memcmp(tail, tail_magic, sizeof(tail_magic)) != 0 ||
	    memcmp(tail + sizeof(tail_magic), sum, SHA_LEN) != 0)
		return -EBADMSG;
	return 0;
}

static int load(struct loader *l, uint64_t size)
{
	uint8_t head[GEN_HEADER_LEN];
	struct gen_header *h = &l->gen->header;
	uint8_t sum[SHA_LEN];
	uint32_t i;
	int rc;

	if (size < GEN_HEADER_LEN + GEN_TRAILER_LEN)
		return -EBADMSG;
	rc = content_read(l->fd, head, sizeof(head), 0);
	if (rc == 0)
		rc = gen_header_decode(head, sizeof(head), h);
	if (rc == 0 && h->size != size)
		rc = -EBADMSG;
	if (rc < 0)
		return rc;
	l->at = GEN_HEADER_LEN;
	l->end = size - GEN_TRAILER_LEN;
	sha_begin(&l->sha);
	for (i = 0; i < h->records && rc == 0; i++)
		rc = load_record(l);
	if (rc == 0 && l->at != l->end)
		rc = -EBADMSG;
	if (rc == 0)
		return load_trailer(l, head);
	sha_end(&l->sha, sum);
	return rc;
}

int gen_load(int fd, uint64_t size, struct gen *gen, struct why *why)
{
	struct loader l = {.fd = fd, .gen = gen};
	int rc;

	memset(gen, 0, sizeof(*gen));
	rc = load(&l, size);
	if (rc == 0)
		rc = changes_sort(&gen->list);
	if (rc == 0)
		return 0;
	gen_free(gen);
	if (rc == -EBADMSG || rc == -EEXIST)
		return why_set(why, -EBADMSG,
		    "a generation arrived damaged: it is fetched again");
	return why_set(
	    why, rc, "cannot read a generation: %s", manifest_error(rc));
}

void gen_free(struct gen *gen)
{
	changes_free(&gen->list);
	memset(gen, 0, sizeof(*gen));
}

int gen_content_copy(const struct entry *e, int from, uint64_t from_at, int to,
    uint64_t to_at, uint8_t sum[SHA_LEN], const struct tick *t)
{
	struct page_sum s;

	if (!is_db(e))
		return content_copy(from, from_at, e->size, to, to_at, sum, t);
	if (!page_sum_decode(e->sha, e->size, &s))
		return -EBADMSG;
	return pages_copy(from, from_at, e->size, s.size, to, to_at, sum, t);
}

static int verify(int fd, const struct change *c, const struct tick *t)
{
	const struct delta d = {.fd = fd, .at = c->at, .len = c->len};
	uint8_t sum[SHA_LEN];
	int rc;

	if (c->kind == CHANGE_PAGES)
		return delta_verify(&d, c->entry->sha, c->entry->size, t);
	if (c->kind != CHANGE_WHOLE)
		return 0;
	rc = gen_content_copy(c->entry, fd, c->at, -1, 0, sum, t);
	if (rc == 0 && memcmp(sum, c->entry->sha, SHA_LEN) != 0)
		rc = -EBADMSG;
	return rc;
}

int gen_verify(
    int fd, const struct gen *gen, const struct tick *t, struct why *why)
{
	size_t i;
	int rc;

	for (i = 0; i < gen->list.count; i++) {
		const struct entry *e = gen->list.change[i].entry;

		rc = verify(fd, &gen->list.change[i], t);
		if (rc == -EBADMSG)
			return why_set(why, -EBADMSG,
			    "%s/%s arrived damaged: it is fetched again",
			    set_name(e->set), e->path);
		if (rc < 0)
			return why_set(why, rc, "cannot read a generation: %s",
			    strerror(-rc));
	}
	return 0;
}

bool gen_names(const struct gen *gen, enum set set, const char *path)
{
	size_t low = 0, high = gen->list.count;

	while (low < high) {
		size_t mid = low + (high - low) / 2;
		const struct entry *e = gen->list.change[mid].entry;
		int order = e->set != set ? (int)e->set - (int)set
		                          : strcmp(e->path, path);

		if (order == 0)
			return true;
		if (order < 0)
			low = mid + 1;
		else
			high = mid;
	}
	return false;
}
