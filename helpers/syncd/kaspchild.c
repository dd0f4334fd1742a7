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
#include "file.h"
#include "proc.h"

#define PROGRAM ODS_LIBEXECDIR "/ods-kasp"
#define DS_MAX (32 << 20)
#define CHILD_MS 4000 /* the control thread, or a demote, waits */
#define LIST_MAX (64 * 1024 * 1024)

struct asked {
	const char *word;
	const char *out; /* where it is to say it; NULL: to us */
	const volatile bool *cancel;
};

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

/* The whole of what it says, or an error. */
static int run(const struct asked *asked, const char *database,
    struct proc_result *result, struct why *why)
{
	const char *argv[] = {PROGRAM, asked->word, database, asked->out, NULL};
	struct proc_job job = {
	    .argv = argv, .stdin_fd = -1, .cancel = asked->cancel};
	int rc = proc_run_job(&job, deadline_in_ms(CHILD_MS), result, why);

	return rc < 0 ? rc : ended(result, database, why);
}

int kasp_ds(const char *database, char **text, struct why *why)
{
	const char *argv[] = {PROGRAM, "ds", database, NULL};
	struct proc_job job = {.argv = argv, .stdin_fd = -1};
	struct proc_result result;
	int rc = proc_run_text(
	    &job, DS_MAX, deadline_in_ms(CHILD_MS), &result, text, why);

	if (rc < 0)
		return rc;
	rc = ended(&result, database, why);
	if (rc < 0)
		free(*text);
	return rc;
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
	struct proc_result result;
	struct why why;
	int rc;

	*zones = *keys = 0;
	if (!conf->database[0] || access(conf->database, F_OK) < 0)
		return 0;
	rc = run(
	    &(struct asked){.word = "count"}, conf->database, &result, &why);
	if (rc < 0)
		return rc;
	return parse_count(result.out, zones, keys) ? 0 : -EPROTO;
}

int kasp_rollback(const char *database, struct why *why)
{
	struct proc_result result;
	int rc;

	/* Should one start now, SQLite's locks decide who does it. */
	if (proc_find("ods-enforcerd", NULL, 0) != 0)
		return why_set(why, -EBUSY, "ods-enforcerd runs");
	rc = run(&(struct asked){.word = "rollback"}, database, &result, why);
	if (rc == 0 && strcmp(result.out, "rolled back\n") != 0)
		return why_set(why, -EPROTO, "ods-kasp gave no answer");
	return rc;
}

int kasp_keys(const char *database, const char *out, struct keyset *keys,
    struct keynews *news, const volatile bool *cancel, struct why *why)
{
	const struct asked list = {"keys", out, cancel};
	const struct asked unbacked = {"unbacked", NULL, cancel};
	CLEANUP_FREE char *text = NULL;
	struct proc_result result;
	size_t len;
	int rc;

	unlink(out);
	rc = run(&list, database, &result, why);
	if (rc == 0)
		rc = file_read(out, LIST_MAX, &text, &len, why);
	unlink(out);
	if (rc == 0 && keyset_parse(keys, text) < 0)
		rc = why_set(why, -EPROTO, "ods-kasp gave no list of keys");
	if (rc == 0)
		rc = run(&unbacked, database, &result, why);
	if (rc == 0 && keynews_unbacked(news, result.out) < 0)
		rc = why_set(why, -EPROTO, "ods-kasp gave no answer");
	return rc;
}
