/* SPDX-License-Identifier: GPL-2.0-or-later
 * Copyright (C) The ocf-ods contributors */
#include "log.h"

#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static bool log_stderr;
static int log_threshold = LOG_INFO;

void log_open(const char *ident)
{
	log_stderr = getenv("ODS_LOG_STDERR") || isatty(STDERR_FILENO);
	if (getenv("ODS_DEBUG"))
		log_threshold = LOG_DEBUG;
	openlog(ident, LOG_PID, LOG_DAEMON);
}

void log_at(int level, const char *fmt, ...)
{
	va_list ap;

	if (level > log_threshold)
		return;
	va_start(ap, fmt);
	if (log_stderr) {
		va_list copy;

		va_copy(copy, ap);
		vfprintf(stderr, fmt, copy);
		fputc('\n', stderr);
		va_end(copy);
	}
	vsyslog(level, fmt, ap);
	va_end(ap);
}
