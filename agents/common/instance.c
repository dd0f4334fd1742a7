/* SPDX-License-Identifier: GPL-2.0-or-later
 * Copyright (C) The ocf-ods contributors */
#include "instance.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cleanup.h"
#include "proc.h"

bool instance_same_conf(const char *a, const char *b)
{
	char real_a[PATH_MAX], real_b[PATH_MAX];

	if (strcmp(a, b) == 0)
		return true;
	return realpath(a, real_a) && realpath(b, real_b) &&
	       strcmp(real_a, real_b) == 0;
}

/* getopt_long() of both daemons: -c FILE, -cFILE, --config FILE,
 * --config=FILE; the last one wins. */
void instance_conf_of(const char *cmdline, size_t len, char *conf, size_t size)
{
	static const char long_opt[] = "--config";
	const char *arg = cmdline, *end = cmdline + len;
	bool next = false;

	snprintf(conf, size, "%s", INSTANCE_DEFAULT_CONF);
	for (; arg < end; arg += strnlen(arg, (size_t)(end - arg)) + 1) {
		const char *value = NULL;

		if (next)
			value = arg;
		else if (strncmp(arg, "--config=", 9) == 0)
			value = arg + 9;
		else if (strncmp(arg, "-c", 2) == 0 && arg[2])
			value = arg + 2;
		next = !next &&
		       (strcmp(arg, "-c") == 0 || strcmp(arg, long_opt) == 0);
		if (value)
			snprintf(conf, size, "%s", value);
	}
}

static bool same_namespace(pid_t pid)
{
	char path[64], ours[64], theirs[64];
	ssize_t n, m;

	snprintf(path, sizeof(path), "/proc/%ld/ns/pid", (long)pid);
	n = readlink("/proc/self/ns/pid", ours, sizeof(ours));
	m = readlink(path, theirs, sizeof(theirs));
	if (n < 0 || m < 0)
		return true;
	return n == m && memcmp(ours, theirs, (size_t)n) == 0;
}

static void read_conf(pid_t pid, char *conf, size_t size)
{
	char path[64], cmdline[2 * PATH_MAX + 1];
	CLEANUP_CLOSE int fd = -1;
	ssize_t n;

	snprintf(path, sizeof(path), "/proc/%ld/cmdline", (long)pid);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	n = fd < 0 ? 0 : read(fd, cmdline, sizeof(cmdline) - 1);
	if (n < 0)
		n = 0;
	cmdline[n] = '\0';
	instance_conf_of(cmdline, (size_t)n, conf, size);
}

int instance_find(const char *binary, struct instance *list, int max)
{
	pid_t pids[INSTANCE_MAX];
	int found = proc_find(binary, pids, INSTANCE_MAX);
	int i, n = 0;

	for (i = 0; i < found && i < INSTANCE_MAX && n < max; i++) {
		if (!same_namespace(pids[i]))
			continue;
		list[n].pid = pids[i];
		read_conf(pids[i], list[n].conf, sizeof(list[n].conf));
		n++;
	}
	return n;
}
