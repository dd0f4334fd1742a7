/* SPDX-License-Identifier: GPL-2.0-or-later
 * Copyright (C) The ocf-ods contributors */
#include "holders.h"

#define RETURN_AFTER_MS 30000
#define LATE_MS 60000

enum holder_verdict holder_judge(
    const struct holder_facts *f, int64_t barrier_timeout_ms)
{
	switch (f->left) {
	case LEFT_LEAVE:
	case LEFT_PROCDOWN:
		return HOLDER_DROP;
	case LEFT_NODEDOWN:
	case LEFT_UNSEEN:
		if (f->fenced || !f->fencing)
			return HOLDER_DROP;
		return HOLDER_WAIT_FENCE;
	case LEFT_NOT:
		break;
	}
	/* One that always makes some progress and never arrives holds up
	 * publishing as much as a silent one. */
	return f->lag_ms > barrier_timeout_ms || f->late_ms > LATE_MS
	           ? HOLDER_ASK_DROP
	           : HOLDER_KEEP;
}

bool holder_may_return(const struct holder_facts *f)
{
	if (f->left != LEFT_NOT || f->clean_ms <= 0 || f->lag_ms > 0)
		return false;
	return !f->removed || f->clean_ms >= RETURN_AFTER_MS;
}

bool record_in_force(int voters, int stored, bool present_all)
{
	if (voters <= 2)
		return present_all;
	return 2 * stored > voters && present_all;
}

bool record_in_force_both(
    int before, int voters, int stored, int listed, bool present_all)
{
	int added = voters > before ? voters - before : 0;

	return record_in_force(voters, listed, present_all) &&
	       (before == 0 ||
	           record_in_force(before, stored - added, present_all));
}
