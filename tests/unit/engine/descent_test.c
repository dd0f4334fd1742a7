/* SPDX-License-Identifier: GPL-2.0-or-later
 * Copyright (C) The ocf-ods contributors */
#include "pair.h"

#include "ledger.h"

/* b joins with a history of its own: term 1, whose generation 4 is what a's
 * term 3 began on. */

static const struct id first = {{1}};

static void put_past(const struct node *n, const struct ancestor *term,
    const struct position *tip)
{
	struct ledger *l;

	assert_int_equal(ledger_open(n->state, &l, NULL), 0);
	if (term)
		assert_int_equal(ledger_term_put(l, term, NULL), 0);
	if (tip) {
		assert_int_equal(ledger_tip_put(l, tip, NULL), 0);
		assert_int_equal(ledger_applied_put(l, tip, NULL), 0);
	}
	ledger_close(l);
}

static int setup(void **state)
{
	struct pair *p = pair_make();
	const struct ancestor old = {1, first, {{{{0}}, 0, 0}, first}};

	p->term.term = 3;
	node_sql(&p->a, "CREATE TABLE zone(name TEXT)");
	pair_open(p);
	put_past(&p->a, &old, NULL);
	put_past(&p->b, &old, NULL);
	*state = p;
	return 0;
}

/* b has SEQ of its term; a's is of LINE. */
static void start(struct pair *p, uint64_t seq, const struct id *line)
{
	const struct ancestor now = {
	    3, p->term.term_id, {{first, 1, 4}, *line}};
	const struct position tip = {first, 1, seq};

	put_past(&p->a, &now, NULL);
	put_past(&p->b, NULL, &tip);
	node_write(&p->b, "signconf/example.com.xml", "<Mine/>\n");
	pair_source(p);
	node_replica(&p->b, &p->term, p->port, &p->a);
	wait_until(&p->b, &p->a, p->b.judged && p->a.judged);
	assert_int_equal(p->b.ancestry, p->a.ancestry);
}

static char *kept(const struct pair *p)
{
	char path[256], term[ID_TEXT];

	id_text(&p->term.term_id, term);
	snprintf(path, sizeof(path),
	    "state/quarantine/%s/signconf/example.com.xml", term);
	return node_read(&p->b, path);
}

/* Any source can answer: b has a's history with the copy. */
static void assert_history(const struct pair *p)
{
	struct lineage l;
	struct ledger *ledger;

	assert_int_equal(ledger_open(p->b.state, &ledger, NULL), 0);
	assert_int_equal(
	    ledger_lineage_get(ledger, &p->term.term_id, &l, NULL), 0);
	assert_int_equal(l.tip.term, 3);
	assert_int_equal(l.count, 2);
	assert_int_equal(l.row[0].origin.base.seq, 4);
	assert_int_equal(l.row[1].term, 1);
	lineage_free(&l);
	ledger_close(ledger);
}

static void behind(void **state)
{
	struct pair *p = *state;

	start(p, 4, &first);
	assert_int_equal(p->b.ancestry, ANCESTRY_BEHIND);
	wait_until(&p->a, &p->b, p->b.applied > 0);
	assert_null(kept(p));
	assert_history(p);
}

static void assert_kept(const struct pair *p)
{
	char *text = kept(p);

	assert_non_null(text);
	assert_string_equal(text, "<Mine/>\n");
	free(text);
}

static void unpublished(void **state)
{
	struct pair *p = *state;

	start(p, 5, &first);
	assert_int_equal(p->b.ancestry, ANCESTRY_UNPUBLISHED);
	wait_until(&p->a, &p->b, p->b.applied > 0);
	assert_kept(p);
	assert_history(p);
	assert_alike(&p->a, &p->b);
}

static void diverged(void **state)
{
	struct pair *p = *state;

	start(p, 5, &p->term.term_id);
	assert_int_equal(p->b.ancestry, ANCESTRY_DIVERGED);
	assert_non_null(strstr(p->b.verdict, "generation 5 of term 1 may have "
	                                     "been published"));
	assert_non_null(strstr(p->b.verdict, "/quarantine/"));
	wait_until(&p->a, &p->b, p->b.applied > 0);
	assert_kept(p);
	assert_history(p);
}

static void forget_past(const struct node *n)
{
	const struct lineage none = {0};
	const struct id other = {{9}};
	const struct ancestor term = {2, other, {{{{0}}, 0, 0}, other}};
	struct ledger *l;

	assert_int_equal(ledger_open(n->state, &l, NULL), 0);
	assert_int_equal(ledger_lineage_put(l, &none, NULL), 0);
	assert_int_equal(ledger_term_put(l, &term, NULL), 0);
	assert_int_equal(
	    ledger_tip_put(l, &(struct position){other, 2, 7}, NULL), 0);
	ledger_close(l);
}

/* Nothing is overwritten, and the source says so, too. */
static void unrelated(void **state)
{
	struct pair *p = *state;
	const struct ancestor now = {
	    3, p->term.term_id, {{first, 1, 4}, first}};

	put_past(&p->a, &now, NULL);
	forget_past(&p->b);
	node_write(&p->b, "signconf/example.com.xml", "<Mine/>\n");
	pair_source(p);
	node_replica(&p->b, &p->term, p->port, &p->a);
	wait_until(&p->b, &p->a, p->b.fault && p->a.judged);
	assert_int_equal(p->b.ancestry, ANCESTRY_UNRELATED);
	assert_int_equal(p->a.ancestry, ANCESTRY_UNRELATED);
	assert_non_null(strstr(p->b.text, "ods-cluster init --source NODE"));
	assert_false(p->a.joined || p->b.connected);
	assert_file(&p->b, "signconf/example.com.xml", "<Mine/>\n");
}

/* It was chosen to get a copy: what it had is no history of it any more. */
static void seed(void **state)
{
	struct pair *p = *state;
	struct ledger *l;

	assert_int_equal(ledger_open(p->b.state, &l, NULL), 0);
	assert_int_equal(ledger_note_put(l, "state", "seeding", NULL), 0);
	ledger_close(l);
	forget_past(&p->b);
	start(p, 5, &p->term.term_id);
	assert_int_equal(p->b.ancestry, ANCESTRY_BEHIND);
	wait_until(&p->a, &p->b, p->b.applied > 0);
	assert_history(p);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    PAIR_TEST(behind, setup),
	    PAIR_TEST(unpublished, setup),
	    PAIR_TEST(diverged, setup),
	    PAIR_TEST(unrelated, setup),
	    PAIR_TEST(seed, setup),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
