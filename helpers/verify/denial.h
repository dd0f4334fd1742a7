/* SPDX-License-Identifier: GPL-2.0-or-later
 * Copyright (C) The ocf-ods contributors */
#ifndef ODS_DENIAL_H
#define ODS_DENIAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "pairing.h"
#include "siphash.h"
#include "zonename.h"

/* The proof of what does not exist (RFC 4034 4, RFC 5155), without a table of
 * names.
 *
 * A chain is whole if its records are one cycle through all of them.  With a
 * keyed hash h of a random key, the sum of h(owner) over all records equals
 * that of h(next) only if each owner is as often a next one; such records are
 * made of cycles, each of which has a step that does not go forward, so that
 * exactly one such step means exactly one cycle, and no owner twice.
 *
 * That the members are the right ones: the NSEC stands at its name; NSEC3s
 * and names are paired off (pairing.h). */

#define DENIAL_RINGS 8
#define DENIAL_NSEC 0      /* the ring that is not of NSEC3s */
#define DENIAL_HASH_MAX 39 /* bytes that make a label of 63 in base32hex */
#define DENIAL_DEPTH 128

struct denial_params {
	uint8_t algorithm;
	uint16_t iterations;
	uint8_t salt_len, salt[255];
};

struct denial_ring {
	struct denial_params params;
	bool used; /* NSEC at the apex, or NSEC3PARAM there */
	uint64_t owners[2], nexts[2];
	long steps, wraps, opt_out;
};

/* An empty non-terminal above the name that was read last. */
struct denial_ent {
	uint64_t id[DENIAL_RINGS];
	uint32_t line;
	bool required; /* it has its NSEC3, since a name below needs one */
	bool tracked;  /* it is one of those to be paired off */
};

/* Where one file has got to: what lies above the next name. */
struct denial_side {
	struct zonename prev; /* with a place in the chain */
	bool begun, served;
	struct denial_ent ent[DENIAL_DEPTH]; /* by labels */
	bool is_ent[DENIAL_DEPTH];
};

struct denial {
	uint8_t key[SIPHASH_KEY];
	struct denial_ring ring[DENIAL_RINGS];
	int rings; /* at least 1: NSEC */
	struct pairing pairs;
};

/* KEY is random. */
void denial_open(struct denial *d, const uint8_t key[SIPHASH_KEY]);
void denial_close(struct denial *d);

/* The rdata of NSEC3PARAM, or the first fields of NSEC3; *REST is what
 * follows.  -EBADMSG. */
int denial_params(const char *rdata, struct denial_params *params,
    unsigned int *flags, const char **rest);

/* The ring of PARAMS, which NSEC3PARAM begins.  -ENOENT, -E2BIG. */
int denial_find(const struct denial *d, const struct denial_params *params);
int denial_begin(struct denial *d, const struct denial_params *params);

/* One step of RING. */
void denial_step(struct denial *d, int ring, const void *owner,
    size_t owner_len, const void *next, size_t next_len, bool back);

/* The digest of a set of types, from its text (a bitmap) or one by one. */
uint64_t denial_type(const struct denial *d, uint16_t type);
int denial_bitmap(const struct denial *d, const char *text, uint64_t *types);

/* A name that has a place in the proof.  OPTIONAL: an insecure delegation.
 * Not TRACKED: it and its NSEC3 are the same in both versions.  0, -ENOMEM. */
int denial_name(struct denial *d, struct denial_side *side,
    const struct zonename *name, uint64_t types, bool optional, bool tracked,
    long line);

/* An NSEC3 with the hash HASH. */
int denial_nsec3(struct denial *d, int ring, const uint8_t *hash, size_t len,
    uint64_t types, bool served, long line);

/* The name of an NSEC3, "HASH.ZONE", and the next hash, as bytes; the size or
 * -EBADMSG. */
int denial_hash_of(const char *label, size_t len, uint8_t *hash);

/* Above the next name there is nothing. */
int denial_side_end(struct denial *d, struct denial_side *side);

/* Is the chain whole?  0, or -EBADMSG with why not. */
int denial_whole(const struct denial *d, int ring, const char **reason);

#endif
