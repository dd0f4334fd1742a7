/* SPDX-License-Identifier: GPL-2.0-or-later
 * Copyright (C) The ocf-ods contributors */
#ifndef ODS_RECORD_H
#define ODS_RECORD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "why.h"

/* The term record (docs/promote.md): who signs, who may take over.  Pure:
 * no I/O here. */

#define ID_LEN 16
#define ID_TEXT (2 * ID_LEN + 1)
#define NODES_MAX 16
#define NODE_NAME_MAX 128

struct id {
	uint8_t byte[ID_LEN];
};

struct node_list {
	int count;
	struct id id[NODES_MAX];
};

/* Position in a history: which generation of which term. */
struct position {
	struct id term_id;
	uint64_t term;
	uint64_t seq; /* 0 = nothing of that term */
};

/* How a term began.  Terms of one LINE follow one another with custody: each
 * had, when it was minted, all that those before it had published.  A new line
 * begins with the first source, with init, and after a record that was solo:
 * there somebody else may have published more. */
struct origin {
	struct position base; /* tip of who minted it; seq 0 = none */
	struct id line;       /* its first term; zero = untold */
};

#define MINT_REVISION 1 /* not begun, as far as who has it knows */

struct record {
	struct id cluster; /* cluster uuid, minted with the first term */
	uint64_t term;     /* term number, 0 = no record */
	struct id term_id;
	uint64_t revision; /* rises with the beginning and each change */
	struct id source;
	struct node_list holders; /* source and who may take over */
	int voters;               /* configured nodes, as it was revised */
	bool fencing;             /* stonith was on */
	bool solo;                /* something was published without all acks */
	bool open;                /* false after DEMOTE */
	uint64_t last_seq;        /* of a closed record */
	struct origin origin;
};

enum record_order {
	RECORD_OLDER,
	RECORD_SAME,
	RECORD_NEWER,
	RECORD_FORK, /* same term number, another id: nobody is promoted */
};

/* Is A older or newer than B?  Newer = (number, revision). */
enum record_order record_compare(
    const struct record *a, const struct record *b);

/* How many generations of that term it has; 0 = none. */
uint64_t position_in(const struct position *p, const struct id *term_id);

/* Init passes over so many numbers: who is away may have used some of them. */
#define RECORD_INIT_STEP 100000

uint64_t record_inits(const struct record *r); /* that led to it */

/* A has a higher number than B, but for what init has passed over it has not:
 * whoever typed it did not know of B. */
bool record_by_init(const struct record *a, const struct record *b);

bool id_equal(const struct id *a, const struct id *b);
bool id_is_zero(const struct id *id);
void id_random(struct id *id);
void id_text(const struct id *id, char text[ID_TEXT]);
int id_parse(const char *text, struct id *id);

/* As they lie in the ledger: one line of words.  record_text() gives what
 * record_parse() reads, which also takes the text of earlier versions, where
 * the origin is untold; -EIO when a text is no record, position or origin. */
#define RECORD_TEXT 1024
#define POSITION_TEXT 128
#define ORIGIN_TEXT 192
void origin_text(const struct origin *o, char text[ORIGIN_TEXT]);
int origin_parse(const char *text, struct origin *o);
void record_text(const struct record *r, char text[RECORD_TEXT]);
int record_parse(const char *text, struct record *r);
void position_text(const struct position *p, char text[POSITION_TEXT]);
int position_parse(const char *text, struct position *p);

bool nodes_has(const struct node_list *list, const struct id *id);
int nodes_add(struct node_list *list, const struct id *id);
void nodes_remove(struct node_list *list, const struct id *id);

#endif
