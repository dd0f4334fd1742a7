/* SPDX-License-Identifier: GPL-2.0-or-later
 * Copyright (C) The ocf-ods contributors */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <sys/stat.h>
#include <cmocka.h>

/* The module with a run directory below the working directory. */
#undef ODS_RUNDIR
#define ODS_RUNDIR "run"
#undef ODS_LIBEXECDIR
#define ODS_LIBEXECDIR "."
#include "pinguard.c"

static char dir[64];

static int setup(void **state)
{
	(void)state;
	snprintf(dir, sizeof(dir), "/tmp/ods-pin.XXXXXX");
	return mkdtemp(dir) ? chdir(dir) : -1;
}

static int teardown(void **state)
{
	(void)state;
	pinguard_clear();
	unlink(SALT_PATH);
	unlink("ods-hsm-probe");
	rmdir("run");
	return chdir("/") + rmdir(dir);
}

static void one_refusal_counts_for_all(void **state)
{
	struct why why;
	struct stat st;
	char path[PATH_MAX];

	(void)state;
	assert_false(pinguard_refused("/m.so", "token", "d1"));
	assert_int_equal(
	    pinguard_note("/m.so", "token", "repo", "d1", "CKR_PIN", &why), 0);
	assert_true(pinguard_refused("/m.so", "token", "d1"));
	note_path(path, sizeof(path), "/m.so", "token");
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0600);
}

/* Another PIN in conf.xml, another token, another module: try. */
static void another_one_may_try(void **state)
{
	struct why why;

	(void)state;
	pinguard_note("/m.so", "token", "repo", "d1", "CKR_PIN", &why);
	assert_false(pinguard_refused("/m.so", "token", "d2"));
	assert_false(pinguard_refused("/m.so", "token", "d"));
	assert_false(pinguard_refused("/m.so", "token2", "d1"));
	assert_false(pinguard_refused("/n.so", "token", "d1"));
}

static void forgotten(void **state)
{
	struct why why;

	(void)state;
	pinguard_note("/m.so", "a", "repo", "d1", "CKR_PIN", &why);
	pinguard_note("/m.so", "b", "repo", "d1", "CKR_PIN", &why);
	pinguard_forget("/m.so", "a");
	assert_false(pinguard_refused("/m.so", "a", "d1"));
	assert_true(pinguard_refused("/m.so", "b", "d1"));
	assert_int_equal(pinguard_clear(), 1);
	assert_false(pinguard_refused("/m.so", "b", "d1"));
	assert_int_equal(pinguard_clear(), 0);
}

static void salt_of_this_boot(void **state)
{
	unsigned char a[PINGUARD_SALT_SIZE], b[PINGUARD_SALT_SIZE];
	struct stat st;
	struct why why;

	(void)state;
	assert_int_equal(pinguard_salt(a, &why), 0);
	assert_int_equal(pinguard_salt(b, &why), 0);
	assert_memory_equal(a, b, sizeof(a));
	assert_int_equal(stat(SALT_PATH, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0600);
	assert_int_equal(truncate(SALT_PATH, 3), 0); /* cut: made anew */
	assert_int_equal(pinguard_salt(b, &why), 0);
	assert_memory_not_equal(a, b, sizeof(a));
}

static void probe_script(const char *body)
{
	FILE *file = fopen("ods-hsm-probe", "w");

	assert_non_null(file);
	fprintf(file, "#!/bin/sh\n%s\n", body);
	fclose(file);
	chmod("ods-hsm-probe", 0755);
}

/* With a note, and only with one, what cannot be compared is not tried. */
static void what_is_not_known_is_not_tried(void **state)
{
	static const struct {
		const char *body;
		int rc;
	} table[] = {
	    {"echo repository=a verdict=ok detail=- ms=0", 0},
	    {"echo repository=a verdict=pin-not-set detail=- ms=0; exit 1", 0},
	    {"exit 0", 0}, /* no repository at all */
	    {"echo repository=a verdict=wrong-pin detail=- ms=0; exit 1",
	        -EKEYREJECTED},
	    {"echo repository=a verdict=error detail=- ms=0; exit 1", -EIO},
	    {"exit 1", -EIO},
	    {"echo err=22; exit 3", -EIO},
	    {"kill -SEGV $$", -EIO},
	    {"exec sleep 60", -EIO},
	};
	struct why why;
	size_t i;

	(void)state;
	assert_int_equal(pinguard_check("c", deadline_in_ms(300), &why), 0);
	pinguard_note("/m.so", "token", "repo", "d1", "CKR_PIN", &why);
	assert_int_equal(pinguard_check("c", deadline_in_ms(300), &why), -EIO);
	for (i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		bool hangs = strstr(table[i].body, "sleep");

		probe_script(table[i].body);
		assert_int_equal(pinguard_check("c",
		                     deadline_in_ms(hangs ? 200 : 20000), &why),
		    table[i].rc);
	}
}

#define T(t) cmocka_unit_test_setup_teardown(t, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
	    T(one_refusal_counts_for_all),
	    T(another_one_may_try),
	    T(forgotten),
	    T(salt_of_this_boot),
	    T(what_is_not_known_is_not_tried),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
