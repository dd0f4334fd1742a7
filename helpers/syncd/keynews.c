/* SPDX-License-Identifier: GPL-2.0-or-later
 * Copyright (C) The ocf-ods contributors */
#include "keynews.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define FIX_SOURCE                                                          \
	"find out which one signs for the DNSKEY that is served, and give " \
	"this node the token that has it"
#define FIX_GONE "bring back the token that has it, or restore it from a backup"

const char *keynews_level_name(enum keynews_level level)
{
	static const char *const names[] = {
	    [KEYNEWS_NONE] = "none",
	    [KEYNEWS_OK] = "ok",
	    [KEYNEWS_PENDING] = "pending",
	    [KEYNEWS_WARN] = "warning",
	    [KEYNEWS_REFUSE] = "different",
	};

	return names[level];
}

bool keynews_whole(const struct keyview *view)
{
	size_t i;

	for (i = 0; i < view->count; i++)
		if (view->key[i].here.state == KEY_UNREAD)
			return false;
	return true;
}

static int compare(const struct keyrecord *a, const struct keyrecord *b)
{
	int rc = strcmp(a->repository, b->repository);

	return rc ? rc : strcmp(a->locator, b->locator);
}

/* Both are sorted: *AT goes on from key to key. */
static const struct keyview_key *before(
    const struct keyview *old, size_t *at, const struct keyview_key *key)
{
	int rc = 1;

	for (; *at < old->count; (*at)++) {
		rc = compare(&old->key[*at].source, &key->source);
		if (rc >= 0)
			break;
	}
	return rc == 0 ? &old->key[*at] : NULL;
}

static bool same_token(const struct keyview *view, const struct keyview *old,
    const char *repository)
{
	const struct keyview_token *a = keyview_token(view, repository);
	const struct keyview_token *b = keyview_token(old, repository);

	return a && b && a->serial[0] && strcmp(a->serial, b->serial) == 0;
}

static bool is_kept(enum key_proof proof, bool failed)
{
	switch (proof) {
	case PROOF_PROVEN:
		return true;
	case PROOF_DIFFERENT:
	case PROOF_FAILED:
	case PROOF_SKIPPED:
		return failed;
	case PROOF_NONE:
		break;
	}
	return false;
}

/* A refusal stands until the token takes a PIN, or there is none to try. */
static enum hsm_verdict verdict_of(enum hsm_verdict now, enum hsm_verdict was)
{
	return was == HSM_WRONG_PIN && now != HSM_PIN_NOT_SET ? was : now;
}

static void carry_tokens(struct keyview *view, const struct keyview *old)
{
	int i;

	for (i = 0; i < old->tokens; i++) {
		const struct keyview_token *was = &old->token[i];
		const struct keyview_token *now =
		    keyview_token(view, was->repository);
		struct keyview_token *to =
		    now ? &view->token[now - view->token] : NULL;
		enum hsm_verdict verdict;

		if (now && now->verdict == HSM_OK)
			continue;
		if (to) {
			verdict = verdict_of(now->verdict, was->verdict);
			*to = *was;
			to->verdict = verdict;
		} else if (view->tokens < CONF_REPOSITORY_MAX) {
			view->token[view->tokens++] = *was;
		}
	}
}

void keynews_carry(struct keyview *view, const struct keyview *old, bool failed)
{
	size_t i, at = 0;

	for (i = 0; i < view->count; i++) {
		struct keyview_key *key = &view->key[i];
		const struct keyview_key *was = before(old, &at, key);

		if (!was)
			continue;
		if (key->here.state == KEY_UNREAD)
			key->here = was->here;
		else if (key->here.state == KEY_PRESENT &&
		         was->here.state == KEY_PRESENT &&
		         key->here.proof == PROOF_NONE &&
		         is_kept(was->here.proof, failed) &&
		         strcmp(key->here.sha256, was->here.sha256) == 0 &&
		         same_token(view, old, key->source.repository))
			key->here = was->here;
	}
	carry_tokens(view, old);
}

/* Does it need an admin, or time? */
static enum keynews_level level_of(
    const struct keyview_key *key, const struct keytruth *truth, bool source)
{
	switch (truth->verdict) {
	case KEYTRUTH_OK:
		return KEYNEWS_OK;
	case KEYTRUTH_MISSING:
		return KEYNEWS_WARN;
	case KEYTRUTH_DIFFERENT:
		return truth->refuses ? KEYNEWS_REFUSE : KEYNEWS_WARN;
	case KEYTRUTH_UNPROVEN:
		break;
	}
	if (key->here.state == KEY_UNPROVEN_PUBLIC)
		return KEYNEWS_WARN;
	if (key->here.state == KEY_UNREAD || !key->source.sha256[0])
		return KEYNEWS_PENDING;
	if (source)
		return KEYNEWS_OK;
	return key->here.proof == PROOF_NONE ? KEYNEWS_PENDING : KEYNEWS_WARN;
}

struct worst {
	const struct keyview_key *key;
	struct keytruth truth;
	enum keynews_level level;
	long more; /* beside it, as bad */
};

static void worst_add(struct worst *w, const struct keyview_key *key,
    const struct keytruth *truth, enum keynews_level level)
{
	if (w->key && level == w->level) {
		w->more += truth->verdict == w->truth.verdict;
		/* One in use comes first, then the worse verdict. */
		if (w->key->source.in_use != key->source.in_use) {
			if (w->key->source.in_use)
				return;
		} else if (truth->verdict <= w->truth.verdict) {
			return;
		}
		if (truth->verdict != w->truth.verdict)
			w->more = 0;
	} else if (w->key && level < w->level) {
		return;
	} else {
		w->more = 0;
	}
	w->key = key;
	w->truth = *truth;
	w->level = level;
}

void keynews_reword(const struct keyview_key *key, struct keytruth *truth)
{
	const struct keyrecord *r = &key->source;

	if (truth->verdict == KEYTRUTH_MISSING) {
		snprintf(truth->fix, sizeof(truth->fix), "%s", FIX_GONE);
		return;
	}
	if (truth->verdict != KEYTRUTH_DIFFERENT ||
	    key->here.state != KEY_PRESENT)
		return;
	snprintf(truth->sentence, sizeof(truth->sentence),
	    "key %.64s of %.63s is another key here than on record", r->locator,
	    r->repository);
	snprintf(truth->fix, sizeof(truth->fix), "%s", FIX_SOURCE);
}

static void say(struct keynews *news, const struct worst *w)
{
	char more[32] = "";

	if (w->more > 0)
		snprintf(more, sizeof(more), ", and %ld more", w->more);
	snprintf(news->sentence, sizeof(news->sentence), "%.215s%s",
	    w->truth.sentence, more);
	snprintf(news->fix, sizeof(news->fix), "%s", w->truth.fix);
}

static void take_tokens(struct keynews *news, const struct keyview *view)
{
	int i;

	for (i = 0; i < view->tokens; i++) {
		const struct keyview_token *t = &view->token[i];
		struct keynews_token *to = &news->token[i];

		memcpy(to->repository, t->repository, sizeof(to->repository));
		to->extra = t->extra;
		to->used = t->used;
		to->max = t->max;
	}
	news->tokens = view->tokens;
}

static bool is_used(const struct keyview *view, const char *repository)
{
	size_t i;

	for (i = 0; i < view->count; i++)
		if (view->key[i].source.in_use &&
		    strcmp(view->key[i].source.repository, repository) == 0)
			return true;
	return false;
}

static void find_refused(struct keynews *news, const struct keyview *view)
{
	int i;

	news->pin_refused[0] = '\0';
	for (i = 0; i < view->tokens; i++)
		if (view->token[i].verdict == HSM_WRONG_PIN &&
		    is_used(view, view->token[i].repository))
			memcpy(news->pin_refused, view->token[i].repository,
			    sizeof(news->pin_refused));
}

void keynews_judge(
    struct keynews *news, const struct keyview *view, bool source)
{
	struct keytruth_node node = {0};
	struct worst worst = {0};
	size_t i;

	for (i = 0; i < view->count; i++) {
		const struct keyview_key *key = &view->key[i];
		enum keynews_level level;
		struct keytruth truth;

		keytruth_judge(&key->source, &key->here, &truth);
		level = level_of(key, &truth, source);
		if (level == KEYNEWS_OK)
			truth.verdict = KEYTRUTH_OK;
		keytruth_add(&node, &key->source, &truth);
		worst_add(&worst, key, &truth, level);
	}
	news->source = source;
	news->level = worst.level;
	if (worst.key)
		news->worst = worst.key->source;
	news->two_keys = worst.key && worst.key->here.state == KEY_TWIN;
	memcpy(news->in_use, node.in_use, sizeof(news->in_use));
	memcpy(news->pool, node.pool, sizeof(news->pool));
	news->sentence[0] = news->fix[0] = '\0';
	if (source && worst.key)
		keynews_reword(worst.key, &worst.truth);
	if (worst.level > KEYNEWS_OK)
		say(news, &worst);
	take_tokens(news, view);
	find_refused(news, view);
}

int keynews_unbacked(struct keynews *news, const char *text)
{
	const char *end = strchr(text, '\n');
	long count;
	int n = 0;

	if (!end || sscanf(text, "unbacked %ld", &count) != 1 || count < 0)
		return -EBADMSG;
	for (text = end + 1;
	     n < KEYNEWS_UNBACKED_MAX && (end = strchr(text, '\n'));
	     text = end + 1)
		snprintf(news->unbacked_key[n++], KEYRECORD_LINE_MAX, "%.*s",
		    (int)(end - text), text);
	news->unbacked_known = true;
	news->unbacked = count;
	news->unbacked_named = n;
	return 0;
}
