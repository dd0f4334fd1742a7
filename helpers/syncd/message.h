/* SPDX-License-Identifier: GPL-2.0-or-later
 * Copyright (C) The ocf-ods contributors */
#ifndef ODS_MESSAGE_H
#define ODS_MESSAGE_H

#include <stddef.h>
#include <stdint.h>
#include "frame.h"
#include "manifest.h"
#include "record.h"
#include "why.h"

/* Payloads of the data connection that are not bytes of a generation.  Pure;
 * every decoder returns 0 or -EBADMSG. */

/* JOIN: who the replica is and what is durable there. */
struct join_head {
	struct id node;
	struct position tip;
};

void join_head_put(struct wire_writer *w, const struct join_head *h);
int join_head_get(const uint8_t *data, size_t len, struct join_head *h);

/* LIST: entries of the replica's manifest, added to LIST.  Also -ENOMEM and,
 * above MANIFEST_ENTRIES_MAX, -E2BIG. */
int join_list_get(const uint8_t *data, size_t len, struct change_list *list);

/* JOIN_END: the sum over all of LIST, which must be right and is freed.
 * *HAS is the caller's reference.  Also -EEXIST when a name came twice. */
int join_end_get(const uint8_t *data, size_t len, struct change_list *list,
    struct manifest **has);

/* ACK and NACK: TEXT is "" for an ACK. */
struct answer {
	uint64_t seq;
	char text[WHY_MAX];
};

void answer_put(
    struct wire_writer *w, enum net_type type, const struct answer *a);
int answer_get(
    enum net_type type, const uint8_t *data, size_t len, struct answer *a);

#endif
