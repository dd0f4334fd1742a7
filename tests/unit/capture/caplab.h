/* SPDX-License-Identifier: GPL-2.0-or-later
 * Copyright (C) The ocf-ods contributors */
#ifndef TEST_CAPLAB_H
#define TEST_CAPLAB_H

#include "../engine/node.h"

#include "capture.h"

/* A source's disk, its ledger, and a capture of them. */

struct lab {
	struct node n;
	struct sets *sets;
	struct ledger *ledger;
	struct capture *c;
	uint64_t seq;
	struct cut cut;
	struct gen gen;
};

static UNUSED_FN int setup(void **state)
{
	struct lab *l = calloc(1, sizeof(*l));
	struct sets_setup ss = {.state_dir = l->n.state, .signatures = true};
	struct capture_setup cs = {0};

	node_init(&l->n, "capture");
	ss.conf = &l->n.conf;
	ss.tokens = node_path(&l->n, "tokens");
	assert_int_equal(sets_open(&ss, &l->sets, NULL), 0);
	assert_int_equal(ledger_open(l->n.state, &l->ledger, NULL), 0);
	cs.sets = l->sets;
	cs.ledger = l->ledger;
	node_sql(&l->n, "CREATE TABLE t(x)");
	node_signconf(&l->n, "example.com", 1);
	assert_int_equal(capture_open(&cs, &l->c, NULL), 0);
	*state = l;
	return 0;
}

static UNUSED_FN int teardown(void **state)
{
	struct lab *l = *state;

	gen_free(&l->gen);
	capture_close(l->c);
	ledger_close(l->ledger);
	sets_close(l->sets);
	node_end(&l->n);
	free(l);
	return 0;
}

/* Cut; number of records, -1 when there was nothing to cut. */
static UNUSED_FN int cut(struct lab *l, bool force)
{
	int fd =
	    open(node_path(&l->n, "gen"), O_RDWR | O_CREAT | O_TRUNC, 0600);
	struct why why = {0};

	gen_free(&l->gen);
	memset(&l->cut, 0, sizeof(l->cut));
	l->cut.fd = fd;
	l->cut.force = force;
	l->cut.header.seq = l->seq + 1;
	l->cut.header.prev_seq = l->seq;
	if (capture_cut(l->c, &l->cut, &why) < 0)
		fail_msg("%s", why.text);
	if (l->cut.made) {
		capture_settle(l->c, true);
		assert_int_equal(
		    gen_load(fd, l->cut.header.size, &l->gen, NULL), 0);
		assert_int_equal(gen_verify(fd, &l->gen, NULL, NULL), 0);
		l->seq++;
	}
	close(fd);
	return l->cut.made ? (int)l->gen.list.count : -1;
}

static UNUSED_FN const struct change *db_change(const struct lab *l)
{
	assert_true(l->gen.list.count > 0);
	assert_int_equal(l->gen.list.change[0].entry->set, SET_DB);
	return &l->gen.list.change[0];
}

static UNUSED_FN void fill_db(struct lab *l, int rows)
{
	char sql[256];

	snprintf(sql, sizeof(sql),
	    "WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM c "
	    "WHERE x < %d) INSERT INTO t SELECT hex(randomblob(900)) FROM c",
	    rows);
	node_sql(&l->n, sql);
}

#define LAB_TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

#endif
