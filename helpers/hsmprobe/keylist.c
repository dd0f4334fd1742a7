/* SPDX-License-Identifier: GPL-2.0-or-later
 * Copyright (C) The ocf-ods contributors */
#include "keylist.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static uint8_t nibble(char c)
{
	return (uint8_t)(c <= '9' ? c - '0' : (c | 0x20) - 'a' + 10);
}

static void id_from_locator(struct listed_key *key)
{
	const char *hex = key->record.locator;

	while (hex[0]) {
		key->id[key->id_len++] =
		    (uint8_t)(nibble(hex[0]) << 4 | nibble(hex[1]));
		hex += 2;
	}
}

static int compare_id(
    const uint8_t *a, size_t a_len, const uint8_t *b, size_t b_len)
{
	if (a_len != b_len)
		return a_len < b_len ? -1 : 1;
	return memcmp(a, b, a_len);
}

static int compare(const void *a, const void *b)
{
	const struct listed_key *x = a, *y = b;
	int rc = strcmp(x->record.repository, y->record.repository);

	return rc ? rc : compare_id(x->id, x->id_len, y->id, y->id_len);
}

static int grow(struct keylist *list, size_t *room)
{
	size_t more = *room ? 2 * *room : 64;
	struct listed_key *key;

	if (list->count < *room)
		return 0;
	key = realloc(list->key, more * sizeof(*key));
	if (!key)
		return -ENOMEM;
	list->key = key;
	*room = more;
	return 0;
}

static int unique(const struct keylist *list, struct why *why)
{
	size_t i;

	for (i = 1; i < list->count; i++)
		if (compare(&list->key[i - 1], &list->key[i]) == 0)
			return why_set(why, -EINVAL,
			    "the list has key %s of %s twice",
			    list->key[i].record.locator,
			    list->key[i].record.repository);
	return 0;
}

int keylist_parse(const char *text, struct keylist *list, struct why *why)
{
	size_t room = 0, line = 0;

	memset(list, 0, sizeof(*list));
	for (; *text; text += *text == '\n') {
		struct listed_key *key;

		line++;
		if (*text != '\n' && *text != '#') {
			if (list->count == KEYLIST_MAX)
				return why_set(why, -E2BIG,
				    "the list has more than %d keys",
				    KEYLIST_MAX);
			if (grow(list, &room) < 0)
				return why_set(why, -ENOMEM, "out of memory");
			key = &list->key[list->count];
			memset(key, 0, sizeof(*key));
			if (keyrecord_decode(text, &key->record) < 0)
				return why_set(why, -EINVAL,
				    "line %zu of the list is not REPOSITORY "
				    "LOCATOR ALGORITHM [SHA256 [inuse|pool]]",
				    line);
			id_from_locator(key);
			list->count++;
		}
		text += strcspn(text, "\n");
	}
	if (list->count > 1)
		qsort(list->key, list->count, sizeof(*list->key), compare);
	return unique(list, why);
}

void keylist_of(const struct keylist *list, const char *repository,
    size_t *first, size_t *count)
{
	size_t i = 0;

	while (i < list->count &&
	       strcmp(list->key[i].record.repository, repository) != 0)
		i++;
	*first = i;
	while (i < list->count &&
	       strcmp(list->key[i].record.repository, repository) == 0)
		i++;
	*count = i - *first;
}

long keylist_find(const struct keylist *list, size_t first, size_t count,
    const uint8_t *id, size_t id_len)
{
	size_t low = first, high = first + count;

	while (low < high) {
		size_t mid = low + (high - low) / 2;
		const struct listed_key *key = &list->key[mid];
		int rc = compare_id(id, id_len, key->id, key->id_len);

		if (rc == 0)
			return (long)(mid - first);
		if (rc < 0)
			high = mid;
		else
			low = mid + 1;
	}
	return -1;
}

void keylist_free(struct keylist *list)
{
	free(list->key);
	list->key = NULL;
	list->count = 0;
}
