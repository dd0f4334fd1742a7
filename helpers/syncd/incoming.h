/* SPDX-License-Identifier: GPL-2.0-or-later
 * Copyright (C) The ocf-ods contributors */
#ifndef ODS_INCOMING_H
#define ODS_INCOMING_H

#include "genfile.h"
#include "kept.h"
#include "message.h"

/* The generation that a replica is being sent.  A full one is synced as it
 * comes, and stays where kept.h finds it when it breaks off. */
struct incoming {
	const char *state_dir;
	int fd; /* -1 = none */
	struct gen_header header;
	uint64_t got, synced;
	struct kept kept;        /* what the source was told */
	uint64_t spared, copied; /* octets that come from there */
	bool unfit; /* it must not be put together again from this */
};

void incoming_init(struct incoming *in, const char *state_dir);
bool incoming_full(const struct incoming *in);

/* For the header that is set: a file and its space. */
int incoming_open(struct incoming *in, struct why *why);
void incoming_close(struct incoming *in); /* also what was kept */

/* -EPROTO when it is not what was announced. */
int incoming_data(
    struct incoming *in, const uint8_t *data, size_t len, struct why *why);
int incoming_spared(struct incoming *in, uint64_t spared, struct why *why);
int incoming_kept(struct incoming *in, const struct kept_run *run,
    const struct tick *t, struct why *why);

/* Of header.size: what has come or need not. */
uint64_t incoming_done(const struct incoming *in);

/* Durable, by its name. */
int incoming_commit(
    struct incoming *in, const struct position *pos, struct why *why);

#endif
