/* SPDX-License-Identifier: GPL-2.0-or-later
 * Copyright (C) The ocf-ods contributors */
#ifndef ODS_ZONENAME_H
#define ODS_ZONENAME_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A domain name in the two forms that judging needs: its wire format in lower
 * case, and a key whose order by memcmp() is the canonical one (RFC 4034 6.1)
 * and of which the key of each ancestor is a prefix. */

#define ZONENAME_WIRE 255
#define ZONENAME_KEY 512

struct zonename {
	uint8_t wire[ZONENAME_WIRE];
	uint8_t key[ZONENAME_KEY];
	uint16_t wire_len, key_len;
	uint8_t labels; /* without the root */
};

/* Master file text, LEN bytes of it; relative to ORIGIN unless it ends in a
 * dot, "@" is ORIGIN.  ORIGIN may be NULL: all names are absolute.
 * 0 or -EINVAL. */
int zonename_parse(struct zonename *name, const char *text, size_t len,
    const struct zonename *origin);

/* As memcmp(). */
int zonename_compare(const struct zonename *a, const struct zonename *b);

/* Is NAME below ABOVE, or the same? */
bool zonename_within(const struct zonename *name, const struct zonename *above);

/* The wire format of the ancestor with LABELS labels. */
const uint8_t *zonename_ancestor(
    const struct zonename *name, unsigned int labels, size_t *len);

/* How many labels A and B have in common, from the root. */
unsigned int zonename_common(
    const struct zonename *a, const struct zonename *b);

/* As in RRSIG: a leading "*" does not count (RFC 4034 3.1.3). */
unsigned int zonename_sig_labels(const struct zonename *name);

/* Text, absolute, lower case.  SIZE is best 1,024. */
void zonename_text(const struct zonename *name, char *text, size_t size);

#endif
