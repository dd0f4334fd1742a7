/* SPDX-License-Identifier: GPL-2.0-or-later
 * Copyright (C) The ocf-ods contributors */
#include "keyview.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int compare(const void *a, const void *b)
{
	const struct keyview_key *x = a, *y = b;
	int rc = strcmp(x->source.repository, y->source.repository);

	return rc ? rc : strcmp(x->source.locator, y->source.locator);
}

int keyview_begin(
    struct keyview *view, const struct keyrecord *source, size_t count)
{
	size_t i;

	memset(view, 0, sizeof(*view));
	view->key = calloc(count + 1, sizeof(*view->key));
	if (!view->key)
		return -ENOMEM;
	view->count = count;
	for (i = 0; i < count; i++)
		view->key[i].source = source[i];
	if (count > 1)
		qsort(view->key, count, sizeof(*view->key), compare);
	return 0;
}

static struct keyview_token *token_of(
    struct keyview *view, const char *repository)
{
	struct keyview_token *t;
	int i;

	for (i = 0; i < view->tokens; i++)
		if (strcmp(view->token[i].repository, repository) == 0)
			return &view->token[i];
	if (view->tokens == CONF_REPOSITORY_MAX)
		return NULL;
	t = &view->token[view->tokens++];
	snprintf(t->repository, sizeof(t->repository), "%s", repository);
	t->verdict = HSM_NO_ANSWER;
	t->extra = t->used = t->signatures = -1;
	return t;
}

static struct keytruth_here *here_of(
    struct keyview *view, const char *repository, const char *locator)
{
	struct keyview_key want = {0}, *key;

	snprintf(want.source.repository, sizeof(want.source.repository), "%s",
	    repository);
	snprintf(
	    want.source.locator, sizeof(want.source.locator), "%s", locator);
	key =
	    bsearch(&want, view->key, view->count, sizeof(*view->key), compare);
	return key ? &key->here : NULL;
}

static int take_key(struct keyview *view, const struct keyline *k)
{
	struct keytruth_here *here = here_of(view, k->repository, k->locator);

	if (!here)
		return -EBADMSG;
	if (k->kind == KEYLINE_KEY) {
		here->state = k->state;
		memcpy(here->sha256, k->sha256, sizeof(here->sha256));
	} else {
		here->proof = k->proof;
		snprintf(here->detail, sizeof(here->detail), "%s", k->detail);
	}
	return 0;
}

static int take_token(struct keyview *view, const struct keyline *k)
{
	struct keyview_token *t = token_of(view, k->repository);

	if (!t)
		return -EBADMSG;
	switch (k->kind) {
	case KEYLINE_TOKEN:
		memcpy(t->serial, k->serial, sizeof(t->serial));
		break;
	case KEYLINE_EXTRA:
		t->extra = k->count;
		break;
	case KEYLINE_CAPACITY:
		t->used = k->count;
		t->max = k->max;
		break;
	case KEYLINE_STAT:
		t->signatures = k->count;
		t->p50_ms = k->p50_ms;
		t->p99_ms = k->p99_ms;
		t->errors = k->errors;
		memcpy(t->codes, k->detail, sizeof(t->codes));
		break;
	case KEYLINE_KEY:
	case KEYLINE_PROOF:
		break;
	}
	return 0;
}

/* "repository=..." closes a repository. */
static int take_verdict(struct keyview *view, const char *line)
{
	struct keyview_token *t;
	struct hsmreport report;
	char one[512];

	snprintf(one, sizeof(one), "%.*s\n", (int)strcspn(line, "\n"), line);
	hsmreport_parse(one, &report);
	if (report.repositories == 0)
		return 0;
	t = token_of(view, report.repository);
	if (!t)
		return -EBADMSG;
	t->verdict = report.verdict;
	return 0;
}

int keyview_line(struct keyview *view, const char *line)
{
	struct keyline k;
	int rc = keyline_parse(line, &k);

	if (rc == -ENOENT)
		return take_verdict(view, line);
	if (rc < 0)
		return rc;
	return k.kind == KEYLINE_KEY || k.kind == KEYLINE_PROOF
	           ? take_key(view, &k)
	           : take_token(view, &k);
}

bool keyview_recall(
    struct keyview *view, const struct keyrecord *proven, const char *serial)
{
	const struct keyview_token *t = keyview_token(view, proven->repository);
	struct keytruth_here *here =
	    here_of(view, proven->repository, proven->locator);

	if (!t || !here || !*serial || strcmp(serial, t->serial) != 0)
		return false;
	if (here->state != KEY_PRESENT || here->proof != PROOF_NONE ||
	    strcmp(here->sha256, proven->sha256) != 0)
		return false;
	here->proof = PROOF_PROVEN;
	return true;
}

bool keyview_due(const struct keyview_key *key)
{
	struct keytruth truth;

	if (!key->source.in_use || key->here.state != KEY_PRESENT ||
	    key->here.proof != PROOF_NONE)
		return false;
	keytruth_judge(&key->source, &key->here, &truth);
	return truth.verdict == KEYTRUTH_UNPROVEN;
}

void keyview_judge(const struct keyview *view, struct keytruth_node *node)
{
	size_t i;

	memset(node, 0, sizeof(*node));
	for (i = 0; i < view->count; i++) {
		const struct keyview_key *key = &view->key[i];
		struct keytruth truth;

		keytruth_judge(&key->source, &key->here, &truth);
		keytruth_add(node, &key->source, &truth);
	}
}

const struct keyview_token *keyview_token(
    const struct keyview *view, const char *repository)
{
	int i;

	for (i = 0; i < view->tokens; i++)
		if (strcmp(view->token[i].repository, repository) == 0)
			return &view->token[i];
	return NULL;
}

void keyview_free(struct keyview *view)
{
	free(view->key);
	view->key = NULL;
	view->count = 0;
}
