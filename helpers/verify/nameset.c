/* SPDX-License-Identifier: GPL-2.0-or-later
 * Copyright (C) The ocf-ods contributors */
#include "nameset.h"

#include <stdlib.h>
#include <string.h>
#include <ldns/ldns.h>

#define FIRST_SIZE 4096 /* a power of two */

static struct name *lookup(
    struct name *slot, size_t size, const uint8_t hash[NAMESET_HASH_SIZE])
{
	uint64_t start;
	size_t i;

	memcpy(&start, hash, sizeof(start));
	for (i = (size_t)start & (size - 1); slot[i].used;
	     i = (i + 1) & (size - 1))
		if (memcmp(slot[i].hash, hash, NAMESET_HASH_SIZE) == 0)
			break;
	return &slot[i];
}

static bool grow(struct nameset *set)
{
	size_t size = set->size ? set->size * 2 : FIRST_SIZE;
	struct name *slot = calloc(size, sizeof(*slot));
	size_t i;

	if (!slot)
		return false;
	for (i = 0; i < set->size; i++)
		if (set->slot[i].used)
			*lookup(slot, size, set->slot[i].hash) = set->slot[i];
	free(set->slot);
	set->slot = slot;
	set->size = size;
	return true;
}

struct name *nameset_get(
    struct nameset *set, const uint8_t *key, size_t len, long line)
{
	uint8_t hash[LDNS_SHA1_DIGEST_LENGTH];
	struct name *name;

	if (set->count * 4 >= set->size * 3 && !grow(set))
		return NULL;
	/* libcrypto's, through ldns; it takes a pointer that is not const. */
	ldns_sha1((unsigned char *)(uintptr_t)key, (unsigned int)len, hash);
	name = lookup(set->slot, set->size, hash);
	if (!name->used) {
		memcpy(name->hash, hash, sizeof(name->hash));
		name->used = 1;
		name->line = (uint32_t)line;
		set->count++;
	}
	return name;
}

void nameset_free(struct nameset *set)
{
	free(set->slot);
	memset(set, 0, sizeof(*set));
}
