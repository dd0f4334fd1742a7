/* SPDX-License-Identifier: GPL-2.0-or-later
 * Copyright (C) The ocf-ods contributors */
#include "../terms/cluster.h"

/* n3, a holder, is cut off and cannot be fenced.  It is removed from the
 * cluster, and a node of another name gets its Corosync id, as pcs gives the
 * lowest that is free. */

static void reading(int i, const char *name, int count)
{
	struct pacemaker_news *pn = calloc(1, sizeof(*pn));

	assert_non_null(pn);
	pn->fencing = pn->record_read = true;
	pn->nodes = 1;
	snprintf(pn->node[0].name, NODE_NAME_MAX, "%s", name);
	news_fenced(&pn->node[0].fenced, count);
	facts_pacemaker(&as(i)->s, pn);
}

static void fencing_of_the_new_one_is_not_of_the_old(void **state)
{
	static const struct nodelist_entry list[] = {
	    {1, "n1", ""}, {2, "n2", ""}, {3, "d", ""}};
	int i, version;

	(void)state;
	partition(2, 1);
	run_ms(8000);
	assert_non_null(strstr(world.node[0].s.held_why, "fencing of n3"));
	version = publish(0);
	for (i = 0; i < 2; i++)
		nodelist_merge(&as(i)->s, list, 3);
	run_ms(2000);
	print_message("held: %s\n", world.node[0].s.held_why);
	reading(0, "d", 1); /* Pacemaker has not seen it, either */
	run_ms(2000);
	assert_true(holder(0, 2));
	assert_true(world.published < version);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup_teardown(
	        fencing_of_the_new_one_is_not_of_the_old, cluster3, end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
