/* SPDX-License-Identifier: GPL-2.0-or-later
 * Copyright (C) The ocf-ods contributors */
#ifndef ODS_COMMANDS_H
#define ODS_COMMANDS_H

#include <stdbool.h>

/* What was typed. */
struct typed {
	const char *resource; /* -r */
	const char *source;   /* --source */
	const char *to;       /* --to */
	const char *word[2];  /* behind the command, NULL = none */
	int watch_s;          /* -W, 0 = once */
	bool json, yes, force, reset, accept_loss;
};

/* Each returns the exit code: enum view_code. */
int status_run(const struct typed *typed);
int init_run(const struct typed *typed);
int forget_run(const struct typed *typed);
int publish_run(const struct typed *typed);
int ack_run(const struct typed *typed);
int serial_run(const struct typed *typed);
int verify_run(const struct typed *typed);
int explain_run(const struct typed *typed);
int failover_run(const struct typed *typed);

bool confirmed(void); /* a yes was typed */

#endif
