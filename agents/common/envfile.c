/* SPDX-License-Identifier: GPL-2.0-or-later
 * Copyright (C) The ocf-ods contributors */
#include "envfile.h"

#include <ctype.h>
#include <errno.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cleanup.h"
#include "file.h"

#define ENVFILE_SIZE_MAX (256 * 1024)
#define DEFAULT_PATH \
	"/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"

static bool is_name(const char *name, size_t len)
{
	size_t i;

	for (i = 0; i < len; i++)
		if (!isalpha((unsigned char)name[i]) && name[i] != '_' &&
		    (i == 0 || !isdigit((unsigned char)name[i])))
			return false;
	return len > 0;
}

/* Takes TEXT ("NAME=value", malloc()ed). */
static int env_put(struct envfile *e, char *text)
{
	size_t len = strcspn(text, "=");
	char **bigger;
	size_t i;

	for (i = 0; i < e->count; i++)
		if (strncmp(e->env[i], text, len + 1) == 0) {
			free(e->env[i]);
			e->env[i] = text;
			return 0;
		}
	bigger = realloc(e->env, (e->count + 2) * sizeof(*bigger));
	if (!bigger) {
		free(text);
		return -ENOMEM;
	}
	e->env = bigger;
	e->env[e->count++] = text;
	e->env[e->count] = NULL;
	return 0;
}

static int env_set(struct envfile *e, const char *name, const char *value)
{
	char *text;

	if (asprintf(&text, "%s=%s", name, value) < 0)
		return -ENOMEM;
	return env_put(e, text);
}

/* A reader of one character at a time, and the value that it builds. */
struct scan {
	const char *p;
	char *out;
	size_t len;  /* of out */
	size_t keep; /* of out that trailing blanks may not shorten */
};

static void scan_add(struct scan *s, char c)
{
	s->out[s->len++] = c;
}

/* In double quotes a backslash is taken away before these and a newline
 * alone. */
static void scan_double(struct scan *s)
{
	for (; *s->p && *s->p != '"'; s->p++) {
		if (*s->p == '\\' && s->p[1]) {
			s->p++;
			if (*s->p == '\n')
				continue;
			if (!strchr("\"\\`$", *s->p))
				scan_add(s, '\\');
		}
		scan_add(s, *s->p);
	}
	s->p += *s->p == '"';
	s->keep = s->len;
}

static void scan_single(struct scan *s)
{
	for (; *s->p && *s->p != '\''; s->p++)
		scan_add(s, *s->p);
	s->p += *s->p == '\'';
	s->keep = s->len;
}

/* Plain text up to the end of the line.  Quotes count only at its start, as
 * for systemd: a'b' keeps them. */
static void scan_plain(struct scan *s)
{
	for (; *s->p && *s->p != '\n'; s->p++) {
		if (*s->p == '\\' && s->p[1]) {
			s->p++;
			if (*s->p == '\n')
				continue;
			scan_add(s, *s->p);
			s->keep = s->len;
			continue;
		}
		scan_add(s, *s->p);
		if (!isspace((unsigned char)*s->p))
			s->keep = s->len;
	}
}

/* The value behind "="; leaves p at the newline or the end. */
static void scan_value(struct scan *s)
{
	for (;;) {
		while (*s->p && *s->p != '\n' && isspace((unsigned char)*s->p))
			s->p++;
		if (*s->p == '"' || *s->p == '\'') {
			if (*s->p++ == '"')
				scan_double(s);
			else
				scan_single(s);
			continue;
		}
		break;
	}
	scan_plain(s);
	s->len = s->keep;
}

static void skip_comment(struct scan *s)
{
	for (; *s->p && *s->p != '\n'; s->p++)
		if (*s->p == '\\' && s->p[1])
			s->p++;
}

/* One line that begins at a character that is no blank. */
static int parse_line(struct envfile *e, struct scan *s)
{
	const char *name = s->p;
	size_t name_len = strcspn(name, "=\n");

	s->p = name + name_len;
	if (*s->p != '=')
		return 0;
	s->p++;
	while (name_len > 0 && isspace((unsigned char)name[name_len - 1]))
		name_len--;
	s->len = 0;
	memcpy(s->out, name, name_len);
	s->len = name_len;
	scan_add(s, '=');
	s->keep = s->len;
	scan_value(s);
	if (!is_name(name, name_len))
		return 0;
	return env_put(e, strndup(s->out, s->len));
}

int envfile_parse(struct envfile *e, const char *text)
{
	CLEANUP_FREE char *out = malloc(strlen(text) + 2);
	struct scan s = {.p = text, .out = out};
	int rc = 0;

	if (!out)
		return -ENOMEM;
	while (*s.p && rc == 0) {
		if (isspace((unsigned char)*s.p))
			s.p++;
		else if (*s.p == '#' || *s.p == ';')
			skip_comment(&s);
		else
			rc = parse_line(e, &s);
	}
	return rc;
}

const char *envfile_get(const struct envfile *e, const char *name)
{
	size_t len = strlen(name);
	size_t i;

	for (i = 0; i < e->count; i++)
		if (strncmp(e->env[i], name, len) == 0 && e->env[i][len] == '=')
			return e->env[i] + len + 1;
	return NULL;
}

void envfile_free(struct envfile *e)
{
	size_t i;

	for (i = 0; i < e->count; i++)
		free(e->env[i]);
	free(e->env);
	memset(e, 0, sizeof(*e));
}

static int load_one(
    struct envfile *e, const char *path, bool required, struct why *why)
{
	CLEANUP_FREE char *text = NULL;
	size_t len;
	int rc = file_read(path, ENVFILE_SIZE_MAX, &text, &len, why);

	if (rc == -ENOENT && !required)
		return why_set(why, 0, "%s", "");
	if (rc == -ENOENT)
		return why_set(why, rc,
		    "envfile=%s does not exist: create it or unset envfile",
		    path);
	if (rc == -EINVAL) /* of this node: 5, not 6 */
		return why_set(why, -ENOEXEC,
		    "%s is not a regular file: give envfile= one", path);
	return rc < 0 ? rc : envfile_parse(e, text);
}

static int load_defaults(struct envfile *e, const char *daemon, struct why *why)
{
	static const char *const daemons[] = {"enforcer", "signer"};
	size_t i;
	int rc = load_one(e, "/etc/default/opendnssec", false, why);

	for (i = 0; i < 2 && rc == 0; i++) {
		char path[PATH_MAX];

		if (daemon && strcmp(daemon, daemons[i]) != 0)
			continue;
		snprintf(path, sizeof(path), "/etc/default/opendnssec-%s",
		    daemons[i]);
		rc = load_one(e, path, false, why);
	}
	return rc < 0 ? rc : load_one(e, "/etc/sysconfig/ods", false, why);
}

int envfile_load(
    struct envfile *e, const char *given, const char *daemon, struct why *why)
{
	static const char *const kept[] = {"LANG", "LC_ALL", "TZ"};
	const char *path = getenv("PATH");
	const char *home = getenv("HOME");
	size_t i;
	int rc;

	memset(e, 0, sizeof(*e));
	rc = env_set(e, "PATH", path && *path ? path : DEFAULT_PATH);
	if (rc == 0)
		rc = env_set(e, "HOME", home && *home ? home : "/root");
	for (i = 0; i < sizeof(kept) / sizeof(kept[0]) && rc == 0; i++)
		if (getenv(kept[i]))
			rc = env_set(e, kept[i], getenv(kept[i]));
	if (rc == 0)
		rc = given ? load_one(e, given, true, why)
		           : load_defaults(e, daemon, why);
	return rc == -ENOMEM ? why_set(why, rc, "out of memory") : rc;
}
