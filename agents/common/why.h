/* SPDX-License-Identifier: GPL-2.0-or-later
 * Copyright (C) The ocf-ods contributors */
#ifndef ODS_WHY_H
#define ODS_WHY_H

/* The operator's sentence travels with the error.
 *
 * A library function returns 0 or a negative errno and, on failure, fills a
 * struct why: what is wrong and what to do about it.  Only an action function
 * of an agent turns it into an OCF code, with ocf_code() (ocf.h). */

#define WHY_MAX 256

struct why {
	int err;            /* negative errno; 0 = nothing went wrong */
	char text[WHY_MAX]; /* one line, no trailing newline */
};

/* Fill WHY (may be NULL) and return ERR, so that callers can write
 * return why_set(why, -ENOENT, "%s is missing: install ...", path);
 * ERR is a negative errno. */
int why_set(struct why *why, int err, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));

/* Put a prefix in front of the sentence that WHY already holds. */
void why_prefix(struct why *why, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

#endif
