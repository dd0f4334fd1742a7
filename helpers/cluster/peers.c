/* SPDX-License-Identifier: GPL-2.0-or-later
 * Copyright (C) The ocf-ods contributors */
#include "peers.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "crmtool.h"
#include "proc.h"

static void ask_node(
    struct view *v, struct view_node *n, struct deadline deadline)
{
	char name[160], score[32];

	snprintf(name, sizeof(name), "ods-hsm");
	if (crmtool_attr_get(
	        name, n->name, n->hsm, sizeof(n->hsm), deadline, NULL) < 0)
		n->hsm[0] = '\0';
	if (n->self)
		return;
	/* The attribute that carries a promotion score: master-RESOURCE, in
	 * Pacemaker 2.1 and 3.0. */
	snprintf(name, sizeof(name), "master-%s", v->res);
	if (crmtool_attr_get(
	        name, n->name, score, sizeof(score), deadline, NULL) == 0)
		n->promotable =
		    strcmp(score, "-INFINITY") == 0 ? VIEW_NO : VIEW_YES;
	snprintf(name, sizeof(name), "ods-why-%s", v->res);
	if (crmtool_attr_get(
	        name, n->name, n->why, sizeof(n->why), deadline, NULL) < 0)
		n->why[0] = '\0';
}

/* Pacemaker's own view, for when the daemon cannot be asked. */
static bool has_quorum(struct deadline deadline)
{
	const char *argv[] = {"crm_node", "-q", NULL};
	struct proc_result result;

	if (proc_run(argv, NULL, deadline, &result, NULL) < 0 ||
	    result.code != 0)
		return true; /* nobody says that there is none */
	return result.out[0] != '0';
}

void peers_ask(struct view *v, struct deadline deadline)
{
	struct why why = {0};
	char text[16];
	int i, rc;

	rc = crmtool_attr_get(
	    "ods-hsm", NULL, text, sizeof(text), deadline, &why);
	v->pacemaker = rc == 0 || rc == -ENODATA;
	if (!v->pacemaker)
		return;
	if (v->from != VIEW_DAEMON)
		v->quorate = has_quorum(deadline);
	for (i = 0; i < v->nodes; i++)
		if (v->node[i].present && !deadline_passed(deadline))
			ask_node(v, &v->node[i], deadline);
}
