/* SPDX-License-Identifier: GPL-2.0-or-later
 * Copyright (C) The ocf-ods contributors */
#ifndef ODS_APPLY_H
#define ODS_APPLY_H

#include "genfile.h"
#include "ledger.h"
#include "sets.h"
#include "standby.h"

/* Make this disk what a generation says.  Everything is written beside its
 * place and synced, then renamed in the order of the sets, then the ledger's
 * rows go in as one transaction.  Stopped anywhere it may be run again from
 * the start, with the same end; until then the disk is a mix, which is why
 * the generation stays in the log.
 *
 * A full generation also sets aside what the manifest has not, and, with
 * UNSAVED, what it overwrites: this node was a source, or its past is not
 * known. */

struct apply_setup {
	const struct sets *sets;
	struct ledger *ledger;
	struct standby *standby; /* has kasp.db locked; NULL = nobody has */
	bool unsaved;
	const struct tick *tick;
};

int apply_generation(const struct apply_setup *setup, int fd,
    const struct gen *gen, struct why *why);

/* Sets that another node may replicate and this one does not, by its
 * parameters: their entries are passed over. */
bool apply_passes_over(const struct sets *sets, const struct entry *e);

/* Can it be applied here: has every name its place, every owner its user, is
 * there space, with UNSAVED for the old files, too?  Asked before the
 * generation is acknowledged; -EPERM, -ENOSPC and the like with a sentence. */
int apply_check(const struct sets *sets, bool unsaved, const struct gen *gen,
    struct why *why);

#endif
