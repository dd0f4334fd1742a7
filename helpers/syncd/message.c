/* SPDX-License-Identifier: GPL-2.0-or-later
 * Copyright (C) The ocf-ods contributors */
#include "message.h"

#include <errno.h>
#include <string.h>

void join_head_put(struct wire_writer *w, const struct join_head *h)
{
	wire_put_u16(w, NET_VERSION);
	wire_put_bytes(w, h->node.byte, ID_LEN);
	wire_put_bytes(w, h->tip.term_id.byte, ID_LEN);
	wire_put_u64(w, h->tip.term);
	wire_put_u64(w, h->tip.seq);
}

int join_head_get(const uint8_t *data, size_t len, struct join_head *h)
{
	struct wire_reader r;

	memset(h, 0, sizeof(*h));
	wire_read_begin(&r, data, len);
	h->version = wire_get_u16(&r);
	if (!r.err && h->version != NET_VERSION)
		return -EPROTONOSUPPORT;
	wire_get_bytes(&r, h->node.byte, ID_LEN);
	wire_get_bytes(&r, h->tip.term_id.byte, ID_LEN);
	h->tip.term = wire_get_u64(&r);
	h->tip.seq = wire_get_u64(&r);
	return wire_read_end(&r);
}

#define ANCESTOR_LEN (8 + ID_LEN + ID_LEN + 16 + ID_LEN)

static void put_position(struct wire_writer *w, const struct position *p)
{
	wire_put_bytes(w, p->term_id.byte, ID_LEN);
	wire_put_u64(w, p->term);
	wire_put_u64(w, p->seq);
}

static void get_position(struct wire_reader *r, struct position *p)
{
	wire_get_bytes(r, p->term_id.byte, ID_LEN);
	p->term = wire_get_u64(r);
	p->seq = wire_get_u64(r);
}

void lineage_put(struct wire_writer *w, const struct lineage *l, size_t *at)
{
	for (; *at < l->count && w->size - w->used >= ANCESTOR_LEN; ++*at) {
		const struct ancestor *row = &l->row[*at];

		wire_put_u64(w, row->term);
		wire_put_bytes(w, row->term_id.byte, ID_LEN);
		put_position(w, &row->origin.base);
		wire_put_bytes(w, row->origin.line.byte, ID_LEN);
	}
}

int lineage_get(const uint8_t *data, size_t len, struct lineage *l)
{
	struct wire_reader r;
	struct ancestor row;
	int rc = 0;

	wire_read_begin(&r, data, len);
	while (rc == 0 && r.left > 0) {
		row.term = wire_get_u64(&r);
		wire_get_bytes(&r, row.term_id.byte, ID_LEN);
		get_position(&r, &row.origin.base);
		wire_get_bytes(&r, row.origin.line.byte, ID_LEN);
		if (r.err)
			return -EBADMSG;
		rc = lineage_add(l, &row);
	}
	return rc > 0 ? -EBADMSG : rc;
}

void verdict_put(struct wire_writer *w, const struct verdict *v)
{
	wire_put_u8(w, (uint8_t)v->ancestry);
	put_position(w, &v->common);
}

int verdict_get(const uint8_t *data, size_t len, struct verdict *v)
{
	struct wire_reader r;
	uint8_t ancestry;

	memset(v, 0, sizeof(*v));
	wire_read_begin(&r, data, len);
	ancestry = wire_get_u8(&r);
	if (ancestry > ANCESTRY_WENT_BACK)
		wire_read_fail(&r);
	v->ancestry = (enum ancestry)ancestry;
	get_position(&r, &v->common);
	return wire_read_end(&r);
}

int join_list_get(const uint8_t *data, size_t len, struct change_list *list)
{
	struct wire_reader r;
	struct entry *e;

	wire_read_begin(&r, data, len);
	while (r.left > 0) {
		e = entry_get(&r);
		if (!e)
			return r.err;
		if (list->count >= MANIFEST_ENTRIES_MAX) {
			entry_unref(e);
			return -E2BIG;
		}
		if (changes_add(list, CHANGE_META, e, 0, 0) < 0)
			return -ENOMEM;
	}
	return 0;
}

void join_pages_put(struct wire_writer *w, const struct page_table *t)
{
	wire_put_u32(w, t->size);
	wire_put_u32(w, t->count);
}

/* Only a database that was listed has pages. */
static bool is_listed(const struct change_list *list, uint64_t size)
{
	size_t i;

	for (i = 0; i < list->count; i++)
		if (list->change[i].entry->set == SET_DB)
			return list->change[i].entry->size == size;
	return false;
}

static int pages_begin(
    struct wire_reader *r, const struct change_list *list, struct join_pages *p)
{
	uint32_t size = wire_get_u32(r), count = wire_get_u32(r);

	if (r->err || !page_size_sound(size) || count == 0 ||
	    count > PAGES_MAX || !is_listed(list, (uint64_t)size * count))
		return -EBADMSG;
	p->table = pages_new(size, count);
	return p->table ? 0 : -ENOMEM;
}

int join_pages_get(const uint8_t *data, size_t len,
    const struct change_list *list, struct join_pages *p)
{
	struct wire_reader r;
	int rc;

	wire_read_begin(&r, data, len);
	rc = p->table ? 0 : pages_begin(&r, list, p);
	if (rc < 0)
		return rc;
	for (; r.left > 0 && !r.err && p->told < p->table->count; p->told++)
		wire_get_bytes(&r, p->table->hash[p->told], PAGE_HASH_LEN);
	return wire_read_end(&r);
}

int join_pages_end(struct join_pages *p, const struct manifest *has)
{
	const struct entry *e = manifest_find(has, SET_DB, SET_DB_NAME);

	if (!p->table)
		return 0;
	pages_seal(p->table);
	return e && p->told == p->table->count &&
	               memcmp(p->table->sum, e->sha, SHA_LEN) == 0
	           ? 0
	           : -EBADMSG;
}

void join_piece_put(
    struct wire_writer *w, uint32_t len, const uint8_t sha[SHA_LEN])
{
	wire_put_u32(w, len);
	wire_put_bytes(w, sha, SHA_LEN);
}

int join_pieces_get(const uint8_t *data, size_t len, struct named_pieces *n)
{
	uint8_t sha[SHA_LEN];
	struct wire_reader r;
	uint32_t size;
	int rc = 0;

	wire_read_begin(&r, data, len);
	while (rc == 0 && r.left > 0) {
		size = wire_get_u32(&r);
		wire_get_bytes(&r, sha, SHA_LEN);
		rc = r.err ? r.err : named_add(n, size, sha);
	}
	return rc;
}

void spared_put(struct wire_writer *w, uint64_t total)
{
	wire_put_u64(w, total);
}

int spared_get(const uint8_t *data, size_t len, uint64_t *total)
{
	struct wire_reader r;

	wire_read_begin(&r, data, len);
	*total = wire_get_u64(&r);
	return wire_read_end(&r);
}

void kept_run_put(struct wire_writer *w, const struct kept_run *k)
{
	wire_put_u32(w, k->first);
	wire_put_u32(w, k->count);
	wire_put_u8(w, k->answer);
}

int kept_run_get(const uint8_t *data, size_t len, struct kept_run *k)
{
	struct wire_reader r;
	uint8_t answer;

	wire_read_begin(&r, data, len);
	k->first = wire_get_u32(&r);
	k->count = wire_get_u32(&r);
	answer = wire_get_u8(&r);
	k->answer = answer;
	if (k->count == 0 || answer > 1)
		wire_read_fail(&r);
	return wire_read_end(&r);
}

int join_end_get(const uint8_t *data, size_t len, struct change_list *list,
    struct manifest **has)
{
	uint8_t sum[SHA_LEN];
	struct manifest *m = NULL;
	struct wire_reader r;
	int rc = changes_sort(list);

	wire_read_begin(&r, data, len);
	wire_get_bytes(&r, sum, sizeof(sum));
	if (rc == 0)
		rc = manifest_next(NULL, list, &m);
	if (rc == 0)
		rc = wire_read_end(&r);
	if (rc == 0 && memcmp(sum, m->sum, SHA_LEN) != 0)
		rc = -EBADMSG;
	changes_free(list);
	if (rc < 0) {
		manifest_unref(m);
		return rc;
	}
	*has = m;
	return 0;
}

void answer_put(
    struct wire_writer *w, enum net_type type, const struct answer *a)
{
	wire_put_u64(w, a->seq);
	if (type == NET_NACK)
		wire_put_text(w, a->text);
}

int answer_get(
    enum net_type type, const uint8_t *data, size_t len, struct answer *a)
{
	struct wire_reader r;

	memset(a, 0, sizeof(*a));
	wire_read_begin(&r, data, len);
	a->seq = wire_get_u64(&r);
	if (type == NET_NACK)
		wire_get_text(&r, a->text, sizeof(a->text));
	else if (type != NET_ACK)
		wire_read_fail(&r);
	return wire_read_end(&r);
}
