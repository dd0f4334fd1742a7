/* SPDX-License-Identifier: GPL-2.0-or-later
 * Copyright (C) The ocf-ods contributors */
#ifndef ODS_REQUEST_H
#define ODS_REQUEST_H

#include <stdint.h>

/* One packet on the control socket: a word, and below it lines of
 * "key=value" (client.h).  Pure. */

#define REQUEST_MAX 4096

struct request {
	const char *word, *args; /* both in the text that was parsed */
};

/* Cuts TEXT behind its first line. */
void request_parse(char *text, struct request *r);

/* How long the client waits, in ms: more than 0, at most a day. */
int64_t request_deadline_ms(const char *args);

#endif
