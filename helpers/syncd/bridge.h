/* SPDX-License-Identifier: GPL-2.0-or-later
 * Copyright (C) The ocf-ods contributors */
#ifndef ODS_BRIDGE_H
#define ODS_BRIDGE_H

#include <stdbool.h>
#include <stddef.h>

struct keybook;
struct why;

/* A version without a key whose signatures are served, and so in caches, is
 * refused, and waiting does not mend that: what is served goes on being served.
 * Its signconf is made to publish such keys for longer, each with a mark.  The
 * version that follows is signed by the new keys and publishes the old ones;
 * once caches hold nothing of before, the marks are taken out again
 * (docs/publish.md, "A bridge"). */

#define BRIDGE_MARK "<!-- ods-syncd: for longer -->"

/* The pure part.  TEXT is a signconf as the enforcer writes it; *OUT is another
 * one, the caller's to free(), NULL when nothing changes.  Both return how many
 * keys are concerned, or -ENOMEM. */

/* Publish each key that is listed and not published, and that WANTED says. */
typedef bool (*bridge_fn)(const char *locator, void *arg);
int bridge_add(const char *text, bridge_fn wanted, void *arg, char **out);
int bridge_remove(const char *text, char **out);

/* The same in the file at SIGNCONF: the keys that are wanted are those that the
 * served version's signconf asked for (PAST, zonepast.h).  Return how many keys
 * are concerned, or a negative errno with why. */
int bridge_build(const char *signconf, const char *past,
    const struct keybook *keys, struct why *why);
int bridge_end(const char *signconf, struct why *why);

#endif
