/* SPDX-License-Identifier: GPL-2.0-or-later
 * Copyright (C) The ocf-ods contributors */
#include "zonename.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#define LABEL_MAX 63

static int lower(int c)
{
	return c >= 'A' && c <= 'Z' ? c + 'a' - 'A' : c;
}

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/* One character of a label at *AT: itself, \X or \DDD.  -1 when it is none. */
static int character(const char *text, size_t len, size_t *at)
{
	int value;

	if (text[*at] != '\\')
		return (unsigned char)text[(*at)++];
	if (*at + 1 >= len)
		return -1;
	if (!is_digit(text[*at + 1])) {
		*at += 2;
		return (unsigned char)text[*at - 1];
	}
	if (*at + 3 >= len || !is_digit(text[*at + 2]) ||
	    !is_digit(text[*at + 3]))
		return -1;
	value = (text[*at + 1] - '0') * 100 + (text[*at + 2] - '0') * 10 +
	        (text[*at + 3] - '0');
	*at += 4;
	return value <= 255 ? value : -1;
}

/* The labels of TEXT; *ABSOLUTE: it ends in a dot. */
static int labels(
    struct zonename *name, const char *text, size_t len, bool *absolute)
{
	size_t at = 0, head = 0;

	name->wire_len = 1; /* the length byte of the first label */
	while (at < len) {
		size_t size = name->wire_len - head - 1;
		int c;

		*absolute = text[at] == '.';
		if (*absolute) {
			if (size == 0 || name->wire_len >= ZONENAME_WIRE)
				return -EINVAL;
			name->wire[head] = (uint8_t)size;
			head = name->wire_len++;
			name->labels++;
			at++;
			continue;
		}
		c = character(text, len, &at);
		if (c < 0 || size >= LABEL_MAX ||
		    name->wire_len >= ZONENAME_WIRE)
			return -EINVAL;
		name->wire[name->wire_len++] = (uint8_t)lower(c);
	}
	if (!*absolute) {
		if (name->wire_len >= ZONENAME_WIRE)
			return -EINVAL;
		name->wire[head] = (uint8_t)(name->wire_len - head - 1);
		name->labels++;
	} else {
		name->wire_len--; /* the root's is added by the caller */
	}
	return 0;
}

/* Bytes 0 and 1 are written as two, so that 0 can end a label. */
static void make_key(struct zonename *name)
{
	const uint8_t *label[ZONENAME_WIRE];
	const uint8_t *p = name->wire;
	size_t used = 0;
	int i, count = 0;

	for (; *p; p += *p + 1)
		label[count++] = p;
	while (count-- > 0) {
		const uint8_t *l = label[count];

		for (i = 1; i <= *l; i++) {
			if (l[i] <= 1)
				name->key[used++] = 1;
			name->key[used++] =
			    (uint8_t)(l[i] <= 1 ? l[i] + 1 : l[i]);
		}
		name->key[used++] = 0;
	}
	name->key_len = (uint16_t)used;
}

int zonename_parse(struct zonename *name, const char *text, size_t len,
    const struct zonename *origin)
{
	bool absolute = false;

	name->labels = 0;
	name->wire_len = 0;
	if (len == 1 && text[0] == '@' && origin) {
		*name = *origin;
		return 0;
	}
	if (len == 0)
		return -EINVAL;
	if (len == 1 && text[0] == '.')
		absolute = true;
	else if (labels(name, text, len, &absolute) < 0)
		return -EINVAL;
	if (!absolute && origin) {
		if (name->wire_len + origin->wire_len > ZONENAME_WIRE)
			return -EINVAL;
		memcpy(name->wire + name->wire_len, origin->wire,
		    origin->wire_len);
		name->wire_len = (uint16_t)(name->wire_len + origin->wire_len);
		name->labels = (uint8_t)(name->labels + origin->labels);
	} else {
		if (name->wire_len >= ZONENAME_WIRE)
			return -EINVAL;
		name->wire[name->wire_len++] = 0;
	}
	make_key(name);
	return 0;
}

int zonename_compare(const struct zonename *a, const struct zonename *b)
{
	size_t len = a->key_len < b->key_len ? a->key_len : b->key_len;
	int cmp = memcmp(a->key, b->key, len);

	return cmp ? cmp : (int)a->key_len - (int)b->key_len;
}

bool zonename_within(const struct zonename *name, const struct zonename *above)
{
	return name->key_len >= above->key_len &&
	       memcmp(name->key, above->key, above->key_len) == 0;
}

const uint8_t *zonename_ancestor(
    const struct zonename *name, unsigned int count, size_t *len)
{
	const uint8_t *p = name->wire;
	unsigned int skip = name->labels - count;

	while (skip-- > 0)
		p += *p + 1;
	*len = name->wire_len - (size_t)(p - name->wire);
	return p;
}

unsigned int zonename_common(const struct zonename *a, const struct zonename *b)
{
	size_t i, len = a->key_len < b->key_len ? a->key_len : b->key_len;
	unsigned int count = 0;

	for (i = 0; i < len && a->key[i] == b->key[i]; i++)
		count += a->key[i] == 0;
	return count;
}

unsigned int zonename_sig_labels(const struct zonename *name)
{
	bool wildcard = name->wire[0] == 1 && name->wire[1] == '*';

	return name->labels - (wildcard ? 1U : 0U);
}

void zonename_text(const struct zonename *name, char *text, size_t size)
{
	const uint8_t *p = name->wire;
	size_t used = 0;
	int i;

	if (*p == 0)
		snprintf(text, size, ".");
	for (; *p && used + 6 < size; p += *p + 1) {
		for (i = 1; i <= *p && used + 6 < size; i++) {
			int c = p[i];

			if (c <= ' ' || c >= 127)
				used += (size_t)snprintf(
				    text + used, size - used, "\\%03d", c);
			else if (strchr(".\\\"();@$", c))
				used += (size_t)snprintf(
				    text + used, size - used, "\\%c", c);
			else
				text[used++] = (char)c;
		}
		text[used++] = '.';
		text[used] = '\0';
	}
}
