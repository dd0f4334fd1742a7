/* SPDX-License-Identifier: GPL-2.0-or-later
 * Copyright (C) The ocf-ods contributors */
#ifndef ODS_NAMESET_H
#define ODS_NAMESET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A set of names by hash: 28 bytes each (and room to spare), whatever the
 * length of the name. */

#define NAMESET_HASH_SIZE 16

struct name {
	uint8_t hash[NAMESET_HASH_SIZE];
	uint32_t line; /* where it was seen first */
	uint8_t used;
	uint8_t owner;   /* owns an RR */
	uint8_t covered; /* has an RRSIG over its NSEC or NSEC3 */
	uint8_t ring;    /* which chain the following belong to */
	uint8_t denials; /* NSEC or NSEC3 RRs that it owns, at most 2 */
	uint8_t wanted;  /* how often it is the next name, at most 2 */
};

struct nameset {
	struct name *slot;
	size_t size, count;
};

/* The entry of a KEY (a name in wire format, lower case, and what the caller
 * puts before it); made, with LINE, when there is none.  NULL when memory is
 * out.  Valid until the next call. */
struct name *nameset_get(
    struct nameset *set, const uint8_t *key, size_t len, long line);

void nameset_free(struct nameset *set);

#endif
