/* SPDX-License-Identifier: GPL-2.0-or-later
 * Copyright (C) The ocf-ods contributors */
#include "syncd.h"

#include <errno.h>
#include <string.h>

#include "deadline.h"
#include "engine_core.h"
#include "log.h"

/* What the source of the term before had on its way out.  It installs a
 * version when every holder has acked a generation that holds it: what the
 * world may have seen is on every disk that is named now, and what is on each
 * of them may go out at once.  A version that this node alone has was never
 * seen.  Where that cannot be told apart, promote waits until the other
 * holders have it too: the name server starts after promote, and no serial
 * goes back.
 *
 *	every other holder here has our generation, or there is none: at once
 *	else: the publisher's first batch, behind the barrier, and promote
 *	waits for it
 *
 * Not for ever: barrier_timeout, and the time to drop who is late. */

#define DROP_MS 3000
#define ANSWER_MS 500

/* What a source has written may be newer than its last generation; then a
 * whole one of another source comes over it. */
static bool wrote_since(const struct syncd *s)
{
	char text[8] = "";
	int rc = ledger_note_get(s->ledger, NOTE_UNSAVED, text, sizeof(text));

	return rc < 0 ? rc != -ENOENT : strcmp(text, "1") == 0;
}

static bool has_tip(
    struct syncd *s, const struct id *id, const struct position *tip)
{
	const struct member *m = member_by_id(s, id);

	return m && m->left == LEFT_NOT && m->has_hello && !m->outdated &&
	       m->hello.state == STATE_LEDGER &&
	       id_equal(&m->hello.tip.term_id, &tip->term_id) &&
	       m->hello.tip.seq >= tip->seq;
}

/* Of the disk: a session that is frozen before it acks has a generation there
 * that nobody has told us of. */
bool resume_at_once(struct syncd *s, const struct record *next)
{
	struct position tip, applied;
	struct why why = {0};
	bool mine;
	int i;

	if (ledger_position_get(s->ledger, &tip, &applied, &why) < 0) {
		log_err("%s", why.text);
		return false;
	}
	mine = wrote_since(s) || tip.term == 0;
	for (i = 0; i < next->holders.count; i++) {
		const struct id *id = &next->holders.id[i];

		if (!id_equal(id, &s->self) && (mine || !has_tip(s, id, &tip)))
			return false;
	}
	return true;
}

int resume_mark(struct syncd *s, struct why *why)
{
	return ledger_note_put(s->ledger, NOTE_UNSAVED, "1", why);
}

void resume_begin(struct syncd *s)
{
	s->resuming = true;
	s->resume_until = deadline_in_ms(s->opt.barrier_timeout_ms + DROP_MS);
}

void resume_end(struct syncd *s)
{
	s->resuming = false;
	if (s->role == ROLE_SOURCE)
		promote_answer(s, 0, NULL);
}

/* It goes on behind the barrier; what was published is served meanwhile, and
 * what only was about to be is late. */
void resume_tick(struct syncd *s)
{
	if (!s->resuming || !s->promoting || s->role != ROLE_SOURCE ||
	    (!deadline_passed(s->resume_until) &&
	        deadline_left_ms(s->promoting->deadline) > ANSWER_MS))
		return;
	log_warn("promoted before every holder has what was on its way out: "
	         "until then the last version before that is served");
	promote_answer(s, 0, NULL);
}
