/* SPDX-License-Identifier: GPL-2.0-or-later
 * Copyright (C) The ocf-ods contributors */
#include "kasplab.h"

#define ROWS                                                          \
	"CREATE TABLE zone(name TEXT); CREATE INDEX i ON zone(name);" \
	"WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1"     \
	" FROM n WHERE x < 2000) INSERT INTO zone SELECT"             \
	" printf('zone-%06d.example', x) FROM n"

static char dir[] = "/tmp/kaspcheck_XXXXXX";
static char database[64];

static int setup(void **state)
{
	(void)state;
	kasp_program();
	strcpy(dir, "/tmp/kaspcheck_XXXXXX");
	if (!mkdtemp(dir))
		return -1;
	snprintf(database, sizeof(database), "%s/kasp.db", dir);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	unlink(database);
	return rmdir(dir);
}

static void overwrite(long at, const char *text)
{
	FILE *f = fopen(database, "r+");

	assert_non_null(f);
	fseek(f, at, SEEK_SET);
	assert_int_equal(fwrite(text, 1, strlen(text), f), strlen(text));
	assert_int_equal(fclose(f), 0);
}

static void sound(void **state)
{
	struct why why = {0};

	(void)state;
	kasp_sql(database, ROWS);
	assert_int_equal(kasp_check(database, NULL, &why), 0);
}

/* What counting rows does not see. */
static void page_overwritten(void **state)
{
	struct why why = {0};
	long zones, keys;
	struct conf conf;

	(void)state;
	kasp_sql(database, ROWS);
	overwrite(8192, "this was no page of a b-tree");
	snprintf(conf.database, sizeof(conf.database), "%s", database);
	assert_int_equal(kasp_count(&conf, &zones, &keys), 0);
	assert_int_equal(kasp_check(database, NULL, &why), -EBADMSG);
	assert_non_null(strstr(why.text, "is damaged: "));
	assert_non_null(strstr(why.text, database));
}

static void no_database_at_all(void **state)
{
	struct why why = {0};

	(void)state;
	kasp_sql(database, ROWS);
	overwrite(0, "SQLite format 4, whatever");
	assert_int_equal(kasp_check(database, NULL, &why), -EBADMSG);
}

/* Damaged it is not, for all we know. */
static void cannot_be_read(void **state)
{
	struct why why = {0};

	(void)state;
	assert_int_equal(kasp_check("/nonexistent/kasp.db", NULL, &why), -EIO);
	assert_null(strstr(why.text, "damaged"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup_teardown(sound, setup, teardown),
	    cmocka_unit_test_setup_teardown(page_overwritten, setup, teardown),
	    cmocka_unit_test_setup_teardown(
	        no_database_at_all, setup, teardown),
	    cmocka_unit_test(cannot_be_read),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
