/* SPDX-License-Identifier: GPL-2.0-or-later
 * Copyright (C) The ocf-ods contributors */
#ifndef ODS_SOURCE_H
#define ODS_SOURCE_H

#include "engine_core.h"
#include "manifest.h"
#include "pages.h"
#include "repeats.h"
#include "waker.h"

/* The source's side: a capture thread that cuts generations into the spool,
 * a listening thread, and a session thread for each replica. */

struct session;

struct source {
	struct engine *engine;
	struct engine_term term;
	struct waker capture, listen;
	pthread_t capture_thread, listen_thread;
	int listen_fd;
	/* Under the engine's lock */
	struct manifest *tip; /* NULL before the first generation */
	uint64_t seq;
	unsigned flags;           /* GEN_IDLE and the like, of the tip */
	uint64_t request_done;    /* cut requests that the tip contains */
	int db_fd;                /* the tip's database: a shadow, -1 = none */
	struct page_table *pages; /* of the tip's database */
	bool audit;               /* the next cut is to be sure of it */
	struct session *sessions;
	int session_count;
	struct repeats told; /* by address, by node */
};

int source_open(struct engine *e, const struct engine_term *term,
    const char *address, int port, struct source **source, struct why *why);
void source_close(struct source *s);

/* Something to capture, or to think over who may have a session. */
void source_wake(struct source *s);

/* Ends the sessions of nodes that are no members; the engine's lock is
 * held. */
void source_members(struct source *s);

/* The next cut is to be sure of the database: it takes SQLite's lock. */
void source_audit(struct source *s);

/* The copy to NODE, or NULL; the engine's lock is held. */
const struct copying *source_copying(
    const struct source *s, const struct id *node);

/* A cut request that is counted now; the number it has. */
uint64_t source_request(struct source *s);

#endif
