/* SPDX-License-Identifier: GPL-2.0-or-later
 * Copyright (C) The ocf-ods contributors */
#include "message.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

static uint8_t buf[8192];
static struct wire_writer w;

static void put(const char *path)
{
	struct entry *e = entry_new(SET_UNSIGNED, path);

	assert_non_null(e);
	entry_put(&w, e);
	entry_unref(e);
}

static int setup(void **state)
{
	(void)state;
	wire_write_begin(&w, buf, sizeof(buf));
	return 0;
}

static void a_list_and_its_sum(void **state)
{
	struct change_list list = {0};
	struct manifest *has = NULL;
	uint8_t sum[SHA_LEN] = {0};

	(void)state;
	put("b");
	put("a");
	assert_int_equal(join_list_get(buf, w.used, &list), 0);
	assert_int_equal(list.count, 2);
	assert_int_equal(join_end_get(sum, sizeof(sum), &list, &has), -EBADMSG);
	assert_null(has);
	assert_int_equal(list.count, 0);
}

static void a_name_twice(void **state)
{
	struct change_list list = {0};
	struct manifest *has = NULL;
	uint8_t sum[SHA_LEN] = {0};

	(void)state;
	put("a");
	put("a");
	assert_int_equal(join_list_get(buf, w.used, &list), 0);
	assert_int_equal(join_end_get(sum, sizeof(sum), &list, &has), -EEXIST);
	assert_null(has);
}

static void no_way_out_of_the_root(void **state)
{
	static const char *const paths[] = {"..", "../a", "a/../b", "/a", ""};
	struct change_list list = {0};
	size_t i;

	for (i = 0; i < sizeof(paths) / sizeof(paths[0]); i++) {
		setup(state);
		put(paths[i]);
		assert_int_equal(join_list_get(buf, w.used, &list), -EXDEV);
		assert_int_equal(list.count, 0);
	}
}

/* A manifest of a million entries: refused before it takes memory. */
static void too_many_entries(void **state)
{
	struct change_list full = {.count = MANIFEST_ENTRIES_MAX};

	(void)state;
	put("a");
	assert_int_equal(join_list_get(buf, w.used, &full), -E2BIG);
	assert_int_equal(full.count, MANIFEST_ENTRIES_MAX);
	assert_null(full.change);
}

static void answers(void **state)
{
	const struct answer no = {.seq = 5, .text = "no space"};
	struct answer a;

	(void)state;
	answer_put(&w, NET_NACK, &no);
	assert_int_equal(answer_get(NET_NACK, buf, w.used, &a), 0);
	assert_int_equal(a.seq, 5);
	assert_string_equal(a.text, "no space");
	assert_int_equal(answer_get(NET_ACK, buf, w.used, &a), -EBADMSG);
	assert_int_equal(answer_get(NET_ACK, buf, 8, &a), 0);
	assert_string_equal(a.text, "");
	assert_int_equal(answer_get(NET_NACK, buf, 8, &a), -EBADMSG);
	assert_int_equal(answer_get(NET_GEN, buf, 8, &a), -EBADMSG);
}

#define T(t) cmocka_unit_test_setup(t, setup)

/* Another version is told apart by its first octets, whatever follows. */
static void another_version(void **state)
{
	struct join_head h = {.tip = {.seq = 9}}, back;

	(void)state;
	join_head_put(&w, &h);
	assert_int_equal(join_head_get(buf, w.used, &back), 0);
	assert_int_equal(back.tip.seq, 9);
	buf[1]++;
	assert_int_equal(
	    join_head_get(buf, w.used - 1, &back), -EPROTONOSUPPORT);
	assert_int_equal(back.version, NET_VERSION + 1);
}

static int tell(const struct change_list *list, struct join_pages *p,
    uint32_t size, uint32_t count)
{
	wire_write_begin(&w, buf, sizeof(buf));
	wire_put_u32(&w, size);
	wire_put_u32(&w, count);
	wire_put_bytes(&w, "0123456789abcdef", PAGE_HASH_LEN);
	return join_pages_get(buf, w.used, list, p);
}

/* Only those of the database that was listed, and all of them. */
static void pages_of_a_database(void **state)
{
	struct change_list list = {0};
	struct manifest *has = NULL;
	struct join_pages p = {0};
	struct entry *e = entry_new(SET_DB, SET_DB_NAME);

	(void)state;
	assert_int_equal(tell(&list, &p, 512, 2), -EBADMSG);
	e->size = 1024;
	changes_add(&list, CHANGE_META, e, 0, 0);
	assert_int_equal(tell(&list, &p, 511, 2), -EBADMSG);
	assert_int_equal(tell(&list, &p, 512, 0), -EBADMSG);
	assert_int_equal(tell(&list, &p, 512, 3), -EBADMSG);
	assert_null(p.table);
	assert_int_equal(tell(&list, &p, 512, 2), 0);
	assert_int_equal(p.told, 1);
	pages_seal(p.table);
	memcpy(e->sha, p.table->sum, SHA_LEN);
	assert_int_equal(manifest_next(NULL, &list, &has), 0);
	assert_int_equal(join_pages_end(&p, has), -EBADMSG);
	assert_int_equal(join_pages_get(buf, 15, &list, &p), -EBADMSG);
	p.told = 1;
	memset(buf, 0, 16);
	assert_int_equal(join_pages_get(buf, 16, &list, &p), 0);
	assert_int_equal(join_pages_end(&p, has), 0);
	assert_int_equal(join_pages_get(buf, 16, &list, &p), -EBADMSG);
	e->sha[8] ^= 1;
	assert_int_equal(join_pages_end(&p, has), -EBADMSG);
	manifest_unref(has);
	pages_unref(p.table);
	changes_free(&list);
}

static void pieces_that_were_kept(void **state)
{
	struct named_pieces n = {0};
	uint8_t sha[SHA_LEN] = {9};
	uint32_t i;

	(void)state;
	join_piece_put(&w, PIECE_MIN, sha);
	join_piece_put(&w, PIECE_MAX, sha);
	assert_int_equal(join_pieces_get(buf, w.used, &n), 0);
	assert_int_equal(join_pieces_get(buf, w.used - 1, &n), -EBADMSG);
	assert_int_equal(n.count, 3);
	assert_int_equal(n.piece[2].number, 2);
	assert_int_equal(n.piece[1].len, PIECE_MAX);
	assert_memory_equal(n.piece[1].sha, sha, SHA_LEN);
	w.used = 0;
	join_piece_put(&w, PIECE_MIN - 1, sha);
	assert_int_equal(join_pieces_get(buf, w.used, &n), -EBADMSG);
	w.used = 0;
	join_piece_put(&w, PIECE_MAX + 1, sha);
	assert_int_equal(join_pieces_get(buf, w.used, &n), -EBADMSG);
	/* No peer makes this node run out of memory. */
	for (i = n.count; i < PIECES_MAX; i++)
		assert_int_equal(named_add(&n, PIECE_MIN, sha), 0);
	assert_int_equal(named_add(&n, PIECE_MIN, sha), -E2BIG);
	named_free(&n);
}

static void runs_of_pieces(void **state)
{
	const struct kept_run k = {.first = 7, .count = 3, .answer = true};
	struct kept_run back;
	uint64_t total;

	(void)state;
	kept_run_put(&w, &k);
	assert_int_equal(kept_run_get(buf, w.used, &back), 0);
	assert_int_equal(back.first, 7);
	assert_int_equal(back.count, 3);
	assert_true(back.answer);
	assert_int_equal(kept_run_get(buf, w.used - 1, &back), -EBADMSG);
	buf[8] = 2;
	assert_int_equal(kept_run_get(buf, w.used, &back), -EBADMSG);
	buf[8] = buf[7] = 0;
	assert_int_equal(kept_run_get(buf, w.used, &back), -EBADMSG);
	w.used = 0;
	spared_put(&w, 1ULL << 40);
	assert_int_equal(spared_get(buf, w.used, &total), 0);
	assert_true(total == 1ULL << 40);
	assert_int_equal(spared_get(buf, w.used - 1, &total), -EBADMSG);
}

/* In frames of any size; what does not continue is refused. */
static void a_lineage(void **state)
{
	struct ancestor row[3] = {{.term = 9}, {.term = 7}, {.term = 2}};
	struct lineage l = {.count = 3, .row = row}, back = {0};
	size_t at = 0, first;
	int i;

	(void)state;
	for (i = 0; i < 3; i++)
		id_random(&row[i].term_id);
	for (i = 0; i < 2; i++)
		row[i].origin.base =
		    (struct position){row[i + 1].term_id, row[i + 1].term, 5};
	id_random(&row[1].origin.line);
	wire_write_begin(&w, buf, 200);
	lineage_put(&w, &l, &at);
	assert_int_equal(at, 2);
	first = w.used;
	back.tip.term_id = row[0].term_id;
	assert_int_equal(lineage_get(buf, first, &back), 0);
	assert_int_equal(back.count, 2);
	assert_memory_equal(&back.row[1], &row[1], sizeof(row[1]));
	assert_int_equal(lineage_get(buf, first, &back), -EBADMSG);
	w.used = 0;
	lineage_put(&w, &l, &at);
	assert_int_equal(lineage_get(buf, w.used - 1, &back), -EBADMSG);
	assert_int_equal(lineage_get(buf, w.used, &back), 0);
	assert_int_equal(back.count, 3);
	assert_int_equal(lineage_get(buf, 0, &back), 0);
	lineage_free(&back);
}

static void a_verdict(void **state)
{
	const struct verdict v = {ANCESTRY_DIVERGED, {{{3}}, 5, 7}};
	struct verdict back;

	(void)state;
	verdict_put(&w, &v);
	assert_int_equal(verdict_get(buf, w.used, &back), 0);
	assert_int_equal(back.ancestry, ANCESTRY_DIVERGED);
	assert_memory_equal(&back.common, &v.common, sizeof(v.common));
	assert_int_equal(verdict_get(buf, w.used - 1, &back), -EBADMSG);
	buf[0] = ANCESTRY_WENT_BACK + 1;
	assert_int_equal(verdict_get(buf, w.used, &back), -EBADMSG);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    T(a_list_and_its_sum),
	    T(a_name_twice),
	    T(no_way_out_of_the_root),
	    T(too_many_entries),
	    T(answers),
	    cmocka_unit_test_setup(another_version, setup),
	    cmocka_unit_test_setup(pages_of_a_database, setup),
	    T(pieces_that_were_kept),
	    T(runs_of_pieces),
	    T(a_lineage),
	    T(a_verdict),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
