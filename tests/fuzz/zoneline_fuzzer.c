/* SPDX-License-Identifier: GPL-2.0-or-later
 * Copyright (C) The ocf-ods contributors */

/* Master file text, taken apart into entries by ods-verify. */
#include "fuzz.h"
#include "zoneline.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	char *text = fuzz_text(data, len);
	FILE *in = fmemopen(text, len ? len : 1, "r");
	struct zoneline z;
	struct why why = {0};
	long line = 0;
	int rc;

	must(in);
	zoneline_open(&z, in);
	while ((rc = zoneline_next(&z, &why)) > 0) {
		must(z.used == strlen(z.text) && z.used <= ZONELINE_MAX);
		must(z.text[strspn(z.text, " \t")] != '\0');
		must(!strchr(z.text, '\n'));
		must(z.line > line && z.line <= z.line_nr);
		line = z.line;
	}
	must(rc == 0 || why.text[0]);
	zoneline_close(&z);
	fclose(in);
	free(text);
	return 0;
}
