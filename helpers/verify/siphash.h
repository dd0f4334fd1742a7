/* SPDX-License-Identifier: GPL-2.0-or-later
 * Copyright (C) The ocf-ods contributors */
#ifndef ODS_SIPHASH_H
#define ODS_SIPHASH_H

#include <stddef.h>
#include <stdint.h>

/* SipHash-2-4 with a result of 128 bits (Aumasson and Bernstein; the
 * reference implementation's -128 variant).  libcrypto has it as well, at
 * several times the cost for inputs as short as a name. */

#define SIPHASH_KEY 16

void siphash128(const uint8_t key[SIPHASH_KEY], const void *data, size_t len,
    uint64_t out[2]);

#endif
