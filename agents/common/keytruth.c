/* SPDX-License-Identifier: GPL-2.0-or-later
 * Copyright (C) The ocf-ods contributors */
#include "keytruth.h"

#include <stdio.h>
#include <string.h>

static const char *const names[] = {
    [KEYTRUTH_OK] = "ok",
    [KEYTRUTH_UNPROVEN] = "unproven",
    [KEYTRUTH_MISSING] = "missing",
    [KEYTRUTH_DIFFERENT] = "different",
};

#define FIX_LOOK "pcs resource refresh of the hsm resource, and see its log"
#define FIX_WAIT "none: it is tried in the background"
#define FIX_RECORD "none: the source records it once its HSM answers"
#define FIX_MISSING                                                         \
	"give this node the HSM of the source, or copy the source's token " \
	"here"
#define FIX_DIFFERENT "give this node the keys of the source before it may sign"
#define FIX_TWIN                                                              \
	"find out which one signs for the DNSKEY that is served, and delete " \
	"the other"
#define FIX_SIGN "see the log of the HSM: may this user sign with that key?"
#define FIX_PUBLIC "store the public key in the token beside the private one"

const char *keytruth_name(enum keytruth_verdict verdict)
{
	return (size_t)verdict < sizeof(names) / sizeof(names[0])
	           ? names[verdict]
	           : "unknown";
}

static void put(struct keytruth *t, enum keytruth_verdict verdict,
    const struct keyrecord *source, const char *what, const char *fix)
{
	t->verdict = verdict;
	t->refuses = verdict == KEYTRUTH_DIFFERENT && source->in_use;
	if (verdict == KEYTRUTH_OK)
		return;
	/* The locator of libhsm has 32 digits; the text has to fit. */
	snprintf(t->sentence, sizeof(t->sentence), "%s %.64s of %.63s %s",
	    source->in_use ? "key" : "pool key", source->locator,
	    source->repository, what);
	snprintf(t->fix, sizeof(t->fix), "%s", fix);
}

static bool is_different(
    const struct keyrecord *source, const struct keytruth_here *here)
{
	return here->proof == PROOF_DIFFERENT ||
	       (source->sha256[0] && here->sha256[0] &&
	           strcmp(source->sha256, here->sha256) != 0);
}

/* In use, there, and nothing speaks against it: what proves it? */
static void judge_proof(const struct keyrecord *source,
    const struct keytruth_here *here, struct keytruth *t)
{
	char what[128];

	if (here->state == KEY_UNPROVEN_PUBLIC) {
		put(t, KEYTRUTH_UNPROVEN, source,
		    "does not tell its public key here", FIX_PUBLIC);
		return;
	}
	if (!source->sha256[0]) {
		put(t, KEYTRUTH_UNPROVEN, source, "has no public key on record",
		    FIX_RECORD);
		return;
	}
	switch (here->proof) {
	case PROOF_PROVEN:
		put(t, KEYTRUTH_OK, source, "", "");
		return;
	case PROOF_FAILED:
		snprintf(what, sizeof(what), "does not sign here: %s",
		    here->detail[0] ? here->detail : "no reason given");
		put(t, KEYTRUTH_UNPROVEN, source, what, FIX_SIGN);
		return;
	case PROOF_SKIPPED:
		snprintf(what, sizeof(what), "is not proven here: %s",
		    here->detail[0] ? here->detail : "no reason given");
		put(t, KEYTRUTH_UNPROVEN, source, what, FIX_SIGN);
		return;
	case PROOF_NONE:
	case PROOF_DIFFERENT: /* is_different() */
		break;
	}
	put(t, KEYTRUTH_UNPROVEN, source, "has not signed here yet", FIX_WAIT);
}

void keytruth_judge(const struct keyrecord *source,
    const struct keytruth_here *here, struct keytruth *t)
{
	memset(t, 0, sizeof(*t));
	if (here->state == KEY_UNREAD)
		put(t, KEYTRUTH_UNPROVEN, source,
		    "was not looked for here: the HSM did not answer",
		    FIX_LOOK);
	else if (here->state == KEY_MISSING)
		put(t, KEYTRUTH_MISSING, source, "is not in this node's token",
		    FIX_MISSING);
	else if (here->state == KEY_TWIN)
		put(t, KEYTRUTH_DIFFERENT, source,
		    "is two different keys in this node's token", FIX_TWIN);
	else if (is_different(source, here))
		put(t, KEYTRUTH_DIFFERENT, source,
		    "is another key here than on the source", FIX_DIFFERENT);
	else if (!source->in_use)
		put(t, KEYTRUTH_OK, source, "", "");
	else
		judge_proof(source, here, t);
}

void keytruth_add(struct keytruth_node *node, const struct keyrecord *source,
    const struct keytruth *truth)
{
	bool in_use = source->in_use;

	if (in_use)
		node->in_use[truth->verdict]++;
	else
		node->pool[truth->verdict]++;
	node->refuses |= truth->refuses;
	if (truth->verdict == KEYTRUTH_OK || (node->worst_in_use && !in_use))
		return;
	if (truth->verdict > node->worst.verdict ||
	    (in_use && !node->worst_in_use)) {
		node->worst = *truth;
		node->worst_in_use = in_use;
	}
}

void keytruth_say(const struct keytruth_node *node, char *buf, size_t size)
{
	const long *count = node->worst_in_use ? node->in_use : node->pool;
	enum keytruth_verdict verdict = node->worst.verdict;

	buf[0] = '\0';
	if (verdict == KEYTRUTH_OK)
		return;
	snprintf(buf, size, "%ld key%s %s %s: %s", count[verdict],
	    count[verdict] == 1 ? "" : "s",
	    node->worst_in_use ? "in use" : "of the pool",
	    keytruth_name(verdict), node->worst.sentence);
}
