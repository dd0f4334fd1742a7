/* SPDX-License-Identifier: GPL-2.0-or-later
 * Copyright (C) The ocf-ods contributors */
#include "view.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

/* Line 1 of the status.  The daemon's own verdict stands unless it can be
 * made worse by what this node cannot see alone: its peers, their HSMs. */

#define WAIT "waiting for "
#define ZONE "zone "
#define READY_BUT "ready, but "

static void say(struct headline *h, enum view_code code, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));

static void say(struct headline *h, enum view_code code, const char *fmt, ...)
{
	va_list ap;

	h->code = code;
	va_start(ap, fmt);
	vsnprintf(h->what, sizeof(h->what), fmt, ap);
	va_end(ap);
}

static void advise(struct headline *h, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

static void advise(struct headline *h, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(h->do_now, sizeof(h->do_now), fmt, ap);
	va_end(ap);
}

/* How the part of a sentence begins that says what to do. */
static const char *const fixes[] = {"add", "check", "correct", "create",
    "decide", "delete", "demote", "end", "free", "give", "install", "make",
    "mend", "mount", "ods-cluster", "once", "order", "pcs", "put", "raise",
    "remove", "restore", "see", "set", "start", "stop", "type", "unlock", "use",
    "wait", "waiting"};

static bool is_fix(const char *text)
{
	size_t i, len = strcspn(text, " ,;:");

	for (i = 0; i < sizeof(fixes) / sizeof(fixes[0]); i++)
		if (strlen(fixes[i]) == len &&
		    strncmp(text, fixes[i], len) == 0)
			return true;
	return false;
}

/* The first one: it may have colons itself, as what is wrong may. */
static const char *find_fix(const char *sentence)
{
	const char *colon = sentence;

	while ((colon = strstr(colon, ": "))) {
		colon += 2;
		if (is_fix(colon))
			return colon;
	}
	return NULL;
}

/* Our sentences are "what is wrong: what to do", or "waiting for X"; "zone Z:
 * what is wrong with it" has nothing to do that is known here. */
static void split(const char *sentence, struct headline *h)
{
	const char *fix = find_fix(sentence);

	snprintf(h->what, sizeof(h->what), "%.*s",
	    fix ? (int)(fix - 2 - sentence) : (int)strlen(sentence), sentence);
	if (!fix && strncmp(sentence, WAIT, strlen(WAIT)) == 0)
		fix = sentence;
	if (fix && strncmp(fix, WAIT, strlen(WAIT)) == 0)
		advise(h, "wait for %s", fix + strlen(WAIT));
	else if (fix)
		advise(h, "%s", fix);
	else if (strncmp(sentence, ZONE, strlen(ZONE)) == 0)
		advise(h, "mend what it names; what is published stays");
	else
		advise(h, "see pcs status");
}

static const struct view_node *find_source(const struct view *v)
{
	int i;

	for (i = 0; i < v->nodes; i++)
		if (v->node[i].present &&
		    strcmp(v->node[i].role, "source") == 0)
			return &v->node[i];
	return NULL;
}

static const struct view_node *find_hsm_lost(const struct view *v)
{
	int i;

	for (i = 0; i < v->nodes; i++)
		if (v->node[i].present && strcmp(v->node[i].hsm, "lost") == 0)
			return &v->node[i];
	return NULL;
}

/* It may take over, but its token lacks something (ods-why-RES). */
static const struct view_node *find_keys_lacking(const struct view *v)
{
	int i;

	for (i = 0; i < v->nodes; i++)
		if (v->node[i].present && !v->node[i].self &&
		    strncmp(v->node[i].why, READY_BUT, strlen(READY_BUT)) == 0)
			return &v->node[i];
	return NULL;
}

static bool can_take_over(const struct view_node *n)
{
	return n->present && n->holder && n->promotable != VIEW_NO &&
	       strcmp(n->role, "source") != 0 &&
	       strcmp(n->role, "foreign") != 0;
}

static int count_ready(const struct view *v)
{
	int i, count = 0;

	for (i = 0; i < v->nodes; i++)
		count += can_take_over(&v->node[i]);
	return count;
}

/* Why is there nobody else?  The first node that says so. */
static void advise_standby(const struct view *v, struct headline *h)
{
	int i;

	advise(h, "add a second node");
	for (i = 0; i < v->nodes; i++) {
		const struct view_node *n = &v->node[i];

		if (strcmp(n->role, "source") == 0)
			continue;
		if (!n->present)
			advise(h, "start %s", n->name);
		else if (n->why[0])
			advise(h, "see %s: %s", n->name, n->why);
		else
			advise(h, "type ods-cluster status on %s", n->name);
		return;
	}
}

/* The daemon is content: is the cluster, too? */
static void judge_cluster(const struct view *v, struct headline *h)
{
	const struct view_node *source = find_source(v);
	const struct view_node *hsm = find_hsm_lost(v);
	const struct view_node *lacks = find_keys_lacking(v);
	char what[WHY_MAX];
	int ready = count_ready(v);

	if (!source && v->term == 0) {
		say(h, VIEW_CRITICAL, "there has been no source yet");
		advise(h, "wait for the first promotion; if it does not come, "
		          "see pcs status --full");
		return;
	}
	if (!source) {
		say(h, VIEW_CRITICAL, "no node signs");
		advise(h, "wait for the takeover; if it does not come, see "
		          "pcs status --full");
		return;
	}
	if (ready == 0) {
		say(h, VIEW_WARNING, "%s signs, no node can take over",
		    source->name);
		advise_standby(v, h);
		return;
	}
	say(h, VIEW_OK, "%s signs, %d %s can take over", source->name, ready,
	    ready == 1 ? "node" : "nodes");
	advise(h, "nothing");
	/* Asked on a standby: what the source tells Pacemaker. */
	if (source->why[0] && strncmp(source->why, "signing", 7) != 0) {
		split(source->why, h);
		h->code = VIEW_WARNING;
	} else if (hsm) {
		say(h, VIEW_WARNING, "%s signs, the HSM of %s does not answer",
		    source->name, hsm->name);
		advise(h, "mend the HSM; what is signed stays published");
	} else if (lacks) {
		split(lacks->why + strlen("ready, but "), h);
		snprintf(what, sizeof(what), "%s", h->what);
		say(h, VIEW_WARNING, "%s signs; on %s %s", source->name,
		    lacks->name, what);
	} else if (v->refused > 0) {
		say(h, VIEW_WARNING, "%d of %d zones are refused", v->refused,
		    v->zones);
		advise(h, "see the log of ods-syncd on %s", source->name);
	} else if (!v->fencing) {
		say(h, VIEW_WARNING, "fencing is off");
		advise(h, "set it up: without it a lost node is never "
		          "replaced by itself");
	} else if (v->ungated > 0) {
		say(h, VIEW_WARNING,
		    "%d zones go out by a DNS adapter, around the gate",
		    v->ungated);
		advise(h, "give them a File output adapter");
	}
}

static void judge_daemon(const struct view *v, struct headline *h)
{
	if (!v->quorate) {
		say(h, VIEW_CRITICAL, "this partition has no quorum");
		advise(h, "start the other nodes; pcs quorum unblock only if "
		          "they are surely off");
		return;
	}
	if (v->verdict == VIEW_OK) {
		judge_cluster(v, h);
		return;
	}
	split(v->verdict_why, h);
	h->code = v->verdict == VIEW_WARNING ? VIEW_WARNING : VIEW_CRITICAL;
	/* A standby's trouble is not the service's, nor its silence. */
	if (h->code == VIEW_WARNING && !find_source(v)) {
		h->code = VIEW_CRITICAL;
		memmove(h->what + strlen("no node signs; "), h->what,
		    sizeof(h->what) - strlen("no node signs; "));
		memcpy(h->what, "no node signs; ", strlen("no node signs; "));
		h->what[sizeof(h->what) - 1] = '\0';
	}
}

static void advise_down(const struct view *v, struct headline *h)
{
	if (!v->pacemaker)
		advise(h, "pcs cluster start; if the other nodes are surely "
		          "off, also pcs quorum unblock");
	else if (!v->quorate)
		advise(h, "start the other nodes: there is no quorum; pcs "
		          "quorum unblock only if they are surely off");
	else
		advise(h, "see pcs status; then pcs resource cleanup%s%s",
		    v->res[0] ? " " : "", v->res);
}

/* Whatever else line 1 says: a takeover now could lose what is published. */
static void judge_solo(const struct view *v, struct headline *h)
{
	size_t used = strlen(h->what);

	if (!v->solo)
		return;
	snprintf(h->what + used, sizeof(h->what) - used, "%s",
	    "; asynchronous, losses possible");
	if (h->code != VIEW_OK)
		return;
	h->code = VIEW_WARNING;
	if (strcmp(v->barrier, "off") == 0)
		advise(h, "set barrier=degrade, unless that is wanted");
	else
		advise(h, "wait until the other nodes have all of it");
}

void view_judge(const struct view *v, struct headline *h)
{
	memset(h, 0, sizeof(*h));
	switch (v->from) {
	case VIEW_DAEMON:
		judge_daemon(v, h);
		judge_solo(v, h);
		return;
	case VIEW_LEDGER:
		say(h, VIEW_UNKNOWN,
		    "ods-syncd does not run here%s; this is what it left",
		    v->pacemaker ? "" : ", nor does Pacemaker");
		advise_down(v, h);
		return;
	case VIEW_NOTHING:
		say(h, VIEW_UNKNOWN, "%s",
		    v->no_daemon[0] ? v->no_daemon
		                    : "no state resource has run here");
		advise_down(v, h);
		return;
	}
}
