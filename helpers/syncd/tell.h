/* SPDX-License-Identifier: GPL-2.0-or-later
 * Copyright (C) The ocf-ods contributors */
#ifndef ODS_TELL_H
#define ODS_TELL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "why.h"

/* publish_command: tells the name server of what was installed.  On threads of
 * its own, four at a time, so that a command that hangs holds up nothing; 30 s
 * each, a failure is tried again.  One at a time for a zone; a command that
 * names no zone runs once for all that is waiting. */

struct tell;

/* COMMAND "" = nobody is told. */
struct tell *tell_start(const char *command, struct why *why);
void tell_stop(struct tell *t); /* kills the running commands */

/* Its ticket, which rises; 0 = nobody has to be told. */
uint64_t tell_zone(struct tell *t, const char *zone, const char *zonefile);

/* What has become of a command that has run. */
struct tell_end {
	char zone[256];  /* "" = of all zones */
	uint64_t ticket; /* what had this one or a lower one was told */
	int64_t at;      /* realtime s */
	bool failed;     /* and will be tried again */
};

/* The next one that has ended, in their order; false = none has.  The
 * descriptor can be read while there is one. */
bool tell_ended(struct tell *t, struct tell_end *end);
int tell_fd(const struct tell *t);

/* Pure: split COMMAND at blanks and replace %zone and %zonefile in each
 * word.  ARGV has room for MAX pointers; the words live in BUF. */
int tell_words(const char *command, const char *zone, const char *zonefile,
    char *buf, size_t size, const char **argv, int max);

#endif
