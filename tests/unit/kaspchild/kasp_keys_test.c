/* SPDX-License-Identifier: GPL-2.0-or-later
 * Copyright (C) The ocf-ods contributors */
#include "kasplab.h"

/* The columns that matter. */
#define TABLES                                                         \
	"CREATE TABLE hsmKey (id INTEGER PRIMARY KEY, locator, state," \
	" algorithm, role, repository, backup);"                       \
	"CREATE TABLE keyData (hsmKeyId, activeZsk, publish, activeKsk);"
#define MANY                                                             \
	"WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM c" \
	" WHERE x < 300) INSERT INTO hsmKey SELECT x,"                   \
	" printf('%032x', x), 3, 13, 1, 'R', 1 FROM c;"                  \
	"INSERT INTO keyData SELECT id, 1, 1, 0 FROM hsmKey WHERE id < 201"

static char dir[] = "/tmp/kaspchild_XXXXXX";
static char database[64];
static struct keyset keys;
static struct keynews news;
static struct why why;

static int setup(void **state)
{
	(void)state;
	kasp_program();
	strcpy(dir, "/tmp/kaspchild_XXXXXX");
	if (!mkdtemp(dir))
		return -1;
	snprintf(database, sizeof(database), "%s/kasp.db", dir);
	keys = (struct keyset){0};
	memset(&news, 0, sizeof(news));
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	keyset_free(&keys);
	unlink(database);
	return rmdir(dir);
}

/* More than a child's output of ours holds. */
static void all_of_them(void **state)
{
	(void)state;
	kasp_sql(database, TABLES MANY);
	assert_int_equal(kasp_keys(database, &keys, &news, NULL, &why), 0);
	assert_int_equal(keys.count, 300);
	assert_true(keys.key[0].in_use);
	assert_false(keys.key[299].in_use);
	assert_int_equal(news.unbacked, 200);
	assert_int_equal(news.unbacked_named, KEYNEWS_UNBACKED_MAX);
	assert_non_null(strstr(news.unbacked_key[0], " KSK required"));
}

static void none(void **state)
{
	(void)state;
	kasp_sql(database, TABLES);
	assert_int_equal(kasp_keys(database, &keys, &news, NULL, &why), 0);
	assert_int_equal(keys.count, 0);
	assert_true(news.unbacked_known);
	assert_int_equal(news.unbacked, 0);
}

static void not_readable(void **state)
{
	FILE *file = fopen(database, "w");

	(void)state;
	fputs("no database at all, but long enough to be looked at\n", file);
	fclose(file);
	assert_true(kasp_keys(database, &keys, &news, NULL, &why) < 0);
	assert_non_null(strstr(why.text, "ods-kasp: "));
	assert_false(news.unbacked_known);
}

/* Who stops this daemon waits for no database. */
static void given_up(void **state)
{
	bool cancel = true;

	(void)state;
	kasp_sql(database, TABLES MANY);
	assert_true(kasp_keys(database, &keys, &news, &cancel, &why) < 0);
	assert_int_equal(keys.count, 0);
}

#define T(t) cmocka_unit_test_setup_teardown(t, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
	    T(all_of_them),
	    T(none),
	    T(not_readable),
	    T(given_up),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
