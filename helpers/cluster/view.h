/* SPDX-License-Identifier: GPL-2.0-or-later
 * Copyright (C) The ocf-ods contributors */
#ifndef ODS_VIEW_H
#define ODS_VIEW_H

#include <stdbool.h>
#include <stdint.h>
#include "why.h"

/* What `ods-cluster status` knows, wherever it comes from.  Filled by
 * view_from_reply(), ledgerview_read() and peers_ask(); judged by
 * view_judge(); shown by table_print() and json_print(). */

#define VIEW_NODES_MAX 16

enum view_from {
	VIEW_NOTHING, /* neither daemon nor ledger */
	VIEW_LEDGER,  /* ods-syncd does not answer: what lies on the disk */
	VIEW_DAEMON,
};

enum view_answer { VIEW_DONT_KNOW, VIEW_NO, VIEW_YES };

struct view_node {
	char name[128];
	bool self, present, holder;
	char role[16]; /* the words of ods-role-RES, or absent */
	uint64_t term, seq;
	int64_t lag_ms;                 /* -1 = not known here */
	uint64_t copy_total, copy_done; /* bytes of a copy to it; 0 = none */
	uint64_t copy_spared; /* of those done: before an interruption */
	int64_t copy_ms;      /* since it began */
	char hsm[16];         /* ok, lost, unknown; "" = nobody says */
	enum view_answer promotable;
	char why[WHY_MAX]; /* ods-why-RES, "" = nobody says */
};

#define VIEW_HOLDS 8
struct view_hold {
	char zone[256];
	char why[WHY_MAX];
	int64_t since; /* realtime s */
};

#define VIEW_UNBACKED_MAX 16

/* The keys in the token of the node that was asked. */
struct view_keys {
	char level[16]; /* none, ok, pending, warning, different; "" = ? */
	long ok, unproven, missing, different; /* those in use */
	long extra;                            /* in the token, not on record */
	int64_t looked;         /* epoch of the last whole look, 0 = none yet */
	char why[WHY_MAX];      /* of the worst key, "" = all is well */
	char fix[WHY_MAX];      /* ... and what to do */
	char trouble[WHY_MAX];  /* why there was no look since, or "" */
	char capacity[WHY_MAX]; /* an HSM that fills up, or "" */
	long unbacked; /* keys in use that no backup covers; -1 = not known */
	int named;
	char name[VIEW_UNBACKED_MAX][256];
};

struct view {
	enum view_from from;
	char res[128];
	char state_dir[256];
	char no_daemon[WHY_MAX]; /* why the daemon was not asked, or "" */
	bool pacemaker;          /* Pacemaker answered on this node */

	int verdict; /* the daemon's own: 0 ok, 1 warning, 2 critical */
	char verdict_why[WHY_MAX];
	char cluster[64];
	uint64_t term, revision, seq;
	bool quorate; /* the daemon says, else Pacemaker */
	bool open, fencing, encrypted, enforce;
	int enforce_zones;      /* that the enforcer waits for, 0 = none */
	char enforce_zone[256]; /* one of them, "" = none */
	int64_t enforce_since, enforce_until; /* epoch; until 0 = unknown */
	char enforce_why[WHY_MAX], enforce_fix[2 * WHY_MAX];
	int holders;
	char barrier[16]; /* degrade, require, off; "" = not known */
	bool solo;        /* something may be published on one node only */
	int64_t held_s;   /* publishing held for, 0 = not */
	int64_t degraded_since; /* epoch, 0 = not */
	int zones, served, waiting, refused, ungated, colliding;
	char collision[WHY_MAX]; /* one of them, "" = none */
	int64_t bogus_at; /* what is served runs out then, epoch; 0 = never */
	char bogus_zone[256];
	int least_percent; /* of the policy's Refresh, with least_zone */
	char least_zone[256];
	int late;    /* zones whose fresher version is held for too long */
	int untold;  /* zones of which the name server is not told */
	int escaped; /* zones served in spite of a refusal */
	char escaped_zone[256];
	int holds; /* of REFUSED, those that are told */
	struct view_hold hold[VIEW_HOLDS];

	struct view_keys keys;

	/* The last loss that was accepted: 0 and "" = none. */
	int64_t loss_at;
	uint64_t loss_term;
	char loss_node[128], loss_by[128];

	struct view_node node[VIEW_NODES_MAX];
	int nodes;
};

enum view_code { VIEW_OK, VIEW_WARNING, VIEW_CRITICAL, VIEW_UNKNOWN };

/* Line 1; the code is the exit code. */
struct headline {
	enum view_code code;
	char what[2 * WHY_MAX];
	char do_now[2 * WHY_MAX];
};

/* The daemon's answer to "status" (helpers/syncd/report.c).  -EPROTO when it
 * is none.  Unknown keys are skipped. */
int view_from_reply(const char *reply, struct view *view);

/* Pure: what it all means and what to do about it. */
void view_judge(const struct view *view, struct headline *h);

/* How far the copy to N is; left_s is -1 when nobody can tell. */
struct view_copy {
	int percent;
	double mb_s;
	int64_t left_s;
};
void view_copy(const struct view_node *n, struct view_copy *c);

/* A line of the ledger: "EPOCH TERM NODE BY". */
void view_loss(const char *line, struct view *view);

/* For a terminal: a zone's or a node's name is no control sequence. */
void view_printable(char *text);

const char *view_code_word(enum view_code code);

#endif
