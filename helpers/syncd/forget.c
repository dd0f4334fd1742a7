/* SPDX-License-Identifier: GPL-2.0-or-later
 * Copyright (C) The ocf-ods contributors */
#include "syncd.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "log.h"

/* ods-cluster forget: a holder that is gone for ever, in a cluster that has a
 * source.  Corosync's list must be without it, so that it can have neither
 * quorum nor a promote. */

static bool source_is_here(const struct syncd *s)
{
	int i;

	for (i = 0; i < s->members; i++)
		if (s->member[i].left == LEFT_NOT && s->member[i].has_hello &&
		    s->member[i].hello.source)
			return true;
	return s->role == ROLE_SOURCE || s->restarting;
}

/* The id of a node by its name, also of one that an earlier worker has seen
 * and the node list has no more. */
static int find_id(struct syncd *s, const char *name, struct id *id)
{
	const struct member *m = member_by_name(s, name);
	char key[NODE_NAME_MAX + 8], text[ID_TEXT] = "";

	if (m && m->known) {
		*id = m->hello.node;
		return 0;
	}
	snprintf(key, sizeof(key), "peer.%s", name);
	ledger_note_get(s->ledger, key, text, sizeof(text));
	return id_parse(text, id);
}

/* The machine that had NAME before the one that has it now, a holder still. */
static bool find_former(struct syncd *s, const char *name, struct id *id)
{
	char key[NODE_NAME_MAX + 8], text[ID_TEXT] = "";

	snprintf(key, sizeof(key), "was.%s", name);
	ledger_note_get(s->ledger, key, text, sizeof(text));
	return id_parse(text, id) == 0 && nodes_has(&s->record.holders, id) &&
	       !member_by_id(s, id);
}

int forget_typed(struct syncd *s, const char *name, struct why *why)
{
	struct control c = {.type = CONTROL_FORGET};
	const struct member *m = member_by_name(s, name);

	if (source_is_here(s) && find_former(s, name, &c.node)) {
		group_send(s, &c);
		return 0;
	}
	if (m && m->left == LEFT_NOT)
		return why_set(why, -EBUSY,
		    "%s is in the group: stop the cluster there first", name);
	if (m && m->listed)
		return why_set(why, -EBUSY,
		    "%s is still in the cluster: start it, or once it is "
		    "surely off: pcs cluster node remove %s",
		    name, name);
	if (find_id(s, name, &c.node) < 0)
		return why_set(why, -EINVAL,
		    "no node %s was ever seen here: see ods-cluster status",
		    name);
	if (!nodes_has(&s->record.holders, &c.node))
		return why_set(why, -ENOENT,
		    "%s is no holder: nothing waits for it", name);
	if (!source_is_here(s))
		return why_set(why, -EPERM,
		    "no node is source: start the others, or type ods-cluster "
		    "init --source NODE");
	group_send(s, &c);
	return 0;
}

void forget_heard(struct syncd *s, const struct id *id)
{
	char text[ID_TEXT];

	if (id_equal(id, &s->self))
		return;
	id_text(id, text);
	log_warn("forget: node %s is not waited for any more", text);
	nodes_add(&s->forgotten, id);
}
