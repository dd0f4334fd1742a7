/* SPDX-License-Identifier: GPL-2.0-or-later
 * Copyright (C) The ocf-ods contributors */
#ifndef BENCH_GAUGE_H
#define BENCH_GAUGE_H

/* What a program that measures reads: clocks, processes, loopback, disk. */

#include <net/if.h>
#include <sched.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>

#include "../unit/engine/node.h"

static UNUSED_FN void die(const char *what)
{
	fprintf(stderr, "replicate: %s\n", what);
	exit(1);
}

static double clock_ms(clockid_t clock)
{
	struct timespec t;

	if (clock_gettime(clock, &t) < 0)
		die("a process has gone");
	return (double)t.tv_sec * 1e3 + (double)t.tv_nsec / 1e6;
}

static UNUSED_FN double now_ms(void)
{
	return clock_ms(CLOCK_MONOTONIC);
}

/* User and system, all threads, no children. */
static UNUSED_FN double cpu_ms(pid_t pid)
{
	clockid_t clock;

	if (clock_getcpuclockid(pid, &clock) != 0)
		die("a process has gone");
	return clock_ms(clock);
}

static UNUSED_FN int less(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return x < y ? -1 : x > y;
}

/* Sorts. */
static UNUSED_FN double percentile(double *ms, int n, int percent)
{
	if (n == 0)
		return 0;
	qsort(ms, (size_t)n, sizeof(*ms), less);
	return ms[(n - 1) * percent / 100];
}

/* The number behind FIELD in a file of /proc. */
static double proc_number(const char *path, const char *field)
{
	CLEANUP_FILE FILE *in = fopen(path, "re");
	char line[512], *at;

	while (in && fgets(line, sizeof(line), in)) {
		at = strstr(line, field);
		if (at)
			return strtod(at + strlen(field), NULL);
	}
	die("no such line in /proc");
	return 0;
}

/* Most memory that the process had at a time. */
static UNUSED_FN double peak_mb(pid_t pid)
{
	char path[64];

	snprintf(path, sizeof(path), "/proc/%d/status", (int)pid);
	return proc_number(path, "VmHWM:") / 1024;
}

/* All that has gone over the loopback, acks and headers too. */
static UNUSED_FN double loopback_bytes(void)
{
	return proc_number("/proc/self/net/dev", "lo:");
}

/* A loopback that nobody else uses; needs root. */
static UNUSED_FN bool loopback_own(void)
{
	struct ifreq r = {.ifr_name = "lo", .ifr_flags = IFF_UP};
	CLEANUP_CLOSE int fd = -1;

	if (unshare(CLONE_NEWNET) < 0)
		return false;
	fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (fd < 0 || ioctl(fd, SIOCSIFFLAGS, &r) < 0)
		die("the loopback does not come up");
	return true;
}

#define SYNCS 101

/* What the disk itself takes for one block more. */
static UNUSED_FN void sync_times(const struct node *n, double ms[SYNCS])
{
	int fd = open(node_path(n, "sync"), O_RDWR | O_CREAT, 0600), i;
	char block[4096] = {0};
	double begun;

	for (i = 0; i < SYNCS; i++) {
		begun = now_ms();
		if (pwrite(fd, block, sizeof(block), 4096L * i) < 0 ||
		    fdatasync(fd) < 0)
			die("cannot write");
		ms[i] = now_ms() - begun;
	}
	close(fd);
	unlink(node_path(n, "sync"));
}

/* In a process of its own, with nothing of what was before: its peak of memory
 * is its own, too. */
static UNUSED_FN bool apart(bool (*run)(const void *arg), const void *arg)
{
	int status = -1;
	pid_t pid;

	fflush(stdout);
	pid = fork();
	if (pid == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		exit(run(arg) ? 0 : 1);
	}
	waitpid(pid, &status, 0);
	return status == 0;
}

static UNUSED_FN void stop(pid_t pid)
{
	int status;

	kill(pid, SIGKILL);
	waitpid(pid, &status, 0);
}

#endif
