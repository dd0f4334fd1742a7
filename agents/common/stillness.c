/* SPDX-License-Identifier: GPL-2.0-or-later
 * Copyright (C) The ocf-ods contributors */
#include "stillness.h"

#include <ctype.h>
#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cleanup.h"
#include "deadline.h"

static uint64_t number_after(const char *text, const char *key)
{
	const char *p = strstr(text, key);

	return p ? strtoull(p + strlen(key), NULL, 10) : 0;
}

/* Adds the context switches of one thread; false while it waits for a disk
 * or is about to run. */
static bool thread_rests(pid_t pid, const char *tid, uint64_t *switches)
{
	char path[300], text[4096];
	CLEANUP_CLOSE int fd = -1;
	const char *state;
	ssize_t n;

	snprintf(
	    path, sizeof(path), "/proc/%ld/task/%s/status", (long)pid, tid);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	n = fd < 0 ? -1 : read(fd, text, sizeof(text) - 1);
	if (n <= 0)
		return true; /* it has ended: the sum says so */
	text[n] = '\0';
	*switches += number_after(text, "\nvoluntary_ctxt_switches:") +
	             number_after(text, "\nnonvoluntary_ctxt_switches:");
	state = strstr(text, "\nState:");
	state += state ? strspn(state + 7, " \t") + 7 : 0;
	return !state || (*state != 'D' && *state != 'R');
}

bool stillness_lasted(struct stillness *s, pid_t pid, int ms)
{
	char path[64];
	CLEANUP_DIR DIR *dir = NULL;
	struct dirent *de;
	uint64_t switches = 1; /* never that of a zeroed struct */
	bool rests = true;

	snprintf(path, sizeof(path), "/proc/%ld/task", (long)pid);
	dir = opendir(path);
	while (dir && (de = readdir(dir)))
		if (isdigit((unsigned char)de->d_name[0]))
			rests &= thread_rests(pid, de->d_name, &switches);
	if (!rests || switches != s->switches) {
		s->switches = switches;
		s->since_ms = clock_monotonic_ms();
		return false;
	}
	return clock_monotonic_ms() - s->since_ms >= ms;
}
