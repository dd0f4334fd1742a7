/* SPDX-License-Identifier: GPL-2.0-or-later
 * Copyright (C) The ocf-ods contributors */
#ifndef ODS_SHA_H
#define ODS_SHA_H

#include <stddef.h>
#include <stdint.h>

/* SHA-256.  A failing library latches: sha_end() then returns -EIO and the
 * sum is all zero. */

#define SHA_LEN 32

struct sha {
	void *state;
	int err;
};

void sha_begin(struct sha *s);
void sha_add(struct sha *s, const void *data, size_t len);
int sha_end(struct sha *s, uint8_t sum[SHA_LEN]); /* releases, too */

#endif
