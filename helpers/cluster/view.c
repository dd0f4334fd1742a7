/* SPDX-License-Identifier: GPL-2.0-or-later
 * Copyright (C) The ocf-ods contributors */
#include "view.h"

#include <ctype.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "client.h"

void view_printable(char *text)
{
	for (; *text; text++)
		if (iscntrl((unsigned char)*text))
			*text = '?';
}

static void get_text(const char *reply, const char *key, char *buf, size_t size)
{
	if (client_value(reply, key, buf, size) < 0)
		buf[0] = '\0';
	view_printable(buf);
}

static int64_t get_number(const char *reply, const char *key)
{
	char text[32];

	get_text(reply, key, text, sizeof(text));
	return strtoll(text, NULL, 10);
}

static void get_node(const char *reply, int i, struct view_node *n)
{
	char key[48];
	int len = snprintf(key, sizeof(key), "node.%d.", i);
	char *field = key + len;
	size_t left = sizeof(key) - (size_t)len;

	memset(n, 0, sizeof(*n));
	snprintf(field, left, "name");
	get_text(reply, key, n->name, sizeof(n->name));
	snprintf(field, left, "role");
	get_text(reply, key, n->role, sizeof(n->role));
	snprintf(field, left, "self");
	n->self = get_number(reply, key);
	snprintf(field, left, "present");
	n->present = get_number(reply, key);
	snprintf(field, left, "holder");
	n->holder = get_number(reply, key);
	snprintf(field, left, "term");
	n->term = (uint64_t)get_number(reply, key);
	snprintf(field, left, "tip");
	n->seq = (uint64_t)get_number(reply, key);
	snprintf(field, left, "lag_ms");
	n->lag_ms = get_number(reply, key);
	snprintf(field, left, "copy_total");
	n->copy_total = (uint64_t)get_number(reply, key);
	snprintf(field, left, "copy_done");
	n->copy_done = (uint64_t)get_number(reply, key);
	snprintf(field, left, "copy_spared");
	n->copy_spared = (uint64_t)get_number(reply, key);
	snprintf(field, left, "copy_ms");
	n->copy_ms = get_number(reply, key);
}

/* Only the source knows how far the others are behind. */
static void forget_lag(struct view *v)
{
	int i;

	for (i = 0; i < v->nodes; i++)
		v->node[i].lag_ms = -1;
}

static void get_nodes(const char *reply, struct view *v)
{
	bool source = false;
	int64_t count = get_number(reply, "nodes");
	int i;

	v->nodes = 0;
	for (i = 0; i < count && i < VIEW_NODES_MAX; i++) {
		struct view_node *n = &v->node[v->nodes++];

		get_node(reply, i, n);
		if (!n->self)
			continue;
		v->seq = n->seq;
		n->promotable =
		    get_number(reply, "promotable") ? VIEW_YES : VIEW_NO;
		source = strcmp(n->role, "source") == 0;
		if (!source)
			get_text(
			    reply, "promotable_why", n->why, sizeof(n->why));
	}
	if (!source)
		forget_lag(v);
}

static void get_holds(const char *reply, struct view *v)
{
	char key[32];
	int i;

	v->holds = (int)get_number(reply, "holds");
	if (v->holds > VIEW_HOLDS)
		v->holds = VIEW_HOLDS;
	for (i = 0; i < v->holds; i++) {
		struct view_hold *h = &v->hold[i];

		snprintf(key, sizeof(key), "hold.%d.zone", i);
		get_text(reply, key, h->zone, sizeof(h->zone));
		snprintf(key, sizeof(key), "hold.%d.why", i);
		get_text(reply, key, h->why, sizeof(h->why));
		snprintf(key, sizeof(key), "hold.%d.since", i);
		h->since = get_number(reply, key);
	}
}

static void get_zones(const char *reply, struct view *v)
{
	v->zones = (int)get_number(reply, "zones");
	v->served = (int)get_number(reply, "zones_served");
	v->waiting = (int)get_number(reply, "zones_waiting");
	v->refused = (int)get_number(reply, "zones_refused");
	v->ungated = (int)get_number(reply, "zones_ungated");
	v->colliding = (int)get_number(reply, "zones_colliding");
	v->bogus_at = get_number(reply, "bogus_at");
	v->least_percent = (int)get_number(reply, "least_percent");
	v->late = (int)get_number(reply, "zones_late");
	v->untold = (int)get_number(reply, "zones_untold");
	v->escaped = (int)get_number(reply, "zones_escaped");
	get_text(
	    reply, "escaped_zone", v->escaped_zone, sizeof(v->escaped_zone));
	get_holds(reply, v);
	get_text(reply, "bogus_zone", v->bogus_zone, sizeof(v->bogus_zone));
	get_text(reply, "least_zone", v->least_zone, sizeof(v->least_zone));
	get_text(reply, "collision", v->collision, sizeof(v->collision));
}

static void get_keys(const char *reply, struct view_keys *k)
{
	char key[24];

	get_text(reply, "keys", k->level, sizeof(k->level));
	k->ok = get_number(reply, "keys_ok");
	k->unproven = get_number(reply, "keys_unproven");
	k->missing = get_number(reply, "keys_missing");
	k->different = get_number(reply, "keys_different");
	k->extra = get_number(reply, "keys_extra");
	k->looked = get_number(reply, "keys_looked");
	get_text(reply, "keys_why", k->why, sizeof(k->why));
	get_text(reply, "keys_do", k->fix, sizeof(k->fix));
	get_text(reply, "keys_trouble", k->trouble, sizeof(k->trouble));
	get_text(reply, "capacity_why", k->capacity, sizeof(k->capacity));
	k->unbacked = k->level[0] ? get_number(reply, "unbacked") : -1;
	for (k->named = 0; k->named < VIEW_UNBACKED_MAX; k->named++) {
		snprintf(key, sizeof(key), "unbacked.%d", k->named);
		get_text(reply, key, k->name[k->named], sizeof(k->name[0]));
		if (!k->name[k->named][0])
			break;
	}
}

static void get_enforcer(const char *reply, struct view *v)
{
	v->enforce = get_number(reply, "enforce");
	v->enforce_zones = (int)get_number(reply, "enforce_zones");
	v->enforce_since = get_number(reply, "enforce_since");
	v->enforce_until = get_number(reply, "enforce_until");
	get_text(
	    reply, "enforce_zone", v->enforce_zone, sizeof(v->enforce_zone));
	get_text(reply, "enforce_why", v->enforce_why, sizeof(v->enforce_why));
	get_text(reply, "enforce_fix", v->enforce_fix, sizeof(v->enforce_fix));
}

void view_loss(const char *line, struct view *v)
{
	if (sscanf(line, "%" SCNd64 " %" SCNu64 " %127s %127[^\n]", &v->loss_at,
	        &v->loss_term, v->loss_node, v->loss_by) != 4)
		v->loss_at = 0;
}

int view_from_reply(const char *reply, struct view *v)
{
	char text[32], loss[512];

	if (client_value(reply, "verdict", text, sizeof(text)) < 0)
		return -EPROTO;
	v->from = VIEW_DAEMON;
	v->verdict = (int)strtol(text, NULL, 10);
	get_text(reply, "verdict_why", v->verdict_why, sizeof(v->verdict_why));
	get_text(reply, "cluster", v->cluster, sizeof(v->cluster));
	v->term = (uint64_t)get_number(reply, "term");
	v->revision = (uint64_t)get_number(reply, "revision");
	v->open = get_number(reply, "open");
	v->quorate = get_number(reply, "quorate");
	v->fencing = get_number(reply, "fencing");
	v->encrypted = get_number(reply, "encrypted");
	get_enforcer(reply, v);
	v->holders = (int)get_number(reply, "holders");
	get_text(reply, "barrier", v->barrier, sizeof(v->barrier));
	v->solo = get_number(reply, "solo");
	v->held_s = get_number(reply, "held_s");
	v->degraded_since = get_number(reply, "degraded_since");
	get_zones(reply, v);
	get_keys(reply, &v->keys);
	get_text(reply, "loss", loss, sizeof(loss));
	view_loss(loss, v);
	get_nodes(reply, v);
	return 0;
}

void view_copy(const struct view_node *n, struct view_copy *c)
{
	uint64_t done =
	    n->copy_done < n->copy_total ? n->copy_done : n->copy_total;
	uint64_t came = done > n->copy_spared ? done - n->copy_spared : 0;
	double rate = n->copy_ms > 0 ? (double)came / (double)n->copy_ms : 0;

	c->percent = n->copy_total > 0
	                 ? (int)(100.0 * (double)done / (double)n->copy_total)
	                 : 0;
	c->mb_s = rate / 1000;
	c->left_s =
	    rate > 0 ? (int64_t)((double)(n->copy_total - done) / rate / 1000)
	             : -1;
}

const char *view_code_word(enum view_code code)
{
	switch (code) {
	case VIEW_OK:
		return "OK";
	case VIEW_WARNING:
		return "WARNING";
	case VIEW_CRITICAL:
		return "CRITICAL";
	case VIEW_UNKNOWN:
		break;
	}
	return "UNKNOWN";
}
