/* SPDX-License-Identifier: GPL-2.0-or-later
 * Copyright (C) The ocf-ods contributors */
#include "publisher.h"

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/inotify.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "batch.h"
#include "condition.h"
#include "deadline.h"
#include "file.h"
#include "floors.h"
#include "intent.h"
#include "log.h"
#include "news.h"
#include "orders.h"
#include "outgoing.h"
#include "takes.h"
#include "tell.h"
#include "told.h"
#include "upstream.h"
#include "urgent.h"

/* One pass: look at every zone whose file in signed/ changed, take what is
 * ready into pending/, wait for one barrier, install, tell.  A pass begins at
 * a change in signed/, at a wake, when a retry is due, and every minute. */

#define PASS_MS 60000
#define GATHER_MS 2000     /* the first zone of a batch waits no longer */
#define NEWS_MS 5000       /* are told while the barrier is waited for */
#define TOLD_MS 1000       /* what commands came to is kept so often */
#define SHUT_SAID_MS 30000 /* a start of the signer takes its time */

#define ESCAPE_LOOK_MS 10000
#define ESCAPE_LOOK_MAX_MS 600000

enum answer { ANSWER_NONE, ANSWER_DONE, ANSWER_HELD, ANSWER_ESCAPE };

struct publisher {
	struct publisher_setup setup;
	pthread_t thread;
	pthread_mutex_t lock;
	pthread_cond_t wake;
	enum answer answer; /* of the control thread, to a batch */
	int64_t ask_ms;     /* not before, to let a zone out */
	int64_t ask_backoff_ms;
	volatile bool stop, signer_ready;
	volatile int64_t shut_ms; /* since when no signer is ready */
	int wake_fd;
	struct tell *tell;
	struct outgoing out;
	struct candidate_setup cs;
	pthread_rwlock_t known; /* of what CS has of OUT */
	struct takes *takes;
	bool more; /* the next look is at once */
	bool tell_all;
	int64_t follow_ms; /* the next look at each signconf */
	int64_t told_ms;   /* the next one at publish_command */
	struct orders orders;
	struct keylack lack; /* of the next pass, when it is NEW_LACK */
	bool new_lack;
};

static void tell_one(struct publisher *p, struct pub_zone *z)
{
	char published[PATH_MAX];

	if (zone_published_path(p->setup.conf, p->setup.state_dir, &z->entry,
	        published, sizeof(published)) == 0 &&
	    access(published, F_OK) == 0)
		told_begin(p->tell, z, published);
}

static void install_failed(struct pub_zone *z, const struct why *why)
{
	z->in_batch = false;
	outgoing_trouble(z, why->text);
	z->settled = false;
	z->retry_ms = clock_monotonic_ms() + HOLD_RETRY_SLOW_MS;
}

static void mark_served(struct publisher *p, struct pub_zone *z)
{
	const struct zone_reach reach = {
	    .told = p->setup.publish_command[0] == '\0',
	    .delay = safety_delay_of(&p->out.policies, z->entry.policy),
	};
	struct zone_row row;
	struct why why;
	int rc =
	    intent_served(p->out.ledger, z->entry.name, &reach, &row, &why);

	if (rc < 0) {
		install_failed(z, &why);
		return;
	}
	if (rc > 0)
		told_other_keys(z);
	z->expiry.at = row.served_expires;
	z->escaped = zonepast_is_escaped(row.past, row.served_serial);
	z->fresher_since_ms = 0;
}

/* First the files, then one transaction that locks the ledger shortly. */
static void install_batch(struct publisher *p)
{
	struct why why = {0};
	size_t i;
	int rc;

	for (i = 0; i < p->out.count; i++) {
		struct pub_zone *z = &p->out.zone[i];

		if (!z->in_batch)
			continue;
		if (p->stop)
			z->in_batch = false;
		else if (intent_install(p->setup.conf, p->setup.state_dir,
		             &z->entry, &why) < 0)
			install_failed(z, &why);
		else
			tell_one(p, z);
	}
	ledger_begin(p->out.ledger, &why);
	for (i = 0; i < p->out.count; i++)
		if (p->out.zone[i].in_batch)
			mark_served(p, &p->out.zone[i]);
	rc = ledger_commit(p->out.ledger, &why);
	if (rc < 0)
		log_err("%s", why.text);
	for (i = 0; i < p->out.count; i++) {
		/* They are intents still, and are installed once more. */
		if (rc < 0 && p->out.zone[i].in_batch)
			install_failed(&p->out.zone[i], &why);
		p->out.zone[i].in_batch = false;
	}
}

static void follow_told(struct publisher *p)
{
	told_follow(&p->out, p->tell, p->takes);
	p->told_ms = clock_monotonic_ms() + TOLD_MS;
}

/* A pass may be one of twenty in a second, for one zone that waits. */
static void follow_policies(struct publisher *p)
{
	int64_t now = clock_monotonic_ms();
	size_t i;

	if (now < p->follow_ms)
		return;
	p->follow_ms = now + PASS_MS;
	for (i = 0; i < p->out.count; i++)
		expiry_follow(
		    &p->out.zone[i].expiry, p->out.zone[i].entry.signconf);
	outgoing_lacking(&p->out);
}

static void post_news(struct publisher *p)
{
	struct publisher_news *news = calloc(1, sizeof(*news));
	size_t i;

	if (!news)
		return;
	news->zones = (int)p->out.count;
	news->least_percent = EXPIRY_NEVER;
	news->colliding = p->out.colliding;
	snprintf(
	    news->collision, sizeof(news->collision), "%s", p->out.collision);
	lasting_alarm(&p->out.ds.blind, time(NULL), news->blind);
	follow_policies(p);
	if (p->signer_ready) {
		upstream_follow(&p->out);
		hold_end_bridges(p->setup.conf, &p->out);
	}
	for (i = 0; i < p->out.count; i++)
		news_add(news, &p->out.zone[i]);
	if (!p->signer_ready && p->out.count > 0 &&
	    clock_monotonic_ms() - p->shut_ms >= SHUT_SAID_MS)
		snprintf(news->trouble, sizeof(news->trouble),
		    "no signer is ready: no new version is published; see the "
		    "signer resource");
	mailbox_post(p->setup.mail, p->setup.on_news, news);
}

static int64_t look_ms(const struct publisher *p)
{
	return p->setup.escape_look_ms ? p->setup.escape_look_ms
	                               : ESCAPE_LOOK_MS;
}

/* The barrier does not come, and a zone has little time left: one question,
 * which has one answer.  In vain it is asked again later and later: what is
 * taken anew is verified anew. */
static bool ask_to_escape(struct publisher *p)
{
	int64_t now = clock_monotonic_ms();

	if (!p->setup.on_escape || now < p->ask_ms || !urgent_any(&p->out))
		return false;
	p->ask_backoff_ms =
	    p->ask_backoff_ms ? 2 * p->ask_backoff_ms : look_ms(p);
	if (p->ask_backoff_ms > ESCAPE_LOOK_MAX_MS)
		p->ask_backoff_ms = ESCAPE_LOOK_MAX_MS;
	p->ask_ms = now + p->ask_backoff_ms;
	mailbox_post(p->setup.mail,
	    urgent_in_batch(&p->out) ? p->setup.on_escape
	                             : p->setup.on_regather,
	    NULL);
	return true;
}

/* The answer, ANSWER_NONE after a while. */
static enum answer wait_answer(struct publisher *p)
{
	int64_t ms = look_ms(p) < NEWS_MS ? look_ms(p) : NEWS_MS;
	enum answer answer;

	pthread_mutex_lock(&p->lock);
	if (p->answer == ANSWER_NONE && !p->stop)
		condition_wait_ms(&p->wake, &p->lock, ms);
	answer = p->answer;
	pthread_mutex_unlock(&p->lock);
	return answer;
}

/* False when nothing of the batch may be installed: we are told to stop, or
 * newer versions are taken first.  It may take hours, in which time runs out
 * for what is served. */
static bool await_barrier(struct publisher *p)
{
	int64_t from = clock_monotonic_ms();
	enum answer answer;
	bool asked = false;

	pthread_mutex_lock(&p->lock);
	p->answer = ANSWER_NONE;
	pthread_mutex_unlock(&p->lock);
	mailbox_post(p->setup.mail, p->setup.on_barrier, NULL);
	while ((answer = wait_answer(p)) == ANSWER_NONE && !p->stop) {
		follow_told(p);
		post_news(p);
		if (!asked && clock_monotonic_ms() - from >= look_ms(p))
			asked = ask_to_escape(p);
	}
	if (p->stop)
		return false;
	if (answer == ANSWER_HELD) {
		urgent_put_back(&p->out, look_ms(p));
		return false;
	}
	p->ask_ms = p->ask_backoff_ms = 0;
	return answer == ANSWER_DONE || urgent_keep(&p->out, look_ms(p)) > 0;
}

/* What an earlier term left on its way out: its holders may not all have it,
 * so it goes through the barrier first, whatever the signer does; a promote
 * waits for it (resume.c). */
static void resume_intents(struct publisher *p)
{
	size_t i, batch = 0;

	outgoing_load(&p->out);
	for (i = 0; i < p->out.count; i++) {
		struct pub_zone *z = &p->out.zone[i];
		struct zone_row row;
		struct why why;

		z->in_batch = !z->barred &&
		              outgoing_row(&p->out, z, &row, &why) == 0 &&
		              intent_is_here(p->setup.conf, p->setup.state_dir,
		                  &z->entry, &row, NULL);
		if (z->in_batch)
			expiry_follow(&z->expiry, z->entry.signconf);
		batch += z->in_batch;
	}
	if (batch > 0 && !p->stop && await_barrier(p))
		install_batch(p);
	if (!p->stop)
		mailbox_post(p->setup.mail, p->setup.on_resumed, NULL);
}

static void follow_known(struct publisher *p)
{
	pthread_rwlock_wrlock(&p->known);
	dsview_follow(&p->out.ds, p->setup.conf->database);
	keybook_follow(&p->out.keys, p->out.ledger);
	pthread_rwlock_unlock(&p->known);
}

/* One generation carries what was signed at once, but thousands of zones are
 * some generations: looking at them takes its time.  Returns how many. */
static size_t gather(struct publisher *p)
{
	const struct hold hold = {.conf = p->setup.conf,
	    .keys = &p->out.keys,
	    .retry_ms = p->setup.held_retry_ms};
	size_t i, due = p->signer_ready ? outgoing_due(&p->out) : 0, begun = 0;
	struct take *take;

	for (i = 0; i < p->out.count; i++)
		p->out.zone[i].in_batch = false;
	if (due > 0 || p->out.ds.blind.since)
		follow_known(p);
	for (i = 0; i < due && begun < TAKES_MAX; i++)
		begun += batch_begin(&p->out, p->takes, p->out.due[i]);
	take =
	    takes_collect(p->takes, clock_monotonic_ms() + GATHER_MS, &p->more);
	p->more = p->more || i < due;
	return batch_end(&p->out, &hold, take, &p->stop);
}

static void take_lack(struct publisher *p)
{
	struct keylack lack;
	bool is_new;

	pthread_mutex_lock(&p->lock);
	is_new = p->new_lack;
	p->new_lack = false;
	lack = p->lack;
	p->lack = (struct keylack){0};
	pthread_mutex_unlock(&p->lock);
	if (!is_new)
		return;
	pthread_rwlock_wrlock(&p->known);
	keylack_free(&p->out.lack);
	p->out.lack = lack;
	pthread_rwlock_unlock(&p->known);
	outgoing_lacking(&p->out);
}

static void pass(struct publisher *p)
{
	bool tell_all;
	size_t i, batch;

	outgoing_load(&p->out);
	take_lack(p);
	orders_carry_out(&p->orders, &p->out, p->takes);
	batch = gather(p);
	p->more = p->more || orders_are_due(&p->orders, p->takes);
	if (batch > 0 && !p->stop && await_barrier(p)) {
		follow_told(p); /* of what is replaced now */
		install_batch(p);
	}
	pthread_mutex_lock(&p->lock);
	tell_all = p->tell_all;
	p->tell_all = false;
	pthread_mutex_unlock(&p->lock);
	for (i = 0; tell_all && i < p->out.count; i++)
		if (!p->out.zone[i].barred)
			tell_one(p, &p->out.zone[i]);
	follow_told(p);
	post_news(p);
}

static int next_pass_ms(const struct publisher *p)
{
	int64_t now = clock_monotonic_ms(), next = now + PASS_MS;
	size_t i;

	if (p->more)
		return 0;
	for (i = 0; i < p->out.count && p->signer_ready; i++)
		if (p->out.zone[i].retry_ms && p->out.zone[i].retry_ms < next)
			next = p->out.zone[i].retry_ms;
	return next > now ? (int)(next - now) : 0;
}

static void drain_fd(int fd)
{
	char waste[8192];

	while (read(fd, waste, sizeof(waste)) > 0)
		;
}

/* Until there is something to do.  Thousands of commands may end one by one:
 * they do not begin a pass each. */
static void rest(struct publisher *p)
{
	struct pollfd pfd[] = {
	    {.fd = p->wake_fd, .events = POLLIN},
	    {.fd = p->out.notify_fd, .events = POLLIN},
	    {.fd = tell_fd(p->tell), .events = POLLIN},
	};
	int64_t now = clock_monotonic_ms(), until = now + next_pass_ms(p);
	bool pause = now < p->told_ms && p->told_ms < until;

	if (pause && poll(pfd, 2, (int)(p->told_ms - now)) == 0)
		pause = false;
	now = clock_monotonic_ms();
	if (!pause)
		poll(pfd, 3, now < until ? (int)(until - now) : 0);
	drain_fd(p->wake_fd);
	drain_fd(p->out.notify_fd);
}

static void *publisher_thread(void *arg)
{
	struct publisher *p = arg;

	resume_intents(p);
	floors_ask(p->out.ledger, p->setup.conf, p->setup.state_dir, &p->stop);
	while (!p->stop) {
		pass(p);
		if (!p->stop)
			rest(p);
	}
	return NULL;
}

static void publisher_free(struct publisher *p)
{
	tell_stop(p->tell);
	takes_stop(p->takes);
	ledger_close(p->out.ledger);
	if (p->wake_fd >= 0)
		close(p->wake_fd);
	if (p->out.notify_fd >= 0)
		close(p->out.notify_fd);
	pthread_cond_destroy(&p->wake);
	pthread_mutex_destroy(&p->lock);
	orders_free(&p->orders);
	pthread_rwlock_destroy(&p->known);
	outgoing_close(&p->out);
	keylack_free(&p->lack);
	free(p);
}

struct publisher *publisher_start(
    const struct publisher_setup *setup, struct why *why)
{
	struct publisher *p = calloc(1, sizeof(*p));

	if (!p) {
		why_set(why, -ENOMEM, "out of memory");
		return NULL;
	}
	p->setup = *setup;
	p->out.conf = setup->conf;
	p->cs = (struct candidate_setup){
	    .conf = setup->conf,
	    .state_dir = setup->state_dir,
	    .need_backup2 = setup->need_backup2,
	    .ds = &p->out.ds,
	    .keys = &p->out.keys,
	    .lack = &p->out.lack,
	    .known = &p->known,
	    .cancel = &p->stop,
	};
	p->shut_ms = clock_monotonic_ms();
	pthread_mutex_init(&p->lock, NULL);
	orders_init(&p->orders);
	pthread_rwlock_init(&p->known, NULL);
	condition_init(&p->wake);
	p->wake_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	p->out.notify_fd = inotify_init1(IN_CLOEXEC | IN_NONBLOCK);
	p->tell = tell_start(setup->publish_command, why);
	p->takes = p->tell ? takes_start(&p->cs, p->wake_fd, why) : NULL;
	if (!p->takes ||
	    ledger_open(setup->state_dir, &p->out.ledger, why) < 0) {
		publisher_free(p);
		return NULL;
	}
	if (p->wake_fd < 0 || p->out.notify_fd < 0 ||
	    pthread_create(&p->thread, NULL, publisher_thread, p) != 0) {
		why_set(why, -EAGAIN, "cannot start the publisher");
		publisher_free(p);
		return NULL;
	}
	return p;
}

void publisher_halt(struct publisher *p)
{
	if (!p)
		return;
	pthread_mutex_lock(&p->lock);
	p->stop = true;
	pthread_cond_signal(&p->wake);
	pthread_mutex_unlock(&p->lock);
	publisher_wake(p);
}

void publisher_stop(struct publisher *p)
{
	if (!p)
		return;
	publisher_halt(p);
	pthread_join(p->thread, NULL);
	publisher_free(p);
}

/* The first one counts. */
static void give_answer(struct publisher *p, enum answer answer)
{
	if (!p)
		return;
	pthread_mutex_lock(&p->lock);
	if (p->answer == ANSWER_NONE)
		p->answer = answer;
	pthread_cond_signal(&p->wake);
	pthread_mutex_unlock(&p->lock);
}

void publisher_barrier_done(struct publisher *p)
{
	give_answer(p, ANSWER_DONE);
}

void publisher_barrier_held(struct publisher *p, bool escape)
{
	give_answer(p, escape ? ANSWER_ESCAPE : ANSWER_HELD);
}

void publisher_signatures(struct publisher *p, bool reuse)
{
	if (!p)
		return;
	__atomic_store_n(&p->cs.need_backup2, reuse, __ATOMIC_RELAXED);
	publisher_wake(p);
}

void publisher_wake(struct publisher *p)
{
	uint64_t one = 1;

	if (write(p->wake_fd, &one, sizeof(one)) < 0)
		log_debug("the publisher is awake");
}

void publisher_signer(struct publisher *p, bool ready)
{
	if (p->signer_ready && !ready)
		p->shut_ms = clock_monotonic_ms();
	p->signer_ready = ready;
	publisher_wake(p);
}

void publisher_clock(struct publisher *p, int64_t ahead)
{
	p->cs.ahead = ahead;
}

int publisher_lack(struct publisher *p, const struct keylack *lack)
{
	struct keylack copy;
	int rc = keylack_copy(&copy, lack);

	if (rc < 0)
		return rc;
	pthread_mutex_lock(&p->lock);
	keylack_free(&p->lack);
	p->lack = copy;
	p->new_lack = true;
	pthread_mutex_unlock(&p->lock);
	publisher_wake(p);
	return 0;
}

int publisher_order(struct publisher *p, const struct order *order)
{
	int rc = orders_put(&p->orders, order);

	publisher_wake(p);
	return rc;
}

void publisher_tell_all(struct publisher *p)
{
	pthread_mutex_lock(&p->lock);
	p->tell_all = true;
	pthread_mutex_unlock(&p->lock);
	publisher_wake(p);
}
