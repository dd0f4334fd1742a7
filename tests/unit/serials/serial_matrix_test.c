/* SPDX-License-Identifier: GPL-2.0-or-later
 * Copyright (C) The ocf-ods contributors */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <cmocka.h>

#include "backup2.h"
#include "candidate.h"
#include "ledger.h"
#include "serials.h"

/* A signer that starts beside each kind of backup2, in each mode, near each
 * corner of the number space: what it issues, and what the gate and its
 * commands make of that. */

enum kept { FRESH, STALE, AHEAD, DAMAGED, MISSING, KEPT_END };
static const char *const kept_names[] = {
    "fresh", "stale", "ahead", "damaged", "missing"};

/* As OpenDNSSEC counts (signer/src/signer/namedb.c: namedb_update_serial(),
 * signer/src/daemon/signercommands.c; the experiments of 3.11, 3.12). */
struct model {
	const char *mode;
	uint32_t clock; /* now, or today's first one */
	uint32_t in;    /* of the unsigned zone */
	bool has_out, forced;
	uint32_t out, wanted;
};

/* False when it makes no version. */
static bool model_sign(struct model *m, uint32_t *serial)
{
	uint32_t before = m->has_out ? m->out : m->in, next;

	if (m->forced) {
		next = serial_above(m->wanted, before) ? m->wanted : before + 1;
	} else if (strcmp(m->mode, "keep") == 0) {
		if (m->has_out && !serial_above(m->in, before))
			return false;
		next = m->in;
	} else if (strcmp(m->mode, "counter") == 0) {
		next = m->in + 1;
		if (m->has_out && !serial_above(next, before))
			next = before + 1;
	} else {
		next = serial_above(m->clock, before) ? m->clock : before + 1;
	}
	m->forced = false;
	m->has_out = true;
	*serial = m->out = next;
	return true;
}

/* sign ZONE --serial N: the greater one of the two is found as a number. */
static bool model_force(struct model *m, uint32_t serial)
{
	uint32_t out = m->has_out ? m->out : 0;

	if (!serial_above(serial, out > m->in ? out : m->in))
		return false;
	m->forced = true;
	m->wanted = serial;
	return true;
}

/* What the takeover leaves behind. */
static enum serial_action model_start(
    struct model *m, enum kept kept, uint32_t last)
{
	struct serial_facts f = {.published = true,
	    .last = last,
	    .present = kept != MISSING,
	    .sound = kept < DAMAGED,
	    .keys_match = kept < DAMAGED,
	    .mode = m->mode};
	enum serial_action action;

	f.outbound = f.internal = kept == STALE   ? last - 3
	                          : kept == AHEAD ? last + 1
	                          : kept == FRESH ? last
	                                          : 0;
	action = serial_decide(&f);
	m->has_out = action == SERIAL_LEAVE || action == SERIAL_EDIT;
	m->out = last;
	assert_int_equal(m->has_out, kept < DAMAGED);
	return action;
}

struct world {
	struct model m;
	struct zone_row row;
	int versions; /* that went out */
	bool pressing, stuck, owner;
};

/* One more signing: the gate judges what comes of it. */
static void signs(struct world *w)
{
	uint32_t serial;

	if (!model_sign(&w->m, &serial)) {
		w->owner = true;
		return;
	}
	if (candidate_serial(&w->row, serial, "new") == CANDIDATE_READY) {
		assert_true(serial_above(serial, w->row.serial));
		w->row.serial = serial;
		w->versions++;
	} else if (candidate_low(strcmp(w->m.mode, "keep") == 0, w->pressing,
	               true) == CANDIDATE_OWNER) {
		w->owner = true;
	} else if (model_force(&w->m, w->row.serial + 1)) {
		signs(w);
	} else {
		w->stuck = true;
	}
}

/* The prompt signing of a start, and what is noted for it. */
static void takes_over(
    struct world *w, const char *mode, enum kept kept, uint32_t last)
{
	enum serial_action action;

	w->m.mode = mode;
	w->row = (struct zone_row){.ever = true, .serial = last};
	strcpy(w->row.digest, "old");
	action = model_start(&w->m, kept, last);
	signs(w);
	if (action == SERIAL_FORCE || action == SERIAL_DISCARD)
		model_force(&w->m, last + 1);
	if (action != SERIAL_LEAVE && action != SERIAL_OWNER)
		signs(w);
	signs(w); /* the next one, in its time */
}

/* The corners; each is the last serial that went out. */
static const uint32_t lasts[] = {1, 42, 1800000000, 2026112703, 0x7fffffff,
    0x80000000, 0x80000001, 0xfffffffd, 0xfffffffe, 0xffffffff, 0};
#define LASTS (sizeof(lasts) / sizeof(lasts[0]))

#define says(kept, mode, last)                                                \
	fail_msg("%s, %s, last %u: at %u, %d went out, stuck %d, owner %d",   \
	    kept_names[kept], mode, (unsigned)(last), (unsigned)w.row.serial, \
	    w.versions, w.stuck, w.owner)

/* The clock is behind or ahead of what was published, the unsigned zone too:
 * versions go out all the same, each above the one before. */
static void signer_counts(void **state)
{
	static const char *const modes[] = {
	    "unixtime", "counter", "datecounter"};
	static const int32_t off[] = {-1000000000, -1000, -1, 0, 1, 1000};
	size_t mode, l, clock, in;
	int kept;

	(void)state;
	for (mode = 0; mode < 3; mode++)
		for (kept = FRESH; kept < KEPT_END; kept++)
			for (l = 0; l < LASTS; l++)
				for (clock = 0; clock < 6; clock++)
					for (in = 0; in < 6; in++) {
						struct world w = {0};

						w.m.clock =
						    lasts[l] + off[clock];
						w.m.in = lasts[l] + off[in];
						takes_over(&w, modes[mode],
						    kept, lasts[l]);
						if (w.versions < 1 || w.stuck ||
						    w.owner)
							says(kept, modes[mode],
							    lasts[l]);
					}
}

/* The owner has raised it: that one goes out.  Else nothing does before
 * little time is left; then the next one above the last. */
static void owner_counts(void **state)
{
	static const int32_t off[] = {-1000, -1, 0, 1, 7};
	size_t l, in;
	int kept;

	(void)state;
	for (kept = FRESH; kept < KEPT_END; kept++)
		for (l = 0; l < LASTS; l++)
			for (in = 0; in < 5; in++) {
				struct world w = {0};

				w.m.in = lasts[l] + off[in];
				takes_over(&w, "keep", kept, lasts[l]);
				if (w.versions != (off[in] > 0) || w.stuck)
					says(kept, "keep", lasts[l]);
				if (off[in] > 0) {
					assert_int_equal(w.row.serial, w.m.in);
					continue;
				}
				assert_true(w.owner);
				w.pressing = true;
				if (!model_force(&w.m, w.row.serial + 1))
					says(kept, "keep", lasts[l]);
				signs(&w);
				assert_int_equal(w.row.serial, lasts[l] + 1);
				w.m.in = lasts[l] + 2;
				signs(&w);
				assert_int_equal(w.row.serial, lasts[l] + 2);
			}
}

/* Half of the number space away is not above.  A signer that has a memory
 * goes on from the last one; one without would not leave its own, at first or
 * for ever, which is said. */
static void half_of_the_numbers_away(void **state)
{
	size_t l;
	int kept;

	(void)state;
	for (kept = FRESH; kept < KEPT_END; kept++)
		for (l = 0; l < LASTS; l++) {
			struct world w = {0};

			w.m.in = lasts[l] + 0x80000000;
			takes_over(&w, "counter", kept, lasts[l]);
			if (kept < DAMAGED ? w.versions < 1 || w.stuck
			                   : !w.stuck)
				says(kept, "counter", lasts[l]);
		}
}

/* Deleted, and added again: it begins anew, far below. */
static void added_again(void **state)
{
	static const char *const modes[] = {"counter", "datecounter"};
	size_t mode, l;

	(void)state;
	for (mode = 0; mode < 2; mode++)
		for (l = 0; l < LASTS; l++) {
			struct world w = {0};

			w.m.mode = modes[mode];
			w.m.in = lasts[l] - 5000;
			w.m.clock = lasts[l] - 9000;
			w.row =
			    (struct zone_row){.ever = true, .serial = lasts[l]};
			signs(&w);
			assert_int_equal(w.row.serial, lasts[l] + 1);
			signs(&w);
			assert_int_equal(w.row.serial, lasts[l] + 2);
		}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(signer_counts),
	    cmocka_unit_test(owner_counts),
	    cmocka_unit_test(half_of_the_numbers_away),
	    cmocka_unit_test(added_again),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
