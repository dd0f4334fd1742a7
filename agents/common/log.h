/* SPDX-License-Identifier: GPL-2.0-or-later
 * Copyright (C) The ocf-ods contributors */
#ifndef ODS_LOG_H
#define ODS_LOG_H

#include <syslog.h>

/* Log levels by consequence:
 *   LOG_CRIT     signing or publishing is at stake, a human is needed
 *   LOG_ERR      an operation failed
 *   LOG_WARNING  something needs attention, nothing failed yet
 *   LOG_NOTICE   a change of role or state
 *   LOG_INFO     a step
 *   LOG_DEBUG    for developers
 * Goes to syslog (facility HA_logfacility, else daemon) and, when stderr is
 * a terminal or ODS_LOG_STDERR is set, to stderr.  Never holds a secret. */
void log_open(const char *ident);
void log_at(int level, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

#define log_crit(...) log_at(LOG_CRIT, __VA_ARGS__)
#define log_err(...) log_at(LOG_ERR, __VA_ARGS__)
#define log_warn(...) log_at(LOG_WARNING, __VA_ARGS__)
#define log_notice(...) log_at(LOG_NOTICE, __VA_ARGS__)
#define log_info(...) log_at(LOG_INFO, __VA_ARGS__)
#define log_debug(...) log_at(LOG_DEBUG, __VA_ARGS__)

#endif
