/* SPDX-License-Identifier: GPL-2.0-or-later
 * Copyright (C) The ocf-ods contributors */

/* A whole zone, judged by ods-verify (ldns reads each entry). */
#include "fuzz.h"
#include "judge.h"

#define NOW 1795416620

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	char *text = fuzz_text(data, len);
	FILE *in = fmemopen(text, len ? len : 1, "r");
	struct judge_facts f;
	struct why why = {0};
	int rc;

	must(in);
	rc = judge_file(in, "example.org", NOW, &f, &why);
	must(rc == 0 || why.text[0]);
	must(rc < 0 || f.rrs >= 2); /* SOA and NS */
	must(f.rrsigs <= f.rrs);
	fclose(in);
	free(text);
	return 0;
}
