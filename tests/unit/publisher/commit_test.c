/* SPDX-License-Identifier: GPL-2.0-or-later
 * Copyright (C) The ocf-ods contributors */
#include "ledger.h"

/* The disk is full when it is to be kept that a batch is served. */
static int fake_commit(struct ledger *l, struct why *why);

#define ledger_commit fake_commit
#include "publisher.c"
#undef ledger_commit

#include "versions.h"

static volatile int commits, fails_at;

static int fake_commit(struct ledger *l, struct why *why)
{
	if (++commits != fails_at)
		return ledger_commit(l, why);
	ledger_rollback(l);
	return why_set(why, -ENOSPC, "ledger.db cannot be written");
}

/* Its files are installed; the ledger says so with the next pass. */
static void served_but_not_kept(void **state)
{
	(void)state;
	begin();
	fails_at = commits + 1;
	put("signed/z0", "serial=13");
	until(is_served("z0", "serial=13"));
	until(row_of("z0").state == ZONE_SERVED &&
	      row_of("z0").served_serial == 13);
	assert_true(commits > fails_at);
	until(!news.trouble[0]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    T(served_but_not_kept),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
