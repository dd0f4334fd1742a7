/* SPDX-License-Identifier: GPL-2.0-or-later
 * Copyright (C) The ocf-ods contributors */
#include "launch.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "cleanup.h"
#include "file.h"
#include "proc.h"

#define NOFILE 4096
#define OUTPUT_READ_MAX (1024 * 1024)
#define POLL_MS 5

static void child_limits(void)
{
	struct rlimit rl;

	if (getrlimit(RLIMIT_NOFILE, &rl) < 0)
		return;
	rl.rlim_cur = rl.rlim_max < NOFILE ? rl.rlim_max : NOFILE;
	setrlimit(RLIMIT_NOFILE, &rl);
}

/* glibc has close_range() since 2.34, musl not; a kernel of RHEL 8 may know
 * no such call. */
static void close_from(int fd)
{
#ifdef SYS_close_range
	if (syscall(SYS_close_range, (unsigned)fd, ~0U, 0) == 0)
		return;
#endif
	for (; fd < NOFILE; fd++)
		close(fd);
}

static void child_exec(
    const char *const *argv, char *const *env, int null, int out)
{
	sigset_t none;
	union {
		const char *const *in;
		char *const *out;
	} args = {.in = argv}; /* execve() is not const-correct */

	setsid();
	umask(022);
	child_limits();
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	signal(SIGPIPE, SIG_DFL);
	dup2(null, STDIN_FILENO);
	dup2(out, STDOUT_FILENO);
	dup2(out, STDERR_FILENO);
	close_from(STDERR_FILENO + 1);
	execve(argv[0], args.out, env);
	_exit(127);
}

static int wait_foreground(pid_t pid, const char *name,
    struct deadline deadline, int *code, struct why *why)
{
	int status;

	while (waitpid(pid, &status, WNOHANG) == 0) {
		if (deadline_passed(deadline)) {
			kill(-pid, SIGKILL);
			waitpid(pid, &status, WNOHANG);
			return why_set(why, -ETIMEDOUT,
			    "%s did not come up in time: is the HSM or the "
			    "database hung?",
			    name);
		}
		deadline_sleep_ms(deadline, POLL_MS);
	}
	*code = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
	return 0;
}

int launch_daemon(const char *const *argv, char *const *env, const char *output,
    struct deadline deadline, int *code, struct why *why)
{
	CLEANUP_CLOSE int null = open("/dev/null", O_RDWR | O_CLOEXEC);
	CLEANUP_CLOSE int out = open(output,
	    O_WRONLY | O_CREAT | O_TRUNC | O_APPEND | O_CLOEXEC | O_NOFOLLOW,
	    0600);
	pid_t pid;

	if (null < 0 || out < 0)
		return why_set(why, -errno, "cannot open %s: %s",
		    null < 0 ? "/dev/null" : output, strerror(errno));
	pid = fork();
	if (pid < 0)
		return why_set(why, -errno, "cannot fork: %s", strerror(errno));
	if (pid == 0)
		child_exec(argv, env, null, out);
	return wait_foreground(pid, argv[0], deadline, code, why);
}

static void add_words(char *text, size_t size, const char *more)
{
	size_t used = strlen(text), len = strlen(more);

	if (len > size - 1 - used) { /* the end says more than the beginning */
		more += len - (size - 1 - used);
		len = size - 1 - used;
	}
	memcpy(text + used, more, len + 1);
}

void launch_words(const char *output, const char *ident, int64_t started_us,
    struct deadline deadline, char *text, size_t size)
{
	CLEANUP_FREE char *printed = NULL;
	char since[48];
	const char *const argv[] = {"journalctl", "--quiet", "--no-pager",
	    "--output=cat", "--lines=40", "-t", ident, since, NULL};
	struct proc_result result;
	size_t len;

	text[0] = '\0';
	if (file_read(output, OUTPUT_READ_MAX, &printed, &len, NULL) == 0)
		add_words(text, size / 2, printed);
	snprintf(since, sizeof(since), "--since=@%" PRId64 ".%06d",
	    started_us / 1000000, (int)(started_us % 1000000));
	if (proc_run(argv, NULL, deadline_step(deadline, 3000), &result,
	        NULL) == 0 &&
	    result.code == 0)
		add_words(text, size, result.out);
}

#define WRONG_PIN "Incorrect PIN for repository "

/* What OpenDNSSEC 2.1 says (libhsm hsm.c, enforcer and signer engine.c) and
 * what it means; where there is an "after", what followed the words on their
 * line goes between the two halves.  A refused PIN is -EACCES, OCF code 4:
 * Pacemaker then keeps the resource off this node until a cleanup.  1 would
 * be tried again and again and lock a real token; 6 would take the service
 * down on the other nodes, whose conf.xml may well be right. */
/* clang-format off */
static const struct saying {
	const char *words;
	int err;
	const char *before, *after;
} sayings[] = {
	{WRONG_PIN, -EACCES,
	 "the HSM refused the PIN of repository ",
	 ": correct <PIN> in conf.xml, then pcs resource cleanup"},
	{"CKR_PIN_INCORRECT", -EACCES,
	 "the HSM refused the PIN: correct <PIN> in conf.xml, then "
	 "pcs resource cleanup", NULL},
	{"CKR_PIN_LOCKED", -EACCES,
	 "the HSM has locked the PIN: unlock the token, then "
	 "pcs resource cleanup", NULL},
	{"No PIN in shared memory", -EACCES,
	 "no <PIN> in conf.xml: add it or run ods-hsmutil login, then "
	 "pcs resource cleanup", NULL},
	{"could not find token with the name ", -EIO,
	 "the HSM has no token ",
	 ": check <TokenLabel> in conf.xml, envfile and the HSM's network"},
	{"PKCS#11 module load failed: ", -ENOENT,
	 "cannot load PKCS#11 module ",
	 ": install it or correct <Module> in conf.xml"},
	{"PKCS#11 module load failed", -ENOENT,
	 "cannot load the PKCS#11 module: install it or correct <Module> in "
	 "conf.xml", NULL},
	{"Initialization: CKR_", -EIO,
	 "the PKCS#11 module does not initialize (CKR_",
	 "): check its own configuration and envfile"},
	{"Relax-NG validity error : ", -ENOEXEC,
	 "conf.xml is not valid (", "): check it with ods-kaspcheck"},
	{"opening hsm failed", -EIO,
	 "cannot open the HSM: see the log of the daemon", NULL},
	{"DB prepare Err", -EIO,
	 "the enforcer's database is damaged or not set up: restore it, or "
	 "run ods-enforcer-db-setup for a new one", NULL},
	{"database connection failed", -EIO,
	 "cannot open the enforcer's database: see <Datastore> in conf.xml",
	 NULL},
	{"Database error", -EIO,
	 "the enforcer's database is missing, damaged or not set up: see "
	 "<Datastore>, ods-enforcer-db-setup", NULL},
	{"Permission denied", -EPERM,
	 "permission denied: see <Privileges> in conf.xml and the owner of "
	 "its directories", NULL},
	{"process with PID is running", -EBUSY,
	 "another ods-enforcerd runs: end it, or remove its stale pid file",
	 NULL},
	{"is already running", -EBUSY,
	 "another ods-signerd runs: end it, or remove its stale pid file",
	 NULL},
};
/* clang-format on */

/* The last line that says something. */
static void last_line(const char *words, char *line, size_t size)
{
	const char *p = words;

	line[0] = '\0';
	while (*p) {
		size_t len = strcspn(p, "\n");

		if (len > 0)
			snprintf(line, size, "%.*s", (int)len, p);
		p += len + (p[len] == '\n');
	}
}

bool launch_explain(const char *words, const char *name, struct why *why)
{
	char rest[160];
	size_t i;

	for (i = 0; i < sizeof(sayings) / sizeof(sayings[0]); i++) {
		const struct saying *s = &sayings[i];
		const char *hit = strstr(words, s->words);

		if (!hit)
			continue;
		hit += strlen(s->words);
		why_set(why, s->err, "%s%.*s%s", s->before,
		    s->after ? (int)strcspn(hit, "\n") : 0, hit,
		    s->after ? s->after : "");
		return true;
	}
	last_line(words, rest, sizeof(rest));
	why_set(why, -EIO, "%s did not start (%s): see its log", name,
	    rest[0] ? rest : "it said nothing");
	return false;
}

bool launch_refused(const char *words, char *repository, size_t size)
{
	const char *hit = strstr(words, WRONG_PIN);

	repository[0] = '\0';
	if (!hit)
		return strstr(words, "CKR_PIN_INCORRECT") ||
		       strstr(words, "CKR_PIN_LOCKED");
	hit += strlen(WRONG_PIN);
	snprintf(repository, size, "%.*s", (int)strcspn(hit, "\n"), hit);
	return true;
}
