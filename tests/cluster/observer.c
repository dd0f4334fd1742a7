// SPDX-License-Identifier: GPL-2.0-or-later
// Copyright (C) The ocf-ods contributors
/*
 * observer CONFIG JOURNAL
 *
 * A resident validator outside the cluster.  Each second it asks the public
 * name server for SOA, DNSKEY, a name that rotates and a name that does not
 * exist, of every zone, and validates the answers with libunbound, in a new
 * context each round: nothing is remembered.  One journal line per round:
 *
 *   TIME ROUND-MS ZONE=SERIAL,VERDICT[,WHAT] ...
 *
 * VERDICT is secure, bogus, insecure or noanswer, the worst of the round's
 * questions; WHAT names the question.  A round that takes too long leaves its
 * second without a line, and a missing line is a missing answer.
 *
 * CONFIG: "server ADDRESS", "zone NAME LABELS" (h0..hN-1 exist) and
 * "anchor DS-OR-DNSKEY-RR", each line to the end.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <poll.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <unbound.h>

enum { MAX_ZONES = 256, QUESTIONS = 4, ROUND_MS = 900 };
enum { TYPE_A = 1, TYPE_SOA = 6, TYPE_DNSKEY = 48 };

/* Worse is higher. */
enum verdict { SECURE, INSECURE, NOANSWER, BOGUS };

static const char *const verdict_names[] = {
    "secure", "insecure", "noanswer", "bogus"};
static const char *const question_names[QUESTIONS] = {
    "SOA", "DNSKEY", "A", "NXDOMAIN"};

struct question {
	bool answered;
	enum verdict verdict;
	uint32_t serial;
};

struct zone {
	char name[256];
	unsigned labels;
	struct question q[QUESTIONS];
};

struct world {
	char server[64];
	struct zone zones[MAX_ZONES];
	unsigned nzones;
	char *anchors[MAX_ZONES];
	unsigned nanchors;
	unsigned left;
};

static void die(const char *what)
{
	fprintf(stderr, "observer: %s\n", what);
	exit(1);
}

static void read_line(struct world *w, char *line)
{
	struct zone *z = &w->zones[w->nzones];

	line[strcspn(line, "\n")] = '\0';
	if (strncmp(line, "anchor ", 7) == 0 && w->nanchors < MAX_ZONES) {
		w->anchors[w->nanchors++] = strdup(line + 7);
	} else if (sscanf(line, "server %63s", w->server) == 1) {
		return;
	} else if (w->nzones < MAX_ZONES &&
	           sscanf(line, "zone %255s %u", z->name, &z->labels) == 2) {
		w->nzones++;
	} else if (line[0] != '\0' && line[0] != '#') {
		die(line);
	}
}

static void read_config(struct world *w, const char *path)
{
	char line[4096];
	FILE *f = fopen(path, "r");

	if (f == NULL)
		die("cannot open the configuration");
	while (fgets(line, sizeof(line), f) != NULL)
		read_line(w, line);
	fclose(f);
	if (w->nzones == 0 || w->nanchors == 0 || w->server[0] == '\0')
		die("configuration: server, zone and anchor are needed");
}

static uint32_t soa_serial(const struct ub_result *r)
{
	const unsigned char *p;

	if (!r->havedata || r->len[0] < 20)
		return 0;
	p = (const unsigned char *)r->data[0] + r->len[0] - 20;
	return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 |
	       (uint32_t)p[2] << 8 | p[3];
}

/* What the answer to question i must be: data, but no such name for the last.
 */
static enum verdict judge(const struct ub_result *r, int err, int i)
{
	bool expected;

	if (err != 0 || r == NULL)
		return NOANSWER;
	if (r->bogus)
		return BOGUS;
	expected = i == QUESTIONS - 1 ? r->nxdomain : r->havedata;
	if (!expected)
		return NOANSWER;
	return r->secure ? SECURE : INSECURE;
}

struct asked {
	struct world *w;
	struct question *q;
	int i;
};

static void on_answer(void *arg, int err, struct ub_result *r)
{
	struct asked *a = arg;

	a->q->answered = true;
	a->q->verdict = judge(r, err, a->i);
	if (a->i == 0 && r != NULL)
		a->q->serial = soa_serial(r);
	a->w->left--;
	ub_resolve_free(r);
}

static struct ub_ctx *new_context(struct world *w)
{
	struct ub_ctx *ctx = ub_ctx_create();
	unsigned i;

	if (ctx == NULL)
		die("no libunbound context");
	ub_ctx_async(ctx, 1);
	ub_ctx_set_option(ctx, "unblock-lan-zones:", "yes");
	ub_ctx_set_option(ctx, "do-ip6:", "no");
	ub_ctx_set_option(ctx, "qname-minimisation:", "no");
	for (i = 0; i < w->nanchors; i++)
		if (ub_ctx_add_ta(ctx, w->anchors[i]) != 0)
			die("a trust anchor is not understood");
	for (i = 0; i < w->nzones; i++)
		if (ub_ctx_set_stub(ctx, w->zones[i].name, w->server, 0) != 0)
			die("a zone name is not understood");
	return ctx;
}

static void ask_zone(struct ub_ctx *ctx, struct zone *z, struct asked *asked,
    struct world *w, unsigned long round)
{
	static const int types[QUESTIONS] = {
	    TYPE_SOA, TYPE_DNSKEY, TYPE_A, TYPE_A};
	char names[QUESTIONS][320];
	int i;

	snprintf(names[0], sizeof(names[0]), "%s", z->name);
	snprintf(names[1], sizeof(names[1]), "%s", z->name);
	snprintf(
	    names[2], sizeof(names[2]), "h%lu.%s", round % z->labels, z->name);
	snprintf(names[3], sizeof(names[3]), "no-%lu.%s", round, z->name);
	for (i = 0; i < QUESTIONS; i++) {
		z->q[i] = (struct question){.verdict = NOANSWER};
		asked[i] = (struct asked){w, &z->q[i], i};
		if (ub_resolve_async(ctx, names[i], types[i], 1, &asked[i],
		        on_answer, NULL) != 0)
			w->left--;
	}
}

static int64_t now_ms(clockid_t clock)
{
	struct timespec ts;

	clock_gettime(clock, &ts);
	return (int64_t)ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
}

/* One round of questions, given up after ROUND_MS. */
static void ask_all(struct world *w, unsigned long round)
{
	static struct asked asked[MAX_ZONES][QUESTIONS];
	int64_t end = now_ms(CLOCK_MONOTONIC) + ROUND_MS;
	struct ub_ctx *ctx = new_context(w);
	unsigned i;

	w->left = w->nzones * QUESTIONS;
	for (i = 0; i < w->nzones; i++)
		ask_zone(ctx, &w->zones[i], asked[i], w, round);
	while (w->left > 0) {
		struct pollfd fd = {ub_fd(ctx), POLLIN, 0};
		int64_t rest = end - now_ms(CLOCK_MONOTONIC);

		if (rest <= 0)
			break;
		if (poll(&fd, 1, (int)rest) > 0)
			ub_process(ctx);
	}
	ub_ctx_delete(ctx);
}

static void write_round(const struct world *w, FILE *f, int64_t at, int64_t ms)
{
	unsigned i;
	int q, worst;

	fprintf(f, "%lld.%03lld %lld", (long long)(at / 1000),
	    (long long)(at % 1000), (long long)ms);
	for (i = 0; i < w->nzones; i++) {
		const struct zone *z = &w->zones[i];

		worst = 0;
		for (q = 1; q < QUESTIONS; q++)
			if (z->q[q].verdict > z->q[worst].verdict)
				worst = q;
		fprintf(f, " %s=%u,%s", z->name, z->q[0].serial,
		    verdict_names[z->q[worst].verdict]);
		if (z->q[worst].verdict != SECURE)
			fprintf(f, ",%s", question_names[worst]);
	}
	fputc('\n', f);
	if (fflush(f) != 0)
		die("the journal cannot be written");
}

/* Sleeps to the next full second of the clock that all nodes share. */
static void next_second(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_REALTIME, &ts);
	ts.tv_sec++;
	ts.tv_nsec = 0;
	while (
	    clock_nanosleep(CLOCK_REALTIME, TIMER_ABSTIME, &ts, NULL) == EINTR)
		;
}

int main(int argc, char **argv)
{
	static struct world w;
	unsigned long round;
	FILE *f;

	if (argc != 3)
		die("usage: observer CONFIG JOURNAL");
	read_config(&w, argv[1]);
	f = fopen(argv[2], "a");
	if (f == NULL)
		die("cannot open the journal");
	for (round = 0;; round++) {
		int64_t at, start;

		next_second();
		at = now_ms(CLOCK_REALTIME);
		start = now_ms(CLOCK_MONOTONIC);
		ask_all(&w, round);
		write_round(&w, f, at, now_ms(CLOCK_MONOTONIC) - start);
	}
}
