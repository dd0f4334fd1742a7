/* SPDX-License-Identifier: GPL-2.0-or-later
 * Copyright (C) The ocf-ods contributors */
#include "jsonout.h"

#include <inttypes.h>
#include <string.h>

#define SCHEMA 1
#define REPLACEMENT "\xef\xbf\xbd"

/* Length of the UTF-8 sequence at P, 0 when it is none (RFC 3629: no
 * overlong forms, no surrogates, nothing above U+10FFFF). */
static int utf8_length(const unsigned char *p)
{
	int i, len = p[0] < 0x80                    ? 1
	             : p[0] >= 0xc2 && p[0] <= 0xdf ? 2
	             : p[0] >= 0xe0 && p[0] <= 0xef ? 3
	             : p[0] >= 0xf0 && p[0] <= 0xf4 ? 4
	                                            : 0;

	for (i = 1; i < len; i++)
		if ((p[i] & 0xc0) != 0x80)
			return 0;
	if ((p[0] == 0xe0 && p[1] < 0xa0) || (p[0] == 0xed && p[1] > 0x9f) ||
	    (p[0] == 0xf0 && p[1] < 0x90) || (p[0] == 0xf4 && p[1] > 0x8f))
		return 0;
	return len;
}

static void put_string(FILE *out, const char *text)
{
	const unsigned char *p = (const unsigned char *)text;

	fputc('"', out);
	while (*p) {
		int len = utf8_length(p);

		if (*p == '"' || *p == '\\')
			fprintf(out, "\\%c", *p);
		else if (*p < 0x20 || *p == 0x7f)
			fprintf(out, "\\u%04x", *p);
		else if (len == 0)
			fputs(REPLACEMENT, out);
		else
			fwrite(p, 1, (size_t)len, out);
		p += len ? len : 1;
	}
	fputc('"', out);
}

static void lead(struct json *j, const char *key)
{
	if (j->comma)
		fputc(',', j->out);
	if (j->depth)
		fprintf(j->out, "\n%*s", 2 * j->depth, "");
	if (key) {
		put_string(j->out, key);
		fputs(": ", j->out);
	}
	j->comma = true;
}

void json_open(struct json *j, const char *key, char bracket)
{
	lead(j, key);
	fputc(bracket, j->out);
	j->depth++;
	j->comma = false;
}

void json_close(struct json *j, char bracket)
{
	j->depth--;
	if (j->comma)
		fprintf(j->out, "\n%*s", 2 * j->depth, "");
	fputc(bracket, j->out);
	j->comma = true;
	if (j->depth == 0)
		fputc('\n', j->out);
}

void json_text(struct json *j, const char *key, const char *value)
{
	lead(j, key);
	put_string(j->out, value);
}

void json_number(struct json *j, const char *key, int64_t value)
{
	lead(j, key);
	fprintf(j->out, "%" PRId64, value);
}

void json_bool(struct json *j, const char *key, bool value)
{
	lead(j, key);
	fputs(value ? "true" : "false", j->out);
}

void json_null(struct json *j, const char *key)
{
	lead(j, key);
	fputs("null", j->out);
}

static void text_or_null(struct json *j, const char *key, const char *value)
{
	if (value[0])
		json_text(j, key, value);
	else
		json_null(j, key);
}

static void json_copy(struct json *j, const struct view_node *n)
{
	struct view_copy c;

	if (n->copy_total == 0)
		return;
	view_copy(n, &c);
	json_open(j, "copy", '{');
	json_number(j, "bytes", (int64_t)n->copy_total);
	json_number(j, "bytes_done", (int64_t)n->copy_done);
	json_number(j, "percent", c.percent);
	json_number(j, "ms", n->copy_ms);
	if (c.left_s < 0)
		json_null(j, "left_s");
	else
		json_number(j, "left_s", c.left_s);
	json_close(j, '}');
}

static void json_node(struct json *j, const struct view_node *n)
{
	json_open(j, NULL, '{');
	json_text(j, "name", n->name);
	json_bool(j, "self", n->self);
	json_bool(j, "present", n->present);
	json_text(j, "role", n->role);
	json_bool(j, "holder", n->holder);
	json_number(j, "term", (int64_t)n->term);
	json_number(j, "seq", (int64_t)n->seq);
	if (n->lag_ms < 0)
		json_null(j, "lag_ms");
	else
		json_number(j, "lag_ms", n->lag_ms);
	json_copy(j, n);
	text_or_null(j, "hsm", n->hsm);
	if (n->promotable == VIEW_DONT_KNOW)
		json_null(j, "promotable");
	else
		json_bool(j, "promotable", n->promotable == VIEW_YES);
	text_or_null(j, "why", n->why);
	json_close(j, '}');
}

/* Nothing that is served can run out: null. */
static void json_expiry(struct json *j, const struct view *v)
{
	if (v->bogus_at)
		json_number(j, "bogus_at", v->bogus_at);
	else
		json_null(j, "bogus_at");
	text_or_null(j, "bogus_zone", v->bogus_zone);
	if (v->least_zone[0])
		json_number(j, "least_percent", v->least_percent);
	else
		json_null(j, "least_percent");
	text_or_null(j, "least_zone", v->least_zone);
}

static void json_holds(struct json *j, const struct view *v)
{
	int i;

	json_open(j, "held", '[');
	for (i = 0; i < v->holds; i++) {
		json_open(j, NULL, '{');
		json_text(j, "zone", v->hold[i].zone);
		json_number(j, "since", v->hold[i].since);
		json_text(j, "why", v->hold[i].why);
		json_close(j, '}');
	}
	json_close(j, ']');
}

static void json_zones(struct json *j, const struct view *v)
{
	json_open(j, "zones", '{');
	json_number(j, "total", v->zones);
	json_number(j, "published", v->served);
	if (v->from == VIEW_DAEMON) {
		json_number(j, "waiting", v->waiting);
		json_number(j, "refused", v->refused);
		json_number(j, "ungated", v->ungated);
		json_number(j, "colliding", v->colliding);
		text_or_null(j, "collision", v->collision);
		json_number(j, "late", v->late);
		json_number(j, "untold", v->untold);
		json_number(j, "escaped", v->escaped);
		text_or_null(j, "escaped_zone", v->escaped_zone);
		json_holds(j, v);
		json_expiry(j, v);
	}
	json_close(j, '}');
}

static void json_unbacked(struct json *j, const struct view_keys *k)
{
	int i;

	if (k->unbacked < 0)
		json_null(j, "unbacked");
	else
		json_number(j, "unbacked", k->unbacked);
	json_open(j, "unbacked_keys", '[');
	for (i = 0; i < k->named; i++)
		json_text(j, NULL, k->name[i]);
	json_close(j, ']');
}

static void json_keys(struct json *j, const struct view_keys *k)
{
	if (!k->level[0])
		return;
	json_open(j, "keys", '{');
	json_text(j, "state", k->level);
	json_number(j, "proven", k->ok);
	json_number(j, "unproven", k->unproven);
	json_number(j, "missing", k->missing);
	json_number(j, "different", k->different);
	json_number(j, "extra", k->extra);
	if (k->looked)
		json_number(j, "looked", k->looked);
	else
		json_null(j, "looked");
	text_or_null(j, "trouble", k->trouble);
	text_or_null(j, "what", k->why);
	text_or_null(j, "do", k->fix);
	text_or_null(j, "capacity", k->capacity);
	json_unbacked(j, k);
	json_close(j, '}');
}

static void json_epoch(struct json *j, const char *key, int64_t epoch)
{
	if (epoch)
		json_number(j, key, epoch);
	else
		json_null(j, key);
}

static void json_enforcer(struct json *j, const struct view *v)
{
	json_bool(j, "enforce", v->enforce);
	json_open(j, "enforcer_waits", '{');
	json_number(j, "zones", v->enforce_zones);
	text_or_null(j, "zone", v->enforce_zone);
	json_epoch(j, "since", v->enforce_since);
	json_epoch(j, "until", v->enforce_until);
	text_or_null(j, "because", v->enforce_why);
	text_or_null(j, "do", v->enforce_fix);
	json_close(j, '}');
}

static void json_cluster(struct json *j, const struct view *v)
{
	json_bool(j, "quorate", v->quorate);
	json_bool(j, "fencing", v->fencing);
	json_bool(j, "encrypted", v->encrypted);
	json_enforcer(j, v);
	text_or_null(j, "barrier", v->barrier);
	json_number(j, "held_s", v->held_s);
	json_number(j, "degraded_since", v->degraded_since);
}

static void json_loss(struct json *j, const struct view *v)
{
	json_open(j, "loss_accepted", '{');
	json_epoch(j, "at", v->loss_at);
	json_number(j, "term", (int64_t)v->loss_term);
	text_or_null(j, "node", v->loss_node);
	text_or_null(j, "by", v->loss_by);
	json_close(j, '}');
}

void json_print(const struct view *v, const struct headline *h, FILE *out)
{
	static const char *const from[] = {
	    [VIEW_NOTHING] = "nothing",
	    [VIEW_LEDGER] = "ledger",
	    [VIEW_DAEMON] = "daemon",
	};
	struct json j = {.out = out};
	int i;

	json_open(&j, NULL, '{');
	json_number(&j, "schema", SCHEMA);
	json_number(&j, "code", h->code);
	json_text(&j, "verdict", view_code_word(h->code));
	json_text(&j, "what", h->what);
	json_text(&j, "do_now", h->do_now);
	json_text(&j, "from", from[v->from]);
	text_or_null(&j, "resource", v->res);
	text_or_null(&j, "cluster", v->cluster);
	json_number(&j, "term", (int64_t)v->term);
	json_number(&j, "revision", (int64_t)v->revision);
	json_number(&j, "seq", (int64_t)v->seq);
	json_bool(&j, "open", v->open);
	json_number(&j, "holders", v->holders);
	json_bool(&j, "solo", v->solo);
	json_loss(&j, v);
	if (v->from == VIEW_DAEMON)
		json_cluster(&j, v);
	json_zones(&j, v);
	json_keys(&j, &v->keys);
	json_open(&j, "nodes", '[');
	for (i = 0; i < v->nodes; i++)
		json_node(&j, &v->node[i]);
	json_close(&j, ']');
	json_close(&j, '}');
}
