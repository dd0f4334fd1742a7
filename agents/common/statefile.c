/* SPDX-License-Identifier: GPL-2.0-or-later
 * Copyright (C) The ocf-ods contributors */
#include "statefile.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cleanup.h"
#include "deadline.h"
#include "file.h"

#define SUFFIX ".state"

/* Resource names are XML ids: no slash can be in them. */
int statefile_path(
    char *buf, size_t size, const char *resource, const char *suffix)
{
	int n;

	if (strchr(resource, '/'))
		return -EINVAL;
	n = snprintf(buf, size, "%s/%s.%s", ODS_RUNDIR, resource, suffix);
	return n < 0 || (size_t)n >= size ? -ENAMETOOLONG : 0;
}

void statefile_parse(struct statefile *sf)
{
	char *line = sf->text, *save;

	sf->count = 0;
	for (line = strtok_r(sf->text, "\n", &save); line;
	     line = strtok_r(NULL, "\n", &save)) {
		char *eq = strchr(line, '=');

		if (!eq || sf->count == STATEFILE_PAIRS)
			continue;
		*eq = '\0';
		sf->key[sf->count] = line;
		sf->value[sf->count++] = eq + 1;
	}
}

int statefile_read(struct statefile *sf, const char *resource)
{
	char path[PATH_MAX];
	CLEANUP_CLOSE int fd = -1;
	ssize_t n;
	int rc = statefile_path(path, sizeof(path), resource, "state");

	sf->count = 0;
	if (rc < 0)
		return rc;
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	n = read(fd, sf->text, sizeof(sf->text) - 1);
	if (n < 0)
		return -errno;
	sf->text[n] = '\0';
	statefile_parse(sf);
	return 0;
}

const char *statefile_get(const struct statefile *sf, const char *key)
{
	int i;

	for (i = 0; i < sf->count; i++)
		if (strcmp(sf->key[i], key) == 0)
			return sf->value[i];
	return NULL;
}

long statefile_number(const struct statefile *sf, const char *key, long dflt)
{
	const char *text = statefile_get(sf, key);
	char *end;
	long number;

	if (!text)
		return dflt;
	number = strtol(text, &end, 10);
	return end == text || *end ? dflt : number;
}

int64_t statefile_age_ms(const struct statefile *sf)
{
	const char *text = statefile_get(sf, "time");
	int64_t then = text ? strtoll(text, NULL, 10) : 0;
	int64_t now = clock_boottime_ms();

	return then <= 0 || then > now ? INT64_MAX : now - then;
}

int statefile_write(const char *resource, const char *body, struct why *why)
{
	char path[PATH_MAX], text[STATEFILE_MAX];
	int rc = statefile_path(path, sizeof(path), resource, "state");
	int n;

	if (rc < 0)
		return why_set(
		    why, rc, "resource name %s is not usable", resource);
	n = snprintf(text, sizeof(text), "time=%" PRId64 "\n%s",
	    clock_boottime_ms(), body);
	if (n < 0 || (size_t)n >= sizeof(text))
		return why_set(
		    why, -E2BIG, "state of %s is too long", resource);
	rc = file_mkdirs(ODS_RUNDIR, 0755, why);
	if (rc < 0)
		return rc;
	return file_replace(path, text, (size_t)n, 0644, false, why);
}

int statefile_remove(const char *resource)
{
	char path[PATH_MAX];
	int rc = statefile_path(path, sizeof(path), resource, "state");

	if (rc < 0)
		return rc;
	return unlink(path) < 0 && errno != ENOENT ? -errno : 0;
}

int statefile_each(
    int (*fn)(const char *resource, const struct statefile *sf, void *arg),
    void *arg)
{
	CLEANUP_DIR DIR *dir = opendir(ODS_RUNDIR);
	struct statefile sf;
	struct dirent *de;
	int rc = 0;

	while (dir && rc == 0 && (de = readdir(dir))) {
		char name[NAME_MAX + 1];
		size_t len = strlen(de->d_name);

		if (len <= strlen(SUFFIX) ||
		    strcmp(de->d_name + len - strlen(SUFFIX), SUFFIX) != 0)
			continue;
		snprintf(name, sizeof(name), "%.*s",
		    (int)(len - strlen(SUFFIX)), de->d_name);
		if (statefile_read(&sf, name) == 0)
			rc = fn(name, &sf, arg);
	}
	return rc;
}
