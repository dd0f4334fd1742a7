/* SPDX-License-Identifier: GPL-2.0-or-later
 * Copyright (C) The ocf-ods contributors */
#include "record.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/random.h>

bool id_equal(const struct id *a, const struct id *b)
{
	return memcmp(a->byte, b->byte, ID_LEN) == 0;
}

bool id_is_zero(const struct id *id)
{
	static const struct id zero;

	return id_equal(id, &zero);
}

void id_random(struct id *id)
{
	size_t have = 0;

	while (have < ID_LEN) {
		ssize_t n = getrandom(id->byte + have, ID_LEN - have, 0);

		if (n > 0)
			have += (size_t)n;
	}
}

void id_text(const struct id *id, char text[ID_TEXT])
{
	int i;

	for (i = 0; i < ID_LEN; i++)
		snprintf(text + 2 * i, 3, "%02x", id->byte[i]);
}

static int hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	return -1;
}

int id_parse(const char *text, struct id *id)
{
	int i;

	if (strlen(text) != 2 * ID_LEN)
		return -EINVAL;
	for (i = 0; i < ID_LEN; i++) {
		int high = hex_digit(text[2 * i]);
		int low = hex_digit(text[2 * i + 1]);

		if (high < 0 || low < 0)
			return -EINVAL;
		id->byte[i] = (uint8_t)(high << 4 | low);
	}
	return 0;
}

bool nodes_has(const struct node_list *list, const struct id *id)
{
	int i;

	for (i = 0; i < list->count; i++)
		if (id_equal(&list->id[i], id))
			return true;
	return false;
}

int nodes_add(struct node_list *list, const struct id *id)
{
	if (nodes_has(list, id))
		return 0;
	if (list->count == NODES_MAX)
		return -ENOSPC;
	list->id[list->count++] = *id;
	return 0;
}

void nodes_remove(struct node_list *list, const struct id *id)
{
	int i;

	for (i = 0; i < list->count; i++)
		if (id_equal(&list->id[i], id)) {
			list->id[i] = list->id[--list->count];
			return;
		}
}

enum record_order record_compare(const struct record *a, const struct record *b)
{
	if (a->term != b->term)
		return a->term < b->term ? RECORD_OLDER : RECORD_NEWER;
	if (!id_equal(&a->term_id, &b->term_id))
		return RECORD_FORK;
	if (a->revision != b->revision)
		return a->revision < b->revision ? RECORD_OLDER : RECORD_NEWER;
	return RECORD_SAME;
}
