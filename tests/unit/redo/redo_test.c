/* SPDX-License-Identifier: GPL-2.0-or-later
 * Copyright (C) The ocf-ods contributors */
#include "../engine/node.h"

#include "redo.h"

static struct position pos(const struct id *term, uint64_t seq)
{
	return (struct position){.term_id = *term, .term = 1, .seq = seq};
}

static void put(const struct node *n, const struct id *term, uint64_t seq)
{
	struct position p = pos(term, seq);
	int fd = redo_part(n->state, "x", NULL);

	assert_true(fd >= 0);
	assert_int_equal(write(fd, "gen", 3), 3);
	assert_int_equal(redo_commit(n->state, "x", fd, &p, NULL), 0);
	close(fd);
}

static void names_come_back(void **state)
{
	struct id term, other;
	struct position p;
	struct node n;
	uint64_t *seqs = NULL, size;
	size_t count;
	int fd;

	(void)state;
	node_init(&n, "redo");
	id_random(&term);
	id_random(&other);
	assert_int_equal(redo_open(n.state, NULL), 0);
	put(&n, &term, 10);
	put(&n, &term, 9);
	put(&n, &other, 1);
	close(redo_part(n.state, "half", NULL));
	assert_int_equal(redo_open(n.state, NULL), 0);
	assert_int_equal(
	    access(node_path(&n, "state/log/half.part"), F_OK), -1);
	assert_int_equal(redo_list(n.state, &term, &seqs, &count), 0);
	assert_int_equal(count, 2);
	assert_int_equal(seqs[0], 9);
	assert_int_equal(seqs[1], 10);
	free(seqs);
	p = pos(&term, 10);
	fd = redo_read(n.state, &p, &size);
	assert_true(fd >= 0);
	assert_int_equal(size, 3);
	close(fd);
	assert_int_equal(redo_remove(n.state, &p), 0);
	assert_int_equal(redo_remove(n.state, &p), 0);
	assert_int_equal(redo_read(n.state, &p, &size), -ENOENT);
	assert_int_equal(redo_purge(n.state, &term), 0);
	p = pos(&other, 1);
	assert_int_equal(redo_read(n.state, &p, &size), -ENOENT);
	node_end(&n);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(names_come_back),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
