/* SPDX-License-Identifier: GPL-2.0-or-later
 * Copyright (C) The ocf-ods contributors */

/* One payload of the data connection; the first octet is its type.  What is
 * accepted is encoded again to the same octets. */
#include "entries.h"
#include "genfile.h"
#include "message.h"

static void same(const struct wire_writer *w, const uint8_t *data, size_t len)
{
	must(w->err == 0 && w->used == len && memcmp(w->base, data, len) == 0);
}

static void fuzz_join(const uint8_t *data, size_t len)
{
	uint8_t buf[256];
	struct wire_writer w;
	struct join_head h;

	if (join_head_get(data, len, &h) < 0)
		return;
	wire_write_begin(&w, buf, sizeof(buf));
	join_head_put(&w, &h);
	same(&w, data, len);
}

/* A list and the sum over it: the right one is taken, another one is not. */
static void finish_list(struct change_list *list)
{
	struct change_list again = {0};
	struct manifest *m = NULL, *has = NULL;
	uint8_t sum[SHA_LEN];
	bool sound = changes_sort(list) == 0;
	size_t i;

	for (i = 0; i < list->count; i++)
		must(changes_add(&again, CHANGE_META,
		         entry_ref(list->change[i].entry), 0, 0) == 0);
	memset(sum, 0, sizeof(sum));
	if (sound) {
		must(manifest_next(NULL, list, &m) == 0);
		memcpy(sum, m->sum, SHA_LEN);
		must(m->count == list->count);
	}
	must((join_end_get(sum, SHA_LEN, list, &has) == 0) == sound);
	must(!sound || (has && has->count == m->count));
	manifest_unref(has);
	has = NULL;
	sum[SHA_LEN - 1] ^= 1;
	must(join_end_get(sum, SHA_LEN, &again, &has) < 0 && !has);
	manifest_unref(m);
}

static void fuzz_list(const uint8_t *data, size_t len)
{
	struct change_list list = {0};
	const uint8_t *at = data;
	size_t i;

	if (join_list_get(data, len, &list) == 0) {
		for (i = 0; i < list.count; i++) {
			const struct entry *e = list.change[i].entry;

			fuzz_entry_again(e, at, entry_wire_len(e));
			at += entry_wire_len(e);
		}
		must(at == data + len);
		finish_list(&list);
	}
	changes_free(&list);
}

static void is_the_database(struct join_pages *p, struct entry *e)
{
	struct change_list list = {0};
	struct manifest *has = NULL;
	uint8_t sum[SHA_LEN];
	bool all = p->told == p->table->count;

	pages_seal(p->table);
	memcpy(e->sha, p->table->sum, SHA_LEN);
	must(changes_add(&list, CHANGE_META, entry_ref(e), 0, 0) == 0);
	must(manifest_next(NULL, &list, &has) == 0);
	must((join_pages_end(p, has) == 0) == all);
	memcpy(sum, p->table->sum, SHA_LEN);
	e->sha[SHA_LEN / 2] ^= 1;
	must(join_pages_end(p, has) < 0);
	must(memcmp(sum, p->table->sum, SHA_LEN) == 0);
	manifest_unref(has);
	changes_free(&list);
}

/* Pages of a database whose size is in the first two octets, in two frames:
 * the third says where the second one begins. */
static void fuzz_pages(const uint8_t *data, size_t len)
{
	struct change_list list = {0};
	struct entry *e = entry_new(SET_DB, SET_DB_NAME);
	struct join_pages p = {0};
	size_t first;

	must(e);
	if (len >= 3) {
		e->size = (uint64_t)(data[0] << 8 | data[1]) * 512;
		first = data[2] % (len - 2);
		must(changes_add(&list, CHANGE_META, entry_ref(e), 0, 0) == 0);
		data += 3;
		len -= 3;
		if (join_pages_get(data, first, &list, &p) == 0 &&
		    join_pages_get(data + first, len - first, &list, &p) == 0) {
			must(p.table && p.told <= p.table->count);
			must((uint64_t)p.table->size * p.table->count ==
			     e->size);
			must(len == 8 + (size_t)p.told * PAGE_HASH_LEN);
			is_the_database(&p, e);
		}
	}
	pages_unref(p.table);
	changes_free(&list);
	entry_unref(e);
}

static void fuzz_pieces(const uint8_t *data, size_t len)
{
	uint8_t buf[PIECE_WIRE_LEN];
	struct named_pieces n = {0};
	struct wire_writer w;
	uint32_t i;

	if (join_pieces_get(data, len, &n) == 0) {
		must(len == (size_t)n.count * PIECE_WIRE_LEN);
		for (i = 0; i < n.count; i++) {
			must(n.piece[i].number == i);
			wire_write_begin(&w, buf, sizeof(buf));
			join_piece_put(&w, n.piece[i].len, n.piece[i].sha);
			same(&w, data + (size_t)i * PIECE_WIRE_LEN,
			    PIECE_WIRE_LEN);
		}
		named_sort(&n);
	}
	named_free(&n);
}

static void fuzz_kept(const uint8_t *data, size_t len)
{
	uint8_t buf[16];
	struct wire_writer w;
	struct kept_run k;
	uint64_t total;

	wire_write_begin(&w, buf, sizeof(buf));
	if (kept_run_get(data, len, &k) == 0) {
		must(k.count > 0);
		kept_run_put(&w, &k);
		same(&w, data, len);
	} else if (spared_get(data, len, &total) == 0) {
		spared_put(&w, total);
		same(&w, data, len);
	}
}

static void fuzz_answer(enum net_type type, const uint8_t *data, size_t len)
{
	uint8_t buf[2 * WHY_MAX];
	struct wire_writer w;
	struct answer a;

	if (answer_get(type, data, len, &a) < 0)
		return;
	must(type == NET_ACK || type == NET_NACK);
	wire_write_begin(&w, buf, sizeof(buf));
	answer_put(&w, type, &a);
	same(&w, data, len);
}

/* The first octets are the id of the tip's term: it is that of the first row,
 * or nothing can be added. */
static void fuzz_lineage(const uint8_t *data, size_t len)
{
	struct lineage l = {0}, again = {0};
	uint8_t buf[4096];
	struct wire_writer w;
	size_t at = 0;

	if (len < 8 + ID_LEN)
		return;
	memcpy(l.tip.term_id.byte, data + 8, ID_LEN);
	if (lineage_get(data, len, &l) == 0) {
		must(l.count <= LINEAGE_MAX);
		wire_write_begin(&w, buf, sizeof(buf));
		lineage_put(&w, &l, &at);
		must(len <= sizeof(buf) ? at == l.count : w.used <= len);
		must(memcmp(buf, data, w.used) == 0);
		again.tip = l.tip;
		must(lineage_get(buf, w.used, &again) == 0);
		must(again.count == at);
	}
	lineage_free(&l);
	lineage_free(&again);
}

static void fuzz_verdict(const uint8_t *data, size_t len)
{
	uint8_t buf[64];
	struct wire_writer w;
	struct verdict v;

	if (verdict_get(data, len, &v) < 0)
		return;
	must(v.ancestry <= ANCESTRY_WENT_BACK);
	wire_write_begin(&w, buf, sizeof(buf));
	verdict_put(&w, &v);
	same(&w, data, len);
}

static void fuzz_header(const uint8_t *data, size_t len)
{
	uint8_t buf[GEN_HEADER_LEN];
	struct gen_header h;

	if (gen_header_decode(data, len, &h) < 0)
		return;
	gen_header_encode(&h, buf);
	must(len == sizeof(buf) && memcmp(buf, data, len) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	if (len == 0)
		return 0;
	switch (data[0]) {
	case NET_JOIN:
		fuzz_join(data + 1, len - 1);
		break;
	case NET_LIST:
		fuzz_list(data + 1, len - 1);
		break;
	case NET_PAGES:
		fuzz_pages(data + 1, len - 1);
		break;
	case NET_PIECES:
		fuzz_pieces(data + 1, len - 1);
		break;
	case NET_SPARED:
	case NET_KEPT:
		fuzz_kept(data + 1, len - 1);
		break;
	case NET_LINEAGE:
		fuzz_lineage(data + 1, len - 1);
		break;
	case NET_VERDICT:
		fuzz_verdict(data + 1, len - 1);
		break;
	case NET_GEN:
		fuzz_header(data + 1, len - 1);
		break;
	default:
		fuzz_answer((enum net_type)data[0], data + 1, len - 1);
		break;
	}
	return 0;
}

static void make_seeds(void)
{
	uint8_t buf[4096];
	const struct join_head head = {.tip = {.term = 1, .seq = 9}};
	const struct answer answer = {.seq = 7, .text = "no space"};
	struct gen_header h = {.seq = 2, .prev_seq = 1, .size = 4096};
	const struct kept_run run = {.first = 2, .count = 3, .answer = true};
	const struct verdict verdict = {ANCESTRY_DIVERGED, head.tip};
	struct ancestor row[] = {
	    {.term = 5, .term_id = {{5}}, .origin.base = {{{2}}, 2, 9}},
	    {.term = 2, .term_id = {{2}}},
	};
	const struct lineage lineage = {.count = 2, .row = row};
	struct wire_writer w;
	size_t at = 0;

	wire_write_begin(&w, buf, sizeof(buf));
	wire_put_u8(&w, NET_PIECES);
	join_piece_put(&w, PIECE_MIN, h.sum);
	join_piece_put(&w, PIECE_MAX, h.sum);
	fuzz_seed("pieces", buf, w.used);
	w.used = 0;
	wire_put_u8(&w, NET_KEPT);
	kept_run_put(&w, &run);
	fuzz_seed("kept", buf, w.used);
	w.used = 0;
	wire_put_u8(&w, NET_SPARED);
	spared_put(&w, 4096);
	fuzz_seed("spared", buf, w.used);
	w.used = 0;
	wire_put_u8(&w, NET_JOIN);
	join_head_put(&w, &head);
	fuzz_seed("join", buf, w.used);
	w.used = 0;
	wire_put_u8(&w, NET_LIST);
	fuzz_put_entry(&w, SET_LEDGER, "example.org");
	fuzz_put_entry(&w, SET_SIGNCONF, "a/b.xml");
	fuzz_put_entry(&w, SET_DB, SET_DB_NAME);
	fuzz_seed("list", buf, w.used);
	w.used = 0;
	wire_put_u8(&w, NET_NACK);
	answer_put(&w, NET_NACK, &answer);
	fuzz_seed("nack", buf, w.used);
	w.used = 0;
	wire_put_u8(&w, NET_ACK);
	answer_put(&w, NET_ACK, &answer);
	fuzz_seed("ack", buf, w.used);
	w.used = 0;
	wire_put_u8(&w, NET_PAGES);
	wire_put_u16(&w, 2);
	wire_put_u8(&w, 8 + PAGE_HASH_LEN);
	wire_put_u32(&w, 512);
	wire_put_u32(&w, 2);
	wire_put_bytes(&w, &h, 2 * PAGE_HASH_LEN);
	fuzz_seed("pages", buf, w.used);
	w.used = 0;
	wire_put_u8(&w, NET_LINEAGE);
	lineage_put(&w, &lineage, &at);
	fuzz_seed("lineage", buf, w.used);
	w.used = 0;
	wire_put_u8(&w, NET_VERDICT);
	verdict_put(&w, &verdict);
	fuzz_seed("verdict", buf, w.used);
	buf[0] = NET_GEN;
	gen_header_encode(&h, buf + 1);
	fuzz_seed("header", buf, 1 + GEN_HEADER_LEN);
}

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
	(void)argc;
	(void)argv;
	return fuzz_seeds(make_seeds);
}
