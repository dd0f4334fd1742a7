/* SPDX-License-Identifier: GPL-2.0-or-later
 * Copyright (C) The ocf-ods contributors */
#ifndef ODS_KEYVIEW_H
#define ODS_KEYVIEW_H

#include <stdbool.h>
#include <stddef.h>

#include "conf.h"
#include "hsmreport.h"
#include "keytruth.h"

/* What this node's tokens have of the keys on record, put together from the
 * lines of ods-hsm-probe --keys or --prove (keyline.h).  No I/O.
 *
 * A line may be lost, and the probe may die: what no line said stays unread,
 * and is never taken for missing. */

struct keyview_key {
	struct keyrecord source;
	struct keytruth_here here;
};

struct keyview_token {
	char repository[KEYRECORD_NAME_MAX];
	enum hsm_verdict verdict; /* HSM_NO_ANSWER = it was not said */
	char serial[33];          /* "" = none */
	long extra;               /* -1 = not said, and so below */
	long used, max;           /* max 0 = no <Capacity> */
	long signatures, p50_ms, p99_ms, errors;
	char codes[256]; /* "CKR_DEVICE_ERROR=2 ..." */
};

struct keyview {
	struct keyview_key *key; /* sorted by repository and locator */
	size_t count;
	struct keyview_token token[CONF_REPOSITORY_MAX];
	int tokens;
};

/* COUNT keys as the source recorded them.  0 or -ENOMEM; free the view. */
int keyview_begin(
    struct keyview *view, const struct keyrecord *source, size_t count);

/* A line of the probe's output.  0, or -EBADMSG for one that is broken or names
 * a key that nobody asked for; others are passed over. */
int keyview_line(struct keyview *view, const char *line);

/* A proof of an earlier probe: the key SHA256 of that locator has signed in the
 * token with that SERIAL.  It counts for a key that was not tried in this one,
 * and only for the same key in the same token; a token without a number may be
 * any.  True when it counted. */
bool keyview_recall(
    struct keyview *view, const struct keyrecord *proven, const char *serial);

/* Is that key to be tried (ods-hsm-probe --prove)?  In use, there, the one on
 * record, and nothing is known of its private half yet. */
bool keyview_due(const struct keyview_key *key);

/* Verdict over all. */
void keyview_judge(const struct keyview *view, struct keytruth_node *node);

/* NULL when nothing was said of it. */
const struct keyview_token *keyview_token(
    const struct keyview *view, const char *repository);

void keyview_free(struct keyview *view);

#endif
