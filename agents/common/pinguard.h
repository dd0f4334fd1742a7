/* SPDX-License-Identifier: GPL-2.0-or-later
 * Copyright (C) The ocf-ods contributors */
#ifndef ODS_PINGUARD_H
#define ODS_PINGUARD_H

#include <stdbool.h>
#include <stddef.h>
#include "deadline.h"
#include "why.h"

/* A token locks itself after a few wrong PINs, and only its security officer
 * can open it again.  So one refused login per token and node is the limit
 * for all of our processes together: the refusal is noted in
 *
 *	/run/ocf-ods/pin-refused.HASH	(HASH of module path and token label)
 *
 * with a digest of the PIN (keyed with a salt of this boot, never the PIN),
 * and nobody tries that PIN again until it has changed in conf.xml or an
 * admin has asked for it: "pcs resource cleanup" of a daemon that failed, or
 * "pcs resource refresh" of the hsm resource, both make Pacemaker probe. */

#define PINGUARD_SALT_SIZE 32
#define PINGUARD_DIGEST_MAX 129

/* The salt of this boot, made when there is none; 0600. */
int pinguard_salt(unsigned char salt[PINGUARD_SALT_SIZE], struct why *why);

/* One process at a time looks at the note, logs in and writes the note: a
 * lock per token, given back by close() of the returned descriptor.  -ETIMEDOUT
 * when an other process has it until the deadline.  A child does not inherit
 * it. */
int pinguard_lock(
    const char *module, const char *token, struct deadline deadline);

/* Was the PIN with this DIGEST refused by that token? */
bool pinguard_refused(
    const char *module, const char *token, const char *digest);

/* Note a refusal; DETAIL is the token's answer (CKR_PIN_INCORRECT). */
int pinguard_note(const char *module, const char *token, const char *repository,
    const char *digest, const char *detail, struct why *why);

/* A daemon that logs in by itself was refused: note it for its REPOSITORY of
 * CONF, for all that have a PIN when there is none of that name.  Runs one
 * ods-hsm-probe that does not touch the token. */
void pinguard_tell(
    const char *conf, const char *repository, struct deadline deadline);

/* The token took the PIN: forget its refusal. */
void pinguard_forget(const char *module, const char *token);

/* Forget all refusals: a human asked.  Returns how many there were. */
int pinguard_clear(void);

/* For the start of whatever logs in with the PINs of CONF: 0 when no refusal
 * stands, -EKEYREJECTED with the sentence for the admin otherwise.  Costs one
 * readdir() as long as nothing was ever refused, else one ods-hsm-probe that
 * compares digests and does not touch the token. */
int pinguard_check(const char *conf, struct deadline deadline, struct why *why);

#endif
