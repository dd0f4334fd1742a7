/* SPDX-License-Identifier: GPL-2.0-or-later
 * Copyright (C) The ocf-ods contributors */
#include "proc.h"

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "cleanup.h"

#define POLL_MS 20
#define COMM_MAX 15 /* TASK_COMM_LEN - 1 */
#define DEFAULT_PATH "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin"

static const char *base_name(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? slash + 1 : path;
}

/* /proc/PID/stat is "pid (comm) S ...", its 20th field the number of threads.
 * A zombie runs nothing any more, unless only its first thread has ended: the
 * others hold its files, locks and sockets. */
static bool is_zombie(pid_t pid)
{
	char path[64], buf[512];
	CLEANUP_CLOSE int fd = -1;
	const char *paren;
	int threads = 1;
	char state;
	ssize_t n;

	snprintf(path, sizeof(path), "/proc/%ld/stat", (long)pid);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return true;
	n = read(fd, buf, sizeof(buf) - 1);
	if (n <= 0)
		return true;
	buf[n] = '\0';
	paren = strrchr(buf, ')');
	if (!paren || sscanf(paren + 1,
	                  " %c %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s "
	                  "%*s %*s %*s %*s %*s %d",
	                  &state, &threads) < 1)
		return true;
	return (state == 'Z' && threads <= 1) || state == 'X';
}

static bool comm_matches(pid_t pid, const char *name)
{
	char path[64], comm[64] = "";
	CLEANUP_CLOSE int fd = -1;
	ssize_t n;

	snprintf(path, sizeof(path), "/proc/%ld/comm", (long)pid);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return false;
	n = read(fd, comm, sizeof(comm) - 1);
	if (n <= 0)
		return false;
	comm[n] = '\0';
	comm[strcspn(comm, "\n")] = '\0';
	return strncmp(comm, name, COMM_MAX) == 0;
}

bool proc_is(pid_t pid, const char *binary)
{
	const char *name = base_name(binary);
	char path[64], exe[PATH_MAX];
	char *deleted;
	ssize_t n;

	if (pid <= 0)
		return false;
	snprintf(path, sizeof(path), "/proc/%ld/exe", (long)pid);
	n = readlink(path, exe, sizeof(exe) - 1);
	if (n >= 0) { /* a zombie has none */
		exe[n] = '\0';
		deleted = strstr(exe, " (deleted)"); /* upgraded meanwhile */
		if (deleted)
			*deleted = '\0';
		if (strcmp(base_name(exe), name) == 0)
			return true;
	}
	/* A script's exe is its interpreter; its comm is the script's. */
	return comm_matches(pid, name) && !is_zombie(pid);
}

static bool has_arg(pid_t pid, const char *arg)
{
	char path[64];
	CLEANUP_FREE char *line = NULL;
	CLEANUP_FILE FILE *f = NULL;
	size_t size = 0;

	snprintf(path, sizeof(path), "/proc/%ld/cmdline", (long)pid);
	f = fopen(path, "re");
	while (f && getdelim(&line, &size, '\0', f) > 0)
		if (strcmp(line, arg) == 0)
			return true;
	return false;
}

int proc_find_arg(const char *binary, const char *arg, pid_t *pids, int max)
{
	CLEANUP_DIR DIR *dir = opendir("/proc");
	struct dirent *de;
	int found = 0;

	while (dir && (de = readdir(dir))) {
		pid_t pid;

		if (!isdigit((unsigned char)de->d_name[0]))
			continue;
		pid = (pid_t)strtol(de->d_name, NULL, 10);
		if (pid == getpid() || !proc_is(pid, binary) ||
		    (arg && !has_arg(pid, arg)))
			continue;
		if (found < max)
			pids[found] = pid;
		found++;
	}
	return found;
}

int proc_find(const char *binary, pid_t *pids, int max)
{
	return proc_find_arg(binary, NULL, pids, max);
}

pid_t proc_pidfile(const char *path)
{
	char buf[32];
	char *end;
	CLEANUP_CLOSE int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t n;
	long pid;

	if (fd < 0)
		return 0;
	n = read(fd, buf, sizeof(buf) - 1);
	if (n <= 0)
		return 0;
	buf[n] = '\0';
	pid = strtol(buf, &end, 10);
	return end == buf || pid <= 1 || pid > INT_MAX ? 0 : (pid_t)pid;
}

static bool proc_alive(pid_t pid)
{
	return (kill(pid, 0) == 0 || errno == EPERM) && !is_zombie(pid);
}

int proc_kill(pid_t pid, int sig, struct deadline deadline)
{
	if (kill(pid, sig) < 0)
		return errno == ESRCH ? 0 : -errno;
	while (proc_alive(pid)) {
		if (deadline_passed(deadline))
			return -ETIMEDOUT;
		deadline_sleep_ms(deadline, POLL_MS);
	}
	return 0;
}

int proc_wait_gone(pid_t pid, const char *binary, struct deadline deadline)
{
	while (proc_is(pid, binary)) {
		if (deadline_passed(deadline))
			return -ETIMEDOUT;
		deadline_sleep_ms(deadline, POLL_MS);
	}
	return 0;
}

int proc_which(const char *name, char *path, size_t size)
{
	const char *dirs = getenv("PATH");
	const char *p, *end;

	if (strchr(name, '/')) {
		snprintf(path, size, "%s", name);
		return access(name, X_OK) == 0 ? 0 : -ENOENT;
	}
	for (p = dirs && *dirs ? dirs : DEFAULT_PATH; *p; p = end + !!*end) {
		end = p + strcspn(p, ":");
		snprintf(path, size, "%.*s/%s", (int)(end - p), p, name);
		if (access(path, X_OK) == 0)
			return 0;
	}
	return -ENOENT;
}

static void child_exec(const struct proc_job *job, int out)
{
	int in =
	    job->stdin_fd >= 0 ? job->stdin_fd : open("/dev/null", O_RDONLY);
	sigset_t none;
	union {
		const char *const *in;
		char *const *out;
	} args = {.in = job->argv}; /* execvp() is not const-correct */

	size_t i;

	setpgid(0, 0);
	prctl(PR_SET_PDEATHSIG, SIGKILL); /* nothing outlives us */
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	signal(SIGPIPE, SIG_DFL);
	dup2(in, STDIN_FILENO);
	dup2(job->stdout_fd > 0 ? job->stdout_fd : out, STDOUT_FILENO);
	dup2(out, STDERR_FILENO);
	for (i = 0; i < sizeof(job->keep_fd) / sizeof(job->keep_fd[0]); i++)
		if (job->keep_fd[i] > 0)
			fcntl(job->keep_fd[i], F_SETFD, 0);
	if (job->envp)
		execvpe(job->argv[0], args.out, job->envp);
	else
		execvp(job->argv[0], args.out);
	_exit(127);
}

/* Collect output until the child ends; true when it ended in time.  A
 * daemon that the child leaves behind may keep the pipe open, so the end of
 * the child counts, not the end of the output. */
static bool collect(pid_t pid, int fd, const struct proc_job *job,
    struct deadline deadline, struct proc_result *result, int *status)
{
	size_t used = 0;
	bool ended = false, open_end = true;

	while (!ended && !deadline_passed(deadline) &&
	       !(job->cancel && *job->cancel)) {
		struct pollfd pfd = {
		    .fd = open_end ? fd : -1, .events = POLLIN};
		char waste[512];
		ssize_t n = -1;

		ended = waitpid(pid, status, WNOHANG) == pid;
		while (poll(&pfd, 1, ended ? 0 : POLL_MS) > 0) {
			size_t room = sizeof(result->out) - 1 - used;

			n = room ? read(fd, result->out + used, room)
			         : read(fd, waste, sizeof(waste));
			if (n <= 0)
				break;
			if (room)
				used += (size_t)n;
			if (!ended)
				ended = waitpid(pid, status, WNOHANG) == pid;
		}
		if (pfd.revents && n <= 0)
			open_end = false;
	}
	result->out[used] = '\0';
	return ended;
}

int proc_run_job(const struct proc_job *job, struct deadline deadline,
    struct proc_result *result, struct why *why)
{
	int pipefd[2], status = 0, rc;
	CLEANUP_CLOSE int out = -1;
	char path[PATH_MAX];
	pid_t pid;

	memset(result, 0, sizeof(*result));
	if (proc_which(job->argv[0], path, sizeof(path)) < 0)
		return why_set(
		    why, -ENOENT, "%s is not installed", job->argv[0]);
	if (pipe2(pipefd, O_CLOEXEC) < 0)
		return why_set(
		    why, -errno, "cannot make a pipe: %s", strerror(errno));
	pid = fork();
	if (pid == 0)
		child_exec(job, pipefd[1]);
	rc = -errno;
	close(pipefd[1]);
	out = pipefd[0];
	if (pid < 0)
		return why_set(why, rc, "cannot fork: %s", strerror(-rc));
	setpgid(pid, pid);
	if (!collect(pid, out, job, deadline, result, &status)) {
		struct deadline grace = deadline_in_ms(1000);

		result->timed_out = true;
		kill(-pid, SIGKILL);
		/* A child in uninterruptible sleep must not hang us too. */
		while (waitpid(pid, &status, WNOHANG) == 0 &&
		       !deadline_passed(grace))
			deadline_sleep_ms(grace, POLL_MS);
	}
	result->code = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
	result->signal = WIFSIGNALED(status) ? WTERMSIG(status) : 0;
	return 0;
}

int proc_run(const char *const *argv, char *const *envp,
    struct deadline deadline, struct proc_result *result, struct why *why)
{
	struct proc_job job = {.argv = argv, .envp = envp, .stdin_fd = -1};

	return proc_run_job(&job, deadline, result, why);
}

/* What lies in FD, from its beginning. */
static int read_whole(int fd, size_t max, char **text, struct why *why)
{
	off_t size = lseek(fd, 0, SEEK_END), at = 0;
	ssize_t n = 0;

	if (size < 0 || (size_t)size > max)
		return why_set(why, -EFBIG, "it says too much");
	*text = malloc((size_t)size + 1);
	if (!*text)
		return why_set(why, -ENOMEM, "out of memory");
	while (at < size &&
	       (n = pread(fd, *text + at, (size_t)(size - at), at)) > 0)
		at += n;
	(*text)[at] = '\0';
	return 0;
}

int proc_run_text(struct proc_job *job, size_t max, struct deadline deadline,
    struct proc_result *result, char **text, struct why *why)
{
	CLEANUP_CLOSE int fd = memfd_create("stdout", MFD_CLOEXEC);
	int rc;

	*text = NULL;
	if (fd < 0)
		return why_set(
		    why, -errno, "no memory for a file: %s", strerror(errno));
	job->stdout_fd = fd;
	rc = proc_run_job(job, deadline, result, why);
	return rc < 0 ? rc : read_whole(fd, max, text, why);
}
