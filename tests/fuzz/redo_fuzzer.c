/* SPDX-License-Identifier: GPL-2.0-or-later
 * Copyright (C) The ocf-ods contributors */

/* Names of files in the redo log, as the directory gives them: one that
 * counts is the one that the daemon would open. */
#include "fuzz.h"
#include "redo.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	char *name = fuzz_text(data, len), again[REDO_NAME];
	struct position pos = {.term = 1};

	if (redo_name_parse(name, &pos.term_id, &pos.seq)) {
		redo_name_text(&pos, again);
		must(strcmp(name, again) == 0);
	}
	free(name);
	return 0;
}
