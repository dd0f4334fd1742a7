/* SPDX-License-Identifier: GPL-2.0-or-later
 * Copyright (C) The ocf-ods contributors */
#ifndef ODS_KEYWORK_H
#define ODS_KEYWORK_H

#include <stdbool.h>

#include "child.h"
#include "keylist.h"

/* What --keys and --prove do with a token, once logged in; keyline.h says what
 * they print. */

#define KEYWORK_RATE_MAX 1000

struct keywork {
	const struct keylist *list;
	char repository[KEYRECORD_NAME_MAX]; /* as the list has it */
	size_t first, count;                 /* its keys in the list */
	long capacity;                       /* <Capacity>, 0 = not given */
	bool prove;
	int rate; /* signatures a second, 1 to KEYWORK_RATE_MAX */
};

/* For struct child_job; ARG is a struct keywork. */
void keywork_run(
    struct child_out *out, const void *arg, struct token_answer *answer);

#endif
