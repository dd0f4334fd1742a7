/* SPDX-License-Identifier: GPL-2.0-or-later
 * Copyright (C) The ocf-ods contributors */
#include "caplab.h"

#include <pthread.h>

#include "../engine/object.h"

/* SoftHSM's files, which it writes in their place. */

#define KEY "tokens/1f/2a.object"

static const struct entry *captured(const struct lab *l)
{
	assert_true(l->gen.list.count > 0);
	return l->gen.list.change[0].entry;
}

/* SoftHSM empties it, and writes it anew. */
static void half_a_key_is_none(void **state)
{
	struct lab *l = *state;
	int fd;

	object_write(&l->n, KEY, "a key");
	cut(l, false);
	fd = open(node_path(&l->n, KEY), O_RDWR | O_TRUNC);
	assert_true(fd >= 0);
	capture_rescan(l->c);
	assert_int_equal(cut(l, true), 0);
	object_put(fd, "another key");
	close(fd);
	assert_int_equal(cut(l, false), 1);
	assert_int_equal(captured(l)->set, SET_TOKENS);
	assert_int_equal(
	    captured(l)->size, OBJECT_SIZE + strlen("another key"));
}

static void *write_soon(void *fd)
{
	deadline_sleep_ms(deadline_in_ms(3), 3);
	object_put(*(int *)fd, "another key");
	return NULL;
}

/* It takes a moment: the generation that is cut has it. */
static void it_is_waited_for(void **state)
{
	struct lab *l = *state;
	pthread_t writer;
	int fd, records;

	object_write(&l->n, KEY, "a key");
	cut(l, false);
	fd = open(node_path(&l->n, KEY), O_RDWR | O_TRUNC);
	capture_rescan(l->c);
	assert_int_equal(pthread_create(&writer, NULL, write_soon, &fd), 0);
	records = cut(l, true);
	pthread_join(writer, NULL);
	close(fd);
	if (records == 0) /* on a machine that is slow */
		records = cut(l, true);
	assert_int_equal(records, 1);
}

/* The database of the generation was read before it went. */
static void a_key_goes_one_generation_later(void **state)
{
	struct lab *l = *state;

	object_write(&l->n, KEY, "a key");
	cut(l, false);
	node_sql(&l->n, "INSERT INTO t VALUES(1)");
	unlink(node_path(&l->n, KEY));
	assert_int_equal(cut(l, false), 1);
	assert_int_equal(captured(l)->set, SET_DB);
	assert_true(capture_dirty(l->c));
	assert_int_equal(cut(l, false), 1);
	assert_int_equal(captured(l)->set, SET_TOKENS);
	assert_int_equal(l->gen.list.change[0].kind, CHANGE_GONE);
	assert_int_equal(cut(l, false), -1);
}

/* Nor with a database that is older than the last look at the keys. */
static void nor_with_an_old_database(void **state)
{
	struct lab *l = *state;

	object_write(&l->n, KEY, "a key");
	cut(l, false);
	node_write(&l->n, "db/kasp.db-journal", "hot");
	unlink(node_path(&l->n, KEY));
	cut(l, true);
	assert_true(l->gen.header.flags & GEN_STALE_DB);
	capture_rescan(l->c);
	assert_int_equal(cut(l, true), 0);
	unlink(node_path(&l->n, "db/kasp.db-journal"));
	capture_rescan(l->c);
	assert_int_equal(cut(l, true), 1);
	assert_int_equal(captured(l)->set, SET_TOKENS);
	assert_int_equal(l->gen.list.change[0].kind, CHANGE_GONE);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    LAB_TEST(half_a_key_is_none),
	    LAB_TEST(it_is_waited_for),
	    LAB_TEST(a_key_goes_one_generation_later),
	    LAB_TEST(nor_with_an_old_database),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
