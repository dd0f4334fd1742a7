/* SPDX-License-Identifier: GPL-2.0-or-later
 * Copyright (C) The ocf-ods contributors */
#include "applier.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "apply.h"
#include "cleanup.h"
#include "condition.h"
#include "dbnote.h"
#include "ledger.h"
#include "log.h"
#include "redo.h"

#define RETRY_FIRST_MS 500
#define RETRY_MAX_MS 10000

struct job {
	struct position pos;
	bool full;
};

struct applier {
	struct engine *engine;
	struct ledger *ledger;
	pthread_t thread;
	pthread_mutex_t lock;
	pthread_cond_t changed;
	/* Under LOCK */
	struct job *job; /* oldest first */
	size_t count, room;
	bool busy, paused, draining, again, stop;
	bool broken;    /* the log had a hole: only a full one helps */
	struct why why; /* err: why the first job cannot be done */
	unsigned tries;
};

static int stopping(void *arg)
{
	struct applier *a = arg;
	bool stop;

	pthread_mutex_lock(&a->lock);
	stop = a->stop;
	pthread_mutex_unlock(&a->lock);
	return stop ? -ECANCELED : 0;
}

bool applier_unsaved(struct ledger *l)
{
	struct position tip, applied;
	char text[8];

	if (ledger_note_get(l, NOTE_UNSAVED, text, sizeof(text)) == 0 &&
	    strcmp(text, "1") == 0)
		return true;
	if (ledger_position_get(l, &tip, &applied, NULL) < 0)
		return true;
	return applied.term == 0;
}

static int note_applied(struct applier *a, const struct position *pos,
    const struct gen *gen, struct why *why)
{
	char mark[STANDBY_MARK_MAX];
	int rc = ledger_begin(a->ledger, why);

	if (rc < 0)
		return rc;
	standby_mark(a->engine->standby, mark);
	rc = ledger_note_put(a->ledger, NOTE_MARK, mark, why);
	if (rc == 0)
		rc = dbnote_applied(a->ledger, gen, why);
	if (rc == 0)
		rc = ledger_applied_put(a->ledger, pos, why);
	if (rc == 0)
		return ledger_commit(a->ledger, why);
	ledger_rollback(a->ledger);
	return rc;
}

static int apply_file(struct applier *a, const struct job *job, int fd,
    uint64_t size, struct why *why)
{
	const struct tick t = {.fn = stopping, .arg = a};
	struct apply_setup setup = {.sets = a->engine->replica_sets,
	    .standby = a->engine->standby,
	    .ledger = a->ledger,
	    .tick = &t};
	struct gen gen;
	int rc = gen_load(fd, size, &gen, why);

	if (rc < 0)
		return rc;
	setup.unsaved = job->full && applier_unsaved(a->ledger);
	rc = apply_generation(&setup, fd, &gen, why);
	if (rc == 0 && setup.unsaved)
		rc = ledger_note_put(a->ledger, NOTE_UNSAVED, "", why);
	if (rc == 0)
		rc = note_applied(a, &job->pos, &gen, why);
	gen_free(&gen);
	return rc;
}

static int apply_job(struct applier *a, const struct job *job, struct why *why)
{
	uint64_t size;
	CLEANUP_CLOSE int fd =
	    redo_read(a->engine->state_dir, &job->pos, &size);
	int rc;

	if (fd < 0)
		return why_set(why, fd, "the log has lost generation %llu: %s",
		    (unsigned long long)job->pos.seq, strerror(-fd));
	rc = apply_file(a, job, fd, size, why);
	if (rc < 0)
		return rc;
	redo_remove(a->engine->state_dir, &job->pos);
	engine_applied(a->engine, &job->pos);
	return 0;
}

static void pop(struct applier *a)
{
	memmove(a->job, a->job + 1, --a->count * sizeof(*a->job));
}

static int retry_ms(const struct applier *a)
{
	int ms = RETRY_FIRST_MS << (a->tries < 6 ? a->tries : 6);

	return ms < RETRY_MAX_MS ? ms : RETRY_MAX_MS;
}

/* LOCK is held at both ends. */
static void do_job(struct applier *a)
{
	struct job job = a->job[0];
	struct why why = {0};
	int rc;

	a->busy = true;
	a->again = false;
	pthread_mutex_unlock(&a->lock);
	rc = apply_job(a, &job, &why);
	if (rc != -ECANCELED)
		engine_fault(a->engine, FAULT_APPLY, rc < 0 ? why.text : NULL);
	pthread_mutex_lock(&a->lock);
	a->busy = false;
	a->why = why;
	a->why.err = rc;
	a->tries = rc < 0 ? a->tries + 1 : 0;
	if (rc == 0)
		pop(a);
	pthread_cond_broadcast(&a->changed);
}

static void *applier_main(void *arg)
{
	struct applier *a = arg;

	pthread_mutex_lock(&a->lock);
	while (!a->stop) {
		if (a->count == 0 || (a->paused && !a->draining)) {
			pthread_cond_wait(&a->changed, &a->lock);
			continue;
		}
		do_job(a);
		if (a->why.err < 0 && !a->again && !a->stop)
			condition_wait_ms(&a->changed, &a->lock, retry_ms(a));
	}
	pthread_mutex_unlock(&a->lock);
	return NULL;
}

static int push(struct applier *a, const struct position *pos, bool full)
{
	struct job *bigger;

	if (a->count == a->room) {
		size_t room = a->room ? a->room * 2 : 16;

		bigger = reallocarray(a->job, room, sizeof(*bigger));
		if (!bigger)
			return -ENOMEM;
		a->job = bigger;
		a->room = room;
	}
	a->job[a->count++] = (struct job){.pos = *pos, .full = full};
	return 0;
}

void applier_push(struct applier *a, const struct position *pos, bool full)
{
	pthread_mutex_lock(&a->lock);
	while (full && a->busy)
		pthread_cond_wait(&a->changed, &a->lock);
	while (full && a->count > 0) {
		if (a->job[0].pos.seq != pos->seq ||
		    !id_equal(&a->job[0].pos.term_id, &pos->term_id))
			redo_remove(a->engine->state_dir, &a->job[0].pos);
		pop(a);
	}
	if (full) {
		a->broken = false;
		a->why.err = 0;
		a->tries = 0;
	}
	if (push(a, pos, full) < 0) {
		a->broken = true;
		why_set(&a->why, -ENOMEM, "out of memory");
	}
	pthread_cond_broadcast(&a->changed);
	pthread_mutex_unlock(&a->lock);
}

void applier_pause(struct applier *a, bool paused)
{
	pthread_mutex_lock(&a->lock);
	a->paused = paused;
	pthread_cond_broadcast(&a->changed);
	pthread_mutex_unlock(&a->lock);
}

/* LOCK is held. */
static int state(const struct applier *a, struct why *why)
{
	if (a->broken ||
	    (a->count > 0 && !a->busy && a->why.err < 0 && !a->again))
		return why_set(why, a->why.err, "%s", a->why.text);
	return a->count > 0 ? -EINPROGRESS : 0;
}

int applier_state(struct applier *a, struct why *why)
{
	int rc;

	pthread_mutex_lock(&a->lock);
	rc = state(a, why);
	pthread_mutex_unlock(&a->lock);
	return rc;
}

int applier_drain(struct applier *a, struct deadline d, struct why *why)
{
	int rc;

	pthread_mutex_lock(&a->lock);
	a->draining = true;
	a->again = true;
	pthread_cond_broadcast(&a->changed);
	while ((rc = state(a, why)) == -EINPROGRESS && !deadline_passed(d))
		condition_wait_ms(&a->changed, &a->lock, deadline_left_ms(d));
	a->draining = false;
	pthread_mutex_unlock(&a->lock);
	if (rc == -EINPROGRESS)
		return why_set(why, -ETIMEDOUT,
		    "not everything that was received is applied yet");
	return rc;
}

static bool is_full(const char *state_dir, const struct position *pos)
{
	uint8_t head[GEN_HEADER_LEN];
	struct gen_header h;
	uint64_t size;
	CLEANUP_CLOSE int fd = redo_read(state_dir, pos, &size);

	return fd >= 0 && pread(fd, head, sizeof(head), 0) == sizeof(head) &&
	       gen_header_decode(head, sizeof(head), &h) == 0 &&
	       h.flags & GEN_FULL;
}

/* What is in the log of the tip's term: an increment counts if nothing
 * before it is missing, a full one unless it is older than what is on the
 * disk (after a power loss a file that was removed may be there again); what
 * is beyond the tip was never acknowledged. */
static int take_up(struct applier *a, const struct position *tip,
    const struct position *applied, struct why *why)
{
	CLEANUP_FREE uint64_t *seqs = NULL;
	uint64_t reached =
	    id_equal(&tip->term_id, &applied->term_id) ? applied->seq : 0;
	struct position pos = *tip;
	size_t i, count = 0;
	int rc = redo_list(a->engine->state_dir, &tip->term_id, &seqs, &count);

	for (i = 0; rc == 0 && i < count; i++) {
		bool full;

		pos.seq = seqs[i];
		full = is_full(a->engine->state_dir, &pos);
		if (pos.seq <= tip->seq &&
		    (full ? pos.seq >= reached : pos.seq == reached + 1)) {
			rc = push(a, &pos, full);
			reached = pos.seq;
		} else {
			redo_remove(a->engine->state_dir, &pos);
		}
	}
	if (rc < 0)
		return why_set(
		    why, rc, "cannot read the log: %s", strerror(-rc));
	a->broken = reached < tip->seq;
	if (a->broken)
		why_set(&a->why, -EIO,
		    "the log lacks generations up to %llu: "
		    "this node has to compare everything with a source",
		    (unsigned long long)tip->seq);
	return 0;
}

static int recover(struct applier *a, struct why *why)
{
	struct position tip, applied;
	char text[ID_TEXT];
	int rc = ledger_position_get(a->ledger, &tip, &applied, why);

	if (rc < 0)
		return rc;
	/* What a source has in its log is on its disk, or older than that. */
	if (ledger_note_get(a->ledger, NOTE_SOURCE, text, sizeof(text)) == 0 &&
	    text[0] != '\0') {
		redo_purge(a->engine->state_dir, NULL);
		return 0;
	}
	redo_purge(a->engine->state_dir, &tip.term_id);
	return take_up(a, &tip, &applied, why);
}

int applier_open(struct engine *e, struct applier **applier, struct why *why)
{
	struct applier *a = calloc(1, sizeof(*a));
	int rc;

	if (!a)
		return why_set(why, -ENOMEM, "out of memory");
	a->engine = e;
	pthread_mutex_init(&a->lock, NULL);
	condition_init(&a->changed);
	rc = redo_open(e->state_dir, why);
	if (rc == 0)
		rc = ledger_open(e->state_dir, &a->ledger, why);
	if (rc == 0)
		rc = recover(a, why);
	if (rc == 0) {
		rc = -pthread_create(&a->thread, NULL, applier_main, a);
		if (rc < 0)
			why_set(why, rc, "cannot make a thread");
	}
	if (rc < 0) {
		ledger_close(a->ledger);
		free(a->job);
		free(a);
		return rc;
	}
	if (a->broken)
		engine_fault(e, FAULT_APPLY, a->why.text);
	*applier = a;
	return 0;
}

void applier_close(struct applier *a)
{
	if (!a)
		return;
	pthread_mutex_lock(&a->lock);
	a->stop = true;
	pthread_cond_broadcast(&a->changed);
	pthread_mutex_unlock(&a->lock);
	pthread_join(a->thread, NULL);
	free(a->job);
	ledger_close(a->ledger);
	pthread_cond_destroy(&a->changed);
	pthread_mutex_destroy(&a->lock);
	free(a);
}
