/* SPDX-License-Identifier: GPL-2.0-or-later
 * Copyright (C) The ocf-ods contributors */
#include "crmtool.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "cleanup.h"
#include "file.h"
#include "proc.h"

/* Pacemaker's exit codes (include/crm/common/results.h, crm_exit_t). */
#define EXIT_DISCONNECTED 102
#define EXIT_NOSUCH 105

#define TOOL_MAX_MS 20000
#define HISTORY_MAX (4 * 1024 * 1024)

/* Run a tool; its output stays in RESULT. */
static int tool_run(const char *const *argv, struct deadline deadline,
    struct proc_result *result, struct why *why)
{
	int rc = proc_run(
	    argv, NULL, deadline_step(deadline, TOOL_MAX_MS), result, why);

	if (rc < 0)
		return rc;
	if (result->timed_out)
		return why_set(why, -ETIMEDOUT,
		    "%s did not answer in time: is Pacemaker overloaded?",
		    argv[0]);
	if (result->code == 0)
		return 0;
	/* 2.1.5: attrd_updater ends with 78 when nobody ever set it. */
	if (result->code == EXIT_NOSUCH ||
	    strstr(result->out, "attribute does not exist"))
		return why_set(why, -ENODATA, "%s: not set", argv[0]);
	if (result->code == EXIT_DISCONNECTED)
		return why_set(why, -ENOTCONN,
		    "%s: Pacemaker does not run on this node", argv[0]);
	result->out[strcspn(result->out, "\n")] = '\0';
	return why_set(why, -EIO, "%s failed with %d: %s", argv[0],
	    result->code, result->out);
}

static int copy_value(const char *value, size_t len, char *buf, size_t size)
{
	if (len >= size)
		return -ENOSPC;
	memcpy(buf, value, len);
	buf[len] = '\0';
	return 0;
}

/* A tool that prints one value and a newline. */
static int tool_value(const char *const *argv, char *buf, size_t size,
    struct deadline deadline, struct why *why)
{
	struct proc_result result;
	int rc = tool_run(argv, deadline, &result, why);

	if (rc < 0)
		return rc;
	rc = copy_value(result.out, strcspn(result.out, "\n"), buf, size);
	if (rc == 0 && !*buf)
		rc = -ENODATA;
	return rc < 0 ? why_set(why, rc, "%s printed no value", argv[0]) : 0;
}

int crmtool_attr_set(const char *name, const char *value,
    struct deadline deadline, struct why *why)
{
	const char *argv[] = {"attrd_updater", "-n", name, "-U", value, NULL};
	struct proc_result result;

	return tool_run(argv, deadline, &result, why);
}

int crmtool_attr_delete(
    const char *name, struct deadline deadline, struct why *why)
{
	const char *argv[] = {"attrd_updater", "-n", name, "-D", NULL};
	struct proc_result result;
	int rc = tool_run(argv, deadline, &result, why);

	return rc == -ENODATA ? 0 : rc;
}

/* name="N" host="H" value="V": nothing is escaped, so the value ends at the
 * last quote of the line. */
static int parse_query_line(
    const char *line, size_t len, const char *node, char *buf, size_t size)
{
	CLEANUP_FREE char *copy = strndup(line, len);
	char *host, *value, *end;

	if (!copy)
		return -ENOMEM;
	host = strstr(copy, " host=\"");
	value = host ? strstr(host, "\" value=\"") : NULL;
	if (!value)
		return -EAGAIN;
	host += strlen(" host=\"");
	if (node && (strlen(node) != (size_t)(value - host) ||
	                memcmp(host, node, strlen(node)) != 0))
		return -EAGAIN;
	value += strlen("\" value=\"");
	end = strrchr(value, '"');
	if (!end)
		return -EPROTO;
	if (end == value)
		return -ENODATA;
	return copy_value(value, (size_t)(end - value), buf, size);
}

int crmtool_parse_query(
    const char *text, const char *node, char *buf, size_t size)
{
	while (*text) {
		size_t len = strcspn(text, "\n");
		int rc = parse_query_line(text, len, node, buf, size);

		if (rc != -EAGAIN)
			return rc;
		text += len + (text[len] == '\n');
	}
	return -ENODATA;
}

int crmtool_attr_get(const char *name, const char *node, char *buf, size_t size,
    struct deadline deadline, struct why *why)
{
	const char *argv[] = {
	    "attrd_updater", "-n", name, "-Q", node ? "-N" : NULL, node, NULL};
	struct proc_result result;
	int rc = tool_run(argv, deadline, &result, why);

	if (rc == 0)
		rc = crmtool_parse_query(result.out, node, buf, size);
	if (rc == -ENODATA)
		why_set(why, rc, "attribute %s is not set", name);
	else if (rc < 0 && why && !why->err)
		why_set(why, rc, "attribute %s cannot be read", name);
	return rc;
}

int crmtool_attr_change(struct crmtool_attr *attr, const char *value,
    struct deadline deadline, struct why *why)
{
	int rc;

	if (attr->known && strcmp(attr->last, value) == 0)
		return 0;
	rc = crmtool_attr_set(attr->name, value, deadline, why);
	attr->known = rc == 0 && copy_value(value, strlen(value), attr->last,
	                             sizeof(attr->last)) == 0;
	return rc;
}

void crmtool_attr_forget(struct crmtool_attr *attr)
{
	attr->known = false;
}

int crmtool_score_set(const char *resource, const char *score,
    struct deadline deadline, struct why *why)
{
	char promotion[300];
	const char *argv[] = {
	    "crm_attribute", promotion, "-l", "reboot", "-v", score, NULL};
	struct proc_result result;

	snprintf(promotion, sizeof(promotion), "--promotion=%s", resource);
	return tool_run(argv, deadline, &result, why);
}

int crmtool_score_delete(
    const char *resource, struct deadline deadline, struct why *why)
{
	char promotion[300];
	const char *argv[] = {
	    "crm_attribute", promotion, "-l", "reboot", "-D", NULL};
	struct proc_result result;
	int rc;

	snprintf(promotion, sizeof(promotion), "--promotion=%s", resource);
	rc = tool_run(argv, deadline, &result, why);
	return rc == -ENODATA ? 0 : rc;
}

int crmtool_score_get(const char *resource, char *buf, size_t size,
    struct deadline deadline, struct why *why)
{
	char promotion[300];
	const char *argv[] = {
	    "crm_attribute", promotion, "-l", "reboot", "-G", "-q", NULL};

	snprintf(promotion, sizeof(promotion), "--promotion=%s", resource);
	return tool_value(argv, buf, size, deadline, why);
}

int crmtool_property_set(const char *set, const char *name, const char *value,
    struct deadline deadline, struct why *why)
{
	const char *argv[] = {"crm_attribute", "-t", "crm_config", "-n", name,
	    "-v", value, set ? "-s" : NULL, set, NULL};
	struct proc_result result;

	return tool_run(argv, deadline, &result, why);
}

int crmtool_property_get(const char *set, const char *name, char *buf,
    size_t size, struct deadline deadline, struct why *why)
{
	const char *argv[] = {"crm_attribute", "-t", "crm_config", "-n", name,
	    "-G", "-q", set ? "-s" : NULL, set, NULL};

	return tool_value(argv, buf, size, deadline, why);
}

bool crmtool_parse_bool(const char *text, bool *value)
{
	static const char *const words[] = {
	    "true", "on", "yes", "y", "1", "false", "off", "no", "n", "0"};
	size_t i;

	for (i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		if (strcasecmp(text, words[i]) == 0) {
			*value = i < 5;
			return true;
		}
	}
	return false;
}

/* Pacemaker 3.0.2 renames the property and keeps the old name.  Where the two
 * disagree the answer is no: the rule for fencing off is the stricter one. */
int crmtool_fencing_enabled(
    bool *enabled, struct deadline deadline, struct why *why)
{
	static const char *const names[] = {
	    "stonith-enabled", "fencing-enabled"};
	char text[32];
	size_t i;

	*enabled = true;
	for (i = 0; i < 2; i++) {
		bool value;
		int rc = crmtool_property_get(
		    NULL, names[i], text, sizeof(text), deadline, NULL);

		if (rc == 0 && crmtool_parse_bool(text, &value))
			*enabled = *enabled && value;
		if (rc < 0 && rc != -ENODATA)
			return why_set(why, rc,
			    "cannot read %s: is Pacemaker running?", names[i]);
	}
	return 0;
}

/* The value of NAME in the start tag at TAG, entities left as they are;
 * "" when it has none. */
static void tag_value(
    const char *tag, const char *end, const char *name, char *buf, size_t size)
{
	size_t len = strlen(name);
	const char *p = tag;

	*buf = '\0';
	while (p < end && (p = strchr(p, '=')) && p < end && p[1] == '"') {
		const char *value = p + 2;
		const char *close = strchr(value, '"');

		if (!close || close > end)
			return;
		if ((size_t)(p - tag) > len && p[-1 - (long)len] == ' ' &&
		    strncmp(p - len, name, len) == 0) {
			snprintf(
			    buf, size, "%.*s", (int)(close - value), value);
			return;
		}
		p = close + 1;
	}
}

/* Its number is made of all that stays as it is. */
static void add_success(const char *tag, const char *end, const char *action,
    struct crmtool_fencing *fencing)
{
	char completed[48], client[64], delegate[64], text[256];

	tag_value(tag, end, "client", client, sizeof(client));
	tag_value(tag, end, "completed", completed, sizeof(completed));
	tag_value(tag, end, "delegate", delegate, sizeof(delegate));
	snprintf(text, sizeof(text), "%s %s %s %s", completed, action, client,
	    delegate);
	if (fencing->successes.count == 0) {
		memcpy(fencing->completed, completed, sizeof(completed));
		memcpy(fencing->delegate, delegate, sizeof(delegate));
	}
	fencings_add(&fencing->successes, fencings_number(text));
}

static void history_event(const char *tag, const char *end, const char *node,
    struct crmtool_fencing *fencing)
{
	char target[256], action[32], status[32];

	tag_value(tag, end, "target", target, sizeof(target));
	tag_value(tag, end, "action", action, sizeof(action));
	tag_value(tag, end, "status", status, sizeof(status));
	if (strcasecmp(target, node) != 0 ||
	    (strcmp(action, "off") != 0 && strcmp(action, "reboot") != 0))
		return;
	if (strcmp(status, "pending") == 0)
		fencing->pending = true;
	if (strcmp(status, "success") == 0)
		add_success(tag, end, action, fencing);
}

int crmtool_parse_history(
    const char *xml, const char *node, struct crmtool_fencing *fencing)
{
	static const char event[] = "<fence_event ";
	const char *tag = xml;

	memset(fencing, 0, sizeof(*fencing));
	if (!strstr(xml, "<pacemaker-result") ||
	    !strstr(xml, "</pacemaker-result>"))
		return -EPROTO;
	while ((tag = strstr(tag, event))) {
		const char *end = strchr(tag, '>');

		if (!end)
			return -EPROTO;
		history_event(tag, end, node, fencing);
		tag = end;
	}
	return 0;
}

/* The document can be longer than what proc_run() keeps, and a cut one could
 * hide an old success that then looks new: it goes through a file. */
int crmtool_fencing_history(const char *node, struct crmtool_fencing *fencing,
    struct deadline deadline, struct why *why)
{
	char path[PATH_MAX], to[PATH_MAX + 16];
	const char *argv[] = {"stonith_admin", "--history", node, "--verbose",
	    "--output-as=xml", to, NULL};
	struct proc_result result;
	CLEANUP_FREE char *xml = NULL;
	size_t len;
	int rc = file_mkdirs(ODS_RUNDIR, 0755, why);

	if (rc < 0)
		return rc;
	snprintf(
	    path, sizeof(path), "%s/.history.%ld", ODS_RUNDIR, (long)getpid());
	snprintf(to, sizeof(to), "--output-to=%s", path);
	unlink(path);
	rc = tool_run(argv, deadline, &result, why);
	if (rc == 0)
		rc = file_read(path, HISTORY_MAX, &xml, &len, why);
	unlink(path);
	if (rc < 0 || !xml)
		return rc;
	rc = crmtool_parse_history(xml, node, fencing);
	return rc < 0 ? why_set(why, rc, "the fencing history is not readable")
	              : 0;
}
