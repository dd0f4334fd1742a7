/* SPDX-License-Identifier: GPL-2.0-or-later
 * Copyright (C) The ocf-ods contributors */
#include "keyprobe.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "cleanup.h"
#include "file.h"
#include "proc.h"

#define PROGRAM ODS_LIBEXECDIR "/ods-hsm-probe"
#define OUT_MAX (128 * 1024 * 1024)
#define GRACE_MS 2000 /* it ends by itself before we end it */

/* The list as a file to read from, at its beginning; *COUNT keys. */
static int list_make(const struct keyview *view, bool due, size_t *count)
{
	CLEANUP_CLOSE int fd = memfd_create("keys", MFD_CLOEXEC);
	char line[KEYRECORD_LINE_MAX];
	size_t i;
	int len, rc;

	*count = 0;
	if (fd < 0)
		return -errno;
	for (i = 0; i < view->count; i++) {
		if (due && !keyview_due(&view->key[i]))
			continue;
		len = keyrecord_encode(
		    &view->key[i].source, line, sizeof(line) - 1);
		if (len < 0)
			return len;
		line[len] = '\n';
		rc = file_write_all(fd, line, (size_t)len + 1);
		if (rc < 0)
			return rc;
		(*count)++;
	}
	return lseek(fd, 0, SEEK_SET) < 0 ? -errno : steal_fd(&fd);
}

/* "err=N" and "why=...". */
static int fault(const char *text, struct why *why)
{
	char said[WHY_MAX];
	int err;

	if (sscanf(text, "err=%d\nwhy=%255[^\n]", &err, said) != 2 || err <= 0)
		return why_set(why, -EPROTO, "ods-hsm-probe gave no answer");
	return why_set(why, -err, "%s", said);
}

/* All whole lines: the last one may be cut. */
static int take_lines(struct keyview *view, const char *text, struct why *why)
{
	const char *end;
	int rc = 0;

	for (; (end = strchr(text, '\n')); text = end + 1)
		if (keyview_line(view, text) < 0)
			rc = why_set(why, -EPROTO, "ods-hsm-probe said: %.*s",
			    (int)(end - text < 100 ? end - text : 100), text);
	return rc;
}

static int run(const struct keyprobe *probe, int list,
    struct proc_result *result, char **text, struct why *why)
{
	char timeout[24], rate[24];
	const char *argv[] = {PROGRAM, "--conf", probe->conf, "--timeout-ms",
	    timeout, "--rate", rate, probe->prove ? "--prove" : "--keys", "-",
	    NULL};
	struct proc_job job = {.argv = argv,
	    .envp = probe->env,
	    .stdin_fd = list,
	    .cancel = probe->cancel};
	int left = deadline_left_ms(probe->deadline);

	snprintf(timeout, sizeof(timeout), "%d",
	    left > 2 * GRACE_MS ? left - GRACE_MS : left / 2 + 1);
	snprintf(rate, sizeof(rate), "%d", probe->rate);
	return proc_run_text(&job, OUT_MAX, probe->deadline, result, text, why);
}

int keyprobe_run(
    const struct keyprobe *probe, struct keyview *view, struct why *why)
{
	CLEANUP_FREE char *text = NULL;
	CLEANUP_CLOSE int list = -1;
	struct proc_result result;
	size_t count;
	int rc;

	list = list_make(view, probe->prove, &count);
	if (list < 0)
		return why_set(
		    why, list, "no list of keys: %s", strerror(-list));
	if (count == 0)
		return 0;
	rc = run(probe, list, &result, &text, why);
	if (rc < 0)
		return rc;
	if (result.code == 3)
		return fault(text, why);
	rc = take_lines(view, text, why);
	if (rc == 0 && (result.timed_out || result.code < 0))
		return why_set(why, -ETIMEDOUT, "ods-hsm-probe was ended");
	if (rc == 0 && (result.code > 1 || !text[0]))
		return why_set(why, -EPROTO, "ods-hsm-probe gave no answer");
	return rc;
}
