/* SPDX-License-Identifier: GPL-2.0-or-later
 * Copyright (C) The ocf-ods contributors */
#ifndef ODS_SYNCD_H
#define ODS_SYNCD_H

#include <corosync/cmap.h>
#include <corosync/cpg.h>
#include <corosync/quorum.h>
#include <qb/qbloop.h>

#include "ancestry.h"
#include "backup2.h"
#include "claim.h"
#include "conf.h"
#include "control.h"
#include "enforce.h"
#include "engine.h"
#include "fencings.h"
#include "holders.h"
#include "keynews.h"
#include "ledger.h"
#include "mailbox.h"
#include "plan.h"
#include "publisher.h"
#include "repeats.h"
#include "safety.h"
#include "statecheck.h"
#include "zones.h"

/* The worker of ods-syncd: one control thread (this struct is its own; other
 * threads reach it by the mailbox only) and the threads of engine, publisher,
 * attendant, keywatch and pacemaker. */

struct attendant;
struct keywatch;
struct pacemaker;
struct ctl_conn;

enum barrier_mode {
	BARRIER_DEGRADE, /* publishing goes on without a removed holder */
	BARRIER_REQUIRE, /* ... when there is another one */
	BARRIER_OFF,     /* nobody is waited for: the record is solo */
};

struct options {
	char res[128];
	char conf[PATH_MAX];
	char state_dir[PATH_MAX];
	char address[CONTROL_ADDRESS_MAX];
	char publish_command[PUBLISH_COMMAND_SIZE];
	char tokens[PATH_MAX]; /* SoftHSM's directory, "" = none */
	int port;
	enum barrier_mode barrier;
	long barrier_timeout_ms;
	long bandwidth_mbit;
	bool config_sync;
	bool signatures;
	bool restarted;     /* the parent restarts a crashed worker */
	bool close;         /* only close the record of a dead daemon, and go */
	const char *verify; /* only judge what is served, and go */
	bool serials;       /* only tell what was published, and go */
};

enum role {
	ROLE_UNPROMOTED,
	ROLE_MINTING, /* a record of ours is being stored by the voters */
	ROLE_SOURCE,
	ROLE_DEMOTING,
};

/* A node of the cluster as this worker has seen it. */
struct member {
	uint32_t nodeid; /* Corosync's */
	char name[NODE_NAME_MAX];
	enum left left;
	bool listed;   /* in Corosync's node list now */
	bool known;    /* hello.node is its id */
	struct id was; /* its id before it lost its ledger, if that one */
	bool was_off;  /* ... had ended, or was fenced: */
	bool was_shot; /* ... the latter */
	bool ended;    /* the worker that it was of has left or died */
	bool twin;     /* its id is ours: it is not listened to */
	bool outdated; /* its ledger has been newer; not heard until it has
	                  begun anew */
	bool fork; /* it had another term of our number when it last spoke */
	bool has_hello;
	struct hello hello;
	struct clock_told clock;
	struct id ack_term; /* newest record that it stored */
	uint64_t ack_revision;
	bool session;           /* data connection stands (we are source) */
	enum ancestry ancestry; /* of what it has; until it has a copy */
	uint64_t acked_seq;
	int64_t lag_since_ms;   /* CLOCK_MONOTONIC, 0 = nothing waits */
	uint64_t late_seq;      /* it lacks this one, */
	int64_t late_since_ms;  /* cut then; 0 = it lacks none */
	int64_t clean_since_ms; /* caught up since, 0 = is not */
	bool removed;           /* dropped from the record in this term */
	/* Fencing successes of before its worker said HELLO, and all that are
	 * known now */
	struct fencings fence_before, fence_last;
	bool fence_due;        /* readings still make FENCE_BEFORE */
	int64_t met_ms;        /* its worker has said HELLO */
	int64_t fence_seen_ms; /* when the last one turned up */
};

/* What is known of the time (clockwatch.c).  Realtime, s. */
struct clocks {
	int64_t apart;  /* realtime less monotonic, as our last HELLO told */
	int64_t newest; /* what the ledger knew to be past when we started */
	struct safeties policies;
	struct clock_doubt doubt;
	bool told; /* in the log */
};

struct promote_job {
	struct ctl_conn *conn; /* gone = cancelled */
	struct deadline deadline;
	char why[WHY_MAX];
};

struct demote_job {
	struct ctl_conn *conn;
	struct deadline deadline;
	uint64_t request;         /* the final cut */
	uint64_t seq;             /* 0 until it is cut */
	struct deadline courtesy; /* for nodes that are no holders */
	bool closed;              /* the record is closed, acks are awaited */
	bool stop;                /* leave afterwards */
};

struct barrier_job {
	bool active;
	uint64_t request; /* 0 = not asked yet */
	uint64_t seq;     /* 0 = not cut yet */
	int64_t cut_ms;
	bool withheld; /* it was, without a database that it needs */
};

enum foreign_state { FOREIGN_NONE, FOREIGN_DAEMON, FOREIGN_COMPARE };

struct foreign {
	enum foreign_state state;
	char daemon[64];       /* name and pid */
	bool anew;             /* the next session compares everything */
	bool fresh;            /* this one does */
	bool written, zones;   /* seen, not judged yet */
	char trouble[WHY_MAX]; /* why the guard is not complete */
};

/* warm.c */
struct warmth {
	int64_t seen_ms, clock_s;
	bool cooled; /* by a stall, since the last tick */
	bool ring_known, alone;
	struct ring_id ring;
	char boot[BOOT_ID_MAX];
	bool claimed; /* there is a claim in /run: */
	struct claim claim;
	bool judged;    /* that of the worker before has been */
	bool inherited; /* ... and made this one warm */
};

struct syncd {
	struct options opt;
	struct options *kept; /* the parent's: what the next worker gets */
	struct conf conf;
	qb_loop_t *loop;
	struct mailbox *mail;
	struct ledger *ledger;
	struct engine *engine;
	struct publisher *publisher;
	struct attendant *attendant;
	struct pacemaker *pacemaker;
	struct keywatch *keywatch;
	int parent_fd;

	/* group */
	cpg_handle_t cpg;
	quorum_handle_t quorum;
	uint32_t nodeid;
	char name[NODE_NAME_MAX];
	bool encrypted; /* Corosync encrypts its traffic */
	bool quorate;
	int configured;             /* nodes in Corosync's list now */
	struct node_list forgotten; /* gone for ever */
	struct member member[NODES_MAX];
	int members;

	/* this node */
	struct id self, worker;
	uint64_t starts;
	enum role role;
	enum state_class state;
	long zones, keys; /* before the first term */
	struct position tip;
	struct id known_in; /* its source knows this worker */
	bool warm;          /* ... and has our ack, or will hear of our end */
	struct warmth warmth;
	enum ancestry ancestry; /* as the source says, until the copy is here */
	bool fork;
	uint64_t fork_term; /* of that number; 0 = another cluster's record */
	bool init_here;
	bool accept_here;              /* a loss was accepted, by: */
	char accept_by[NODE_NAME_MAX]; /* "" = for nobody */
	struct id accept_node;         /* for whom */
	bool restarting; /* a source again as soon as a term is minted */

	/* record in force, and one that is being stored by the voters */
	struct record record;
	struct record before; /* ours before record; term 0 = none */
	struct record proposal;
	uint64_t minted; /* newest number that was tried here, */
	uint64_t heard;  /* ... and that others are known to have tried */
	bool proposing;
	int64_t proposing_since_ms;
	int64_t taken_up_ms; /* when a source's HELLO was last looked at */
	struct id psk_term;  /* the term that psk belongs to */
	uint8_t psk[ENGINE_PSK_LEN];
	struct id kept_term; /* that of record, while psk is a mint's */
	uint8_t kept_psk[ENGINE_PSK_LEN];
	bool replicating; /* engine_replica() runs for record */
	bool connected;
	bool compared; /* ... and a whole generation has come since */
	bool frozen;

	uint64_t cut_seq;  /* newest generation of ours as source */
	uint64_t solo_seq; /* newest one that was published without all acks */
	struct barrier_job barrier;
	struct promote_job *promoting;
	struct demote_job *demoting;
	bool stopping;
	bool resuming; /* what was on its way out is not installed yet; */
	struct deadline resume_until; /* so long a promote waits for that */

	/* what Pacemaker says */
	bool fencing;
	bool pacemaker_known;
	bool witness_read;
	struct witness witness; /* the cluster property, as last read */

	/* what users are told */
	struct plan plan;
	bool promote_waits; /* for what is judged inside promote only */
	struct foreign foreign;
	bool enforce;
	struct keynews keynews; /* as last told */
	int capacity_warn;      /* of the hsm agent, %; 0 = its default */
	struct clocks clocks;
	struct enforce_verdict enforcing; /* why, while this node is source */
	struct publisher_news published;
	int64_t held_since_ms; /* publishing held, CLOCK_MONOTONIC; 0 = not */
	char held_why[WHY_MAX];
	char fault[WHY_MAX];
	struct repeats said;      /* by peer; "" = faults, "key" = no key,
	                             "ledger" = records */
	int64_t degraded_since_s; /* realtime, 0 = not */
	int64_t degraded_tell_ms; /* next line in the log */
};

/* group.c: CPG, cmap, quorum */
int group_join(struct syncd *s, struct why *why);
void group_leave(struct syncd *s);
void group_send(struct syncd *s, const struct control *c);
void group_flush(struct syncd *s);
void group_abandon(struct syncd *s, const char *why); /* the worker ends */

/* members.c: NULL when there is none */
struct member *member_by_nodeid(struct syncd *s, uint32_t nodeid);
struct member *member_by_id(struct syncd *s, const struct id *id);
struct member *member_by_name(struct syncd *s, const char *name);
void members_begin_term(struct syncd *s); /* ours, as its source */

/* nodelist.c: Corosync's node list, which an admin changes while we run */
struct nodelist_entry {
	uint32_t nodeid;
	char name[NODE_NAME_MAX];
	char address[256]; /* ring0_addr */
};

/* -ENOTCONN; -EINVAL: names that Pacemaker does not have, at a first start */
int nodelist_load(struct syncd *s, struct why *why);
void nodelist_reload(struct syncd *s); /* the same, and tells of a change */
/* Whoever has no name gets its address; -EINVAL when that is a numeric one. */
int nodelist_names(struct nodelist_entry *entry, int count, struct why *why);
/* True when a node has come, gone or been renamed. */
bool nodelist_merge(
    struct syncd *s, const struct nodelist_entry *entry, int count);

/* terms.c: HELLO, RECORD, ACK, KEY */
/* The record, the one before it, the newest numbers that were minted:
 * -ENOENT where there has been none. */
int terms_load(struct syncd *s, struct why *why);
int terms_note_number(
    struct syncd *s, const char *note, uint64_t term, struct why *why);
void terms_hello(struct syncd *s);
void terms_receive(
    struct syncd *s, struct member *from, const struct control *c);
void terms_member_joined(struct syncd *s, struct member *m);
void terms_member_left(struct syncd *s, struct member *m);
void terms_send_record(struct syncd *s, const struct record *r);
void terms_follow(struct syncd *s);
void terms_take_up(struct syncd *s); /* what could not be stored */
void terms_follow_anew(struct syncd *s);
void terms_sessions(struct syncd *s); /* who may have a data connection */
void terms_announce(struct syncd *s); /* key and record to everybody */

/* clockwatch.c: is the time right? */
void clocks_heard(struct member *m, int64_t realtime);
int64_t clocks_tell(struct syncd *s); /* what a HELLO says */
int64_t clocks_apart(void);           /* realtime less monotonic, s */
void clocks_look(struct syncd *s);
void clocks_tick(struct syncd *s);

/* forks.c: another record of our term number */
bool fork_never_begun(const struct member *m, const struct record *r);
bool fork_given_up(struct syncd *s, const struct record *r);
enum record_order fork_order(
    struct syncd *s, const struct member *from, const struct record *r);
enum record_order fork_judge(
    struct syncd *s, const struct member *from, const struct record *r);
void fork_note(struct syncd *s, struct member *from, const struct record *r);
void fork_review(struct syncd *s); /* somebody has another record now */
void fork_passed(struct syncd *s);
void fork_forget(struct syncd *s);

/* descent.c: where a term comes from, and what a joiner's history is */
int descent_mint(
    struct syncd *s, bool first, struct record *r, struct why *why);
int descent_begin(struct syncd *s, struct record *r, struct why *why);
void descent_judged(
    struct syncd *s, struct member *m, const struct engine_event *ev);
/* A node has more of our term than we, its source: that may be published, and
 * whatever we publish goes behind it. */
bool descent_holds(struct syncd *s);
void descent_chosen(struct syncd *s); /* what we have counts, by init */
void descent_applied(struct syncd *s);
bool descent_diverged(enum ancestry a); /* as users are told */

/* forget.c: holders that an admin gives up.  -EBUSY, -EINVAL, -ENOENT, -EPERM
 * with what to do. */
int forget_typed(struct syncd *s, const char *name, struct why *why);
void forget_heard(struct syncd *s, const struct id *id);

/* warm.c: has this worker been there since it acked the record? */
void warm_load(struct syncd *s);               /* the claim of the one before */
void warm_acked(struct syncd *s, bool holder); /* to its source */
void warm_look(struct syncd *s);               /* before s->warm counts */
void warm_ring(struct syncd *s, const struct ring_id *ring, bool alone);
void warm_tick(struct syncd *s);
void warm_stop(struct syncd *s); /* the worker is stopped, not dead */

/* history.c: who is of our history */
bool history_twin(
    const struct syncd *s, struct member *from, const struct hello *h);
/* Its ledger is of another cluster than R: it cannot promote R's history. */
bool history_foreign(const struct record *r, const struct member *m);
bool history_apart(const struct syncd *s, const struct member *m);
void history_init(struct syncd *s, const struct id *source);
/* -EBUSY beside a source, -EHOSTDOWN, -EINVAL, with what to do. */
int history_init_typed(struct syncd *s, const char *name, struct why *why);
/* R has begun since this node was chosen. */
void history_init_void(struct syncd *s, const struct record *r);
/* The node of that name, if an admin may choose it: it is here, and nobody else
 * is source.  NULL and WHY. */
const struct member *history_chosen(
    struct syncd *s, const char *name, struct why *why);
/* A source that is here, but for CHOSEN; NULL. */
const struct member *history_other_source(
    const struct syncd *s, const struct member *chosen);
/* What is on this disk is new: a snapshot of before shows as one. */
void history_counts_on(struct syncd *s);
/* FROM says HELLO: was its ledger set back, from a snapshot or an image? */
void history_starts(
    struct syncd *s, struct member *from, const struct hello *h);
void history_outdated(struct syncd *s, const char *by); /* BY says so of us */

/* loss.c: failover --accept-loss.  -EALREADY, -EBUSY, -EHOSTDOWN, -EINVAL,
 * -EPERM with what to do. */
#define LOSS_TEXT 320 /* FLOORS_LOSS: "EPOCH TERM NODE BY" */
int loss_typed(
    struct syncd *s, const char *name, const char *by, struct why *why);
void loss_heard(struct syncd *s, const struct control *c);
void loss_void(struct syncd *s, const struct record *r); /* R has begun */
/* The term of R is about to be ours: durable what has to be before it. */
int loss_begins(struct syncd *s, const struct record *r, struct why *why);
/* Lines "line.N=" of what is known of it here, for whom NAME is chosen. */
int loss_explain(
    struct syncd *s, const char *name, char *buf, size_t size, struct why *why);

/* revise.c: the source's record, holders in and out */
int terms_propose(struct syncd *s, const struct record *r, struct why *why);
/* ... and while we mint what is in force, for those who lack it. */
void terms_send_proposal(struct syncd *s);
/* The others are asked to store R, whatever is on our disk. */
void terms_ask(struct syncd *s, const struct record *r);
bool terms_stored_by(const struct member *m, const struct record *r);
/* Logged when it begins, then hourly, until a record can be stored. */
void terms_trouble(struct syncd *s, const char *what, const struct why *why);
void terms_trouble_over(struct syncd *s);
/* Publishing waits until M is fenced or given up; NULL: one never seen. */
void terms_hold_for(struct syncd *s, const struct member *m);
void terms_tick(struct syncd *s);
bool terms_in_force(const struct syncd *s);
/* Only its fencing, or its return, ends the wait for it. */
bool terms_holder_away(const struct syncd *s, const struct member *m);
/* The record is solo from now on, on this disk before anything else, whatever
 * is being stored meanwhile. */
int terms_solo(struct syncd *s, struct why *why);

/* termkey.c: the PSK of a term */
/* -EPERM: keys in files are only sent while Corosync encrypts. */
int terms_carries(const struct syncd *s, struct why *why);
int terms_psk(struct syncd *s, const struct id *term, struct why *why);
void terms_psk_put(
    struct syncd *s, const struct id *term, const uint8_t psk[ENGINE_PSK_LEN]);
int terms_psk_derive(const void *secret, size_t len, const struct id *term,
    uint8_t psk[ENGINE_PSK_LEN]);
void terms_send_key(struct syncd *s);

/* promote.c: promote, demote */
void promote_begin(
    struct syncd *s, struct ctl_conn *conn, struct deadline deadline);
void demote_begin(struct syncd *s, struct ctl_conn *conn,
    struct deadline deadline, bool stop);
void promote_conn_closed(struct syncd *s, struct ctl_conn *conn);
void promote_tick(struct syncd *s);
/* The group has been seen, and each node in it has said HELLO. */
bool promote_peers_known(const struct syncd *s);
/* FIRST: of a new history, which needs nothing of what this node held. */
int promote_mint(struct syncd *s, bool first, struct why *why);
/* May a holder be left out of a new term: it cannot promote any more. */
bool promote_without(const struct syncd *s, const struct id *holder);
void promote_superseded(struct syncd *s, const char *by);
void promote_answer(struct syncd *s, int rc, const char *why);

/* restart.c: the parent has restarted the worker of a source */
void restart_tick(struct syncd *s);

/* resume.c: what was on its way out when the last term ended */
/* Before the record NEXT is ours: may all of it be installed now? */
bool resume_at_once(struct syncd *s, const struct record *next);
int resume_mark(struct syncd *s, struct why *why); /* before we write */
void resume_begin(struct syncd *s);
void resume_end(struct syncd *s); /* it is installed, or none was left */
void resume_tick(struct syncd *s);

/* facts.c: collect what plan_promote() judges; re-judge and tell */
void facts_judge(struct syncd *s);
struct plan facts_plan(struct syncd *s, bool in_promote);
int facts_explain(struct syncd *s, struct plan_gate list[PLAN_GATES]);
struct plan facts_harmless(struct syncd *s);  /* plan_harmless() */
void facts_pacemaker(void *owner, void *arg); /* a mail_fn */
bool facts_fencing(const struct syncd *s);
bool facts_fenced(const struct member *m);
/* There is a success that is not past. */
bool facts_fence_seen(const struct member *m);
/* What of the fencing history is past is not known until it has been read,
 * also to the next worker of ours. */
void facts_fence_due(struct syncd *s, struct member *m);
/* For a worker that starts: what the ledger says was past, or NULL. */
#define FENCE_NOTE "fencings."
void facts_fence_recall(struct member *m, const char *note);
bool facts_daemons_dead(void);
/* The database that this history has here and that is not, or NULL. */
const char *facts_missing(struct syncd *s);

/* barrier.c: publisher asks, the control thread answers */
void barrier_request(struct syncd *s);
void barrier_cut(struct syncd *s, const struct engine_event *cut);
void barrier_tick(struct syncd *s);
/* Mail of the publisher: may a zone of its batch go without the barrier, or
 * does the batch end?  One answer, if there has been none. */
void barrier_escape(void *syncd, void *arg);
void barrier_regather(void *syncd, void *arg);
void barrier_abort(struct syncd *s);
void barrier_hold(struct syncd *s, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));
const char *barrier_mode_name(enum barrier_mode mode);
int barrier_mode_parse(const char *name, enum barrier_mode *mode);
bool barrier_lacks_second(const struct syncd *s);
bool barrier_asynchronous(const struct syncd *s); /* nobody is waited for */

/* Must the solo flag of the record change?  Then *NEXT has it. */
bool barrier_solo(struct syncd *s, struct record *next);

/* degraded.c: the source is the only holder */
#define DEGRADED_MAX 64
void degraded_tick(struct syncd *s);
void degraded_load(struct syncd *s); /* a worker that goes on as source */
/* "degraded since TIME", or "". */
const char *degraded_text(const struct syncd *s, char buf[DEGRADED_MAX]);

/* foreign.c: who else is at work on a standby */
void foreign_load(struct syncd *s);
void foreign_guard(struct syncd *s); /* before anything replicates */
void foreign_tick(struct syncd *s, bool daemons);        /* some run here */
int foreign_give_back(struct syncd *s, struct why *why); /* for a promote */
void foreign_stop(struct syncd *s); /* the worker is stopped, not dead */
void foreign_connected(struct syncd *s);
void foreign_lost(struct syncd *s);
void foreign_applied(struct syncd *s);

/* keys.c: the keys in this node's tokens against those on record */
void keys_start(struct syncd *s);
void keys_stop(struct syncd *s);
void keys_tick(struct syncd *s);

/* keytold.c: what is made of them.  No I/O. */
void keys_facts(const struct syncd *s, struct plan_facts *f);
/* What needs an admin, with what to do: 0 nothing, 1 a warning, 2 critical. */
int keys_trouble(const struct syncd *s, char *buf, size_t size);
/* The lines of the status, without the last newline. */
#define KEYS_STATUS_MAX 8192
void keys_status(const struct syncd *s, char *buf, size_t size);

/* report.c: parent process, state file, attributes, status */
void report_update(struct syncd *s);
void report_beat(struct syncd *s); /* at each tick: the parent waits for it */
int report_busy(void *syncd);      /* the same, for a struct tick */
size_t report_status(struct syncd *s, char *buf, size_t size);
#define REPORT_HOLDS_MAX (NEWS_HOLDS * 640)
size_t report_holds(const struct syncd *s, char *buf, size_t size);
const char *report_role(const struct syncd *s);

/* ctl.c: the control socket */
int ctl_open(struct syncd *s, struct why *why);
void ctl_close(struct syncd *s);
void ctl_reply(struct syncd *s, struct ctl_conn *conn, int rc, const char *why,
    const char *body);

/* events.c: what the engine says */
void events_run(struct syncd *s);

#endif
