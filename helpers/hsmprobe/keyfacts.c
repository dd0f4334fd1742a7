/* SPDX-License-Identifier: GPL-2.0-or-later
 * Copyright (C) The ocf-ods contributors */
#include "keyfacts.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void differs(
    struct keyfacts *f, enum key_half first, enum key_half second)
{
	if (f->differ)
		return;
	f->differ = true;
	f->differ_half[0] = first;
	f->differ_half[1] = second;
}

/* Only as much memory as the field takes: a list has many keys. */
static int key_keep(struct keyfacts *f, const struct pubkey *key)
{
	size_t size = offsetof(struct pubkey, field) + key->len;

	f->key = malloc(size);
	if (!f->key)
		return -ENOMEM;
	memcpy(f->key, key, size);
	return 0;
}

int keyfacts_add(struct keyfacts *f, enum key_half half, unsigned long handle,
    const struct pubkey *key, const char *modulus)
{
	if (half == HALF_PRIVATE && f->count[half] < KEYFACTS_PRIVATE_MAX)
		f->private_handle[f->count[half]] = handle;
	f->count[half]++;
	if (*modulus && f->modulus[0] && strcmp(modulus, f->modulus) != 0)
		differs(f, f->modulus_from, half);
	if (*modulus && !f->modulus[0]) {
		snprintf(f->modulus, sizeof(f->modulus), "%s", modulus);
		f->modulus_from = half;
	}
	if (!key)
		return 0;
	f->told[half] = true;
	if (f->key) {
		if (!pubkey_same(key, f->key))
			differs(f, f->key_from, half);
		return 0;
	}
	f->key_from = half;
	return key_keep(f, key);
}

static const char *twin_word(const struct keyfacts *f)
{
	if (f->differ_half[0] != f->differ_half[1])
		return "halves-differ";
	return f->differ_half[0] == HALF_PUBLIC ? "public-keys-differ"
	                                        : "private-keys-differ";
}

enum key_state keyfacts_state(
    const struct keyfacts *f, char *detail, size_t size)
{
	bool several = f->count[HALF_PRIVATE] > 1 || f->count[HALF_PUBLIC] > 1;

	if (f->differ) {
		snprintf(detail, size, "%s", twin_word(f));
		return KEY_TWIN;
	}
	if (f->count[HALF_PRIVATE] == 0) {
		snprintf(detail, size, "%s",
		    f->count[HALF_PUBLIC] > 0 ? "public-half-only" : "");
		return KEY_MISSING;
	}
	if (!f->key) {
		snprintf(detail, size, "%s",
		    f->count[HALF_PUBLIC] > 0 ? "public-half-not-readable"
		                              : "no-public-half");
		return KEY_UNPROVEN_PUBLIC;
	}
	snprintf(detail, size, "%s%s",
	    f->told[HALF_PUBLIC] ? "public" : "private",
	    several ? "-several-objects" : "");
	return KEY_PRESENT;
}

void keyfacts_free(struct keyfacts *f)
{
	free(f->key);
	f->key = NULL;
}
