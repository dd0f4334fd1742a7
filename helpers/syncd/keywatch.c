/* SPDX-License-Identifier: GPL-2.0-or-later
 * Copyright (C) The ocf-ods contributors */
#include "keywatch.h"

#include <errno.h>
#include <limits.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#include "cleanup.h"
#include "deadline.h"
#include "envfile.h"
#include "file.h"
#include "hsmagent.h"
#include "kaspchild.h"
#include "keyprobe.h"
#include "keyset.h"
#include "ledger.h"
#include "log.h"

#ifndef KEYWATCH_PACE
#define TURN_MS 500
#define SETTLE_MS 60000      /* a new source has other work for its token */
#define STANDBY_MS 5000      /* before the first look */
#define LIST_SOURCE_MS 60000 /* between two readings of kasp.db */
#define LIST_STANDBY_MS 15000
#define RELOOK_MS 600000 /* nobody tells of a token that was replaced */
#define RETRY_MS 60000   /* after a look that was not whole */
#define PROBE_MS 120000
#define PROVE_MS 60000 /* so long, then what was proven is kept */
#endif
#define RATE 2 /* signatures a second */
#define TWIN_NOTE "key.twin"

struct keywatch {
	struct keywatch_setup setup;
	pthread_t thread;
	volatile bool stop;
	volatile bool cancel; /* the role is another one now */
	volatile enum keywatch_role asked;
	/* The thread's own */
	enum keywatch_role role;
	struct ledger *ledger;
	int64_t next_ms, relook_ms;
	struct stat db; /* while it is the same, so is the list of keys */
	bool db_read;
	struct keyset listed; /* by the database, without digests */
	struct keyset seen;   /* on record when the tokens were looked at */
	struct hsmagent agent;
	struct stat conf_seen;
	struct keyview view; /* all that is known of them */
	struct keynews news;
	struct keylack lack; /* as last told */
};

static bool ended(const struct keywatch *w)
{
	return w->stop || w->cancel;
}

/* ---- what is told ------------------------------------------------------- */

/* A twin that was seen is evidence, also for the worker after this one: it
 * goes when its key has been seen to be in order, or gone. */
static void twin_note(struct keywatch *w, const struct keynews *news)
{
	char text[2 * WHY_MAX + KEYRECORD_LINE_MAX] = "", was[sizeof(text)];

	if (news->level == KEYNEWS_REFUSE)
		snprintf(text, sizeof(text), "%s %s %d\t%s\t%s",
		    news->worst.repository, news->worst.locator, news->two_keys,
		    news->sentence, news->fix);
	if (ledger_note_get(w->ledger, TWIN_NOTE, was, sizeof(was)) < 0)
		was[0] = '\0';
	if (strcmp(text, was) != 0)
		ledger_note_put(w->ledger, TWIN_NOTE, text, NULL);
}

static bool twin_recall(struct keywatch *w, struct keynews *news)
{
	char text[2 * WHY_MAX + KEYRECORD_LINE_MAX];
	int two;

	if (ledger_note_get(w->ledger, TWIN_NOTE, text, sizeof(text)) < 0 ||
	    sscanf(text, "%63s %128s %d\t%255[^\t]\t%255[^\t]",
	        news->worst.repository, news->worst.locator, &two,
	        news->sentence, news->fix) != 5)
		return false;
	news->two_keys = two;
	news->level = KEYNEWS_REFUSE;
	return true;
}

/* Does VIEW say that the key of a note is no twin any more? */
static bool twin_refuted(
    const struct keyview *view, const struct keyrecord *noted, bool source)
{
	struct keytruth truth;
	size_t i;

	for (i = 0; i < view->count; i++) {
		const struct keyview_key *key = &view->key[i];

		if (strcmp(key->source.repository, noted->repository) != 0 ||
		    strcmp(key->source.locator, noted->locator) != 0)
			continue;
		keytruth_judge(&key->source, &key->here, &truth);
		return !key->source.in_use ||
		       truth.verdict != KEYTRUTH_UNPROVEN ||
		       (source && key->here.state == KEY_PRESENT);
	}
	return true;
}

static void post(struct keywatch *w)
{
	struct keynews *news = malloc(sizeof(*news));

	if (!news)
		return;
	*news = w->news;
	mailbox_post(w->setup.mail, w->setup.on_news, news);
}

static void post_lack(struct keywatch *w)
{
	struct keylack *lack = calloc(1, sizeof(*lack));

	if (lack && keylack_copy(lack, &w->lack) == 0)
		mailbox_post(w->setup.mail, w->setup.on_lack, lack);
	else
		free(lack);
}

static void tell_lack(struct keywatch *w, const struct keyview *view)
{
	struct keylack now;
	bool is_new;

	if (keylack_make(&now, view, &w->lack, time(NULL)) < 0)
		return;
	is_new = !keylack_same(&now, &w->lack);
	keylack_free(&w->lack);
	w->lack = now;
	if (is_new && w->role == KEYWATCH_SOURCE)
		post_lack(w);
}

/* What was signed before was signed by the token of another node. */
static void lack_begins(struct keywatch *w)
{
	size_t i;

	for (i = 0; i < w->lack.count; i++)
		w->lack.key[i].since = time(NULL);
	if (w->lack.count > 0)
		post_lack(w);
}

/* VIEW with what is still known from before. */
static void tell(struct keywatch *w, const struct keyview *view)
{
	bool source = w->role == KEYWATCH_SOURCE;
	struct keyview all = *view;
	struct keynews noted = w->news;

	all.key = calloc(view->count + 1, sizeof(*all.key));
	if (!all.key)
		return;
	if (view->count > 0)
		memcpy(all.key, view->key, view->count * sizeof(*all.key));
	keynews_carry(&all, &w->view, true);
	keynews_judge(&w->news, &all, source);
	if (w->news.level != KEYNEWS_REFUSE && twin_recall(w, &noted) &&
	    !twin_refuted(&all, &noted.worst, source))
		twin_recall(w, &w->news);
	twin_note(w, &w->news);
	tell_lack(w, &all);
	keyview_free(&all);
	post(w);
}

/* ---- one look ----------------------------------------------------------- */

static int run_probe(
    struct keywatch *w, struct keyview *view, bool prove, struct why *why)
{
	CLEANUP(envfile_free) struct envfile env = {0};
	struct keyprobe probe = {
	    .conf = w->setup.conf->path,
	    .prove = prove,
	    .rate = RATE,
	    .deadline = deadline_in_ms(prove ? PROVE_MS : PROBE_MS),
	    .cancel = &w->cancel,
	};
	const char *given = w->agent.envfile[0] ? w->agent.envfile : NULL;
	int rc = envfile_load(&env, given, NULL, why);

	probe.env = env.env;
	return rc < 0 ? rc : keyprobe_run(&probe, view, why);
}

static int write_records(struct keywatch *w, const struct keyset *put,
    const struct keyset *drop, struct why *why)
{
	size_t i;
	int rc = ledger_begin(w->ledger, why);

	if (rc < 0)
		return rc;
	for (i = 0; rc == 0 && i < put->count; i++)
		rc = ledger_key_put(w->ledger, &put->key[i], why);
	for (i = 0; rc == 0 && i < drop->count; i++)
		rc = ledger_key_drop(w->ledger, &drop->key[i], why);
	if (rc == 0)
		return ledger_commit(w->ledger, why);
	ledger_rollback(w->ledger);
	return rc;
}

/* The source's part: what its token told goes on record. */
static void record(
    struct keywatch *w, const struct keyset *known, struct keyview *view)
{
	CLEANUP(keyset_free) struct keyset put, drop;
	struct why why = {0};

	keyset_told(view);
	if (keyset_changes(known, view, &put, &drop) < 0 || ended(w) ||
	    put.count + drop.count == 0)
		return;
	if (write_records(w, &put, &drop, &why) < 0) {
		log_err("keys are not recorded: %s", why.text);
		return;
	}
	log_info("keys of the HSM: %zu recorded, %zu dropped", put.count,
	    drop.count);
	mailbox_post(w->setup.mail, w->setup.on_record, NULL);
}

static int recall(const struct keyrecord *key, const char *serial, void *view)
{
	keyview_recall(view, key, serial);
	return 0;
}

/* How many are due, and which. */
static size_t find_due(const struct keyview *view, bool *due)
{
	size_t i, count = 0;

	for (i = 0; i < view->count; i++) {
		due[i] = keyview_due(&view->key[i]);
		count += due[i];
	}
	return count;
}

/* Those of DUE that have signed: once for a key and a token. */
static void keep_proofs(
    struct keywatch *w, const struct keyview *view, const bool *due)
{
	struct why why = {0};
	size_t i;
	int rc = ledger_begin(w->ledger, &why);

	for (i = 0; rc == 0 && i < view->count; i++) {
		const struct keyview_key *key = &view->key[i];
		const struct keyview_token *token =
		    keyview_token(view, key->source.repository);

		if (due[i] && key->here.proof == PROOF_PROVEN && token &&
		    token->serial[0])
			rc = ledger_proof_put(
			    w->ledger, &key->source, token->serial, &why);
	}
	if (rc == 0)
		rc = ledger_proof_prune(w->ledger, &why);
	if (rc == 0)
		rc = ledger_commit(w->ledger, &why);
	else
		ledger_rollback(w->ledger);
	if (rc < 0)
		log_err("proofs of keys are not kept: %s", why.text);
}

/* Until each has been tried, or the probe gets nowhere. */
static void prove(struct keywatch *w, struct keyview *view)
{
	CLEANUP_FREE bool *was_due = calloc(view->count + 1, sizeof(bool));
	CLEANUP_FREE bool *due = calloc(view->count + 1, sizeof(bool));
	struct why why = {0};
	size_t count, before;

	if (!due || !was_due)
		return;
	for (count = find_due(view, due); count > 0 && !ended(w);) {
		before = count;
		memcpy(was_due, due, view->count * sizeof(bool));
		if (run_probe(w, view, true, &why) < 0)
			log_debug("keys are not proven: %s", why.text);
		count = find_due(view, due);
		if (count == before)
			return;
		keep_proofs(w, view, was_due);
		tell(w, view);
	}
}

/* Why was it not whole? */
static void say_trouble(struct keywatch *w, const struct keyview *view, int rc,
    const struct why *why)
{
	int i;

	if (keynews_whole(view) && rc == 0) {
		w->news.trouble[0] = '\0';
		w->news.looked_s = time(NULL);
		return;
	}
	if (!w->news.trouble[0])
		w->news.trouble_ms = clock_monotonic_ms();
	snprintf(w->news.trouble, sizeof(w->news.trouble), "%s",
	    rc < 0 ? why->text : "ods-hsm-probe did not tell of every key");
	for (i = 0; i < view->tokens; i++)
		if (view->token[i].verdict != HSM_OK)
			snprintf(w->news.trouble, sizeof(w->news.trouble),
			    "repository %s: %s", view->token[i].repository,
			    hsm_verdict_name(view->token[i].verdict));
}

/* With what has gone on record now. */
static void note_seen(struct keywatch *w)
{
	size_t i;
	int rc = 0;

	w->seen.count = 0;
	for (i = 0; rc == 0 && i < w->view.count; i++)
		rc = keyset_add(&w->seen, &w->view.key[i].source);
}

static void look(
    struct keywatch *w, const struct keyset *known, const struct keyset *list)
{
	struct keyview view;
	struct why why = {0};
	int rc;

	if (keyview_begin(&view, list->key, list->count) < 0)
		return;
	rc = run_probe(w, &view, false, &why);
	if (ended(w)) {
		keyview_free(&view);
		return;
	}
	say_trouble(w, &view, rc, &why);
	if (w->role == KEYWATCH_SOURCE)
		record(w, known, &view);
	ledger_proof_each(w->ledger, recall, &view, NULL);
	keynews_carry(&view, &w->view, false);
	tell(w, &view);
	/* Who brings the key back is seen soon. */
	w->relook_ms =
	    clock_monotonic_ms() +
	    (w->news.trouble[0] || w->lack.count > 0 ? RETRY_MS : RELOOK_MS);
	if (w->role == KEYWATCH_STANDBY)
		prove(w, &view);
	keynews_carry(&view, &w->view, true);
	keyview_free(&w->view);
	w->view = view;
	note_seen(w);
}

/* ---- when --------------------------------------------------------------- */

/* A token may be another one when its HSM comes back, and by conf.xml. */
static bool token_changed(struct keywatch *w)
{
	struct hsmagent was = w->agent;
	struct stat st = w->conf_seen;
	bool changed;

	hsmagent_read(&w->agent, w->setup.conf->path);
	if (stat(w->setup.conf->path, &st) < 0)
		st = w->conf_seen;
	changed = strcmp(was.attr, w->agent.attr) != 0 ||
	          strcmp(was.envfile, w->agent.envfile) != 0 ||
	          !file_same(&st, &w->conf_seen);
	w->conf_seen = st;
	return changed;
}

/* Through SQLite, whose lock can cost the enforcer a moment: only when the
 * file has changed. */
static int read_database(struct keywatch *w, struct why *why)
{
	const char *database = w->setup.conf->database;
	struct keyset list = {0};
	struct stat st;
	int rc;

	if (!database[0] || stat(database, &st) < 0)
		return 0;
	if (w->db_read && file_same(&st, &w->db))
		return 0;
	rc = kasp_keys(database, &list, &w->news, &w->cancel, why);
	if (rc < 0) {
		keyset_free(&list);
		return rc;
	}
	keyset_free(&w->listed);
	w->listed = list;
	w->db = st;
	w->db_read = true;
	return 0;
}

static int add(const struct keyrecord *key, void *set)
{
	return keyset_add(set, key);
}

/* KNOWN: on record.  LIST: to look for; both are the caller's. */
static int read_lists(struct keywatch *w, struct keyset *known,
    struct keyset *list, struct why *why)
{
	bool source = w->role == KEYWATCH_SOURCE;
	const struct keyset *from = source ? &w->listed : known;
	size_t i;
	int rc = ledger_key_each(w->ledger, add, known, why);

	keyset_sort(known);
	if (rc == 0 && source)
		rc = read_database(w, why);
	for (i = 0; rc == 0 && i < from->count; i++)
		rc = keyset_add(list, &from->key[i]);
	if (source)
		keyset_known(list, known);
	return rc;
}

static void fresh_look(struct keywatch *w)
{
	CLEANUP(keyset_free) struct keyset known = {0}, list = {0};
	struct why why = {0};
	bool changed = token_changed(w);

	if (read_lists(w, &known, &list, &why) < 0) {
		log_debug("no list of keys: %s", why.text);
		return;
	}
	if (!changed && keyset_same(&list, &w->seen) &&
	    clock_monotonic_ms() < w->relook_ms)
		return;
	look(w, &known, &list);
}

static void role_begins(struct keywatch *w)
{
	w->cancel = false;
	w->role = w->asked;
	w->db_read = false;
	w->relook_ms = 0;
	w->news.unbacked_known = false;
	if (w->role == KEYWATCH_SOURCE)
		lack_begins(w);
	w->next_ms = clock_monotonic_ms() +
	             (w->role == KEYWATCH_SOURCE ? SETTLE_MS : STANDBY_MS);
}

static void turn(struct keywatch *w)
{
	int64_t now = clock_monotonic_ms();

	if (w->asked != w->role || w->cancel)
		role_begins(w);
	if (w->role == KEYWATCH_AT_REST || now < w->next_ms)
		return;
	fresh_look(w);
	w->next_ms =
	    clock_monotonic_ms() +
	    (w->role == KEYWATCH_SOURCE ? LIST_SOURCE_MS : LIST_STANDBY_MS);
}

static void *keywatch_thread(void *arg)
{
	struct keywatch *w = arg;
	struct deadline never = deadline_in_ms(INT64_MAX / 2);

	if (twin_recall(w, &w->news))
		post(w);
	while (!w->stop) {
		turn(w);
		deadline_sleep_ms(never, TURN_MS);
	}
	return NULL;
}

/* ---- from the control thread -------------------------------------------- */

struct keywatch *keywatch_start(
    const struct keywatch_setup *setup, struct why *why)
{
	struct keywatch *w = calloc(1, sizeof(*w));

	if (!w) {
		why_set(why, -ENOMEM, "out of memory");
		return NULL;
	}
	w->setup = *setup;
	if (ledger_open(setup->state_dir, &w->ledger, why) < 0) {
		free(w);
		return NULL;
	}
	if (pthread_create(&w->thread, NULL, keywatch_thread, w) != 0) {
		ledger_close(w->ledger);
		free(w);
		why_set(why, -EAGAIN, "cannot start a thread");
		return NULL;
	}
	return w;
}

void keywatch_stop(struct keywatch *w)
{
	if (!w)
		return;
	w->stop = true;
	w->cancel = true;
	pthread_join(w->thread, NULL);
	ledger_close(w->ledger);
	keyset_free(&w->listed);
	keyset_free(&w->seen);
	keyview_free(&w->view);
	keylack_free(&w->lack);
	free(w);
}

void keywatch_role(struct keywatch *w, enum keywatch_role role)
{
	if (!w || w->asked == role)
		return;
	w->asked = role;
	w->cancel = true;
}
