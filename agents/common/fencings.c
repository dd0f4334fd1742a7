/* SPDX-License-Identifier: GPL-2.0-or-later
 * Copyright (C) The ocf-ods contributors */
#include "fencings.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* FNV-1a (http://www.isthe.com/chongo/tech/comp/fnv/): the numbers are kept
 * over an upgrade. */
uint64_t fencings_number(const char *text)
{
	uint64_t hash = 0xcbf29ce484222325ULL;

	for (; *text; text++)
		hash = (hash ^ (unsigned char)*text) * 0x100000001b3ULL;
	return hash;
}

bool fencings_has(const struct fencings *f, uint64_t one)
{
	int i;

	for (i = 0; i < f->count; i++)
		if (f->one[i] == one)
			return true;
	return false;
}

void fencings_add(struct fencings *f, uint64_t one)
{
	if (f->count < FENCINGS_MAX && !fencings_has(f, one))
		f->one[f->count++] = one;
}

bool fencings_beyond(const struct fencings *now, const struct fencings *before)
{
	int i;

	for (i = 0; i < now->count; i++)
		if (!fencings_has(before, now->one[i]))
			return true;
	return false;
}

void fencings_join(struct fencings *past, const struct fencings *now)
{
	const struct fencings old = *past;
	int i;

	*past = *now;
	for (i = 0; i < old.count; i++)
		fencings_add(past, old.one[i]);
}

void fencings_text(const struct fencings *f, char text[FENCINGS_TEXT])
{
	int i, n = 0;

	text[0] = '\0';
	for (i = 0; i < f->count; i++)
		n += snprintf(text + n, (size_t)(FENCINGS_TEXT - n),
		    "%s%" PRIx64, i ? " " : "", f->one[i]);
}

int fencings_parse(const char *text, struct fencings *f)
{
	char *end;

	memset(f, 0, sizeof(*f));
	while (*text) {
		uint64_t one = strtoull(text, &end, 16);

		if (end == text || (*end && *end != ' ') ||
		    f->count == FENCINGS_MAX) {
			memset(f, 0, sizeof(*f));
			return -EINVAL;
		}
		f->one[f->count++] = one;
		text = *end ? end + 1 : end;
	}
	return 0;
}
