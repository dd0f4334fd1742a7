/* SPDX-License-Identifier: GPL-2.0-or-later
 * Copyright (C) The ocf-ods contributors */
#ifndef ODS_LOGIN_H
#define ODS_LOGIN_H

#include "child.h"

enum login_mode {
	LOGIN_TRY,   /* log in */
	LOGIN_GUARD, /* only look whether a refusal stands */
	LOGIN_NOTE,  /* a daemon was refused: note that */
};

/* JOB (its login is ours to fill in) under the rule of pinguard.h.  A login
 * has the token's lock; what is done after it has not, however long it takes,
 * or each other probe would find a token that does not answer. */
void login_run(enum login_mode mode, const struct child_job *job,
    struct token_answer *answer);

void login_answer(
    struct token_answer *answer, enum hsm_verdict verdict, const char *detail);

#endif
