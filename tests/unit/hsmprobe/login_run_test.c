/* SPDX-License-Identifier: GPL-2.0-or-later
 * Copyright (C) The ocf-ods contributors */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <cmocka.h>

/* The module with a run directory below the working directory, and a child
 * that is none. */
#undef ODS_RUNDIR
#define ODS_RUNDIR "run"
#include "pinguard.c"
#include "child.h"

void no_child(const struct child_job *job, struct token_answer *answer);

#define child_run no_child
#include "login.c"
#undef child_run

static const struct conf_repository repository = {
    .name = "R", .module = "/m.so", .token_label = "t", .pin = "1234"};

static struct {
	struct token_answer answer; /* to the login */
	int logins, lines;
	bool locked_at_login, locked_after;
} seen;

static char dir[64];

/* Another process alone can tell. */
static bool locked(void)
{
	int status;
	pid_t pid = fork();

	if (pid == 0)
		_exit(pinguard_lock("/m.so", "t", deadline_in_ms(0)) < 0);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	return WEXITSTATUS(status) == 1;
}

void no_child(const struct child_job *job, struct token_answer *answer)
{
	seen.logins++;
	seen.locked_at_login = locked();
	*answer = seen.answer;
	if (answer->verdict == HSM_HUNG)
		return; /* there was no answer */
	job->login(answer, job->arg);
	seen.locked_after = locked();
	job->line("key\n", job->arg);
}

static void line(const char *text, void *arg)
{
	assert_string_equal(text, "key\n");
	assert_ptr_equal(arg, &seen);
	seen.lines++;
}

static int setup(void **state)
{
	(void)state;
	memset(&seen, 0, sizeof(seen));
	snprintf(dir, sizeof(dir), "/tmp/ods-login.XXXXXX");
	return mkdtemp(dir) ? chdir(dir) : -1;
}

static int teardown(void **state)
{
	char path[PATH_MAX];

	(void)state;
	pinguard_clear();
	token_path(path, sizeof(path), "pin-lock.", "/m.so", "t");
	unlink(path);
	unlink(SALT_PATH);
	rmdir("run");
	return chdir("/") + rmdir(dir);
}

static enum hsm_verdict run(enum login_mode mode)
{
	struct child_job job = {.repository = &repository,
	    .deadline = deadline_in_ms(50),
	    .line = line,
	    .arg = &seen};
	struct token_answer answer = {.verdict = HSM_OK};

	login_run(mode, &job, &answer);
	return answer.verdict;
}

/* A proof of many keys takes minutes, and the monitor logs in every ten
 * seconds. */
static void locked_for_the_login_alone(void **state)
{
	(void)state;
	seen.answer.verdict = HSM_OK;
	assert_int_equal(run(LOGIN_TRY), HSM_OK);
	assert_true(seen.locked_at_login);
	assert_false(seen.locked_after);
	assert_int_equal(seen.lines, 1);
	seen.answer.verdict = HSM_HUNG;
	assert_int_equal(run(LOGIN_TRY), HSM_HUNG);
	assert_false(locked());
}

static void refused_once(void **state)
{
	(void)state;
	seen.answer.verdict = HSM_WRONG_PIN;
	assert_int_equal(run(LOGIN_GUARD), HSM_OK);
	assert_int_equal(run(LOGIN_TRY), HSM_WRONG_PIN);
	assert_int_equal(run(LOGIN_TRY), HSM_WRONG_PIN);
	assert_int_equal(run(LOGIN_GUARD), HSM_WRONG_PIN);
	assert_int_equal(seen.logins, 1);
	pinguard_clear();
	seen.answer.verdict = HSM_OK;
	assert_int_equal(run(LOGIN_TRY), HSM_OK);
	assert_int_equal(seen.logins, 2);
}

static void noted_without_a_login(void **state)
{
	(void)state;
	assert_int_equal(run(LOGIN_NOTE), HSM_WRONG_PIN);
	assert_int_equal(run(LOGIN_TRY), HSM_WRONG_PIN);
	assert_int_equal(seen.logins, 0);
}

/* Whoever holds the lock may be refused right now. */
static void no_login_beside_another(void **state)
{
	int ready[2], status;
	char c;
	pid_t pid;

	(void)state;
	assert_int_equal(run(LOGIN_GUARD), HSM_OK); /* makes run/ */
	assert_int_equal(pipe(ready), 0);
	pid = fork();
	if (pid == 0) {
		pinguard_lock("/m.so", "t", deadline_in_ms(1000));
		if (write(ready[1], "", 1) != 1)
			_exit(1);
		pause();
	}
	assert_int_equal(read(ready[0], &c, 1), 1);
	seen.answer.verdict = HSM_OK;
	assert_int_equal(run(LOGIN_TRY), HSM_HUNG);
	assert_int_equal(seen.logins, 0);
	kill(pid, SIGKILL);
	waitpid(pid, &status, 0);
	assert_int_equal(run(LOGIN_TRY), HSM_OK);
	close(ready[0]);
	close(ready[1]);
}

#define T(t) cmocka_unit_test_setup_teardown(t, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
	    T(locked_for_the_login_alone),
	    T(refused_once),
	    T(noted_without_a_login),
	    T(no_login_beside_another),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
