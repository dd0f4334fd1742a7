/* SPDX-License-Identifier: GPL-2.0-or-later
 * Copyright (C) The ocf-ods contributors */
#ifndef ODS_KEYTRUTH_H
#define ODS_KEYTRUTH_H

#include <stdbool.h>

#include "keyline.h"
#include "why.h"

/* Is a key of this node's token the one that the source signs with?  Pure.
 *
 * A locator (CKA_ID) is a name, no key: HSMs that were each asked for "the
 * key" have made one each under the same name before, and what one of them
 * signs is bogus under the DNSKEY of the other.  So what is compared is the
 * public key, and what proves the private half is a signature.
 *
 * A key of the pool has no DNSKEY yet: it needs to be there, no more. */

/* From best to worst. */
enum keytruth_verdict {
	KEYTRUTH_OK,
	KEYTRUTH_UNPROVEN,  /* nothing speaks against it: a warning */
	KEYTRUTH_MISSING,   /* zones that use it are held here */
	KEYTRUTH_DIFFERENT, /* in use: this node must not be promoted */
};

#define KEYTRUTH_VERDICTS (KEYTRUTH_DIFFERENT + 1)

/* What ods-hsm-probe said of it here; KEY_UNREAD when it said nothing. */
struct keytruth_here {
	enum key_state state;
	char sha256[KEYRECORD_SHA256_MAX]; /* "" = not known */
	enum key_proof proof;
	char detail[64]; /* of the proof, "" = none */
};

struct keytruth {
	enum keytruth_verdict verdict;
	bool refuses;           /* a safety gate (gate 3) */
	char sentence[WHY_MAX]; /* "" when it is ok */
	char fix[WHY_MAX];
};

const char *keytruth_name(enum keytruth_verdict verdict);

/* SOURCE: what the source recorded of it. */
void keytruth_judge(const struct keyrecord *source,
    const struct keytruth_here *here, struct keytruth *truth);

/* All keys of a node. */
struct keytruth_node {
	long in_use[KEYTRUTH_VERDICTS]; /* keys, by verdict */
	long pool[KEYTRUTH_VERDICTS];
	bool refuses;
	struct keytruth worst; /* of those in use, else of the pool */
	bool worst_in_use;
};

/* Begin with a struct of zeros. */
void keytruth_add(struct keytruth_node *node, const struct keyrecord *source,
    const struct keytruth *truth);

/* One line for the status: "" when all are ok. */
void keytruth_say(const struct keytruth_node *node, char *buf, size_t size);

#endif
