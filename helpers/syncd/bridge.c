/* SPDX-License-Identifier: GPL-2.0-or-later
 * Copyright (C) The ocf-ods contributors */
#include "bridge.h"

#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cleanup.h"
#include "file.h"
#include "keybook.h"
#include "why.h"
#include "zonepast.h"

#define KEY "<Key>"
#define KEY_END "</Key>"
#define LOCATOR "<Locator>"
#define PUBLISH "<Publish/>"
#define MARK PUBLISH BRIDGE_MARK
#define SIGNCONF_MAX (1 << 20)

/* From a "<Key>" on: its end, or NULL. */
static const char *key_end(const char *key)
{
	return strstr(key, KEY_END);
}

/* The first WORD in [FROM, END), or NULL. */
static const char *within(const char *from, const char *end, const char *word)
{
	const char *at = strstr(from, word);

	return at && at < end ? at : NULL;
}

static bool is_wanted(
    const char *key, const char *end, bridge_fn wanted, void *arg)
{
	const char *at = within(key, end, LOCATOR);
	char locator[KEYRECORD_LOCATOR_MAX];
	size_t len;

	if (!at || within(key, end, PUBLISH))
		return false;
	at += strlen(LOCATOR);
	len = strcspn(at, "<");
	if (len >= sizeof(locator))
		return false;
	memcpy(locator, at, len);
	locator[len] = '\0';
	return wanted(locator, arg);
}

int bridge_add(const char *text, bridge_fn wanted, void *arg, char **out)
{
	CLEANUP_FREE char *made = NULL;
	const char *key, *end, *from = text;
	size_t size;
	FILE *f = open_memstream(&made, &size);
	int count = 0;

	*out = NULL;
	if (!f)
		return -ENOMEM;
	while ((key = strstr(from, KEY)) && (end = key_end(key))) {
		fwrite(from, 1, (size_t)(end - from), f);
		if (is_wanted(key, end, wanted, arg)) {
			fputs(MARK, f);
			count++;
		}
		fputs(KEY_END, f);
		from = end + strlen(KEY_END);
	}
	fputs(from, f);
	if (fclose(f) != 0)
		return -ENOMEM;
	if (count) {
		*out = made;
		made = NULL;
	}
	return count;
}

int bridge_remove(const char *text, char **out)
{
	const char *at;
	char *to;
	int count = 0;

	*out = NULL;
	if (!strstr(text, MARK))
		return 0;
	*out = to = malloc(strlen(text) + 1);
	if (!to)
		return -ENOMEM;
	for (; (at = strstr(text, MARK)); text = at + strlen(MARK)) {
		memcpy(to, text, (size_t)(at - text));
		to += at - text;
		count++;
	}
	strcpy(to, text);
	return count;
}

/* ---- effects ------------------------------------------------------------ */

/* Not when the enforcer has written another one meanwhile. */
static int replace(const char *signconf, const struct stat *before,
    const char *text, struct why *why)
{
	struct stat now;
	int rc;

	if (stat(signconf, &now) < 0 || !file_same(&now, before))
		return why_set(why, -EAGAIN, "%s has just changed", signconf);
	rc = file_replace(
	    signconf, text, strlen(text), before->st_mode & 07777, true, why);
	if (rc == 0 && chown(signconf, before->st_uid, before->st_gid) < 0)
		rc = why_set(why, -errno, "cannot give %s to its owner: %s",
		    signconf, strerror(errno));
	return rc;
}

struct served {
	const char *past;
	const struct keybook *keys;
};

/* Did the served version's signconf ask for that key? */
static bool was_served(const char *locator, void *arg)
{
	const struct served *s = arg;
	const char *sha = keybook_sha256(s->keys, locator);
	const char *line;

	for (line = s->past; strlen(sha) > 1 && line;
	     line = strchr(line, '\n') ? strchr(line, '\n') + 1 : NULL) {
		const char *end = line + strcspn(line, "\n");

		if (strncmp(line, "served key ", 11) == 0 &&
		    within(line, end, sha))
			return true;
	}
	return false;
}

/* ADD, or take out. */
static int change(
    const char *signconf, const struct served *add, struct why *why)
{
	CLEANUP_FREE char *text = NULL, *out = NULL;
	struct stat st;
	size_t len;
	int rc, count;

	if (stat(signconf, &st) < 0)
		return why_set(why, -errno, "cannot look at %s: %s", signconf,
		    strerror(errno));
	rc = file_read(signconf, SIGNCONF_MAX, &text, &len, why);
	if (rc < 0)
		return rc;
	count = add ? bridge_add(text, was_served, (void *)(uintptr_t)add, &out)
	            : bridge_remove(text, &out);
	if (count < 0)
		return why_set(why, count, "out of memory");
	if (count == 0)
		return 0;
	rc = replace(signconf, &st, out, why);
	return rc < 0 ? rc : count;
}

int bridge_build(const char *signconf, const char *past,
    const struct keybook *keys, struct why *why)
{
	return change(signconf, &(struct served){past, keys}, why);
}

int bridge_end(const char *signconf, struct why *why)
{
	return change(signconf, NULL, why);
}
