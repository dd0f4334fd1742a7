/* SPDX-License-Identifier: GPL-2.0-or-later
 * Copyright (C) The ocf-ods contributors */
#include "child.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <limits.h>
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
#include "keyline.h"

#define LEAVE_MS 500 /* for C_Finalize, once the answer is there */
#define POLL_MS 10

enum said {
	SAID_STEP,  /* the text is the next call */
	SAID_LOGIN, /* the answer to that */
	SAID_LINE,
	SAID_END, /* the answer to all */
};

/* The pipe is in one process image on both ends: whole structs, each below
 * PIPE_BUF and so never cut. */
struct message {
	enum said said;
	struct token_answer answer;
	char text[KEYLINE_MAX];
};

_Static_assert(sizeof(struct message) < PIPE_BUF, "a message may be cut");

struct child_out {
	int fd;
};

/* What the parent has heard. */
struct heard {
	char step[48];
	struct token_answer answer;
	bool end;   /* the answer is there */
	bool ended; /* nothing more can come */
};

void child_protect(void)
{
	struct rlimit none = {0, 0};

	setrlimit(RLIMIT_CORE, &none);
	prctl(PR_SET_DUMPABLE, 0);
}

static void say(struct child_out *out, enum said said, const char *text,
    const struct token_answer *answer)
{
	struct message m = {.said = said};

	if (answer)
		m.answer = *answer;
	snprintf(m.text, sizeof(m.text), "%s", text);
	file_write_all(out->fd, &m, sizeof(m));
}

void child_step(const char *call, void *arg)
{
	say(arg, SAID_STEP, call, NULL);
}

void child_line(struct child_out *out, const char *line)
{
	say(out, SAID_LINE, line, NULL);
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

static _Noreturn void child_main(
    const struct child_job *job, int fd, pid_t parent)
{
	const struct conf_repository *repository = job->repository;
	struct token_answer answer = {.verdict = HSM_ERROR};
	struct child_out out = {.fd = fd};
	int rc = become(job->user, job->group);

	child_protect(); /* setuid() resets it, and the death signal too */
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (getppid() != parent)
		_exit(1);
	alarm((unsigned int)deadline_left_ms(job->deadline) / 1000 + 2);
	silence();
	if (rc < 0)
		snprintf(answer.detail, sizeof(answer.detail),
		    "cannot-become-%s%s%s", job->user, *job->group ? ":" : "",
		    job->group);
	else
		token_probe(repository->module, repository->token_label,
		    repository->pin, child_step, &out, &answer);
	say(&out, SAID_LOGIN, "", &answer);
	if (answer.verdict == HSM_OK && job->work)
		job->work(&out, job->work_arg, &answer);
	say(&out, SAID_END, "", &answer);
	token_leave();
	_exit(0);
}

static void hear(
    const struct message *m, const struct child_job *job, struct heard *heard)
{
	switch (m->said) {
	case SAID_STEP:
		snprintf(heard->step, sizeof(heard->step), "%s", m->text);
		break;
	case SAID_LOGIN:
		if (job->login)
			job->login(&m->answer, job->arg);
		break;
	case SAID_LINE:
		if (job->line)
			job->line(m->text, job->arg);
		break;
	case SAID_END:
		heard->answer = m->answer;
		heard->end = true;
		break;
	}
}

/* Until the end, one way or the other, or until a deadline. */
static void listen_to(int fd, const struct child_job *job, struct heard *heard)
{
	struct message m;

	while (!heard->end && !heard->ended) {
		struct deadline next =
		    job->call_ms > 0
		        ? deadline_step(job->deadline, job->call_ms)
		        : job->deadline;
		struct pollfd pfd = {.fd = fd, .events = POLLIN};

		while (poll(&pfd, 1, deadline_left_ms(next)) <= 0)
			if (deadline_passed(next))
				return;
		if (read(fd, &m, sizeof(m)) == (ssize_t)sizeof(m))
			hear(&m, job, heard);
		else
			heard->ended = true;
	}
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

static void judge(
    pid_t pid, const struct heard *heard, struct token_answer *answer)
{
	int status = 0;
	bool gone =
	    (heard->end || heard->ended) && reap(pid, LEAVE_MS, &status);

	if (!gone) {
		kill(pid, SIGKILL);
		reap(pid, LEAVE_MS, &status);
	}
	if (heard->end)
		*answer = heard->answer;
	else if (heard->ended && WIFSIGNALED(status))
		answer_set(answer, HSM_ERROR,
		    WTERMSIG(status) == SIGSEGV ? "crashed-in-" : "killed-in-",
		    heard->step);
	else if (heard->ended)
		answer_set(answer, HSM_ERROR, "exited-in-", heard->step);
	else
		answer_set(answer, HSM_HUNG, "", heard->step);
}

void child_run(const struct child_job *job, struct token_answer *answer)
{
	struct heard heard = {.step = "start"};
	CLEANUP_CLOSE int in = -1;
	pid_t self = getpid(), pid;
	int fds[2];

	if (pipe2(fds, O_CLOEXEC) < 0) {
		answer_set(answer, HSM_ERROR, "no-pipe", "");
		return;
	}
	in = fds[0];
	pid = fork();
	if (pid == 0)
		child_main(job, fds[1], self);
	close(fds[1]);
	if (pid < 0) {
		answer_set(answer, HSM_ERROR, "no-fork", "");
		return;
	}
	listen_to(in, job, &heard);
	judge(pid, &heard, answer);
}
