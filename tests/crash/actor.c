/* SPDX-License-Identifier: GPL-2.0-or-later
 * Copyright (C) The ocf-ods contributors */
#include "actor.h"

#include <signal.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include "mailbox.h"
#include "publisher.h"

enum order_type {
	ORDER_SOURCE,
	ORDER_REPLICA,
	ORDER_CUT,
	ORDER_WAKE,
	ORDER_DIE
};

struct errand {
	enum order_type type;
	struct engine_term term;
	int port;
	struct id peer;
	bool publish;
};

struct report {
	enum { REPORT_OPEN, REPORT_ASKED, REPORT_EVENT } type;
	struct position tip, applied;
	uint64_t request;
	struct engine_event event;
};

/* The process itself. */
static struct {
	const struct actor *actor;
	struct engine *engine;
	struct mailbox *mail;
	struct publisher *publisher;
	int orders, reports;
	uint64_t barrier; /* request, then */
	uint64_t barrier_seq;
	uint64_t acked;
} me;

static void report(const struct report *r)
{
	if (syscall(SYS_write, me.reports, r, sizeof(*r)) != sizeof(*r))
		_exit(1);
}

static void give_up(const char *what, const struct why *why)
{
	fprintf(stderr, "%s: %s: %s\n", me.actor->node->base, what, why->text);
	_exit(1);
}

static void on_barrier(void *owner, void *arg)
{
	(void)owner, (void)arg;
	me.barrier_seq = 0;
	me.barrier = engine_cut(me.engine);
}

static void on_news(void *owner, void *arg)
{
	(void)owner;
	free(arg);
}

static void follow_barrier(const struct engine_event *ev)
{
	if (ev->type == ENGINE_CUT && me.barrier && !me.barrier_seq &&
	    !ev->withheld && ev->request >= me.barrier)
		me.barrier_seq = ev->seq;
	if (ev->type == ENGINE_ACKED)
		me.acked = ev->seq;
	if (me.barrier_seq && me.acked >= me.barrier_seq) {
		me.barrier = me.barrier_seq = 0;
		publisher_barrier_done(me.publisher);
	}
}

static void start_publisher(void)
{
	static char command[PATH_MAX * 2];
	struct publisher_setup setup = {
	    .conf = &me.actor->node->conf,
	    .state_dir = me.actor->node->state,
	    .publish_command = command,
	    .mail = me.mail,
	    .on_barrier = on_barrier,
	    .on_resumed = on_news,
	    .on_news = on_news,
	};
	char self[PATH_MAX] = "";
	struct why why = {0};

	if (readlink("/proc/self/exe", self, sizeof(self) - 1) < 0)
		_exit(1);
	snprintf(command, sizeof(command), "%s --told %s %%zone %%zonefile",
	    self, me.actor->witness);
	me.publisher = publisher_start(&setup, &why);
	if (!me.publisher)
		give_up("publisher", &why);
	publisher_signer(me.publisher, true);
	publisher_tell_all(me.publisher);
}

static void become_source(const struct errand *o)
{
	struct node_list members = {.count = 1, .id = {o->peer}};
	struct why why = {0};

	engine_members(me.engine, &members);
	if (engine_source(me.engine, &o->term, TEST_ADDRESS, o->port, &why) < 0)
		give_up("source", &why);
	if (o->publish)
		start_publisher();
}

static void obey(const struct errand *o)
{
	struct report r = {.type = REPORT_ASKED};
	struct why why = {0};

	switch (o->type) {
	case ORDER_SOURCE:
		become_source(o);
		break;
	case ORDER_REPLICA:
		if (engine_replica(me.engine, &o->term, &o->peer, TEST_ADDRESS,
		        o->port, &why) < 0)
			give_up("replica", &why);
		break;
	case ORDER_CUT:
		r.request = engine_cut(me.engine);
		report(&r);
		break;
	case ORDER_WAKE:
		publisher_wake(me.publisher);
		break;
	case ORDER_DIE:
		shim_die();
	}
}

/* Does the ledger hold what this node told others, and is the log applied? */
static void open_engine(void)
{
	const struct node *n = me.actor->node;
	const struct engine_setup setup = {
	    .conf = &n->conf,
	    .state_dir = n->state,
	    .self = n->id,
	    .config_sync = true,
	    .signatures = true,
	};
	struct report r = {.type = REPORT_OPEN};
	struct ledger *ledger;
	struct why why = {0};

	if (engine_open(&setup, &me.engine, &why) < 0)
		give_up("open", &why);
	if (engine_drain(me.engine, deadline_in_ms(10000), &why) < 0)
		give_up("drain", &why);
	if (ledger_open(n->state, &ledger, &why) < 0 ||
	    ledger_position_get(ledger, &r.tip, &r.applied, &why) < 0)
		give_up("ledger", &why);
	ledger_close(ledger);
	report(&r);
}

static void run(void)
{
	struct report r = {.type = REPORT_EVENT};
	struct errand o;

	open_engine();
	me.mail = mailbox_open(NULL);
	for (;;) {
		struct pollfd p[3] = {
		    {.fd = me.orders, .events = POLLIN},
		    {.fd = engine_event_fd(me.engine), .events = POLLIN},
		    {.fd = mailbox_fd(me.mail), .events = POLLIN},
		};

		poll(p, 3, -1);
		if (p[2].revents)
			mailbox_run(me.mail);
		while (engine_next_event(me.engine, &r.event)) {
			report(&r);
			follow_barrier(&r.event);
		}
		if (!p[0].revents)
			continue;
		if (read(me.orders, &o, sizeof(o)) != sizeof(o))
			_exit(0);
		obey(&o);
	}
}

static void child(struct actor *a, int orders, int reports)
{
	char path[PATH_MAX];
	int fd, i;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	signal(SIGPIPE, SIG_IGN);
	snprintf(path, sizeof(path), "%s.log", a->node->base);
	fd = open(path, O_WRONLY | O_CREAT | O_APPEND, 0600);
	dup2(fd, STDERR_FILENO);
	setenv("ODS_LOG_STDERR", "1", 1);
	log_open("crash");
	for (i = 3; i < 64; i++)
		if (i != orders && i != reports)
			close(i);
	me.actor = a;
	me.orders = orders;
	me.reports = reports;
	shim = a->shim;
	shim->pid = getpid();
	run();
}

bool actor_launch(struct actor *a)
{
	struct actor fresh = {
	    .node = a->node, .shim = a->shim, .witness = a->witness};
	int orders[2], reports[2];

	assert_int_equal(a->pid, 0);
	*a = fresh;
	assert_int_equal(pipe(orders), 0);
	assert_int_equal(pipe(reports), 0);
	fflush(stdout);
	a->pid = fork();
	if (a->pid == 0) {
		child(a, orders[0], reports[1]);
		_exit(1);
	}
	close(orders[0]);
	close(reports[1]);
	a->orders = orders[1];
	a->reports = reports[0];
	return a->pid > 0;
}

bool actor_start(struct actor *a)
{
	struct deadline d = deadline_in_ms(WAIT_MS);

	actor_launch(a);
	while (!a->open && a->pid) {
		if (deadline_passed(d))
			fail_msg("%s does not open", a->node->base);
		actors_poll(&a, 1, 100);
	}
	return a->open;
}

static void order(struct actor *a, const struct errand *o)
{
	ssize_t n = write(a->orders, o, sizeof(*o));

	(void)n; /* it may be dead by now */
}

void actor_source(struct actor *a, const struct engine_term *t, int port,
    const struct actor *peer, bool publish)
{
	const struct errand o = {
	    ORDER_SOURCE, *t, port, peer->node->id, publish};

	a->cut = a->acked = 0;
	order(a, &o);
}

void actor_replica(struct actor *a, const struct engine_term *t, int port,
    const struct actor *source)
{
	const struct errand o = {
	    ORDER_REPLICA, *t, port, source->node->id, false};

	a->received = a->applied = 0;
	a->connected = false;
	order(a, &o);
}

void actor_cut(struct actor *a)
{
	const struct errand o = {.type = ORDER_CUT};

	a->asked = 0;
	order(a, &o);
}

void actor_wake(struct actor *a)
{
	const struct errand o = {.type = ORDER_WAKE};

	order(a, &o);
}

static void take_event(struct actor *a, const struct engine_event *ev)
{
	if (ev->type == ENGINE_CUT) {
		a->cut = ev->seq;
		a->request = ev->request;
		a->idle = ev->idle;
	} else if (ev->type == ENGINE_ACKED) {
		a->acked = ev->seq;
	} else if (ev->type == ENGINE_JOINED) {
		a->joined = true;
	} else if (ev->type == ENGINE_LOST) {
		a->joined = a->connected = false;
	} else if (ev->type == ENGINE_CONNECTED) {
		a->connected = true;
	} else if (ev->type == ENGINE_RECEIVED) {
		a->received = ev->seq;
	} else if (ev->type == ENGINE_APPLIED) {
		a->applied = ev->seq;
	}
	if (ev->text[0])
		snprintf(a->text, sizeof(a->text), "%s", ev->text);
}

static void died(struct actor *a)
{
	int status;

	waitpid(a->pid, &status, 0);
	close(a->orders);
	close(a->reports);
	a->pid = 0;
	if (!WIFSIGNALED(status) || WTERMSIG(status) != SIGKILL)
		fail_msg("%s ended by itself, status %x: see %s.log",
		    a->node->base, status, a->node->base);
}

static void take_report(struct actor *a)
{
	struct report r;
	ssize_t n = read(a->reports, &r, sizeof(r));

	if (n != sizeof(r)) {
		died(a);
	} else if (r.type == REPORT_OPEN) {
		a->open = true;
		a->tip = r.tip;
		a->applied_at = r.applied;
	} else if (r.type == REPORT_ASKED) {
		a->asked = r.request;
	} else {
		if (getenv("TEST_TRACE"))
			printf("# %s: event %d seq %llu %s\n", a->node->base,
			    r.event.type, (unsigned long long)r.event.seq,
			    r.event.text);
		take_event(a, &r.event);
	}
}

void actors_poll(struct actor *const *list, int count, int ms)
{
	struct pollfd p[4];
	int i, n;

	for (i = 0; i < count; i++)
		p[i] =
		    (struct pollfd){.fd = list[i]->pid ? list[i]->reports : -1,
		        .events = POLLIN};
	n = poll(p, (nfds_t)count, ms);
	for (i = 0; n > 0 && i < count; i++)
		if (p[i].revents)
			take_report(list[i]);
}

void actor_kill(struct actor *a)
{
	const struct errand o = {.type = ORDER_DIE};

	if (a->pid)
		order(a, &o);
	while (a->pid)
		actors_poll(&a, 1, 1000);
}

void actor_pause(struct actor *a)
{
	int status;

	kill(a->pid, SIGSTOP);
	assert_int_equal(waitpid(a->pid, &status, WUNTRACED), a->pid);
	assert_true(WIFSTOPPED(status));
}

void actor_resume(struct actor *a)
{
	kill(a->pid, SIGCONT);
}
