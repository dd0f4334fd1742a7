/* SPDX-License-Identifier: GPL-2.0-or-later
 * Copyright (C) The ocf-ods contributors */
#ifndef TEST_SIM_H
#define TEST_SIM_H

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "claimfile.h"
#include "syncd.h"
#include "tally.h"

/* A cluster in one process on virtual time.  The daemon's own code: all of its
 * control plane (README.md).  Made here:
 *
 *	cpg.c	Corosync: rings that break and merge, agreed order within a
 *		ring, votequorum
 *	link.c	the engine: sessions, generations, acks that come late
 *	wire.c	what becomes of its bytes on the way
 *	disk.c	what survives: ledger, redo log, the live files; a node can
 *		die before and after each write
 *	image.c	snapshots of disks, and disks that go back to one
 *	sign.c	signer and publisher
 *	runfile.c	/run, which is lost with the machine
 *	crm.c	Pacemaker: fencing, promote, demote, stop, start
 *	world.c	dice, processes
 *	clock.c	clocks
 *	lineage.c	the history in a ledger, and the verdict at a join
 *	judge.c	what must never be
 *
 * All chance comes from one number, the seed: a run can be repeated. */

#define WORLD_MAX 5
#define INBOX_MAX 1024
#define EVENTS_MAX 512
#define SPOOL 8192
#define ACKS_MAX 256
#define LOG_MAX 64
#define TERMS_MAX 512
#define VERSIONS_MAX 65536
#define STEP_MS 50
#define TICK_MS 100

/* Zones, database and published/ of a node: versions are numbers of one
 * counter, each has the one that it was made from as its parent. */
struct content {
	int version; /* newest signed one */
	int intent;  /* newest one that is meant to be published */
	int served;  /* what the name server has */
};

struct generation {
	struct position pos;
	bool full;
	struct content content;
};

struct ledger {
	bool full; /* the disk is */
	struct id id;
	uint64_t starts;
	struct record record;
	struct record before;
	uint64_t minted, heard;
	char state[16];
	bool knows[WORLD_MAX];
	char fence[WORLD_MAX][1024];
	char starts_seen[NODES_MAX][80];
	struct position tip, applied;
	struct ancestor term[TERMS_MAX]; /* the newest last */
	int terms;
	bool source;  /* the live files are ahead of the log */
	bool unsaved; /* ... or of everything that others have */
	struct generation log[LOG_MAX];
	int logged;
	struct content live;
};

enum engine_role { ENGINE_IDLE, ENGINE_SOURCE, ENGINE_REPLICA };
enum link_state { LINK_OFF, LINK_WAIT, LINK_JOIN, LINK_STREAM };

/* A replica's session with its source, and what is on the wire. */
struct link {
	enum link_state state;
	int source;
	uint64_t epoch; /* of the source's role */
	int64_t at, heard, backoff;
	uint64_t next_seq;
	struct {
		int64_t at;
		struct generation gen;
		uint64_t sum;
	} data[16];
	struct {
		int64_t at;
		uint64_t seq, sum;
	} ack[ACKS_MAX];
	int datas, acks;
};

struct engine {
	int node;
	enum engine_role role;
	uint64_t epoch;
	struct engine_term term;
	struct id source;
	struct node_list members;
	bool frozen, faulty;
	struct link link;
	int64_t apply_at;
	/* source */
	uint64_t seq, requests, request_done;
	int64_t cut_at, cut_done; /* begins, is durable; 0 = not */
	uint64_t cut_request;
	struct content cut, spool[SPOOL];
	struct engine_event event[EVENTS_MAX];
	int events;
};

enum pub_state { PUB_BEGINS, PUB_IDLE, PUB_ASKS, PUB_WAITS, PUB_INSTALLS };

struct publisher {
	int node;
	bool on, resuming;
	enum pub_state state;
	int version;
	int64_t at;
};

/* The thread that asks Pacemaker. */
struct pacemaker {
	int64_t look_at;
	bool urgent;
};

struct ctl_conn {
	bool open, answered;
	int rc;
	char why[WHY_MAX];
};

enum packet_type { PACKET_MESSAGE, PACKET_JOIN, PACKET_GONE };

struct packet {
	int users;
	enum packet_type type;
	int from;
	enum left how;
	int64_t at;
	size_t len;
	uint8_t data[1024];
};

struct item {
	struct packet *message; /* or a change of the group: */
	int from;
	unsigned left, joined;
	enum left how[WORLD_MAX];
	uint64_t ring; /* or a ring: its number */
	bool alone;
};

/* A disk as it was. */
struct image {
	bool taken;
	struct ledger disk;
};

enum proc { PROC_NONE, PROC_WORKER, PROC_CLOSER };
enum death { DEATH_NONE, DEATH_PROC, DEATH_LEAVE, DEATH_POWER };

enum todo {
	TODO_DEMOTE = 1,
	TODO_STOP = 2,
	TODO_START = 4,
	TODO_LEAVE = 8, /* Corosync too, in order */
};

enum act { ACT_NONE, ACT_PROMOTE, ACT_DEMOTE, ACT_STOP, ACT_CLOSE };

struct node {
	struct syncd s;
	struct ledger disk;
	struct image image;
	bool set_back; /* its disk went to the image, and has no copy since */
	uint64_t started; /* its worker is that start of its disk */
	struct engine engine;
	struct publisher pub;
	struct pacemaker pm;

	/* the machine */
	bool power;
	int boots;
	char claim[CLAIM_TEXT]; /* in /run */
	int side, data_side;    /* of the network */
	int64_t boot_at, on_at, frozen_until, skew;
	int drift; /* of its clock, per mille */
	bool signer;
	int64_t sign_at;

	/* its process */
	enum proc proc;
	bool parent; /* restarts the worker */
	int64_t restart_at, begun[3];
	bool beat_source; /* what the last beat said */
	int64_t paused_at;
	bool paused_parent;
	int64_t tick_at, judge_at, tell_at;
	bool told_dead;
	int score;
	bool closed; /* --close has ended well */
	struct ctl_conn conn, second;
	enum role role_seen;
	bool held_seen, restarting_seen, fork_seen;
	struct record record_seen;
	int generations;

	/* how it shall die, and what goes wrong */
	enum death death;
	jmp_buf ends;
	int fuse;              /* durable steps to go, 0 = none */
	enum tally fuse_point; /* of this kind only; TALLY_END = any */
	enum death fuse_death;
	bool fuse_keeps; /* it outlives the process */
	int64_t resume_at;
	int64_t slow_until, acks_late_until, stuck_until, blind_until;
	int64_t full_until, busy_until;
	int64_t acks_twice_until, twice_until;
	enum tally wire; /* for the next frame; TALLY_END = nothing */

	/* Corosync */
	int ring;
	int64_t reform_at, joined_at, quorum_at;
	bool wfa; /* has seen all nodes since its start */
	bool quorate;
	unsigned sees;
	struct item *inbox;
	int first, items;

	/* Pacemaker */
	bool online;   /* it is up and has not left in order */
	bool promoted; /* by the CIB */
	bool standby, unmanaged;
	enum act act;
	int64_t act_until, work_at, monitor_at, signer_at;
	struct deadline agent_until; /* of its promote, by its own clock */
	unsigned todo;
	int64_t fence_at[WORLD_MAX]; /* it shoots as DC */
	int history[WORLD_MAX];      /* successes that it knows of */
	int64_t history_at;          /* it learns of the others */
	bool killed;                 /* its state file is there without it */
	bool stop_failed;            /* Pacemaker fences it */
	int64_t standby_until, unmanaged_until;
};

struct world {
	int nodes;
	uint64_t seed, dice, noise;
	int64_t now;
	bool fencing, freeze, mending;
	bool human;       /* somebody decided that something may be lost */
	bool unnoticed;   /* ... beside one who had it, as unnoticed() */
	bool lost;        /* a disk went back, and nobody was left who knew, */
	bool asked;       /* ... or who knew could not say what was lost: */
	int64_t asked_at; /* since then a node asks for a human */
	int64_t heal_at, data_heal_at;
	/* what happens in the next promote */
	bool kill_agent, promote_twice, demote_in_promote;
	int fenced[WORLD_MAX];
	/* what the world has seen */
	uint64_t rings;
	int versions, latest; /* newest published */
	int parent[VERSIONS_MAX];
	uint64_t latest_term, top_term;
	int generations, publications;
	int diverged; /* joins */
	struct node node[WORLD_MAX];
};

extern struct world *world;
extern struct node *current;

/* world.c */
void world_begin(uint64_t seed, int nodes);
void world_end(void);
void world_step(void);
void run_ms(int64_t ms);
int roll(int sides);
bool chance(int percent);
void trace(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
void sim_fail(const char *fmt, ...)
    __attribute__((format(printf, 1, 2), noreturn));
void guarded(struct node *n, void (*fn)(struct node *n));
void die(struct node *n, enum death how) __attribute__((noreturn));
void worker_start(struct node *n, bool restarted);
void worker_kill(struct node *n, enum left how);
void power_off(struct node *n);
void power_on(struct node *n);
int index_of(const struct node *n);
struct node *node_of(const struct syncd *s);
struct node *node_by_id(const struct id *id);
bool node_runs(const struct node *n); /* its CPU does */
bool is_source(const struct node *n);
extern jmp_buf sim_failed;
extern char sim_why[512];
extern bool sim_trace;

/* run.c */
bool sim_run(void (*body)(uint64_t seed), uint64_t seed); /* false: sim_why */
void run_until_converged(const char *after);
void run_until(bool (*reached)(void), int64_t ms, const char *what);

/* disk.c */
void disk_point(struct node *n, enum tally point);
void disk_recover(struct node *n);
int disk_version(const struct ledger *l); /* durable, applied or not */

/* cpg.c */
void cpg_begin(void);
void cpg_end(void);
void cpg_boot(struct node *n);
void cpg_step(void);
void cpg_join_group(struct node *n);
void cpg_gone(struct node *n, enum left how);
void cpg_dispatch_some(struct node *n);
void cpg_stall(int ring, int ms);
bool cpg_connected(int a, int b);
unsigned cpg_component(int i); /* nodes that share a ring with it now */
bool cpg_flows(int i);         /* messages get through in its ring */
bool cpg_whole(void);          /* one ring with all nodes */

/* lineage.c */
void lineage_take(struct ledger *l, const struct node *source);
enum ancestry lineage_join(const struct node *n, const struct node *source);

/* link.c */
void link_step(struct node *n);
void link_reset(struct node *n);
bool link_reachable(int a, int b);

/* wire.c */
uint64_t wire_sum(const struct generation *g);
uint64_t wire_ack_sum(uint64_t seq);
bool wire_data(struct node *n, struct generation *g); /* false: cut */
bool wire_ack(struct node *replica, uint64_t *seq);
void wire_acks_again(struct node *replica, uint64_t seq);

/* image.c */
void image_step(void);
/* N waits for a human: a holder is here whose disk went back. */
bool image_asks(const struct node *n);
bool image_restore(struct node *n);
void image_copied(struct node *n, int version);
bool image_holder_lives(const struct node *beside);
bool image_excuses(const struct node *n);

/* sign.c */
void sign_step(struct node *n);
void publish_step(struct node *n);

/* closing.c: ods-syncd --close */
void closer_start(struct node *n);
void closer_tick(struct node *n);

/* crm.c */
void crm_step(void);
void crm_fenced(int target);
void crm_news(struct node *n);

/* judge.c */
bool descends(int version, int from);
void judge_published(struct node *n, int version);
void judge_begins(const struct node *n);
void judge_source(struct node *n);
void judge_node(struct node *n);
void judge_serves(const struct node *n);
void judge_all(void);
bool converged(void);
void why_not_converged(char *buf, size_t size);

/* fault.c */
bool fault_one(void); /* false when it does not apply now */
void fault_step(void);
void fault_mend(void);
void fault_decide(void); /* a human, once a disk that went back is in use */
void fault_fork(void);   /* two nodes with a term of one number */
void fault_init(struct node *n);

#endif
