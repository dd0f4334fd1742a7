/* SPDX-License-Identifier: GPL-2.0-or-later
 * Copyright (C) The ocf-ods contributors */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/stat.h>
#include <cmocka.h>

#undef ODS_LIBEXECDIR
#define ODS_LIBEXECDIR "."
#include "keyprobe.c"

#define ONE                                \
	"11111111111111111111111111111111" \
	"11111111111111111111111111111111"

static char dir[64];
static struct keyview view;
static struct why why;

static int setup(void **state)
{
	struct keyrecord source[3];

	(void)state;
	snprintf(dir, sizeof(dir), "/tmp/ods-keyprobe.XXXXXX");
	if (!mkdtemp(dir) || chdir(dir) < 0)
		return -1;
	keyrecord_decode("R 0a 13 " ONE " inuse", &source[0]);
	keyrecord_decode("R 0b 13 " ONE " inuse", &source[1]);
	keyrecord_decode("R 0c 8 - pool", &source[2]);
	return keyview_begin(&view, source, 3);
}

static int teardown(void **state)
{
	(void)state;
	keyview_free(&view);
	unlink("ods-hsm-probe");
	unlink("args");
	unlink("list");
	return chdir("/") + rmdir(dir);
}

/* A probe that does BODY; $o is what it is to write to. */
static void probe_is(const char *body)
{
	FILE *file = fopen("ods-hsm-probe", "w");

	assert_non_null(file);
	fprintf(file,
	    "#!/bin/sh\necho \"$*\" >args\ncat >list\no=/dev/stdout\n%s\n",
	    body);
	fclose(file);
	assert_int_equal(chmod("ods-hsm-probe", 0755), 0);
}

static int run_it(bool prove, int ms)
{
	struct keyprobe p = {.conf = "c.xml",
	    .prove = prove,
	    .rate = 5,
	    .deadline = deadline_in_ms(ms)};

	return keyprobe_run(&p, &view, &why);
}

static void expect_file(const char *path, const char *want)
{
	CLEANUP_FREE char *text = NULL;
	size_t len;

	assert_int_equal(file_read(path, 4096, &text, &len, NULL), 0);
	if (!strstr(text, want))
		fail_msg("%s: %s", path, text);
}

static void all_keys_then_those_due(void **state)
{
	(void)state;
	probe_is("echo 'key R 0a present " ONE "' >$o\n"
	         "echo 'key R 0b present " ONE "' >>$o\n"
	         "echo 'key R 0c missing -' >>$o; exit 0");
	assert_int_equal(run_it(false, 20000), 0);
	expect_file("args", "--conf c.xml --timeout-ms 1");
	expect_file("args", "--rate 5 --keys -");
	expect_file("list", "R 0a 13 " ONE " inuse\nR 0b 13 " ONE " inuse\n"
	                    "R 0c 8 - pool\n");
	probe_is("echo 'proof R 0a proven 3' >$o; exit 1");
	view.key[1].here.proof = PROOF_SKIPPED;
	assert_int_equal(run_it(true, 20000), 0);
	expect_file("args", "--prove -");
	expect_file("list", "R 0a 13 " ONE " inuse\n");
	assert_int_equal(view.key[0].here.proof, PROOF_PROVEN);
	/* Nothing is left to try: no login. */
	unlink("args");
	assert_int_equal(run_it(true, 20000), 0);
	assert_int_not_equal(access("args", F_OK), 0);
}

/* More than a pipe or a buffer takes. */
static void a_long_answer(void **state)
{
	(void)state;
	probe_is("seq 1 20000 | sed 's/^/noise /' >$o\n"
	         "echo 'key R 0a present " ONE "' >>$o");
	assert_int_equal(run_it(false, 20000), 0);
	assert_int_equal(view.key[0].here.state, KEY_PRESENT);
}

static void ended_in_the_middle(void **state)
{
	(void)state;
	probe_is("printf 'key R 0a present " ONE "\nkey R 0b mis' >$o\n"
	         "exec sleep 60");
	assert_int_equal(run_it(false, 700), -ETIMEDOUT);
	assert_int_equal(view.key[0].here.state, KEY_PRESENT);
	assert_int_equal(view.key[1].here.state, KEY_UNREAD);
	probe_is("echo 'key R 0b missing -' >$o; kill -SEGV $$");
	assert_int_equal(run_it(false, 20000), -ETIMEDOUT);
	assert_int_equal(view.key[1].here.state, KEY_MISSING);
}

static void no_answer(void **state)
{
	(void)state;
	probe_is("printf 'err=2\\nwhy=conf.xml is not there\\n' >$o; exit 3");
	assert_int_equal(run_it(false, 20000), -ENOENT);
	assert_string_equal(why.text, "conf.xml is not there");
	probe_is(": >$o; exit 3");
	assert_int_equal(run_it(false, 20000), -EPROTO);
	probe_is(": >$o; exit 2");
	assert_int_equal(run_it(false, 20000), -EPROTO);
	probe_is("echo 'key R 0a present -' >$o");
	assert_int_equal(run_it(false, 20000), -EPROTO);
	probe_is("exit 0"); /* not a word */
	assert_true(run_it(false, 20000) < 0);
	unlink("ods-hsm-probe");
	assert_true(run_it(false, 20000) < 0);
}

#define T(t) cmocka_unit_test_setup_teardown(t, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
	    T(all_keys_then_those_due),
	    T(a_long_answer),
	    T(ended_in_the_middle),
	    T(no_answer),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
