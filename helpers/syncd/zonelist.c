/* SPDX-License-Identifier: GPL-2.0-or-later
 * Copyright (C) The ocf-ods contributors */
#include "zonelist.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#define XXH_INLINE_ALL
#include <xxhash.h>

#include "cleanup.h"
#include "deadline.h"
#include "file.h"
#include "log.h"
#include "odsctl.h"
#include "zones.h"

#define LEFT_ALONE_S 2
#define TIMES_MAX 3
#define COMMAND_MS 5000
#define ANSWER_BASE 65536
#define ANSWER_PER_ZONE 1152 /* a line with a name of 1004 bytes */

/* A set of names, in any order. */
struct names {
	size_t count;
	uint64_t sum;
};

static void names_add(struct names *n, const char *name, size_t len)
{
	n->count++;
	n->sum += XXH3_64bits(name, len);
}

static int names_of_file(
    const char *zones_xml, struct names *n, struct why *why)
{
	struct zone_list list;
	size_t i;
	int rc = zones_load(zones_xml, &list, why);

	if (rc < 0)
		return rc;
	for (i = 0; i < list.count; i++)
		names_add(n, list.zone[i].name, strlen(list.zone[i].name));
	zones_free(&list);
	return 0;
}

/* "There are N zones configured", then "- NAME" lines. */
static int names_of_signer(
    const char *socket, size_t expected, struct names *n, struct why *why)
{
	size_t size = ANSWER_BASE + 2 * expected * ANSWER_PER_ZONE;
	CLEANUP_FREE char *answer = malloc(size);
	const char *line;
	int code, rc;

	if (!answer)
		return why_set(why, -ENOMEM, "out of memory");
	rc = odsctl_ask(socket, "zones", deadline_in_ms(COMMAND_MS), &code,
	    answer, size, why);
	if (rc < 0)
		return rc;
	if (odsctl_zones_count(answer) < 0)
		return why_set(why, -EPROTO,
		    "the signer's answer to \"zones\" is not understood");
	for (line = answer; *line; line += strcspn(line, "\n") + 1) {
		size_t len = strcspn(line, "\n");

		if (len > 2 && strncmp(line, "- ", 2) == 0)
			names_add(n, line + 2, len - 2);
		if (!line[len])
			break;
	}
	return 0;
}

static int tell_again(const char *zones_xml, const char *socket,
    const struct stat *st, time_t now, struct why *why)
{
	struct timespec at[2] = {{.tv_nsec = UTIME_OMIT},
	    {.tv_sec = now > st->st_mtime ? now : st->st_mtime + 1}};
	char out[1024];
	int code;

	if (utimensat(AT_FDCWD, zones_xml, at, 0) < 0)
		return why_set(why, -errno, "cannot give %s a new time: %s",
		    zones_xml, strerror(errno));
	return odsctl_ask(socket, "update --all", deadline_in_ms(COMMAND_MS),
	    &code, out, sizeof(out), why);
}

static bool left_alone(const struct stat *st, time_t now)
{
	return now < st->st_mtime || now - st->st_mtime >= LEFT_ALONE_S;
}

int zonelist_follow(struct zonelist *zl, const char *zones_xml,
    const char *signer_socket, time_t now, struct why *why)
{
	struct names file = {0}, signer = {0};
	struct stat st;
	int rc;

	if (stat(zones_xml, &st) < 0 || !left_alone(&st, now))
		return 0;
	if (file_same(&st, &zl->settled))
		return 0;
	rc = names_of_file(zones_xml, &file, why);
	if (rc == 0)
		rc = names_of_signer(signer_socket, file.count, &signer, why);
	if (rc < 0)
		return rc;
	if (file.count == signer.count && file.sum == signer.sum) {
		zl->settled = st;
		return 0;
	}
	if (zl->told != file.sum + signer.sum)
		zl->times = 0;
	zl->told = file.sum + signer.sum;
	if (zl->times++ == TIMES_MAX) {
		zl->settled = st;
		return why_set(why, -EIO,
		    "the signer has %zu zones and does not take the %zu of "
		    "%s: see its log",
		    signer.count, file.count, zones_xml);
	}
	log_warn("the signer has %zu zones, zones.xml %zu: it has missed a "
	         "change within one second, and is told again",
	    signer.count, file.count);
	rc = tell_again(zones_xml, signer_socket, &st, now, why);
	return rc < 0 ? rc : 1;
}
