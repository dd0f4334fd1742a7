/* SPDX-License-Identifier: GPL-2.0-or-later
 * Copyright (C) The ocf-ods contributors */

/* What the caller says about a zone. */
#include "fuzz.h"
#include "zonefacts.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	static struct zonefacts f;
	char *text = fuzz_text(data, len);
	struct why why = {0};
	int rc = zonefacts_parse(&f, text, &why);

	must(rc == 0 || why.text[0]);
	must(f.ds_count <= ZONEFACTS_DS && f.sets <= ZONEFACTS_SETS);
	must(f.keys <= ZONEFACTS_KEYS && f.oldkeys <= ZONEFACTS_KEYS);
	must(f.ds_state != DS_NONE || f.ds_count == 0);
	free(text);
	return 0;
}
