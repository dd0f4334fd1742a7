/* SPDX-License-Identifier: GPL-2.0-or-later
 * Copyright (C) The ocf-ods contributors */
#include "sha.h"

#include <errno.h>
#include <string.h>

#include <gnutls/crypto.h>

void sha_begin(struct sha *s)
{
	gnutls_hash_hd_t h = NULL;

	s->err = gnutls_hash_init(&h, GNUTLS_DIG_SHA256) < 0 ? -EIO : 0;
	s->state = s->err ? NULL : h;
}

void sha_add(struct sha *s, const void *data, size_t len)
{
	if (s->state && len > 0 && gnutls_hash(s->state, data, len) < 0)
		s->err = -EIO;
}

int sha_end(struct sha *s, uint8_t sum[SHA_LEN])
{
	memset(sum, 0, SHA_LEN);
	if (s->state)
		gnutls_hash_deinit(s->state, s->err ? NULL : sum);
	s->state = NULL;
	return s->err;
}
