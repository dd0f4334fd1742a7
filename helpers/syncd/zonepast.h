/* SPDX-License-Identifier: GPL-2.0-or-later
 * Copyright (C) The ocf-ods contributors */
#ifndef ODS_ZONEPAST_H
#define ODS_ZONEPAST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* What the world may hold of a zone, beside its serial: part of its ledger
 * row, so that a successor judges by it too.  Text, one fact a line, in the
 * words of ods-verify (docs/verify.md):
 *
 *	history set|signers UNTIL KEY...	a cache may hold it until then
 *	untold set|signers TTL KEY...	of versions before the one that is
 *						served: a name server may have
 *them still, and caches get them from it untold since EPOCH
 *nobody told it of what is served history|untold|served|next unknown NUMBER
 *the same of sets and keys that nobody has looked at
 *	longest TTL				of all that was served
 *	served|next set|signers TTL KEY...	of the version that is served,
 *	served|next algorithms any|ALG...	or on its way out
 *	served|next key FLAGS ALG SHA256|-	what its signconf asked for
 *	ack insecure EPOCH			typed by an admin
 *	escaped SERIAL EPOCH			published in spite of a refusal
 *	reset EPOCH				the next serial may be a lower
 *						one (typed)
 *	floor SERIAL EPOCH			the next serial is above it: a
 *						loss was accepted then
 *
 * All functions are pure. */

#define ZONE_PAST_MAX 7168 /* octets of a text, with its end */

/* Each line is one of these, and ends. */
bool zonepast_is_valid(const char *past);

/* The version on its way out is another one: HISTORY are the "history" lines
 * of its verdict, KEYS the "key" lines that its signconf makes.  What is over
 * at NOW is forgotten.  -ENOSPC: more than a row holds, PAST is as it was. */
int zonepast_next(char past[ZONE_PAST_MAX], const char *history,
    const char *keys, int64_t now);

/* The "history" lines of a version that nobody has looked at: caches may hold
 * any of it for the longest TTL that is known. */
void zonepast_unknown(const char *past, char *history, size_t size);

/* May caches hold at NOW what nobody has looked at? */
bool zonepast_is_unknown(const char *past, int64_t now);

/* Do caches hold at NOW nothing but the version that is served? */
bool zonepast_is_over(const char *past, int64_t now);

/* Are KEYS, "key" lines, those that the served version's signconf asked for?
 * Not when there are none. */
bool zonepast_asked(const char *past, const char *keys);

/* How a version gets to the world. */
struct zone_reach {
	bool told;     /* name servers see the file; else they have to be
	                  told: zonepast_told() */
	int64_t delay; /* PropagationDelay: a secondary has it then, s */
};

/* It is installed at NOW.  Where name servers have it, or serve the same keys
 * as before, what was served becomes history, for its TTL and the delay of
 * secondaries.  True when it has other keys than what was served. */
bool zonepast_served(
    char past[ZONE_PAST_MAX], int64_t now, const struct zone_reach *reach);

/* They were told of what is served, at NOW.  False when they were before: PAST
 * is as it was. */
bool zonepast_told(char past[ZONE_PAST_MAX], int64_t now, int64_t delay);
#define ZONE_PAST_UNTOLD "untold since "

/* A clock that was ahead once has left times that nobody lives to see: no
 * cache holds anything for longer than the longest TTL from NOW, and DELAY as
 * in struct zone_reach.  False when PAST is as it was. */
bool zonepast_clamp(char past[ZONE_PAST_MAX], int64_t now, int64_t delay);

/* What ods-verify is to know, as its facts: what caches may hold at NOW, the
 * version served too, until it is not any more.  -ENOSPC. */
int zonepast_facts(const char *past, int64_t now, char *facts, size_t size);

/* What was typed or escaped: the line "ack WORD ...", "escaped ...", "floor
 * ..." and the like, whose last word is an epoch.  zonepast_note() replaces the
 * one that begins as LINE does up to its second blank ("ack"), or its first. */
int zonepast_note(char past[ZONE_PAST_MAX], const char *line);
void zonepast_forget(char past[ZONE_PAST_MAX], const char *prefix);
bool zonepast_has(const char *past, const char *prefix);
bool zonepast_is_escaped(const char *past, uint32_t serial);
/* The version on its way out has the DNSKEY set of the one that is served. */
bool zonepast_same_set(const char *past);
bool zonepast_floor(const char *past, uint32_t *serial);

#endif
