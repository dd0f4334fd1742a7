/* SPDX-License-Identifier: GPL-2.0-or-later
 * Copyright (C) The ocf-ods contributors */
#include "child.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <poll.h>
#include <pwd.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "cleanup.h"
#include "file.h"

#define LEAVE_MS 500 /* for C_Finalize, once the answer is there */
#define POLL_MS 10

/* The pipe is in one process image on both ends: whole structs, each below
 * PIPE_BUF and so never cut. */
struct message {
	bool final;
	struct token_answer answer; /* not final: detail is the step */
};

void child_protect(void)
{
	struct rlimit none = {0, 0};

	setrlimit(RLIMIT_CORE, &none);
	prctl(PR_SET_DUMPABLE, 0);
}

static void step_send(const char *call, void *arg)
{
	struct message m = {.final = false};

	snprintf(m.answer.detail, sizeof(m.answer.detail), "%s", call);
	file_write_all(*(int *)arg, &m, sizeof(m));
}

/* A probe as root would see a token that the daemons cannot read, and would
 * leave lock files there that they cannot open. */
static int become(const char *user, const char *group)
{
	struct passwd *pw = *user ? getpwnam(user) : NULL;
	struct group *gr = *group ? getgrnam(group) : NULL;
	gid_t gid = gr ? gr->gr_gid : pw ? pw->pw_gid : 0;

	if (geteuid() != 0)
		return 0;
	if ((*user && !pw) || (*group && !gr))
		return -ENOENT;
	if (pw && initgroups(user, gid) < 0)
		return -errno;
	if ((pw || gr) && setresgid(gid, gid, gid) < 0)
		return -errno;
	if (pw && setresuid(pw->pw_uid, pw->pw_uid, pw->pw_uid) < 0)
		return -errno;
	return 0;
}

/* Modules write where they like. */
static void silence(void)
{
	int null = open("/dev/null", O_RDWR);

	dup2(null, STDIN_FILENO);
	dup2(null, STDOUT_FILENO);
	dup2(null, STDERR_FILENO);
	if (null > STDERR_FILENO)
		close(null);
}

static _Noreturn void child_main(const struct conf_repository *repository,
    const char *user, const char *group, int out, pid_t parent, int left_ms)
{
	struct message m = {.final = true};
	int rc = become(user, group);

	child_protect(); /* setuid() resets it, and the death signal too */
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (getppid() != parent)
		_exit(1);
	alarm((unsigned int)left_ms / 1000 + 2);
	silence();
	if (rc < 0) {
		m.answer.verdict = HSM_ERROR;
		snprintf(m.answer.detail, sizeof(m.answer.detail),
		    "cannot-become-%s%s%s", user, *group ? ":" : "", group);
	} else {
		token_probe(repository->module, repository->token_label,
		    repository->pin, step_send, &out, &m.answer);
	}
	file_write_all(out, &m, sizeof(m));
	token_leave();
	_exit(0);
}

/* Read until the final message (true), the end, or the deadline. */
static bool listen_to(
    int fd, struct deadline deadline, struct message *last, bool *ended)
{
	struct message m;

	*ended = false;
	while (!last->final && !*ended) {
		struct pollfd pfd = {.fd = fd, .events = POLLIN};

		if (poll(&pfd, 1, deadline_left_ms(deadline)) <= 0) {
			if (deadline_passed(deadline))
				return false;
			continue;
		}
		if (read(fd, &m, sizeof(m)) == (ssize_t)sizeof(m))
			*last = m;
		else
			*ended = true;
	}
	return last->final;
}

static bool reap(pid_t pid, int ms, int *status)
{
	struct deadline d = deadline_in_ms(ms);

	while (waitpid(pid, status, WNOHANG) == 0) {
		if (deadline_passed(d))
			return false;
		deadline_sleep_ms(d, POLL_MS);
	}
	return true;
}

static void answer_set(struct token_answer *answer, enum hsm_verdict verdict,
    const char *what, const char *step)
{
	answer->verdict = verdict;
	snprintf(answer->detail, sizeof(answer->detail), "%s%.40s", what, step);
}

static void judge(pid_t pid, const struct message *last, bool final, bool ended,
    struct token_answer *answer)
{
	const char *step = last->answer.detail;
	int status = 0;
	bool gone = (final || ended) && reap(pid, LEAVE_MS, &status);

	if (!gone) {
		kill(pid, SIGKILL);
		reap(pid, LEAVE_MS, &status);
	}
	if (final)
		*answer = last->answer;
	else if (ended && WIFSIGNALED(status))
		answer_set(answer, HSM_ERROR,
		    WTERMSIG(status) == SIGSEGV ? "crashed-in-" : "killed-in-",
		    step);
	else if (ended)
		answer_set(answer, HSM_ERROR, "exited-in-", step);
	else
		answer_set(answer, HSM_HUNG, "", step);
}

void child_probe(const struct conf_repository *repository, const char *user,
    const char *group, struct deadline deadline, struct token_answer *answer)
{
	struct message last = {.answer.detail = "start"};
	CLEANUP_CLOSE int in = -1;
	pid_t self = getpid(), pid;
	bool final, ended;
	int fds[2];

	if (pipe2(fds, O_CLOEXEC) < 0) {
		answer_set(answer, HSM_ERROR, "no-pipe", "");
		return;
	}
	in = fds[0];
	pid = fork();
	if (pid == 0)
		child_main(repository, user, group, fds[1], self,
		    deadline_left_ms(deadline));
	close(fds[1]);
	if (pid < 0) {
		answer_set(answer, HSM_ERROR, "no-fork", "");
		return;
	}
	final = listen_to(in, deadline, &last, &ended);
	judge(pid, &last, final, ended, answer);
}
