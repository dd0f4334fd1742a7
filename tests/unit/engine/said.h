/* SPDX-License-Identifier: GPL-2.0-or-later
 * Copyright (C) The ocf-ods contributors */
#ifndef TEST_SAID_H
#define TEST_SAID_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* The log of this process: said_begin() before log_open(). */

static FILE *said_file;
static int said_stderr;

static inline void said_begin(void)
{
	setenv("ODS_LOG_STDERR", "1", 1);
	said_file = tmpfile();
	said_stderr = dup(STDERR_FILENO);
	if (!said_file || dup2(fileno(said_file), STDERR_FILENO) < 0)
		abort();
}

static inline void said_end(void)
{
	dup2(said_stderr, STDERR_FILENO);
	close(said_stderr);
	fclose(said_file);
}

static inline void said_reset(void)
{
	if (ftruncate(fileno(said_file), 0) < 0)
		abort();
	lseek(STDERR_FILENO, 0, SEEK_SET);
}

/* How many lines hold TEXT. */
static inline int said(const char *text)
{
	char buf[65536], *line, *rest = buf;
	ssize_t n = pread(fileno(said_file), buf, sizeof(buf) - 1, 0);
	int count = 0;

	if (n < 0)
		abort();
	buf[n] = '\0';
	while ((line = strsep(&rest, "\n")))
		count += strstr(line, text) != NULL;
	return count;
}

#endif
