/* SPDX-License-Identifier: GPL-2.0-or-later
 * Copyright (C) The ocf-ods contributors */
#ifndef ODS_PINDIGEST_H
#define ODS_PINDIGEST_H

#include "pinguard.h"

/* Hex HMAC-SHA256 of PIN under SALT: tells whether it is still the same PIN
 * and, without the salt, nothing else.  0 or -EIO. */
int pindigest(const unsigned char salt[PINGUARD_SALT_SIZE], const char *pin,
    char digest[PINGUARD_DIGEST_MAX]);

#endif
