/* SPDX-License-Identifier: GPL-2.0-or-later
 * Copyright (C) The ocf-ods contributors */
#ifndef TEST_TALLY_H
#define TEST_TALLY_H

/* What is counted: a run in which one of these never happened proves nothing
 * about it. */

/* clang-format off */
#define TALLY_FAULTS(X) \
	X(PARTITION, "partition") \
	X(MERGE, "partition ends without fencing") \
	X(RING_CUT, "Corosync cut, data link stands") \
	X(DATA_CUT, "data link cut, Corosync stands") \
	X(FRAME_CUT, "data link ends within a frame") \
	X(FRAME_FLIP, "bit flipped in a generation") \
	X(ACK_FLIP, "bit flipped in an ack") \
	X(ACK_TWICE, "ack arrives twice") \
	X(ACK_OLD, "old ack arrives after newer ones") \
	X(SENT_TWICE, "group message sent twice") \
	X(TOKEN_LOSS, "token lost, same nodes") \
	X(POWER_OFF, "power off") \
	X(POWER_ALL, "power off everywhere") \
	X(FREEZE, "machine frozen") \
	X(CLOCK_DRIFTS, "clock runs fast or slow") \
	X(CLOCK_JUMP, "clock jumps") \
	X(RESTORED, "disk restored from a snapshot") \
	X(WORKER_DIES, "worker dies") \
	X(GIVES_UP, "daemon dies for good") \
	X(PAUSE_WORKER, "worker stopped") \
	X(PAUSE_DAEMON, "daemon stopped") \
	X(BUSY, "control thread slow") \
	X(FENCE, "fenced") \
	X(FENCE_EARLY, "fenced before Corosync misses it") \
	X(FENCE_LATE, "fencing takes over 8 s") \
	X(FENCE_NEVER, "fencing does not work") \
	X(HISTORY_LATE, "fencing history known late") \
	X(FULL_SOURCE, "disk of the source full") \
	X(FULL_STANDBY, "disk of a standby full") \
	X(STUCK, "apply fails") \
	X(SLOW, "standby takes nothing") \
	X(ACKS_LATE, "acks late") \
	X(BLIND, "Pacemaker's tools silent") \
	X(SCORE_LATE, "promoted against its score") \
	X(AGENT_KILLED, "agent killed in promote") \
	X(PROMOTE_TWICE, "second promote") \
	X(DEMOTE_IN_PROMOTE, "demote during promote") \
	X(MOVE, "planned move") \
	X(LEAVE, "node leaves in order") \
	X(LEAVE_UNDEMOTED, "node leaves without demote") \
	X(UNBLOCK, "quorum unblock by a human") \
	X(FORKED, "two histories made by hand")

#define TALLY_POINTS(X) \
	X(AT_RECORD, "dies before a record is stored") \
	X(AT_RECORD_DONE, "dies after a record is stored") \
	X(AT_NOTE, "dies before a note is stored") \
	X(AT_NOTE_DONE, "dies after a note is stored") \
	X(AT_SEND, "dies after a message is sent") \
	X(AT_TAKE, "dies before a generation is logged") \
	X(AT_TAKE_LOGGED, "dies between log and tip") \
	X(AT_TAKE_TIP, "dies between tip and ack") \
	X(AT_APPLY, "dies before files are applied") \
	X(AT_APPLY_FILES, "dies between files and mark") \
	X(AT_APPLY_DONE, "dies after the mark") \
	X(AT_CUT, "dies before a cut is durable") \
	X(AT_CUT_DONE, "dies after a cut is durable") \
	X(AT_INTENT, "dies before an intent") \
	X(AT_INTENT_DONE, "dies after an intent") \
	X(AT_INSTALL, "dies before the rename") \
	X(AT_INSTALL_DONE, "dies after the rename")

#define TALLY_TRANSITIONS(X) \
	X(MINT_FIRST, "mint: first term") \
	X(MINT_WARM, "mint: warm") \
	X(MINT_CLAIM, "mint: warm by a claim") \
	X(MINT_ALONE, "mint: only holder") \
	X(MINT_COLD, "mint: cold, all holders here") \
	X(MINT_MAJORITY, "mint: cold, majority of voters") \
	X(MINT_RESTART, "mint: worker restarted") \
	X(INHERITED, "claim inherited") \
	X(COOLED, "warm no more: it stood still") \
	X(MINT_ABORTED, "mint given up") \
	X(MINT_NO_DISK, "mint fails: disk") \
	X(SOURCE, "source") \
	X(SUPERSEDED, "superseded by a newer term") \
	X(YIELDS, "empty term yields") \
	X(RESTART_YIELDS, "restarted source yields") \
	X(DROP_GONE, "removal: gone") \
	X(DROP_LATE, "removal: late, agreed") \
	X(HELD, "publishing held") \
	X(RETURNS, "return") \
	X(LEVEL_NAMED, "named at the close") \
	X(CLOSED, "closed by demote") \
	X(CLOSED_LATE, "closed without all acks") \
	X(CLOSED_DEAD, "closed by --close") \
	X(CLOSE_REFUSED, "--close not confirmed") \
	X(NOT_YET, "promote waits in vain") \
	X(REFUSED, "promote refused") \
	X(FORK_REFUSED, "fork refused") \
	X(INIT, "history chosen by init") \
	X(SEEDED, "first copy complete") \
	X(ABANDONED, "worker ends itself") \
	X(OUTDATED, "restored disk noticed") \
	X(SEED_AGAIN, "restored node becomes a seed") \
	X(REFUSED_FRAME, "damaged frame refused") \
	X(UNPUBLISHED, "joins with what was never published") \
	X(SET_ASIDE, "unpublished state set aside") \
	X(PENDING_INSTALLED, "pending version installed at promote") \
	X(PENDING_RESUMED, "pending version: through the barrier first") \
	X(SERVES_OLDER, "... too late: an older one is served until then") \
	X(PUBLISHED, "version published") \
	X(CUT, "generation cut") \
	X(ACKED, "generation acked")
/* clang-format on */

#define TALLY_ENUM(name, text) TALLY_##name,
enum tally {
	TALLY_FAULTS(TALLY_ENUM) TALLY_POINTS(TALLY_ENUM)
	    TALLY_TRANSITIONS(TALLY_ENUM) TALLY_END
};
#undef TALLY_ENUM

/* Shared by the processes of a run. */
extern long *tally;
extern const char *const tally_text[TALLY_END];

void tally_begin(void);
void count(enum tally what);
long tally_faults(void); /* that this process has counted */
void tally_print(void);
int tally_zeros(void);   /* how many never happened */
long tally_points(void); /* deaths at a durable step */

#endif
