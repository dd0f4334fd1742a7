/* SPDX-License-Identifier: GPL-2.0-or-later
 * Copyright (C) The ocf-ods contributors */
#ifndef ODS_PROVER_H
#define ODS_PROVER_H

#include <stdbool.h>

#include "deadline.h"
#include "keyfacts.h"
#include "latency.h"
#include "tokensession.h"

/* One signature for each private key, not faster than RATE a second: the token
 * has zones to sign.  After PROVER_STOP failures in a row it is left alone.
 * Never with a key that asks for the PIN at each use: that is a login each. */

#define PROVER_STOP 3

struct prover {
	const struct token_session *session;
	int rate;
	struct deadline next; /* not before */
	int failed;           /* in a row */
	struct latency latency;
};

/* What comes of the key with those FACTS, of which SHA256 was recorded ("" =
 * nothing was): proof, ms and detail of LINE. */
void prover_try(struct prover *p, const struct keyfacts *facts,
    const char *sha256, struct keyline *line);

#endif
