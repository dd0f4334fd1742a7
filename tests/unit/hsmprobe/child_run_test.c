/* SPDX-License-Identifier: GPL-2.0-or-later
 * Copyright (C) The ocf-ods contributors */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "token.h"

/* The module with a token that is none: its label says what it does. */
void no_probe(const char *module, const char *label, const char *pin,
    token_step_fn step, void *arg, struct token_answer *answer);
void no_leave(void);

#define token_probe no_probe
#define token_leave no_leave
#include "child.c"
#undef token_probe
#undef token_leave

#define DEADLINE_MS 20000
#define CALL_MS 1000

void no_probe(const char *module, const char *label, const char *pin,
    token_step_fn step, void *arg, struct token_answer *answer)
{
	(void)module, (void)pin;
	memset(answer, 0, sizeof(*answer));
	step("C_Login", arg);
	if (strcmp(label, "hang") == 0)
		pause();
	if (strcmp(label, "refuse") == 0)
		answer->verdict = HSM_WRONG_PIN;
}

void no_leave(void)
{
}

/* What the parent heard, one letter each: L the login, then the lines. */
static char heard_text[64];
static struct token_answer answer;

static void hear_login(const struct token_answer *a, void *arg)
{
	assert_ptr_equal(arg, heard_text);
	strcat(heard_text, a->verdict == HSM_OK ? "L" : "R");
}

static void hear_line(const char *line, void *arg)
{
	assert_ptr_equal(arg, heard_text);
	strcat(heard_text, line);
}

/* WORK: letters are lines, ! dies, ~ hangs, ? makes the answer worse, and _
 * takes a while. */
static void do_work(
    struct child_out *out, const void *arg, struct token_answer *a)
{
	const char *at;
	char line[2] = "";

	for (at = arg; *at; at++) {
		child_step("C_Sign", out);
		if (*at == '!')
			abort();
		else if (*at == '~')
			pause();
		else if (*at == '_')
			usleep(CALL_MS * 1000 * 2 / 5);
		else if (*at == '?')
			a->verdict = HSM_ERROR;
		else
			child_line(out, (line[0] = *at, line));
	}
}

static int64_t run(const char *label, const char *work)
{
	static struct conf_repository repository;
	struct child_job job = {.repository = &repository,
	    .user = "",
	    .group = "",
	    .deadline = deadline_in_ms(DEADLINE_MS),
	    .call_ms = CALL_MS,
	    .work = do_work,
	    .work_arg = work,
	    .login = hear_login,
	    .line = hear_line,
	    .arg = heard_text};
	int64_t begin = clock_monotonic_ms();

	heard_text[0] = '\0';
	strcpy(repository.token_label, label);
	child_run(&job, &answer);
	return clock_monotonic_ms() - begin;
}

static void all_is_well(void **state)
{
	(void)state;
	run("", "abc");
	assert_int_equal(answer.verdict, HSM_OK);
	assert_string_equal(heard_text, "Labc");
}

static void no_work_without_a_login(void **state)
{
	(void)state;
	run("refuse", "abc");
	assert_int_equal(answer.verdict, HSM_WRONG_PIN);
	assert_string_equal(heard_text, "R");
	run("hang", "abc");
	assert_int_equal(answer.verdict, HSM_HUNG);
	assert_string_equal(answer.detail, "C_Login");
	assert_string_equal(heard_text, "");
}

/* What was said before stands; the answer says that it was not all. */
static void in_the_middle(void **state)
{
	(void)state;
	run("", "ab!c");
	assert_int_equal(answer.verdict, HSM_ERROR);
	assert_string_equal(answer.detail, "killed-in-C_Sign");
	assert_string_equal(heard_text, "Lab");
	run("", "a?b");
	assert_int_equal(answer.verdict, HSM_ERROR);
	assert_string_equal(heard_text, "Lab");
}

/* One call has its own time: long before all of it is over. */
static void a_call_that_hangs(void **state)
{
	int64_t took;

	(void)state;
	took = run("", "ab~c");
	assert_int_equal(answer.verdict, HSM_HUNG);
	assert_string_equal(answer.detail, "C_Sign");
	assert_string_equal(heard_text, "Lab");
	assert_true(took < DEADLINE_MS / 2);
	/* Many that take a while are no hang. */
	took = run("", "_a_b_c");
	assert_int_equal(answer.verdict, HSM_OK);
	assert_string_equal(heard_text, "Labc");
	assert_true(took > CALL_MS);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(all_is_well),
	    cmocka_unit_test(no_work_without_a_login),
	    cmocka_unit_test(in_the_middle),
	    cmocka_unit_test(a_call_that_hangs),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
