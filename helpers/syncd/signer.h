/* SPDX-License-Identifier: GPL-2.0-or-later
 * Copyright (C) The ocf-ods contributors */
#ifndef ODS_SIGNER_H
#define ODS_SIGNER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "conf.h"

/* What is told to the signer, within 5 s each. */

/* One command on its SOCKET; a failure is logged. */
int signer_command(
    const char *socket, const char *command, char *out, size_t size);

/* What the publisher tells it after a refusal that waiting cannot mend. */

enum signer_answer {
	SIGNER_TOOK,
	SIGNER_WOULD_NOT, /* the serial is not above its own */
	SIGNER_DEAF,
};

/* The next serial shall be above SERIAL. */
enum signer_answer signer_sign_above(
    const struct conf *conf, const char *zone, uint32_t serial);

/* Its signconf has changed.  True when it was told. */
bool signer_update(const struct conf *conf, const char *zone);

/* Once more: the signer can leave the SOA of a new zone without a signature
 * when an update comes while it signs, and never mends that by itself.  True
 * when it has taken it. */
bool signer_sign(const struct conf *conf, const char *zone);

#endif
