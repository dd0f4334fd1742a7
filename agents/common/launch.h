/* SPDX-License-Identifier: GPL-2.0-or-later
 * Copyright (C) The ocf-ods contributors */
#ifndef ODS_LAUNCH_H
#define ODS_LAUNCH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>
#include "deadline.h"
#include "why.h"

/* Start a daemon that puts itself into the background: session of its own,
 * umask 022, soft RLIMIT_NOFILE of 4096, stdin on /dev/null, stdout and
 * stderr appended to OUTPUT (a file and no pipe: the signer keeps both open
 * for life, and what it starts writes there).  Waits for the foreground part
 * and puts its exit status (-1 = killed by a signal) into *CODE.  0, or a
 * negative errno with a sentence; at the deadline the foreground part is
 * killed. */
int launch_daemon(const char *const *argv, char *const *env, const char *output,
    struct deadline deadline, int *code, struct why *why);

/* What a daemon that did not start has said: the tail of OUTPUT and, where
 * there is one, of the journal for IDENT since STARTED (realtime us: words of
 * an attempt just before must not explain this one). */
void launch_words(const char *output, const char *ident, int64_t started_us,
    struct deadline deadline, char *text, size_t size);

/* Turn those words into WHY: error and sentence with the fix, about the
 * daemon NAME; -EACCES is kept for a PIN that was refused.  True when the
 * words are known ones, false when WHY only repeats the last line. */
bool launch_explain(const char *words, const char *name, struct why *why);

/* True when those words say that a token has refused a PIN: in REPOSITORY
 * whose, "" where they do not name it. */
bool launch_refused(const char *words, char *repository, size_t size);

#endif
