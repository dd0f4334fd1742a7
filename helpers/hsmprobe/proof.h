/* SPDX-License-Identifier: GPL-2.0-or-later
 * Copyright (C) The ocf-ods contributors */
#ifndef ODS_PROOF_H
#define ODS_PROOF_H

#include "pubkey.h"

/* Does a private key belong to a public one?  The token signs a text that
 * nobody has seen before, and GnuTLS verifies.  (Not libcrypto: SoftHSM uses
 * that one itself, in this process, and cleans it up as it likes.)
 *
 * What is signed can never pass for DNS data: RFC 4034 3.1.8.1 signs the RRSIG
 * RDATA first, and where that has the algorithm our text has an "f", 102,
 * which is none.  Nor is it the same twice. */

#define PROOF_CONTEXT "ocf-ods: does this node have this private key? "
#define PROOF_NONCE_SIZE 32
#define PROOF_TEXT_SIZE (sizeof(PROOF_CONTEXT) - 1 + PROOF_NONCE_SIZE)
#define PROOF_INPUT_MAX 128
#define PROOF_SIGNATURE_MAX (PUBKEY_NUMBER_MAX + 1)

/* A fresh text.  0 or -EIO. */
int proof_text(uint8_t text[PROOF_TEXT_SIZE]);

/* What C_Sign is given, as OpenDNSSEC's libhsm does it: for CKM_RSA_PKCS a
 * DigestInfo (always of SHA-256: the key is what is tried, not the digest),
 * for CKM_ECDSA the digest, for CKM_EDDSA the text.  Its length, or -EIO. */
int proof_input(enum pubkey_kind kind, const uint8_t text[PROOF_TEXT_SIZE],
    uint8_t input[PROOF_INPUT_MAX]);

/* 0; -EKEYREJECTED when it is no signature of KEY over TEXT; -ENOTSUP when
 * GnuTLS cannot tell. */
int proof_verify(const struct pubkey *key, const uint8_t text[PROOF_TEXT_SIZE],
    const uint8_t *signature, size_t len);

#endif
