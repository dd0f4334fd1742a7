/* SPDX-License-Identifier: GPL-2.0-or-later
 * Copyright (C) The ocf-ods contributors */
#include "pair.h"

#include "object.h"

/* Tokens of SoftHSM, in files. */

#define TOKEN "tokens/1f/token.object"
#define KEY "tokens/1f/2a.object"
#define LOCK "tokens/1f/2a.lock"

/* As SoftHSM makes one: nobody else looks in. */
static void fill(const struct node *n)
{
	object_write(n, TOKEN, "a token");
	object_write(n, KEY, "a key");
	node_write(n, LOCK, "");
	node_write(n, "tokens/1f/generation", "12345678");
	assert_int_equal(chmod(node_path(n, "tokens/1f"), 0700), 0);
}

static int setup_of(void **state, bool source, bool replica)
{
	struct pair *p = pair_make();

	node_sql(&p->a, "CREATE TABLE zone(name TEXT)");
	p->a.tokens = source;
	p->b.tokens = replica;
	*state = p;
	return 0;
}

static int setup(void **state)
{
	return setup_of(state, true, true);
}

static int setup_source_without(void **state)
{
	return setup_of(state, false, true);
}

static int setup_replica_without(void **state)
{
	return setup_of(state, true, false);
}

static void start(struct pair *p)
{
	pair_open(p);
	pair_source(p);
	pair_follow(p);
}

static mode_t mode_of(const struct node *n, const char *name)
{
	struct stat st;

	assert_int_equal(stat(node_path(n, name), &st), 0);
	return st.st_mode & 07777;
}

static void assert_same(const struct pair *p, const char *name)
{
	assert_same_file(node_path(&p->a, name), node_path(&p->b, name));
}

static bool is_there(const struct node *n, const char *name)
{
	return access(node_path(n, name), F_OK) == 0;
}

static void keys_follow(void **state)
{
	struct pair *p = *state;

	fill(&p->a);
	node_write(&p->a, "tokens/notes", "not SoftHSM's\n");
	object_write(&p->a, "tokens/1f/sub/x.object", "nor this");
	start(p);
	assert_same(p, KEY);
	assert_int_equal(mode_of(&p->b, KEY), 0600);
	assert_int_equal(mode_of(&p->b, TOKEN), 0600);
	assert_int_equal(mode_of(&p->b, "tokens/1f"), 0700);
	assert_true(is_there(&p->b, LOCK));
	assert_true(is_there(&p->b, "tokens/1f/generation"));
	assert_false(is_there(&p->b, "tokens/notes"));
	assert_false(is_there(&p->b, "tokens/1f/sub"));
	/* one is made, one goes */
	object_write(&p->a, "tokens/1f/3b.object", "another key");
	nodes_sync(&p->a, &p->b);
	assert_same(p, "tokens/1f/3b.object");
	unlink(node_path(&p->a, KEY));
	unlink(node_path(&p->a, LOCK));
	nodes_sync(&p->a, &p->b);
	nodes_sync(&p->a, &p->b);
	assert_false(is_there(&p->b, KEY));
	assert_false(is_there(&p->b, LOCK));
	assert_true(is_there(&p->b, "tokens/1f/3b.object"));
}

/* Who signs makes new keys in there. */
static void the_directory_is_the_daemons(void **state)
{
	struct pair *p = *state;
	struct stat st;

	if (geteuid() != 0)
		skip();
	fill(&p->a);
	assert_int_equal(chown(node_path(&p->a, TOKEN), 1, 2), 0);
	start(p);
	assert_int_equal(stat(node_path(&p->b, "tokens/1f"), &st), 0);
	assert_int_equal(st.st_uid, 1);
	assert_int_equal(st.st_gid, 2);
	assert_int_equal(mode_of(&p->b, "tokens/1f"), 0700);
}

/* The package has given the standby a token of its own. */
static void its_own_token_is_set_aside(void **state)
{
	struct pair *p = *state;
	char path[256], term[ID_TEXT];

	fill(&p->a);
	object_write(&p->b, "tokens/77/token.object", "b's own");
	node_write(&p->b, "db/kasp.db-journal", "hot\n");
	start(p);
	assert_false(is_there(&p->b, "tokens/77/token.object"));
	assert_false(is_there(&p->b, "db/kasp.db-journal"));
	id_text(&p->term.term_id, term);
	snprintf(path, sizeof(path),
	    "state/quarantine/%s/tokens/77/token.object", term);
	assert_int_equal(mode_of(&p->b, path), 0600);
}

/* Not before it has tokens= itself: a takeover without keys signs nothing. */
static void a_source_that_has_none_takes_none(void **state)
{
	struct pair *p = *state;

	fill(&p->a);
	fill(&p->b);
	start(p);
	assert_true(is_there(&p->b, KEY));
	assert_true(is_there(&p->b, TOKEN));
}

static void a_replica_that_takes_none_is_told(void **state)
{
	struct pair *p = *state;

	fill(&p->a);
	pair_open(p);
	pair_source(p);
	node_replica(&p->b, &p->term, p->port, &p->a);
	wait_until(
	    &p->a, &p->b, strstr(p->b.text, "has no place on this node"));
	assert_int_equal(p->b.applied, 0);
	assert_false(is_there(&p->b, "tokens/1f"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    PAIR_TEST(keys_follow, setup),
	    PAIR_TEST(the_directory_is_the_daemons, setup),
	    PAIR_TEST(its_own_token_is_set_aside, setup),
	    PAIR_TEST(a_source_that_has_none_takes_none, setup_source_without),
	    PAIR_TEST(a_replica_that_takes_none_is_told, setup_replica_without),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
