/* SPDX-License-Identifier: GPL-2.0-or-later
 * Copyright (C) The ocf-ods contributors */
#ifndef ODS_SESSION_H
#define ODS_SESSION_H

#include "genfile.h"
#include "shadow.h"
#include "source.h"

/* One replica's connection at the source: it joins with the list of what it
 * has, gets one full generation that makes it equal to the tip, then every
 * increment. */
struct session {
	struct session *next;
	struct source *source;
	struct waker waker;
	pthread_t thread;
	int fd;                 /* accepted, not yet anybody's; -1 later */
	char peer[REPEATS_WHO]; /* its address */
	/* Under the engine's lock */
	struct id node;    /* zero until proven */
	uint64_t next_seq; /* the spool keeps this one and later ones */
	struct copying copying;
	bool joined;
	bool done;           /* the thread is about to end */
	const char *dropped; /* why it was told to end */
};

void *session_main(void *session);

/* Write a full generation of the tip into FD for a replica that has HAS and
 * the database's pages THEIRS (NULL: none): contents only where they differ.
 * -ESTALE: a file has moved on since the
 * tip was cut; cut again and retry. */
struct full_setup {
	struct source *source;
	const struct manifest *has;
	const struct page_table *theirs;
	struct manifest *tip;     /* a reference */
	struct page_table *pages; /* of the tip's database, a reference */
	int db_fd;                /* its shadow */
	struct shadow_copy *copy; /* what one try has taken spares the next */
	const struct tick *tick;
};

int full_write(const struct full_setup *setup, int fd, struct gen_header *h,
    struct why *why);

#endif
