/* SPDX-License-Identifier: GPL-2.0-or-later
 * Copyright (C) The ocf-ods contributors */
#include "verdict.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "engine_core.h"
#include "join.h"

#define HEARD_MS 5000 /* for a refused joiner to hang up first */

static int tell_verdict(
    struct conn *c, const struct verdict *v, struct why *why)
{
	struct wire_writer w;

	wire_write_begin(&w, conn_payload(c), NET_FRAME_MAX);
	verdict_put(&w, v);
	return conn_send(c, NET_VERDICT, w.used, why);
}

/* A connection that is closed with something unread loses what was sent. */
static void wait_heard(struct conn *c)
{
	struct deadline d = deadline_in_ms(HEARD_MS);
	const uint8_t *data;
	enum net_type type;
	size_t len;
	int rc = 0;

	while ((rc == 0 || rc == -EAGAIN) && !deadline_passed(d))
		rc = conn_recv(c, NET_PING_MS, &type, &data, &len, NULL);
}

static int judge(struct conn *c, const char *state_dir,
    const struct engine_term *term, const struct lineage *has,
    struct verdict *v, struct why *why)
{
	struct lineage mine = {0};
	struct ledger *ledger;
	int rc = ledger_open(state_dir, &ledger, why);

	if (rc < 0)
		return rc;
	rc = ledger_lineage_get(ledger, &term->term_id, &mine, why);
	ledger_close(ledger);
	mine.tip.term = term->term;
	if (rc == 0) {
		v->ancestry = ancestry_judge(&mine, has, &v->common);
		rc = join_lineage(c, &mine, why);
	}
	if (rc == 0)
		rc = tell_verdict(c, v, why);
	lineage_free(&mine);
	return rc;
}

int verdict_give(struct engine *e, struct conn *c,
    const struct engine_term *term, const struct id *node,
    const struct lineage *has, struct why *why)
{
	struct engine_event ev = {.type = ENGINE_JUDGED, .node = *node};
	struct verdict v = {0};
	int rc = judge(c, e->state_dir, term, has, &v, why);

	if (rc < 0)
		return rc;
	ev.ancestry = v.ancestry;
	verdict_text(&v, &has->tip, term->term,
	    "the list in its quarantine directory", ev.text);
	engine_emit(e, &ev);
	if (ancestry_served(v.ancestry))
		return 0;
	wait_heard(c);
	return why_set(why, -EPERM, "%s", ev.text);
}

int verdict_lineage(
    struct ledger *ledger, struct lineage *lineage, struct why *why)
{
	struct position tip, applied;
	char state[32] = "";
	int rc = ledger_position_get(ledger, &tip, &applied, why);

	*lineage = (struct lineage){0};
	if (rc < 0)
		return rc;
	/* What a seed had is no history of it any more. */
	ledger_note_get(ledger, "state", state, sizeof(state));
	if (strcmp(state, "seeding") == 0)
		return 0;
	return ledger_lineage_get(ledger, &tip.term_id, lineage, why);
}

int verdict_take(struct conn *c, const struct engine_term *term,
    struct lineage *source, struct verdict *v, struct why *why)
{
	const uint8_t *data;
	enum net_type type;
	size_t len;
	int rc;

	*source = (struct lineage){
	    .tip = {.term_id = term->term_id, .term = term->term}};
	for (;;) {
		rc = conn_recv(c, NET_PING_MS, &type, &data, &len, why);
		if (rc == -EAGAIN)
			continue;
		if (rc < 0)
			return rc;
		if (type == NET_VERDICT)
			rc = verdict_get(data, len, v);
		else
			rc = type == NET_LINEAGE
			         ? lineage_get(data, len, source)
			         : -EPROTO;
		if (rc < 0)
			return why_set(why, rc,
			    "the source sent a bad history: %s", strerror(-rc));
		if (type == NET_VERDICT)
			return 0;
	}
}

void verdict_text(const struct verdict *v, const struct position *tip,
    uint64_t term, const char *where, char text[WHY_MAX])
{
	switch (v->ancestry) {
	case ANCESTRY_BEHIND:
		text[0] = '\0';
		return;
	case ANCESTRY_UNPUBLISHED:
		snprintf(text, WHY_MAX,
		    "generation %" PRIu64 " of term %" PRIu64
		    " was never published: what differs is set aside, see %s",
		    tip->seq, tip->term, where);
		return;
	case ANCESTRY_DIVERGED:
		snprintf(text, WHY_MAX,
		    "generation %" PRIu64 " of term %" PRIu64
		    " may have been published and is no part of term %" PRIu64
		    ": what only this node has is set aside, see %s",
		    tip->seq, tip->term, term, where);
		return;
	case ANCESTRY_UNRELATED:
		snprintf(text, WHY_MAX,
		    "term %" PRIu64 " of this node and term %" PRIu64
		    " of the source have no common history: decide with "
		    "ods-cluster init --source NODE",
		    tip->term, term);
		return;
	case ANCESTRY_WENT_BACK:
		snprintf(text, WHY_MAX,
		    "generation %" PRIu64 " of term %" PRIu64
		    " is more than its source has, whose disk went back in "
		    "time: decide with ods-cluster init --source NODE",
		    tip->seq, tip->term);
		return;
	}
}

int verdict_heed(struct engine *e, struct ledger *ledger,
    const struct engine_term *term, const struct id *source,
    const struct position *tip, const struct verdict *v, struct why *why)
{
	struct engine_event ev = {
	    .type = ENGINE_JUDGED, .node = *source, .ancestry = v->ancestry};
	char list[PATH_MAX + 64], id[ID_TEXT];

	id_text(&term->term_id, id);
	snprintf(list, sizeof(list), "%s/quarantine/%s/list", e->state_dir, id);
	verdict_text(v, tip, term->term, list, ev.text);
	engine_emit(e, &ev);
	if (!ancestry_served(v->ancestry))
		return why_set(why, -EACCES, "%s", ev.text);
	return v->ancestry == ANCESTRY_BEHIND
	           ? 0
	           : ledger_note_put(ledger, NOTE_UNSAVED, "1", why);
}

int verdict_adopt(struct ledger *ledger, const struct lineage *source,
    const struct position *tip, struct why *why)
{
	int rc = ledger_begin(ledger, why);

	if (rc < 0)
		return rc;
	rc = ledger_lineage_put(ledger, source, why);
	if (rc == 0)
		rc = ledger_note_put(ledger, NOTE_SOURCE, "", why);
	/* Whom the source names as holder is no seed after a crash. */
	if (rc == 0)
		rc = ledger_note_put(ledger, "state", "ledger", why);
	if (rc == 0)
		rc = ledger_tip_put(ledger, tip, why);
	if (rc == 0)
		return ledger_commit(ledger, why);
	ledger_rollback(ledger);
	return rc;
}
