/* SPDX-License-Identifier: GPL-2.0-or-later
 * Copyright (C) The ocf-ods contributors */
#include "syncd.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/poll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "bandwidth.h"
#include "cleanup.h"
#include "client.h"
#include "content.h"
#include "deadline.h"
#include "file.h"
#include "log.h"
#include "request.h"
#include "serials.h"
#include "sets.h"
#include "statefile.h"

/* /run/ocf-ods/RES.sock, SOCK_SEQPACKET, root only: one request, one reply
 * (client.h says the format). */

#define CONN_MAX 32

struct ctl_conn {
	int fd;
	bool open;
};

static struct ctl_conn conns[CONN_MAX];
static int listen_fd = -1;

static void conn_close(struct syncd *s, struct ctl_conn *conn)
{
	if (!conn->open)
		return;
	promote_conn_closed(s, conn);
	qb_loop_poll_del(s->loop, conn->fd);
	close(conn->fd);
	conn->open = false;
}

void ctl_reply(struct syncd *s, struct ctl_conn *conn, int rc, const char *why,
    const char *body)
{
	CLEANUP_FREE char *text = NULL;
	int n;

	(void)s;
	if (!conn || !conn->open)
		return;
	n = asprintf(
	    &text, "rc=%d\nwhy=%s\n%s", rc, why ? why : "", body ? body : "");
	if (n < 0 || send(conn->fd, text, (size_t)n, MSG_NOSIGNAL) < 0)
		log_warn(
		    "cannot answer on the control socket: %s", strerror(errno));
}

static void cmd_ping(struct syncd *s, struct ctl_conn *conn, const char *args)
{
	(void)args;
	ctl_reply(s, conn, 0, NULL, NULL);
}

static struct deadline args_deadline(const char *args)
{
	return deadline_in_ms(request_deadline_ms(args));
}

static void cmd_promote(
    struct syncd *s, struct ctl_conn *conn, const char *args)
{
	promote_begin(s, conn, args_deadline(args));
}

static void cmd_demote(struct syncd *s, struct ctl_conn *conn, const char *args)
{
	demote_begin(s, conn, args_deadline(args), false);
}

static void cmd_stop(struct syncd *s, struct ctl_conn *conn, const char *args)
{
	demote_begin(s, conn, args_deadline(args), true);
}

static void cmd_status(struct syncd *s, struct ctl_conn *conn, const char *args)
{
	static char body[CLIENT_REPLY_MAX - 512];

	(void)args;
	report_status(s, body, sizeof(body));
	ctl_reply(s, conn, 0, NULL, body);
}

static void cmd_explain(
    struct syncd *s, struct ctl_conn *conn, const char *args)
{
	static const char *const words[] = {
	    [PLAN_NOT_YET] = "not yet", [PLAN_GO] = "go", [PLAN_REFUSE] = "no"};
	struct plan_gate list[PLAN_GATES];
	char body[PLAN_GATES * 512 + REPORT_HOLDS_MAX];
	int i, count = facts_explain(s, list);
	size_t len;

	(void)args;
	len = (size_t)snprintf(body, sizeof(body),
	    "self=%s\nsource=%d\nplan=%s\nplan_why=%s\ngates=%d\n", s->name,
	    s->role == ROLE_SOURCE, words[s->plan.verdict], s->plan.why, count);
	for (i = 0; i < count && len < sizeof(body); i++)
		len += (size_t)snprintf(body + len, sizeof(body) - len,
		    "gate.%d.name=%s\ngate.%d.says=%s\ngate.%d.why=%s\n", i,
		    list[i].name, i, words[list[i].plan.verdict], i,
		    list[i].plan.why);
	if (s->role == ROLE_SOURCE && len < sizeof(body))
		report_holds(s, body + len, sizeof(body) - len);
	ctl_reply(s, conn, 0, NULL, body);
}

/* The signer agent is about to start ods-signerd. */
static void cmd_signer_prepare(
    struct syncd *s, struct ctl_conn *conn, const char *args)
{
	const struct tick busy = {.fn = report_busy, .arg = s};
	const struct serials_setup setup = {
	    .conf = &s->conf,
	    .state_dir = s->opt.state_dir,
	    .ledger = s->ledger,
	    .tick = &busy,
	    .resign = !s->opt.signatures,
	};
	struct why why = {0};
	int rc;

	(void)args;
	if (s->role != ROLE_SOURCE) {
		ctl_reply(s, conn, -EPERM,
		    "the signer may run on the promoted node only: order it "
		    "after promote of this state resource",
		    NULL);
		return;
	}
	rc = serials_prepare(&setup, &why);
	ctl_reply(s, conn, rc, why.text, NULL);
}

/* A setting that changed, without a restart. */
static void cmd_reload(struct syncd *s, struct ctl_conn *conn, const char *args)
{
	enum barrier_mode mode = s->opt.barrier;
	char text[32], signatures[32];
	bool reuse;
	long seconds = 0, mbit = 0;

	if (client_value(args, "barrier", text, sizeof(text)) < 0 ||
	    barrier_mode_parse(text, &mode) < 0 ||
	    client_value(args, "barrier_timeout", text, sizeof(text)) < 0 ||
	    (seconds = strtol(text, NULL, 10)) <= 0 ||
	    client_value(args, "signatures", signatures, sizeof(signatures)) <
	        0 ||
	    signatures_parse(signatures, &reuse) < 0 ||
	    client_value(args, "bandwidth", text, sizeof(text)) < 0 ||
	    bandwidth_parse(text, &mbit) < 0) {
		ctl_reply(s, conn, -EINVAL, "settings that are none", NULL);
		return;
	}
	s->opt.barrier = s->kept->barrier = mode;
	s->opt.barrier_timeout_ms = s->kept->barrier_timeout_ms =
	    seconds * 1000;
	s->opt.bandwidth_mbit = s->kept->bandwidth_mbit = mbit;
	s->opt.signatures = s->kept->signatures = reuse;
	if (s->engine) {
		engine_bandwidth(s->engine, mbit);
		engine_signatures(s->engine, reuse);
	}
	publisher_signatures(s->publisher, reuse);
	log_notice("barrier=%s, barrier_timeout=%ld s, bandwidth=%s, "
	           "signatures=%s from now on",
	    barrier_mode_name(mode), seconds, text, signatures);
	ctl_reply(s, conn, 0, NULL, NULL);
}

static void cmd_init(struct syncd *s, struct ctl_conn *conn, const char *args)
{
	char name[NODE_NAME_MAX] = "";
	struct why why = {0};
	int rc;

	client_value(args, "source", name, sizeof(name));
	rc = history_init_typed(s, name, &why);
	ctl_reply(s, conn, rc, why.text, NULL);
}

/* What would be lost: asked before it is typed. */
static void cmd_loss(struct syncd *s, struct ctl_conn *conn, const char *args)
{
	char name[NODE_NAME_MAX] = "", body[8192];
	struct why why = {0};
	int rc;

	client_value(args, "to", name, sizeof(name));
	rc = loss_explain(s, name, body, sizeof(body), &why);
	ctl_reply(s, conn, rc, why.text, body);
}

static void cmd_failover(
    struct syncd *s, struct ctl_conn *conn, const char *args)
{
	char name[NODE_NAME_MAX] = "", by[NODE_NAME_MAX] = "";
	struct why why = {0};
	int rc;

	client_value(args, "to", name, sizeof(name));
	client_value(args, "by", by, sizeof(by));
	rc = loss_typed(s, name, by, &why);
	ctl_reply(s, conn, rc, why.text, NULL);
}

static void cmd_forget(struct syncd *s, struct ctl_conn *conn, const char *args)
{
	char name[NODE_NAME_MAX] = "";
	struct why why = {0};
	int rc;

	client_value(args, "node", name, sizeof(name));
	rc = forget_typed(s, name, &why);
	ctl_reply(s, conn, rc, why.text, NULL);
}

/* The source's publisher does it; elsewhere the row would be overwritten. */
static int order_typed(
    struct syncd *s, const struct order *order, struct why *why)
{
	int rc;

	if (s->role != ROLE_SOURCE || !s->publisher)
		return why_set(why, -EPERM,
		    "this node does not sign: type it on the one that "
		    "ods-cluster "
		    "status calls source");
	if (order->kind == ORDER_HOLD) {
		rc = order_hold(s->ledger, order->zone, why);
		if (rc == 0)
			engine_cut(s->engine); /* for a successor */
		return rc;
	}
	rc = order_check(s->ledger, order, why);
	if (rc == 0 && publisher_order(s->publisher, order) < 0)
		rc = why_set(why, -EBUSY, "too much at once: type it again");
	return rc;
}

static void cmd_order(struct syncd *s, struct ctl_conn *conn, const char *args)
{
	char word[16] = "", what[16] = "", zone[256] = "";
	struct why why = {0};
	struct order order;
	int rc;

	client_value(args, "word", word, sizeof(word));
	client_value(args, "what", what, sizeof(what));
	client_value(args, "zone", zone, sizeof(zone));
	rc = order_parse(word, what, zone, &order);
	if (rc < 0)
		why_set(&why, rc, "no such order");
	else
		rc = order_typed(s, &order, &why);
	ctl_reply(s, conn, rc, why.text, NULL);
}

static const struct {
	const char *name;
	void (*run)(struct syncd *s, struct ctl_conn *conn, const char *args);
} commands[] = {
    {"ping", cmd_ping},
    {"promote", cmd_promote},
    {"demote", cmd_demote},
    {"stop", cmd_stop},
    {"status", cmd_status},
    {"explain", cmd_explain},
    {"signer-prepare", cmd_signer_prepare},
    {"init", cmd_init},
    {"reload", cmd_reload},
    {"forget", cmd_forget},
    {"loss", cmd_loss},
    {"failover", cmd_failover},
    {"order", cmd_order},
};

static void run_request(struct syncd *s, struct ctl_conn *conn, char *text)
{
	struct request r;
	size_t i;

	request_parse(text, &r);
	for (i = 0; i < sizeof(commands) / sizeof(commands[0]); i++)
		if (strcmp(commands[i].name, r.word) == 0) {
			commands[i].run(s, conn, r.args);
			return;
		}
	ctl_reply(s, conn, -ENOSYS, "unknown command", NULL);
}

static int on_conn(int32_t fd, int32_t revents, void *data)
{
	struct syncd *s = data;
	struct ctl_conn *conn = NULL;
	char text[REQUEST_MAX];
	ssize_t n;
	int i;

	(void)revents;
	for (i = 0; i < CONN_MAX; i++)
		if (conns[i].open && conns[i].fd == fd)
			conn = &conns[i];
	if (!conn)
		return -1;
	n = recv(fd, text, sizeof(text) - 1, MSG_DONTWAIT);
	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return 0;
	if (n <= 0) {
		conn_close(s, conn);
		return 0;
	}
	text[n] = '\0';
	run_request(s, conn, text);
	return 0;
}

static int on_listen(int32_t fd, int32_t revents, void *data)
{
	struct syncd *s = data;
	int i, conn = accept4(fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);

	(void)revents;
	if (conn < 0)
		return 0;
	for (i = 0; i < CONN_MAX; i++)
		if (!conns[i].open) {
			conns[i].fd = conn;
			conns[i].open = true;
			qb_loop_poll_add(
			    s->loop, QB_LOOP_MED, conn, POLLIN, s, on_conn);
			return 0;
		}
	close(conn);
	return 0;
}

int ctl_open(struct syncd *s, struct why *why)
{
	struct sockaddr_un sa = {.sun_family = AF_UNIX};
	int rc = statefile_path(
	    sa.sun_path, sizeof(sa.sun_path), s->opt.res, "sock");

	if (rc < 0)
		return why_set(
		    why, rc, "resource name %s is too long", s->opt.res);
	rc = file_mkdirs(ODS_RUNDIR, 0755, why);
	if (rc < 0)
		return rc;
	listen_fd =
	    socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	unlink(sa.sun_path);
	if (listen_fd < 0 ||
	    bind(listen_fd, (struct sockaddr *)&sa, sizeof(sa)) < 0 ||
	    chmod(sa.sun_path, 0600) < 0 || listen(listen_fd, CONN_MAX) < 0)
		return why_set(why, -errno, "cannot listen on %s: %s",
		    sa.sun_path, strerror(errno));
	return qb_loop_poll_add(
	    s->loop, QB_LOOP_MED, listen_fd, POLLIN, s, on_listen);
}

void ctl_close(struct syncd *s)
{
	char path[PATH_MAX];
	int i;

	for (i = 0; i < CONN_MAX; i++)
		conn_close(s, &conns[i]);
	if (listen_fd >= 0)
		close(listen_fd);
	listen_fd = -1;
	if (statefile_path(path, sizeof(path), s->opt.res, "sock") == 0)
		unlink(path);
}
