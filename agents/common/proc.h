/* SPDX-License-Identifier: GPL-2.0-or-later
 * Copyright (C) The ocf-ods contributors */
#ifndef ODS_PROC_H
#define ODS_PROC_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>
#include "deadline.h"
#include "why.h"

/* True when PID is alive (a thread of it runs) and runs an executable whose
 * file name is BINARY (/proc/PID/exe; comm, cut at 15 bytes, when exe cannot be
 * read).  Paths in BINARY are cut to their last component. */
bool proc_is(pid_t pid, const char *binary);

/* Every live process that runs BINARY; returns how many there are and writes
 * at most MAX of them.  The second witness beside a pid file: a pid file can
 * be stale, removed, or point at a stranger. */
int proc_find(const char *binary, pid_t *pids, int max);

/* The same, of those alone that have ARG on their command line. */
int proc_find_arg(const char *binary, const char *arg, pid_t *pids, int max);

/* The number in a pid file, 0 when there is none or it is not one. */
pid_t proc_pidfile(const char *path);

/* Kill a process and wait until it is gone.  0, or -ETIMEDOUT when it is
 * still there at the deadline (uninterruptible sleep). */
int proc_kill(pid_t pid, int sig, struct deadline deadline);

/* Wait until PID no longer runs BINARY; 0 or -ETIMEDOUT. */
int proc_wait_gone(pid_t pid, const char *binary, struct deadline deadline);

/* How a child ended. */
struct proc_result {
	int code;       /* exit status, or -1 when killed by a signal */
	int signal;     /* that signal */
	bool timed_out; /* we killed its process group at the deadline */
	char out[4096]; /* stdout and stderr, cut, NUL-terminated */
};

/* What to run when proc_run() is too plain. */
struct proc_job {
	const char *const *argv;
	char *const *envp;           /* NULL = ours */
	int stdin_fd;                /* -1 = /dev/null */
	int stdout_fd;               /* 0 = what result->out gets */
	int keep_fd[4];              /* open in the child too, from the first
	                              * on until one is 0 */
	const volatile bool *cancel; /* becomes true: SIGKILL; may be NULL */
};
int proc_run_job(const struct proc_job *job, struct deadline deadline,
    struct proc_result *result, struct why *why);

/* The same, with all that it writes to stdout in TEXT, NUL-terminated, the
 * caller's to free() if this returns 0; -EFBIG when that is more than MAX. */
int proc_run_text(struct proc_job *job, size_t max, struct deadline deadline,
    struct proc_result *result, char **text, struct why *why);

/* Run ARGV (no shell; argv[0] is looked up in PATH) in a process group of
 * its own with stdin on /dev/null, wait until the deadline, then SIGKILL the
 * group.  ENVP NULL = ours.  0 when it was started, whatever its exit code;
 * negative errno otherwise. */
int proc_run(const char *const *argv, char *const *envp,
    struct deadline deadline, struct proc_result *result, struct why *why);

/* Find NAME in PATH as execvp() would; absolute names are checked too.
 * -ENOENT when there is no executable. */
int proc_which(const char *name, char *path, size_t size);

#endif
