/* SPDX-License-Identifier: GPL-2.0-or-later
 * Copyright (C) The ocf-ods contributors */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include "holders.h"

#define TIMEOUT_MS 5000
#define LATE_MS 60000

static const enum left lefts[] = {
    LEFT_NOT, LEFT_LEAVE, LEFT_PROCDOWN, LEFT_NODEDOWN, LEFT_UNSEEN};

/* A holder is dropped only with proof that it cannot promote; by being late
 * it is asked. */
static enum holder_verdict expected(const struct holder_facts *f)
{
	bool late = f->lag_ms > TIMEOUT_MS || f->late_ms > LATE_MS;

	if (f->left == LEFT_NOT)
		return late ? HOLDER_ASK_DROP : HOLDER_KEEP;
	if (f->left == LEFT_LEAVE || f->left == LEFT_PROCDOWN)
		return HOLDER_DROP;
	return f->fenced || !f->fencing ? HOLDER_DROP : HOLDER_WAIT_FENCE;
}

static void table(void **state)
{
	static const int64_t lags[] = {0, 1, TIMEOUT_MS, TIMEOUT_MS + 1};
	static const int64_t lates[] = {0, LATE_MS, LATE_MS + 1};
	unsigned i, fenced, fencing, l;

	(void)state;
	for (i = 0; i < 5; i++)
		for (fenced = 0; fenced < 2; fenced++)
			for (fencing = 0; fencing < 2; fencing++)
				for (l = 0; l < 12; l++) {
					struct holder_facts f = {
					    .left = lefts[i],
					    .fenced = fenced,
					    .fencing = fencing,
					    .lag_ms = lags[l % 4],
					    .late_ms = lates[l / 4],
					};

					assert_int_equal(
					    holder_judge(&f, TIMEOUT_MS),
					    expected(&f));
				}
}

static void cut_off_is_no_proof(void **state)
{
	struct holder_facts f = {
	    .left = LEFT_NODEDOWN, .fencing = true, .lag_ms = 3600000};

	(void)state;
	assert_int_equal(holder_judge(&f, TIMEOUT_MS), HOLDER_WAIT_FENCE);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(table),
	    cmocka_unit_test(cut_off_is_no_proof),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
