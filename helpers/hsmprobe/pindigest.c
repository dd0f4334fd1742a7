/* SPDX-License-Identifier: GPL-2.0-or-later
 * Copyright (C) The ocf-ods contributors */
#include "pindigest.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <gnutls/gnutls.h>
#include <gnutls/crypto.h>

#define SHA256_SIZE 32

int pindigest(const unsigned char salt[PINGUARD_SALT_SIZE], const char *pin,
    char digest[PINGUARD_DIGEST_MAX])
{
	unsigned char mac[SHA256_SIZE];
	size_t i;

	if (gnutls_hmac_fast(GNUTLS_MAC_SHA256, salt, PINGUARD_SALT_SIZE, pin,
	        strlen(pin), mac) < 0)
		return -EIO;
	for (i = 0; i < sizeof(mac); i++)
		snprintf(digest + 2 * i, 3, "%02x", mac[i]);
	return 0;
}
