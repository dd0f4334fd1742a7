/* SPDX-License-Identifier: GPL-2.0-or-later
 * Copyright (C) The ocf-ods contributors */
#ifndef ODS_TOKEN_H
#define ODS_TOKEN_H

#include "hsmreport.h"

/* What one token said. */
struct token_answer {
	enum hsm_verdict verdict;
	char detail[64];
};

/* Is told which call comes next, so that a call that never returns has a
 * name. */
typedef void (*token_step_fn)(const char *call, void *arg);

/* Load MODULE, find the token LABEL, log in as user with PIN and look at the
 * session, as OpenDNSSEC's libhsm does (first slot with that label, R/W
 * session).  Logs in at most once.  Calls into a foreign library: run it in a
 * process that can be killed.  The module stays loaded. */
void token_probe(const char *module, const char *label, const char *pin,
    token_step_fn step, void *arg, struct token_answer *answer);

/* After the answer is safe: log out and finalize. */
void token_leave(void);

/* "CKR_PIN_INCORRECT", or the number of an unknown code. */
void token_ckr_name(unsigned long rv, char *buf, size_t size);

/* Does RV mean that trying this PIN again would bring the token closer to
 * locking itself? */
int token_ckr_is_pin(unsigned long rv);

#endif
