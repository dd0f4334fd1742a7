/* SPDX-License-Identifier: GPL-2.0-or-later
 * Copyright (C) The ocf-ods contributors */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include "ancestry.h"

/* A term is a letter and its number, a generation follows with "-"; a history
 * is "TIP TERM<BASE:LINE TERM<BASE:LINE ...", newest first. */

static struct id id_of(char letter)
{
	struct id id = {{0}};

	if (letter != '-')
		memset(id.byte, letter, ID_LEN);
	return id;
}

static const char *position_of(const char *text, struct position *p)
{
	char letter;
	int term, seq, used = 0;

	if (sscanf(text, "%c%d-%d%n", &letter, &term, &seq, &used) != 3)
		fail_msg("%s", text);
	p->term_id = id_of(letter);
	p->term = (uint64_t)term;
	p->seq = (uint64_t)seq;
	return text + used;
}

static struct lineage history(const char *text)
{
	struct lineage l = {0};

	text = position_of(text, &l.tip);
	while (*text == ' ') {
		struct ancestor row = {0};
		struct position p;
		char name[8] = "";
		size_t len = strcspn(++text, "<");

		snprintf(name, sizeof(name), "%.*s-0", (int)len, text);
		position_of(name, &p);
		row.term_id = p.term_id;
		row.term = p.term;
		text = position_of(text + len + 1, &row.origin.base);
		row.origin.line = id_of(text[1]);
		text += 2;
		assert_int_equal(lineage_add(&l, &row), 0);
	}
	return l;
}

/* clang-format off */
static const struct {
	const char *what, *source, *node;
	enum ancestry want;
	uint64_t term, seq; /* common */
} table[] = {
    {"nothing", "b2-5 b2<a1-4:a a1<-0-0:a", "-0-0", ANCESTRY_BEHIND, 0, 0},
    {"same", "b2-5 b2<a1-4:a a1<-0-0:a", "b2-5 b2<a1-4:a a1<-0-0:a",
        ANCESTRY_BEHIND, 2, 5},
    {"less of it", "b2-5 b2<a1-4:a a1<-0-0:a", "b2-1 b2<a1-4:a",
        ANCESTRY_BEHIND, 2, 1},
    {"more of it", "b2-5 b2<a1-4:a a1<-0-0:a", "b2-6 b2<a1-4:a",
        ANCESTRY_WENT_BACK, 2, 5},
    {"source has none of it", "b2-0 b2<a1-4:a a1<-0-0:a", "b2-1",
        ANCESTRY_WENT_BACK, 2, 0},
    {"up to the base", "b2-5 b2<a1-4:a a1<-0-0:a", "a1-4 a1<-0-0:a",
        ANCESTRY_BEHIND, 1, 4},
    {"a tail beyond custody", "b2-5 b2<a1-4:a a1<-0-0:a", "a1-5 a1<-0-0:a",
        ANCESTRY_UNPUBLISHED, 1, 4},
    {"the same, its term is of an old line",
        "b2-5 b2<a1-4:z a1<x0-9:z", "a1-5 a1<x0-9:z", ANCESTRY_UNPUBLISHED, 1,
        4},
    {"a tail beyond init", "b2-5 b2<a1-4:b a1<-0-0:a", "a1-5 a1<-0-0:a",
        ANCESTRY_DIVERGED, 1, 4},
    {"a tail beyond custody, then init",
        "c3-9 c3<b2-5:c b2<a1-4:a a1<-0-0:a", "a1-5 a1<-0-0:a",
        ANCESTRY_UNPUBLISHED, 1, 4},
    {"a tail beyond init, then custody",
        "c3-9 c3<b2-5:b b2<a1-4:b a1<-0-0:a", "a1-5 a1<-0-0:a",
        ANCESTRY_DIVERGED, 1, 4},
    {"an empty term was between", "c3-9 c3<a1-4:a a1<-0-0:a", "a1-5",
        ANCESTRY_UNPUBLISHED, 1, 4},
    {"a term that died with one generation", "c3-9 c3<a1-4:a a1<-0-0:a",
        "b2-1 b2<a1-4:a a1<-0-0:a", ANCESTRY_UNPUBLISHED, 1, 4},
    {"its base was further than ours", "c3-9 c3<a1-4:a a1<-0-0:a",
        "b2-1 b2<a1-6:a a1<-0-0:a", ANCESTRY_UNPUBLISHED, 1, 4},
    {"two such terms", "d4-9 d4<a1-4:a a1<-0-0:a",
        "c3-2 c3<b2-7:a b2<a1-4:a a1<-0-0:a", ANCESTRY_UNPUBLISHED, 1, 4},
    {"two such terms, an init ends them", "d4-9 d4<a1-4:d a1<-0-0:a",
        "c3-2 c3<b2-7:a b2<a1-4:a a1<-0-0:a", ANCESTRY_DIVERGED, 1, 4},
    {"it began a line that ours took over", "d4-9 d4<a1-4:b a1<-0-0:a",
        "b2-1 b2<a1-4:b", ANCESTRY_UNPUBLISHED, 1, 4},
    {"two branches of one number", "b2-5 b2<a1-4:a a1<-0-0:a",
        "x2-3 x2<a1-4:a a1<-0-0:a", ANCESTRY_DIVERGED, 1, 4},
    {"the same, ours went on", "c3-1 c3<b2-5:a b2<a1-4:a a1<-0-0:a",
        "x2-3 x2<a1-4:a a1<-0-0:a", ANCESTRY_DIVERGED, 1, 4},
    {"the same, init chose ours", "c3-1 c3<b2-5:c b2<a1-4:a a1<-0-0:a",
        "x2-3 x2<a1-4:a a1<-0-0:a", ANCESTRY_DIVERGED, 1, 4},
    {"two branches of depth 2", "c3-1 c3<b2-5:a b2<a1-4:a a1<-0-0:a",
        "y3-2 y3<x2-8:a x2<a1-4:a a1<-0-0:a", ANCESTRY_DIVERGED, 1, 4},
    {"the same, from other generations",
        "c3-1 c3<b2-5:a b2<a1-4:a a1<-0-0:a",
        "y3-2 y3<x2-8:a x2<a1-2:a a1<-0-0:a", ANCESTRY_DIVERGED, 1, 2},
    {"a later one than ours", "b2-5 b2<a1-4:a a1<-0-0:a",
        "x3-1 x3<a1-4:x a1<-0-0:a", ANCESTRY_DIVERGED, 1, 4},
    {"begun on our own term", "b2-5 b2<a1-4:a a1<-0-0:a",
        "x3-1 x3<b2-4:a b2<a1-4:a", ANCESTRY_DIVERGED, 2, 4},
    {"nothing in common", "b2-5 b2<a1-4:a a1<-0-0:a",
        "y2-3 y2<x1-8:x x1<-0-0:x", ANCESTRY_UNRELATED, 0, 0},
    {"nothing known in common", "b2-5 b2<a1-4:a a1<-0-0:a", "x1-3",
        ANCESTRY_UNRELATED, 0, 0},
    {"the first term had nothing here", "b2-5 b2<-0-0:a", "a1-3 a1<-0-0:a",
        ANCESTRY_UNPUBLISHED, 0, 0},
    {"the same, of another line", "b2-5 b2<-0-0:a", "x1-3 x1<-0-0:x",
        ANCESTRY_UNRELATED, 0, 0},
    {"the same, of the same number", "b2-5 b2<-0-0:a", "x2-3 x2<-0-0:a",
        ANCESTRY_DIVERGED, 0, 0},
    {"its first term had nothing there", "c3-5 c3<a1-4:a a1<-0-0:a",
        "x2-3 x2<-0-0:a", ANCESTRY_UNPUBLISHED, 0, 0},
    {"the same, and it went on", "d4-5 d4<a1-4:a a1<-0-0:a",
        "y3-3 y3<x2-6:a x2<-0-0:a", ANCESTRY_UNPUBLISHED, 0, 0},
    {"the same, later than ours", "b2-5 b2<a1-4:a a1<-0-0:a",
        "x3-3 x3<-0-0:a", ANCESTRY_DIVERGED, 0, 0},
    {"init began with nothing", "b2-5 b2<-0-0:b", "a1-3 a1<-0-0:a",
        ANCESTRY_UNRELATED, 0, 0},
    {"older than what is told", "c3-5 c3<b2-4:b", "a1-3", ANCESTRY_BEHIND, 0,
        0},
    {"of the age that is told", "c3-5 c3<b2-4:b", "x2-3", ANCESTRY_DIVERGED,
        0, 0},
    {"nothing is told", "c3-5", "b2-3", ANCESTRY_BEHIND, 0, 0},
    {"nothing is told, same number", "c3-5", "x3-3", ANCESTRY_DIVERGED, 0, 0},
    {"the first term that is told", "c3-5 c3<b2-4:b", "b2-6",
        ANCESTRY_UNPUBLISHED, 2, 4},
};

/* clang-format on */

static void truth_table(void **state)
{
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		struct lineage source = history(table[i].source);
		struct lineage node = history(table[i].node);
		struct position common;
		enum ancestry got = ancestry_judge(&source, &node, &common);

		if (got != table[i].want || common.term != table[i].term ||
		    common.seq != table[i].seq)
			fail_msg("%s: %d at %d-%d", table[i].what, got,
			    (int)common.term, (int)common.seq);
		lineage_free(&source);
		lineage_free(&node);
	}
}

static void who_is_served(void **state)
{
	(void)state;
	assert_true(ancestry_served(ANCESTRY_BEHIND));
	assert_true(ancestry_served(ANCESTRY_UNPUBLISHED));
	assert_true(ancestry_served(ANCESTRY_DIVERGED));
	assert_false(ancestry_served(ANCESTRY_UNRELATED));
	assert_false(ancestry_served(ANCESTRY_WENT_BACK));
}

/* Each row continues the one before it, with a lower number. */
static void rows_that_lead_nowhere(void **state)
{
	struct lineage l = history("c3-9 c3<b2-5:a");
	struct ancestor row = {.term = 2, .term_id = id_of('x')};

	(void)state;
	assert_int_equal(lineage_add(&l, &row), 1);
	row.term_id = id_of('b');
	row.term = 3;
	assert_int_equal(lineage_add(&l, &row), 1);
	assert_int_equal(l.count, 1);
	row.term = 2;
	assert_int_equal(lineage_add(&l, &row), 0);
	row.term = 1; /* the past ends there */
	row.term_id = row.origin.base.term_id;
	assert_int_equal(lineage_add(&l, &row), 1);
	l.count = LINEAGE_MAX;
	lineage_free(&l);
}

static void a_lineage_has_a_limit(void **state)
{
	struct ancestor row = {.term = LINEAGE_MAX + 1};
	struct lineage l = {0};
	size_t i;

	(void)state;
	for (i = 0; i <= LINEAGE_MAX; i++) {
		row.origin.base = (struct position){.seq = 1};
		assert_int_equal(
		    lineage_add(&l, &row), i == LINEAGE_MAX ? -E2BIG : 0);
		row.term--;
	}
	lineage_free(&l);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(truth_table),
	    cmocka_unit_test(who_is_served),
	    cmocka_unit_test(rows_that_lead_nowhere),
	    cmocka_unit_test(a_lineage_has_a_limit),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
