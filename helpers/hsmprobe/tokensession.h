/* SPDX-License-Identifier: GPL-2.0-or-later
 * Copyright (C) The ocf-ods contributors */
#ifndef ODS_TOKENSESSION_H
#define ODS_TOKENSESSION_H

#include <p11-kit/pkcs11.h>

#include "token.h"

/* A session with a token, logged in. */
struct token_session {
	CK_FUNCTION_LIST *call;
	CK_SESSION_HANDLE handle;
	char serial[33];    /* of the token, a word, "" = it has none */
	token_step_fn step; /* is told which call comes next */
	void *step_arg;
};

/* That of token_probe(), after its answer was HSM_OK. */
void token_session_get(struct token_session *s, token_step_fn step, void *arg);

/* Put RV into ANSWER; true when it is CKR_OK. */
int token_session_answer(struct token_answer *answer, unsigned long rv);

#endif
