/* SPDX-License-Identifier: GPL-2.0-or-later
 * Copyright (C) The ocf-ods contributors */
#include "keyrecord.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#define HEX_LOWER "0123456789abcdef"
#define HEX_ANY HEX_LOWER "ABCDEF"
#define ALGORITHM_MAX 255

static bool is_word_char(char c)
{
	return (unsigned char)c > ' ' && c != '\x7f';
}

bool keyrecord_word(const char **at, bool first, char *buf, size_t size)
{
	const char *p = *at;
	size_t len = 0;

	buf[0] = '\0';
	if (!first && *p++ != ' ')
		return false;
	while (is_word_char(p[len]) && len + 1 < size)
		len++;
	if (len == 0 || is_word_char(p[len]))
		return false;
	memcpy(buf, p, len);
	buf[len] = '\0';
	*at = p + len;
	return true;
}

bool keyrecord_is_name(const char *text)
{
	size_t len = 0;

	while (is_word_char(text[len]))
		len++;
	return len > 0 && len < KEYRECORD_NAME_MAX && !text[len];
}

bool keyrecord_is_locator(const char *text)
{
	size_t len = strlen(text);

	return len > 0 && len < KEYRECORD_LOCATOR_MAX && len % 2 == 0 &&
	       strspn(text, HEX_ANY) == len;
}

bool keyrecord_is_sha256(const char *text)
{
	size_t len = strlen(text);

	return len == KEYRECORD_SHA256_MAX - 1 &&
	       strspn(text, HEX_LOWER) == len;
}

int keyrecord_encode(const struct keyrecord *record, char *buf, size_t size)
{
	int len;

	if (!keyrecord_is_name(record->repository) ||
	    !keyrecord_is_locator(record->locator) || record->algorithm < 1 ||
	    record->algorithm > ALGORITHM_MAX ||
	    (record->sha256[0] && !keyrecord_is_sha256(record->sha256)))
		return -EINVAL;
	len = snprintf(buf, size, "%s %s %d %s %s", record->repository,
	    record->locator, record->algorithm,
	    record->sha256[0] ? record->sha256 : "-",
	    record->in_use ? "inuse" : "pool");
	return (size_t)len < size ? len : -EINVAL;
}

static bool get_algorithm(const char **at, int *algorithm)
{
	char word[4], again[16];

	if (!keyrecord_word(at, false, word, sizeof(word)) ||
	    sscanf(word, "%d", algorithm) != 1 || *algorithm < 1 ||
	    *algorithm > ALGORITHM_MAX)
		return false;
	snprintf(again, sizeof(again), "%d", *algorithm);
	return strcmp(word, again) == 0;
}

static bool get_sha256(const char **at, char *sha256)
{
	if (!keyrecord_word(at, false, sha256, KEYRECORD_SHA256_MAX))
		return false;
	if (strcmp(sha256, "-") == 0) {
		sha256[0] = '\0';
		return true;
	}
	return keyrecord_is_sha256(sha256);
}

static bool get_use(const char **at, bool *in_use)
{
	char word[8];

	if (!keyrecord_word(at, false, word, sizeof(word)))
		return false;
	*in_use = strcmp(word, "inuse") == 0;
	return *in_use || strcmp(word, "pool") == 0;
}

static bool at_end(const char *at)
{
	return *at == '\0' || *at == '\n';
}

int keyrecord_decode(const char *line, struct keyrecord *record)
{
	const char *at = line;
	bool good;

	memset(record, 0, sizeof(*record));
	record->in_use = true;
	good = keyrecord_word(
	           &at, true, record->repository, sizeof(record->repository)) &&
	       keyrecord_word(
	           &at, false, record->locator, sizeof(record->locator)) &&
	       keyrecord_is_locator(record->locator) &&
	       get_algorithm(&at, &record->algorithm) &&
	       (at_end(at) || get_sha256(&at, record->sha256)) &&
	       (at_end(at) || get_use(&at, &record->in_use));
	return good && at_end(at) ? 0 : -EBADMSG;
}
