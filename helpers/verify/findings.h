/* SPDX-License-Identifier: GPL-2.0-or-later
 * Copyright (C) The ocf-ods contributors */
#ifndef ODS_FINDINGS_H
#define ODS_FINDINGS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

/* What is wrong with a zone.
 *
 * hard: resolvers would see it; soft: it may pass when the version served is
 * about to expire; warn: no reason to refuse. */

#define FINDINGS_KEPT 128
#define FINDINGS_PRINTED 20
#define FINDING_TEXT 1400 /* a name, and a sentence */

enum finding_level { FINDING_HARD, FINDING_SOFT, FINDING_WARN };

struct finding {
	uint64_t id; /* the same for the same fault in another version */
	long line;   /* 0: of the zone */
	enum finding_level level;
	bool unnamed; /* TEXT lacks the name, which stands at LINE */
	char *text;
};

struct finding_id {
	uint64_t id;
	enum finding_level level;
};

struct findings {
	struct finding kept[FINDINGS_KEPT];
	int count;
	long total[FINDING_WARN + 1];
	struct finding_id *id; /* of each, also those not kept, but warnings */
	size_t ids, room;
	bool no_memory;
};

void findings_free(struct findings *f);

/* TEXT is "NAME TYPE: SENTENCE". */
void findings_add(struct findings *f, enum finding_level level, uint64_t id,
    long line, const char *fmt, ...) __attribute__((format(printf, 5, 6)));

/* The one that was added last has no name yet; and its name. */
void findings_unnamed(struct findings *f);
void findings_name(struct findings *f, long line, const char *name);
bool findings_need_names(const struct findings *f);

/* What the version served has as well is no reason: it becomes a warning. */
void findings_forgive(struct findings *f, struct findings *served);
/* So does this one. */
void findings_forgive_id(struct findings *f, uint64_t id);

/* The first hard one, or else the first soft one; NULL. */
const struct finding *findings_first(const struct findings *f);

/* "hard TEXT (line N)" and so on, the worst first. */
void findings_print(const struct findings *f, FILE *out);

#endif
