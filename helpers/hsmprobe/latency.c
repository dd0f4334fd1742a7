/* SPDX-License-Identifier: GPL-2.0-or-later
 * Copyright (C) The ocf-ods contributors */
#include "latency.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "token.h"

int latency_add(struct latency *l, long ms)
{
	if (l->count == l->room) {
		size_t room = l->room ? 2 * l->room : 64;
		long *more = realloc(l->ms, room * sizeof(*more));

		if (!more)
			return -ENOMEM;
		l->ms = more;
		l->room = room;
	}
	l->ms[l->count++] = ms;
	return 0;
}

void latency_error(struct latency *l, unsigned long rv)
{
	size_t i;

	l->errors++;
	for (i = 0; i < l->codes && l->code[i].rv != rv; i++)
		;
	if (i == LATENCY_CODES_MAX)
		return;
	if (i == l->codes) {
		l->code[i].rv = rv;
		l->code[i].count = 0;
		l->codes++;
	}
	l->code[i].count++;
}

static int compare(const void *a, const void *b)
{
	long x = *(const long *)a, y = *(const long *)b;

	return x < y ? -1 : x > y;
}

long latency_percentile(struct latency *l, int percent)
{
	size_t rank = (l->count * (size_t)percent + 99) / 100;

	if (l->count == 0)
		return 0;
	qsort(l->ms, l->count, sizeof(*l->ms), compare);
	return l->ms[rank > 0 ? rank - 1 : 0];
}

void latency_codes(const struct latency *l, char *buf, size_t size)
{
	size_t i, used = 0;

	buf[0] = '\0';
	for (i = 0; i < l->codes; i++) {
		char name[48], word[80];
		size_t len;

		token_ckr_name(l->code[i].rv, name, sizeof(name));
		snprintf(word, sizeof(word), "%s%s=%ld", i > 0 ? " " : "", name,
		    l->code[i].count);
		len = strlen(word);
		if (used + len >= size)
			return; /* whole words only */
		memcpy(buf + used, word, len + 1);
		used += len;
	}
}

void latency_free(struct latency *l)
{
	free(l->ms);
	l->ms = NULL;
}
