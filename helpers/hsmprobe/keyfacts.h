/* SPDX-License-Identifier: GPL-2.0-or-later
 * Copyright (C) The ocf-ods contributors */
#ifndef ODS_KEYFACTS_H
#define ODS_KEYFACTS_H

#include <stdbool.h>

#include "keyline.h"
#include "pubkey.h"

/* What a token has under one CKA_ID, put together from its objects, in any
 * order.  No I/O. */

#define KEYFACTS_PRIVATE_MAX 4 /* handles that are kept */

enum key_half { HALF_PUBLIC, HALF_PRIVATE };

struct keyfacts {
	int count[2];           /* objects, by half */
	bool told[2];           /* it tells the whole public key */
	struct pubkey *key;     /* the first that was told whole, or NULL */
	enum key_half key_from; /* by which half */
	char modulus[PUBKEY_HEX_MAX]; /* digest of the first one, "" = none */
	enum key_half modulus_from;
	bool differ;                  /* a second public key was told */
	enum key_half differ_half[2]; /* by whom: the first, the second */
	unsigned long private_handle[KEYFACTS_PRIVATE_MAX];
};

/* An object was seen.  KEY: the public key that it tells, or NULL.  MODULUS:
 * digest of an RSA modulus that it tells, with or without an exponent, or "".
 * 0 or -ENOMEM. */
int keyfacts_add(struct keyfacts *f, enum key_half half, unsigned long handle,
    const struct pubkey *key, const char *modulus);

/* DETAIL: who tells the public key (public, private) and whether there are
 * several objects; what differs; or why there is no answer. */
enum key_state keyfacts_state(
    const struct keyfacts *f, char *detail, size_t size);

void keyfacts_free(struct keyfacts *f);

#endif
