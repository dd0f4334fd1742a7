/* SPDX-License-Identifier: GPL-2.0-or-later
 * Copyright (C) The ocf-ods contributors */
#ifndef ODS_LATENCY_H
#define ODS_LATENCY_H

#include <stddef.h>

/* How long a token took for its signatures, and what it answered instead. */

#define LATENCY_CODES_MAX 8

struct latency {
	long *ms; /* of those that came */
	size_t count, room;
	long errors;
	struct {
		unsigned long rv;
		long count;
	} code[LATENCY_CODES_MAX]; /* further codes count in errors alone */
	size_t codes;
};

/* 0 or -ENOMEM. */
int latency_add(struct latency *l, long ms);
void latency_error(struct latency *l, unsigned long rv);

/* The smallest time that PERCENT of all do not exceed, 0 when there are none.
 * Sorts. */
long latency_percentile(struct latency *l, int percent);

/* "CKR_DEVICE_ERROR=2 ...", as they came, "" without errors. */
void latency_codes(const struct latency *l, char *buf, size_t size);

void latency_free(struct latency *l);

#endif
