/* SPDX-License-Identifier: GPL-2.0-or-later
 * Copyright (C) The ocf-ods contributors */
#include "kaspchild.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cleanup.h"
#include "deadline.h"
#include "proc.h"

#define PROGRAM ODS_LIBEXECDIR "/ods-kasp"
#define LIST_MAX (64 << 20)
#define CHECK_MS 30000
#define CHILD_MS 4000 /* the control thread, or a demote, waits */

/* It was run: 0 when it says that all is well. */
static int ended(
    struct proc_result *result, const char *database, struct why *why)
{
	if (result->timed_out)
		return why_set(why, -ETIMEDOUT, "%s takes too long", database);
	if (result->code == 0)
		return 0;
	result->out[strcspn(result->out, "\n")] = '\0';
	return why_set(why, -EIO, "ods-kasp: %.200s",
	    result->out[0] ? result->out : "it was killed");
}

/* The whole of what it says, the caller's to free(), or an error. */
static int run_for(int64_t ms, const char *word, const char *database,
    const volatile bool *cancel, char **text, struct why *why)
{
	const char *argv[] = {PROGRAM, word, database, NULL};
	struct proc_job job = {.argv = argv, .stdin_fd = -1, .cancel = cancel};
	struct proc_result result;
	int rc = proc_run_text(
	    &job, LIST_MAX, deadline_in_ms(ms), &result, text, why);

	if (rc == 0)
		rc = ended(&result, database, why);
	if (rc < 0) {
		free(*text);
		*text = NULL;
	}
	return rc;
}

static int run(const char *word, const char *database,
    const volatile bool *cancel, char **text, struct why *why)
{
	return run_for(CHILD_MS, word, database, cancel, text, why);
}

int kasp_check(
    const char *database, const volatile bool *cancel, struct why *why)
{
	CLEANUP_FREE char *text = NULL;
	int rc = run_for(CHECK_MS, "check", database, cancel, &text, why);

	if (rc < 0 || strcmp(text, "sound\n") == 0)
		return rc;
	text[strcspn(text, "\n")] = '\0';
	if (strncmp(text, "damaged ", 8) == 0)
		return why_set(why, -EBADMSG, "%s", text + 8);
	return why_set(why, -EPROTO, "ods-kasp gave no answer");
}

int kasp_ds(const char *database, char **text, struct why *why)
{
	return run("ds", database, NULL, text, why);
}

/* Exactly "count ZONES KEYS\n". */
static bool parse_count(const char *text, long *zones, long *keys)
{
	char again[64];
	long z, k;

	if (sscanf(text, "count %ld %ld", &z, &k) != 2 || z < 0 || k < 0)
		return false;
	snprintf(again, sizeof(again), "count %ld %ld\n", z, k);
	if (strcmp(text, again) != 0)
		return false;
	*zones = z;
	*keys = k;
	return true;
}

int kasp_count(const struct conf *conf, long *zones, long *keys)
{
	CLEANUP_FREE char *text = NULL;
	struct why why;
	int rc;

	*zones = *keys = 0;
	if (!conf->database[0] || access(conf->database, F_OK) < 0)
		return 0;
	rc = run("count", conf->database, NULL, &text, &why);
	if (rc < 0)
		return rc;
	return parse_count(text, zones, keys) ? 0 : -EPROTO;
}

int kasp_rollback(const char *database, struct why *why)
{
	CLEANUP_FREE char *text = NULL;
	int rc;

	/* Should one start now, SQLite's locks decide who does it. */
	if (proc_find("ods-enforcerd", NULL, 0) != 0)
		return why_set(why, -EBUSY, "ods-enforcerd runs");
	rc = run("rollback", database, NULL, &text, why);
	if (rc == 0 && strcmp(text, "rolled back\n") != 0)
		return why_set(why, -EPROTO, "ods-kasp gave no answer");
	return rc;
}

int kasp_keys(const char *database, struct keyset *keys, struct keynews *news,
    const volatile bool *cancel, struct why *why)
{
	CLEANUP_FREE char *list = NULL, *unbacked = NULL;
	int rc = run("keys", database, cancel, &list, why);

	if (rc == 0 && keyset_parse(keys, list) < 0)
		rc = why_set(why, -EPROTO, "ods-kasp gave no list of keys");
	if (rc == 0)
		rc = run("unbacked", database, cancel, &unbacked, why);
	if (rc == 0 && keynews_unbacked(news, unbacked) < 0)
		rc = why_set(why, -EPROTO, "ods-kasp gave no answer");
	return rc;
}
