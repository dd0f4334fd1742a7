/* SPDX-License-Identifier: GPL-2.0-or-later
 * Copyright (C) The ocf-ods contributors */
#ifndef ODS_SAFETY_H
#define ODS_SAFETY_H

#include <stddef.h>
#include <stdint.h>
#include <sys/stat.h>
#include "why.h"

/* PublishSafety and InceptionOffset of each policy of kasp.xml, in s, and
 * PropagationDelay of its zones: in that time each secondary has a new version.
 * The enforcer goes by what was last imported from there ("ods-enforcer policy
 * import"). */

struct safety {
	char name[128];
	int64_t s;         /* -1 = the policy does not say */
	int64_t inception; /* InceptionOffset; -1 the same */
	int64_t delay;     /* PropagationDelay; -1 the same */
};

struct safeties {
	struct safety *policy;
	size_t count;
	struct stat seen; /* of the file they are from */
	struct why why;   /* err < 0: it cannot be read as it is now */
};

/* Read PATH again when it has changed; what was known stays when it cannot be
 * read. */
void safeties_follow(struct safeties *l, const char *path);
void safeties_free(struct safeties *l);

/* The pure part: the LEN bytes at TEXT are what PATH holds. */
int safeties_parse(const char *path, const char *text, size_t len,
    struct safeties *l, struct why *why);

/* The smallest InceptionOffset; -1 where it is not known. */
int64_t safeties_inception(const struct safeties *l);

/* -1 where it is not known. */
int64_t safety_of(const struct safeties *l, const char *policy);

/* SAFETY_DELAY_S where it is not known. */
#define SAFETY_DELAY_S 3600
int64_t safety_delay_of(const struct safeties *l, const char *policy);

#endif
