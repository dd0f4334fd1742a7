/* SPDX-License-Identifier: GPL-2.0-or-later
 * Copyright (C) The ocf-ods contributors */

/* kasp.xml of the operator: PublishSafety of its policies. */
#include "fuzz.h"
#include "safety.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct safeties l = {0};
	char *text = fuzz_text(data, len);
	size_t i;

	if (safeties_parse("kasp.xml", text, len, &l, NULL) == 0)
		for (i = 0; i < l.count; i++)
			must(safety_of(&l, l.policy[i].name) >= -1);
	must(safety_of(&l, "none such \n") >= -1);
	safeties_free(&l);
	free(text);
	return 0;
}
