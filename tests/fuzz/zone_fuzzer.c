/* SPDX-License-Identifier: GPL-2.0-or-later
 * Copyright (C) The ocf-ods contributors */

/* A whole verdict: a zone file, and behind zero bytes the version served, the
 * unsigned zone and the facts. */
#include "fuzz.h"
#include "verify.h"

#define NOW "now 1795416620\n"
#define PARTS 4

static FILE *part_file(char *text)
{
	size_t len = strlen(text);

	return fmemopen(text, len ? len : 1, "r");
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	char *text = fuzz_text(data, len), *part[PARTS] = {text}, *said;
	char facts[4096];
	struct verify_input in = {.origin = "example.org", .facts = facts};
	size_t i, size;
	int parts = 1, code;
	FILE *out = open_memstream(&said, &size);

	must(out);
	for (i = 0; i < len && parts < PARTS; i++)
		if (text[i] == '\0')
			part[parts++] = text + i + 1;
	snprintf(facts, sizeof(facts), NOW "%s", parts > 3 ? part[3] : "");
	in.zone = part_file(part[0]);
	in.served = parts > 1 ? part_file(part[1]) : NULL;
	in.unsigned_zone = parts > 2 ? part_file(part[2]) : NULL;
	must(in.zone);
	code = (int)verify_run(&in, out);
	fclose(out);
	must(code >= VERIFY_OK && code <= VERIFY_SOFT);
	must(strncmp(said, "ok ", 3) == 0 ||
	     strncmp(said, "refused ", 8) == 0 ||
	     strncmp(said, "error ", 6) == 0);
	must((said[0] == 'o') == (code == VERIFY_OK));
	must((said[0] == 'e') == (code == VERIFY_ERROR));
	free(said);
	fclose(in.zone);
	if (in.served)
		fclose(in.served);
	if (in.unsigned_zone)
		fclose(in.unsigned_zone);
	free(text);
	return 0;
}
