/* SPDX-License-Identifier: GPL-2.0-or-later
 * Copyright (C) The ocf-ods contributors */
#ifndef ODS_PAIRING_H
#define ODS_PAIRING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Names and their NSEC3s, each with what it says of the name's types, in any
 * order: what finds its partner is forgotten.  OpenDNSSEC prints an NSEC3
 * behind its name, so that a window of a few is enough; what falls out of it
 * is kept, 24 bytes each.
 *
 * Where a zone is compared with the version served, only what differs is
 * added, that of the served version with the other sign: since all of the
 * served version paired off, all of the candidate does if the differences
 * do. */

#define PAIRING_WINDOW 64

struct pair_entry {
	uint64_t id;    /* of the hashed name, with the chain's parameters */
	uint64_t types; /* a digest of the set of types */
	uint32_t line;
	uint8_t name;     /* a name; else its NSEC3 */
	uint8_t optional; /* a name that opt-out may leave out */
	uint8_t served;   /* of the version served */
	uint8_t ring;
};

struct pairing {
	struct pair_entry window[PAIRING_WINDOW];
	unsigned int used, oldest;
	struct pair_entry *left; /* fell out of the window */
	size_t count, room;
	bool doubt; /* pairs of which one is optional and one is not */
};

/* 0 or -ENOMEM. */
int pairing_add(struct pairing *p, const struct pair_entry *entry);

/* Nothing more comes.  Calls LEFT for each group without partners: entries
 * of one id, at most one name and one NSEC3 (the other is NULL). */
int pairing_end(struct pairing *p,
    int (*left)(void *arg, const struct pair_entry *name,
        const struct pair_entry *nsec3),
    void *arg);

void pairing_free(struct pairing *p);

#endif
