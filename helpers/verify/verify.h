/* SPDX-License-Identifier: GPL-2.0-or-later
 * Copyright (C) The ocf-ods contributors */
#ifndef ODS_VERIFY_H
#define ODS_VERIFY_H

#include <stdio.h>

/* The verdict on a candidate (docs/verify.md). */

enum verify_exit {
	VERIFY_OK = 0,
	VERIFY_HARD = 1,
	VERIFY_ERROR = 2,
	VERIFY_SOFT = 3
};

struct verify_input {
	const char *origin;
	FILE *zone;
	FILE *served, *unsigned_zone; /* may be NULL */
	const char *served_digest;    /* SHA-256 in hex, or NULL */
	const char *facts;            /* zonefacts.h, or "" */
};

/* Judge IN and write the verdict to OUT. */
enum verify_exit verify_run(const struct verify_input *in, FILE *out);

#endif
